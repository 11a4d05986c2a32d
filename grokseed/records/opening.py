"""Checks that a store that is opened is the right one."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
    """Raise StoreError, with the fields that differ, if a folder has another config than this."""
    if config is not None and (differs := difference(config, asdict(stored))):
        raise StoreError(f"{folder} holds another config's scan: {'; '.join(differs)}")


def check_numerics(
    folder: Path, numerics: str | None, there: Mapping[str, int], mixed: bool
) -> None:
    """Raise StoreError if a folder has runs of other numerics than those to be added.

    Args:
        numerics: of the runs to be added; None if there are none.
        mixed: whether one folder may have both.
    """
    if others := sorted(set(there) - {numerics}) if numerics and not mixed else []:
        raise StoreError(
            f"{folder} holds runs of {'; '.join(others)}, not of {numerics}; --mixed-numerics "
            "allows both in one folder"
        )
