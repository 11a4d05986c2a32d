"""The files of a scan that git keeps, read: what a clone redraws, and carries on. No torch."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from grokseed.config import Config
from grokseed.early import spelled_rule
from grokseed.records.database import StoreError
from grokseed.records.points import Points, unpack
from grokseed.records.provenance import Command
from grokseed.records.row import Row, read_row
from grokseed.records.upgrade import STREAM_NAMES, commands_of, upgraded_config, upgraded_names
from grokseed.seeds import MOST_SEEDS, STREAMS, Seeds, read_seeds, spell_seeds

TABLE, POINTS, ABOUT = "runs.csv", "trajectories.npz", "config.json"

CELLS = "cells.csv"
"""What tells an ablation's folder from a scan's."""

FORMAT = 2
"""Of a folder's files. Format 1 had no seals, and its numerics in `config.json` alone."""


class Asked(NamedTuple):
    """What commands have asked for: how many runs, and each stream's seeds as `spell_seeds` does.

    Of several commands, `runs` is the sum where their runs cannot be the same, as one stream has
    other seeds; else the largest of any, or all that there are if these are more.
    """

    runs: int = 0
    split: str = ""
    model: str = ""
    loader: str = ""
    val: str = ""

    @classmethod
    def of(cls, runs: Iterable[Seeds]) -> Asked:
        """What a command asks for."""
        some = list(runs)
        seeds = {s: spell_seeds({getattr(run, s) for run in some}) for s in STREAMS}
        return cls(len(some), **seeds)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Asked:
        """What `_asdict` gave.

        Raises:
            TypeError, ValueError: it gave something else.
        """
        asked = cls(**stored)
        if type(asked.runs) is not int or asked.runs < 0:
            raise ValueError(f"asked for {asked.runs!r} runs")
        for stream in STREAMS:
            _check_seeds(getattr(asked, stream))
        return asked

    def joined(self, other: Asked) -> Asked:
        """What both ask for together."""
        texts = {s: (getattr(self, s), getattr(other, s)) for s in STREAMS}
        seeds = {s: (_seeds(mine), _seeds(its)) for s, (mine, its) in texts.items() if mine != its}
        empty = not all(all(pair) for pair in texts.values())
        apart = empty or any(mine.isdisjoint(its) for mine, its in seeds.values())
        runs = self.runs + other.runs if apart else max(self.runs, other.runs)
        both = {s: mine for s, (mine, _) in texts.items()}
        return Asked(
            runs, **both | {s: spell_seeds(mine | its) for s, (mine, its) in seeds.items()}
        )

    def at_least(self, n: int) -> Asked:
        """The same, of `n` runs or more."""
        return self._replace(runs=max(self.runs, n))


def _seeds(text: str) -> set[int]:
    return set(read_seeds(text)) if text else set()


def _check_seeds(text: str) -> None:
    """Raise ValueError where `spell_seeds` has not spelled it; no list is made, it might be long."""
    before, n = -1, 0
    for part in text.split(",") if text else ():
        first, colon, end = part.partition(":")
        start, stop = int(first), int(end) if colon else int(first) + 1
        n += stop - start
        if not before < start < stop or n > MOST_SEEDS:
            raise ValueError(f"no list of seeds: {text[:80]!r}")
        before = stop - 1


Rules = dict[str, dict[str, str]]
"""Early rules by their text, each with the folder and the model seeds that it was fitted on."""


def read_rules(stored: Mapping[str, Mapping[str, Any]]) -> Rules:
    """Rules as a folder or a store spells them.

    Raises:
        ValueError, TypeError, AttributeError: it spells something else.
    """
    rules = {str(spelled_rule(text)): about for text, about in stored.items()}
    return {rule: {k: str(about[k]) for k in ("folder", "model")} for rule, about in rules.items()}


class Folder(NamedTuple):
    """What a folder's tables hold."""

    config: Config
    rows: list[Row]
    points: list[Points]
    commands: list[Command]
    asked: Asked
    rules: Rules

    def numerics(self) -> Counter[str]:
        """How many runs have each numerics."""
        return Counter(row.made.numerics for row in self.rows if row.status != "crashed")


def read_folder(folder: Path) -> Folder:
    """A folder's tables, each row checked against its seal.

    Raises:
        StoreError: a file is missing, cannot be read, or holds what no scan has written.
    """
    try:
        about = json.loads((folder / ABOUT).read_text("utf-8"))
        config = Config(**upgraded_config(about["config"]))
        first = about.get("format", 1) == 1
        if not first and about["config_key"] != config.key():
            raise ValueError("config does not match its key")
        readme = folder / "README.md"
        listed = commands_of(readme.read_text("utf-8") if readme.exists() else "") if first else []
        commands = [Command(**words) for words in (listed or about.get("commands", []))]
        for command in commands:
            command.check()
        if first:
            seeds = {str(STREAM_NAMES.get(k, k)): v for k, v in about["seeds"].items()}
            asked = Asked.read({"runs": 0, **seeds})
        else:
            asked = Asked.read(about["asked"])
        numerics = about["numerics"] if first else ""
        rules = read_rules(about.get("early", {}))
    except FileNotFoundError as error:
        raise StoreError(f"{folder} holds no {Path(error.filename).name}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"{folder / ABOUT} cannot be read: {_line(error)}") from None
    try:
        rows = list(_rows(folder / TABLE, config, numerics))
    except FileNotFoundError as error:
        raise StoreError(f"{folder} holds no {Path(error.filename).name}") from None
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise StoreError(f"{folder / TABLE} cannot be read: {_line(error)}") from None
    try:
        points = list(unpack((folder / POINTS).read_bytes(), len(rows)))
    except FileNotFoundError as error:
        raise StoreError(f"{folder} holds no {Path(error.filename).name}") from None
    except (OSError, ValueError) as error:
        raise StoreError(f"{folder / POINTS} cannot be read: {_line(error)}") from None
    return Folder(config, rows, points, commands, asked.at_least(len(rows)), rules)


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


def _rows(path: Path, config: Config, numerics: str) -> Iterator[Row]:
    """The rows of a table; in format 1 all of one numerics, which it is given."""
    key, before = config.key(), None
    with path.open(newline="", encoding="utf-8") as file:
        for cells in csv.DictReader(file, strict=True):
            if None in cells or None in cells.values():
                raise ValueError(f"a row of {len(cells)} cells")
            named = {k: str(v) for k, v in upgraded_names(cells).items()}
            if numerics:
                named |= {"numerics": numerics}
            elif "seal" not in named:
                raise ValueError("no column seal")
            row = read_row(named, key)
            if before is not None and not before < row.seeds:
                raise ValueError(f"{row.seeds} is there twice, or out of order")
            before = row.seeds
            yield row


def _line(error: Exception) -> str:
    text = f"no {error}" if isinstance(error, KeyError) else str(error)
    return " ".join(text.split())[:200]
