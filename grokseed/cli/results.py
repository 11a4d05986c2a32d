"""The tables, figures and README of a scan's folder, written from its store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from grokseed.cli.again import again
from grokseed.cli.command import say, warn
from grokseed.records.database import BusyError, StoreError
from grokseed.records.export import export
from grokseed.records.folder import check_holds_runs
from grokseed.records.from_tables import check_table
from grokseed.records.store import Store
from grokseed.reports.classes import Choice
from grokseed.reports.scan import report


def write_results(folder: Path, formats: Sequence[str] = ("png",), rule: Choice = "auto") -> None:
    """Write a scan's tables, figures and README.

    Prints what it found.

    Args:
        formats: of the figures, some of png, pdf, svg.
        rule: of the classes.

    Raises:
        StoreError: as `export_stored` does.
        ValueError: the scan is too small for the rule; its tables are written all the same.
        OSError: a file cannot be written.
    """
    commands = export_stored(folder)
    say(report(folder, commands, formats, rule, again(folder)))


def export_stored(folder: Path) -> list[str]:
    """Write a folder's tables from its store. If the store is missing, it is made from the tables.

    A scan may be writing the store meanwhile.

    Returns:
        The commands that made the runs, as `Command.shown` gives them.

    Raises:
        StoreError: the store or the tables are damaged, or there are no runs.
        OSError: a file cannot be written.
    """
    with _opened(folder) as store:
        if not store.has_runs():
            raise StoreError(f"{folder} holds no runs yet")
        export(store)
        for error, n in Counter(row.error for row in store.each_row() if row.error).items():
            warn(f"{n:,} crashed: {error}")
        return [command.shown() for command in store.notes.commands()]


def _opened(folder: Path) -> Store:
    """A folder's store, opened for writing if possible, so that new runs in the tables are
    added."""
    check_holds_runs(folder)
    try:
        return Store(folder)
    except BusyError:
        store = Store(folder, read_only=True)
        check_table(store)
        return store
