"""Checks that a store that is opened is the right one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from grokseed.config import Config, difference
from grokseed.records.database import Database, StoreError
from grokseed.records.provenance import how_they_differ
from grokseed.records.upgrade import VersionError, read_config
from grokseed.unlike import listed


def stored_config(db: Database) -> Config:
    """The config of a database's runs.

    Raises:
        StoreError: it has none that can be read.
    """
    about = dict(db.all("SELECT name, value FROM scan"))
    try:
        return read_config(json.loads(about["config"]))
    except VersionError as error:
        raise StoreError(f"{db.path} cannot be read: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise db.damaged(f"no readable config ({error})") from None


def check_same(folder: Path, config: Config | None, stored: Config) -> None:
    """Raise StoreError, with the fields that differ, if a folder has another config than this."""
    if config is not None and (differs := difference(config, asdict(stored))):
        raise StoreError(f"{folder} holds another config's scan: {listed(differs)}")


def check_numerics(
    folder: Path, numerics: str | None, there: Mapping[str, int], mixed: bool
) -> None:
    """Raise StoreError if a folder has runs of other numerics than those to be added.

    Args:
        numerics: of the runs to be added; None if there are none.
        mixed: whether one folder may have both.
    """
    if others := sorted(set(there) - {numerics}) if numerics and not mixed else []:
        apart = [how_they_differ(other, numerics or "") for other in others]
        raise StoreError(
            f"{folder} holds runs of other numerics: {listed(apart)}; --mixed-numerics allows both "
            "in one folder"
        )
