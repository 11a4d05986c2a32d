"""What a store takes from the tables of its folder: the runs of `runs.csv` that it lacks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grokseed.config import Config
from grokseed.records.database import DATABASE, StoreError
from grokseed.records.folder import TABLE, Tables, table_mark
from grokseed.records.opening import check_numerics, check_same

if TYPE_CHECKING:
    from grokseed.records.store import Store


def config_to_begin_with(
    folder: Path, config: Config | None, numerics: str | None, mixed: bool
) -> Config:
    """The config of a store that is made in a folder: that of its tables, or else the given one.

    Args:
        numerics, mixed: as `Store`'s.

    Raises:
        StoreError: there is neither; the tables are damaged, or hold runs of another config or of
            other numerics.
    """
    if not (folder / TABLE).exists():
        if config is None:
            raise StoreError(f"{folder} holds no scan")
        return config
    tables = Tables(folder)
    check_same(folder, config, tables.config)
    check_numerics(folder, numerics, tables.check().numerics, mixed)
    return tables.config


class New(NamedTuple):
    """Tables that were checked and may hold runs that are not stored, with their number of runs and
    the checksum of `runs.csv`."""

    tables: Tables
    runs: int
    mark: str


def new_tables(store: Store) -> New | None:
    """The tables of a store's folder; None if all their runs are stored, or there are none.

    Raises:
        StoreError: the tables are damaged, or are another config's.
    """
    folder = store.folder
    if not (folder / TABLE).exists():
        return None
    mark = table_mark(folder)
    if store.notes.has_table(mark):
        return None
    try:
        tables = Tables(folder)
        runs = tables.check().runs
    except StoreError as error:
        raise StoreError(f"{error}; without it, --export writes it from {DATABASE}") from None
    check_same(folder, store.config, tables.config)
    return New(tables, runs, mark)


def take_tables(store: Store) -> None:
    """Add the runs of the folder's tables that are not stored.

    Raises:
        StoreError: as `new_tables` does.
    """
    new = new_tables(store)
    if new is None:
        return
    (tables, runs, mark), notes = new, store.notes
    with store.at_once():
        for row, points in zip(tables.rows(), tables.points(runs), strict=True):
            store.take(row, points)
        for command in tables.commands:
            notes.remember(command)
        notes.ask_as(tables.asked.at_least(runs))
        notes.note_rules(tables.rules)
        notes.note_table(mark)


def check_table(store: Store) -> None:
    """Raise StoreError if the folder's `runs.csv` may hold runs that are not stored."""
    folder = store.folder
    if (folder / TABLE).exists() and not store.notes.has_table(table_mark(folder)):
        raise StoreError(
            f"{folder}/{TABLE} has changed since the scan that is running began: export "
            "once it has ended"
        )
