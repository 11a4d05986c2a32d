"""Looks at a folder's scan, in its database or else its tables, and writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from heapq import merge
from itertools import groupby
from pathlib import Path

from grokseed.config import Config
from grokseed.records.database import DATABASE, Database, StoreError
from grokseed.records.folder import TABLE, Tables, table_mark
from grokseed.records.from_tables import new_tables, newer_tables
from grokseed.records.notes import Notes
from grokseed.records.opening import check_numerics, check_same
from grokseed.records.row import Row, rank
from grokseed.records.runs import Runs, numerics_of
from grokseed.records.schema import bring_up_to_date
from grokseed.records.store import Store
from grokseed.seeds import Seeds


def look(
    folder: Path, config: Config, numerics: str | None = None, mixed: bool = False
) -> Iterator[Row]:
    """The rows of a folder's scan, sorted by their seeds; none if it holds no scan.

    Raises:
        StoreError: as opening it would, before the first row.
    """
    if (folder / DATABASE).exists():
        store = Store(folder, config, numerics, mixed=mixed, read_only=True)
        try:
            new = new_tables(store)
            check_numerics(folder, numerics, new.numerics if new else {}, mixed)
        except StoreError:
            store.close()
            raise
        return _each(store, new.tables if new else None)
    if not (folder / TABLE).exists():
        return iter(())
    tables = Tables(folder)
    check_same(folder, config, tables.config)
    check_numerics(folder, numerics, tables.check().numerics, mixed)
    return tables.rows()


def numerics_there(folder: Path) -> Counter[str]:
    """How many runs of a database and of a table have each numerics, before a database's rows are
    checked.

    A run that is in both may count twice. A table all of whose runs are stored is not read.

    Raises:
        StoreError: database or tables cannot be read.
    """
    if (folder / DATABASE).exists():
        with closing(Database(folder / DATABASE, read_only=True)) as db:
            bring_up_to_date(db)
            new = newer_tables(folder, Notes(db))
            return numerics_of(db) + (new.numerics if new else Counter())
    return Tables(folder).check().numerics if (folder / TABLE).exists() else Counter()


def has_grafts(folder: Path) -> bool:
    """Whether a folder holds a run with a graft, before a database's rows are checked.

    Raises:
        StoreError: database or tables cannot be read.
    """
    table = (folder / TABLE).exists()
    if (folder / DATABASE).exists():
        with closing(Database(folder / DATABASE, read_only=True)) as db:
            bring_up_to_date(db)
            if Runs(db, "").any_has("graft"):
                return True
            table = table and not Notes(db).has_table(table_mark(folder))
    return table and any(row.seeds.graft for row in Tables(folder).rows())


def _each(store: Store, tables: Tables | None) -> Iterator[Row]:
    """The rows that are stored, and those of new tables that a scan would take from there."""
    with store:
        both = merge(store.each_row(), tables.rows() if tables else (), key=_seeds)
        for _, same in groupby(both, _seeds):
            yield min(same, key=lambda row: rank(row.status, row.scalars["steps"]))


def _seeds(row: Row) -> Seeds:
    return row.seeds
