"""Reads the files of a scan that git keeps, from which a clone redraws and continues it. No
torch."""

from __future__ import annotations

import csv
import hashlib
import json
from array import array
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from grokseed.records.asked import Asked, Rules, read_rules
from grokseed.records.database import DATABASE, StoreError
from grokseed.records.ends import N_ENDS, ends_of_row, fits
from grokseed.records.points import Points, unpack
from grokseed.records.provenance import Command
from grokseed.records.row import COLUMNS, SEEDS, Row, SealError, read_row
from grokseed.records.upgrade import (
    STREAM_NAMES,
    VersionError,
    commands_of,
    read_config,
    upgraded_names,
)

TABLE, POINTS, ABOUT = "runs.csv", "trajectories.npz", "config.json"

CELLS = "cells.csv"
"""The file by which an ablation's folder differs from a scan's."""

AS_WRITTEN = "a table is read only as a scan wrote it, sorted by seeds: restore the file"

FORMAT = 2
"""Formats of a folder's files. Format 1 had no seals, and its numerics only in `config.json`."""


def holds_runs(folder: Path) -> bool:
    """Whether a folder has a scan's database or its table of runs."""
    return (folder / DATABASE).exists() or (folder / TABLE).exists()


def check_holds_runs(folder: Path) -> None:
    """Raise StoreError if it has neither, or may not be looked into."""
    try:
        there = holds_runs(folder)
    except OSError as error:
        raise StoreError(f"{folder} cannot be read: {error.strerror}") from None
    if not there:
        raise StoreError(f"{folder} holds no scan")


class Tables:
    """A folder's tables, whose runs are read as they are asked for.

    Attributes:
        asked: for by the commands; may be fewer than there are runs.

    Raises:
        StoreError: its config cannot be read, or was not written by a scan.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            about = read_about(folder)
            if (written := about.get("format", 1)) not in range(1, FORMAT + 1):
                raise VersionError(f"its files have format {written!r:.20}")
            self.config = read_config(about["config"])
            first = written == 1
            if not first and about["config_key"] != self.config.key():
                raise ValueError("config does not match its key")
            self.commands = _commands(folder, about, first)
            self.asked = _asked(about, first)
            self._numerics = str(about["numerics"]) if first else ""
            self.rules: Rules = read_rules(about.get("early", {}))
        except FileNotFoundError as error:
            raise StoreError(f"{folder} holds no {Path(error.filename).name}") from None
        except (
            *(OSError, ValueError, KeyError, TypeError, AttributeError),
            RecursionError,  # of lists nested too deep
        ) as error:
            raise StoreError(f"{folder / ABOUT} cannot be read: {_line(error)}") from None

    def rows(self) -> Iterator[Row]:
        """The rows of `runs.csv`, sorted by their seeds, each checked against its seal.

        Raises:
            StoreError: it is missing, or has a row that was not written by a scan.
        """
        try:
            yield from self._rows()
        except FileNotFoundError as error:
            raise StoreError(f"{self.folder} holds no {Path(error.filename).name}") from None
        except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
            raise StoreError(f"{self.folder / TABLE} cannot be read: {_line(error)}") from None

    def points(self, n: int) -> Iterator[Points]:
        """The thinned points of `n` runs, in the order of the rows.

        Raises:
            StoreError: their file is missing, or belongs to other runs.
        """
        try:
            with (self.folder / POINTS).open("rb") as file:
                yield from unpack(file, n)
        except FileNotFoundError as error:
            raise StoreError(f"{self.folder} holds no {Path(error.filename).name}") from None
        except (OSError, ValueError) as error:
            raise StoreError(f"{self.folder / POINTS} cannot be read: {_line(error)}") from None

    def check(self) -> Counted:
        """Check everything by reading it to its end, and that the points are of these runs.

        Raises:
            StoreError: as `rows` and `points` do, or the points are another scan's.
        """
        numerics = Counter[str]()
        ends = array("d")  # of all runs: few bytes a run, as there may be a million
        for row in self.rows():
            ends.extend(ends_of_row(row))
            if row.status != "crashed":
                numerics[row.made.numerics] += 1
        runs = len(ends) // N_ENDS
        for number, points in enumerate(self.points(runs)):
            if not fits(points, ends[number * N_ENDS : (number + 1) * N_ENDS]):
                raise StoreError(
                    f"{self.folder / POINTS} holds other points than those of run {number} of "
                    f"{TABLE}, counted from 0"
                )
        return Counted(runs, numerics)

    def _rows(self) -> Iterator[Row]:
        key, before = self.config.key(), None
        with (self.folder / TABLE).open(newline="", encoding="utf-8-sig") as file:
            table = csv.DictReader(file, strict=True)
            if table.fieldnames is None:
                raise ValueError("it is empty")
            names = upgraded_names(dict.fromkeys(table.fieldnames)).keys()
            needed = [*SEEDS[:-1], "status", "digest", *["seal"] * (not self._numerics)]
            if lacking := [name for name in needed if name not in names]:
                raise ValueError(f"no column {lacking[0]}; {AS_WRITTEN}")
            for cells in table:
                line = f"line {table.line_num}"
                if None in cells or None in cells.values():
                    raise ValueError(f"{line} has too many cells or too few; {AS_WRITTEN}")
                named = {k: str(v) for k, v in upgraded_names(cells).items()}
                if self._numerics:
                    named |= {"numerics": self._numerics}
                try:
                    row = read_row(named, key)
                except ValueError as error:
                    unknown = sorted(names - {*COLUMNS})
                    if unknown and isinstance(error, SealError):  # which may be over them too
                        raise VersionError(f"it has columns {', '.join(unknown)}") from None
                    raise ValueError(f"{line}: {error}; {AS_WRITTEN}") from None
                if before is not None and not before < row.seeds:
                    wrong = "is there twice" if before == row.seeds else "is out of order"
                    raise ValueError(f"{line}: {row.seeds} {wrong}; {AS_WRITTEN}")
                before = row.seeds
                yield row


def read_about(folder: Path) -> dict[str, Any]:
    """The content of a folder's `config.json`.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no JSON, or holds no config.
    """
    about = json.loads((folder / ABOUT).read_text("utf-8"))
    if not isinstance(about, dict) or not isinstance(about.get("config"), dict):
        raise ValueError("it holds no config")
    return about


class Counted(NamedTuple):
    """How many runs a table has, and how many of those that did not crash have each numerics."""

    runs: int
    numerics: Counter[str]


def _commands(folder: Path, about: dict[str, Any], first: bool) -> list[Command]:
    readme = folder / "README.md"
    listed = commands_of(readme.read_text("utf-8") if readme.exists() else "") if first else []
    commands = [Command(**words) for words in (listed or about.get("commands", []))]
    for command in commands:
        command.check()
    return commands


def _asked(about: dict[str, Any], first: bool) -> Asked:
    seeds = {str(STREAM_NAMES.get(k, k)): v for k, v in about["seeds"].items()}  # must be there
    return Asked.read({"runs": 0, **seeds} if first else about["asked"])


def table_mark(folder: Path) -> str:
    """A checksum of a folder's `runs.csv`.

    Raises:
        StoreError: it cannot be read.
    """
    try:
        with (folder / TABLE).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise StoreError(f"{folder / TABLE} cannot be read: {_line(error)}") from None


def _line(error: Exception) -> str:
    text = f"no {error}" if isinstance(error, KeyError) else str(error)
    return " ".join(text.split())[:200]
