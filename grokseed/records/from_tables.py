"""What a store takes from the tables of its folder: the runs of `runs.csv` that it lacks."""

from __future__ import annotations

from collections import Counter
from heapq import merge
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grokseed.config import Config
from grokseed.records.database import DATABASE, StoreError
from grokseed.records.folder import TABLE, Tables, table_mark
from grokseed.records.notes import Notes
from grokseed.records.opening import check_numerics, check_same
from grokseed.records.row import Row, rank

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
    """Tables that were checked and may hold runs that are not stored, with their number of runs,
    how many have each numerics, and the checksum of `runs.csv`."""

    tables: Tables
    runs: int
    numerics: Counter[str]
    mark: str


def newer_tables(folder: Path, notes: Notes) -> New | None:
    """The tables of a folder; None if the database with these notes has all their runs, or there
    are none.

    Raises:
        StoreError: the tables are damaged.
    """
    if not (folder / TABLE).exists():
        return None
    mark = table_mark(folder)
    if notes.has_table(mark):
        return None
    try:
        tables = Tables(folder)
        runs, numerics = tables.check()
    except StoreError as error:
        raise StoreError(f"{error}; without it, --export writes it from {DATABASE}") from None
    return New(tables, runs, numerics, mark)


def new_tables(store: Store) -> New | None:
    """The same of a store.

    Raises:
        StoreError: as `newer_tables` does, or the tables are another config's.
    """
    new = newer_tables(store.folder, store.notes)
    if new:
        check_same(store.folder, store.config, new.tables.config)
    return new


def check_new_numerics(store: Store, numerics: str | None, mixed: bool) -> None:
    """Refuse new tables with runs of other numerics than those to be added, as `check_numerics`
    does.

    Raises:
        StoreError: there are such runs, or as `new_tables` does.
    """
    if numerics and not mixed and (new := new_tables(store)):
        check_numerics(store.folder, numerics, new.numerics, mixed)


def take_tables(store: Store) -> None:
    """Add the runs of the folder's tables that are not stored.

    Raises:
        StoreError: as `new_tables` does.
    """
    new = new_tables(store)
    if new is None:
        return
    (tables, runs, _, mark), notes = new, store.notes
    with store.at_once():
        for row, points in zip(tables.rows(), tables.points(runs), strict=True):
            store.take(row, points)
        for command in tables.commands:
            notes.remember(command)
        notes.ask_as(tables.asked.at_least(runs))
        notes.note_rules(tables.rules)
        notes.note_table(mark)


def check_table(store: Store) -> None:
    """Refuse to replace a `runs.csv` whose runs are not all stored, for a reader that cannot add
    them.

    A run in it that crashed, or that an early verdict stopped, may be further in the store.

    Raises:
        StoreError: there is such a run, or as `new_tables` does.
    """
    new = new_tables(store)
    if new is None:
        return
    both = merge(
        ((row.seeds, 0, row) for row in store.each_row()),
        ((row.seeds, 1, row) for row in new.tables.rows()),
        key=itemgetter(0, 1),
    )
    stored: Row | None = None
    for seeds, of_table, row in both:
        if not of_table:
            stored = row
        elif stored is None or stored.seeds != seeds or not _keeps(stored, row):
            raise StoreError(
                f"{store.folder}/{TABLE} has changed since the scan that is running began: export "
                "once it has ended"
            )


def _keeps(stored: Row, row: Row) -> bool:
    """Whether nothing of a table's row is lost if the table is written from the stored one."""
    ahead = rank(stored.status, stored.scalars["steps"]) < rank(row.status, row.scalars["steps"])
    return ahead or stored.digest == row.digest
