"""Whether a store that is opened is the one that is meant."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from grokseed.config import Config, difference
from grokseed.records.database import Database, StoreError
from grokseed.records.upgrade import upgraded_config


def stored_config(db: Database) -> Config:
    """The config of a database's runs.

    Raises:
        StoreError: it has none that can be read.
    """
    about = dict(db.all("SELECT name, value FROM scan"))
    try:
        return Config(**upgraded_config(json.loads(about["config"])))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise db.damaged(f"no readable config ({error})") from None


def check_same(folder: Path, config: Config | None, stored: Config) -> None:
    """Raise StoreError, with the fields, where a folder's config is not the one that is given."""
    if config is not None and (differs := difference(config, asdict(stored))):
        raise StoreError(f"{folder} holds another config's scan: {'; '.join(differs)}")


def check_numerics(
    folder: Path, numerics: str | None, there: Mapping[str, int], mixed: bool
) -> None:
    """Raise StoreError where a folder has other numerics' runs than those to come.

    Args:
        numerics: of runs to come; None where none will.
        mixed: whether both may lie in one folder.
    """
    if others := sorted(set(there) - {numerics}) if numerics and not mixed else []:
        raise StoreError(
            f"{folder} holds runs of {'; '.join(others)}, not of {numerics}; --mixed-numerics "
            "allows both in one folder"
        )


def signature(path: Path) -> list[tuple[int, int, int]]:
    """What changes when a database is written: of its file and its log, number, size and time."""
    found = []
    for part in (path, path.with_name(f"{path.name}-wal")):
        with suppress(OSError):
            stat = part.stat()
            found.append((stat.st_ino, stat.st_size, stat.st_mtime_ns))
    return found
