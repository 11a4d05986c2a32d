"""Reads a folder's runs from its database or its tables, and never writes. No torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from grokseed.config import Config
from grokseed.records.asked import Asked, Rules
from grokseed.records.database import DATABASE, StoreError
from grokseed.records.folder import TABLE, Tables
from grokseed.records.points import Points
from grokseed.records.provenance import Command
from grokseed.records.row import Row
from grokseed.records.store import Store
from grokseed.records.trajectory import Trajectory

Run = tuple[Row, Points, Trajectory | None]
"""A run's row, with its whole trajectory if it is stored, else its thinned points."""


@dataclass(frozen=True)
class Source:
    """A database or a table of runs, which is read run by run.

    Attributes:
        folder: where it is.
        file: its name there, `scan.db` or `runs.csv`.
        each: reads the runs, sorted by their seeds, and checks each row's seal and each whole
            trajectory's digest. It raises StoreError for one that does not match.
    """

    folder: Path
    file: str
    config: Config
    commands: list[Command]
    asked: Asked
    rules: Rules
    each: Callable[[], Iterator[Run]]

    def __str__(self) -> str:
        return str(self.folder / self.file)


def sources(folder: Path) -> list[Source]:
    """The sources of a folder's runs: its database, then its tables, as far as they exist.

    Raises:
        StoreError: it has neither, or one is damaged.
    """
    found: list[Source] = []
    if (folder / DATABASE).exists():
        with Store(folder, read_only=True) as store:
            about = store.config, store.notes.commands(), store.notes.asked(), store.notes.rules()
        found.append(Source(folder, DATABASE, *about, partial(_of_database, folder)))
    if (folder / TABLE).exists():
        tables = Tables(folder)
        runs = tables.check().runs
        about = tables.config, tables.commands, tables.asked.at_least(runs), tables.rules
        found.append(Source(folder, TABLE, *about, partial(_of_tables, tables, runs)))
    if not found:
        raise StoreError(f"{folder} holds no scan")
    return found


def _of_database(folder: Path) -> Iterator[Run]:
    with Store(folder, read_only=True) as store:
        for row, trajectory, points in store.each_run():
            yield row, points, trajectory


def _of_tables(tables: Tables, n: int) -> Iterator[Run]:
    for row, points in zip(tables.rows(), tables.points(n), strict=True):
        yield row, points, None
