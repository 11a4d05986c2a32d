"""Groups of studies: the headings of the index, and which folders are below each. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from grokseed.records.database import StoreError
from grokseed.reports.csv_rows import read_rows

TABLE = "groups.csv"
COLUMNS = ("folder", "group")
OTHERS = "Other studies"


def read_groups(results: Path) -> dict[str, str]:
    """The group of each folder in `groups.csv` of the folder of all results, in the order of its
    rows; empty without one.

    Raises:
        StoreError: it cannot be read, lacks a column, names a folder twice, or gives one no group.
    """
    path = results / TABLE
    if not path.exists():
        return {}
    found: dict[str, str] = {}
    for row in read_rows(path, COLUMNS):
        if row["folder"] in found:
            raise StoreError(f"{path} names {row['folder']} twice")
        found[row["folder"]] = " ".join((row["group"] or "").split())
        if not found[row["folder"]]:
            raise StoreError(f"{path} gives {row['folder']} no group")
    return found


def grouped(
    rows: Sequence[dict[str, Any]], groups: Mapping[str, str]
) -> dict[str, list[dict[str, Any]]]:
    """Rows by the heading of their group, both in the order of `groups`.

    A row whose `name` has no group is below `OTHERS`, at the end; if none has one, all are below
    "".
    """
    by_name = {row["name"]: row for row in rows}
    found: dict[str, list[dict[str, Any]]] = {}
    for name, group in groups.items():
        if name in by_name:
            found.setdefault(group, []).append(by_name.pop(name))
    if by_name:
        found[OTHERS if found else ""] = list(by_name.values())
    return found
