"""The cells of an ablation: their table in a folder, and what became of their runs. No torch."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd

from grokseed.records.export import write_atomically
from grokseed.records.folder import CELLS, TABLE
from grokseed.records.row import SEEDS as RUN
from grokseed.records.upgrade import upgraded_names
from grokseed.reports.classes import with_classes

DESIGN = ["kind", "groups", "parts", "recipient", "donor", "split", *RUN]
"""Columns of a cell that do not depend on its outcome."""

NUMBERS = ["recipient", "donor", *(name for name in RUN if name != "graft")]

OUTCOMES = [
    *("status", "steps", "memorised_step", "t98_step", "completed_step"),
    *("screen_val_accuracy", "accuracy", "won", "class"),
]


def remember(folder: Path, design: pd.DataFrame) -> None:
    """Add cells, with the columns `DESIGN`, to those that a folder has, before they are trained.

    Raises:
        ValueError: the table that is there cannot be read.
        OSError: it cannot be written.
    """
    known = stored(folder)
    cells = pd.concat([known, design]).drop_duplicates()
    if len(cells) == len(known):
        return
    with suppress(OSError, ValueError, KeyError):  # a table that cannot be read is written again
        runs = with_classes(pd.read_csv((folder / TABLE).absolute()))
        cells = with_outcomes(cells, runs).drop(columns="run")
    write(folder, CELLS, cells)


def write(folder: Path, name: str, table: pd.DataFrame) -> None:
    text = table.to_csv(index=False, lineterminator="\n", float_format="%.6g")
    write_atomically(folder / name, text.encode())


def stored(folder: Path) -> pd.DataFrame:
    """The design of the cells that a folder has already; none where there is no table of them.

    Raises:
        ValueError: the table cannot be read.
    """
    if not (folder / CELLS).exists():
        return pd.DataFrame(columns=DESIGN)
    try:
        text = (folder / CELLS).read_text("utf-8")
        if not text.endswith("\n"):
            raise ValueError("its end is missing")
        rows = []
        for row in csv.DictReader(io.StringIO(text, newline=""), strict=True):
            if None in row or None in row.values():
                raise ValueError("a row has too many cells or too few")
            named = upgraded_names(row)
            rows.append([named[name] for name in DESIGN])
        table = pd.DataFrame(rows, columns=DESIGN)
        return table.astype(dict.fromkeys(NUMBERS, int))
    except (ValueError, KeyError, OverflowError, csv.Error) as error:
        raise ValueError(f"{folder / CELLS} cannot be read: {error}") from None


def without_cell(folder: Path) -> int:
    """How many grafted runs of a folder's table are of no cell.

    Raises:
        ValueError: the table of cells cannot be read.
        OSError: that of the runs cannot be read.
    """
    runs = pd.read_csv((folder / TABLE).absolute())
    if "graft" not in runs:
        return 0
    named = {tuple(map(str, run)) for run in runs.dropna(subset="graft")[RUN].to_numpy()}
    return len(named - {tuple(map(str, cell)) for cell in stored(folder)[RUN].to_numpy()})


def screen_accuracy(runs: pd.DataFrame) -> pd.Series:
    """The validation accuracy of each run at the screen step; of a run that reached t98 and ended
    before, which the screen rule calls super, the last one. Else it is missing.

    Args:
        runs: with the columns of `runs.csv`.
    """
    seen = pd.Series(runs["screen_val_accuracy"])
    ended = (runs["status"] == "done") & seen.isna() & runs["t98_step"].notna()
    return seen.where(~ended, runs["final_val_accuracy"])


def with_outcomes(design: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """The cells with what became of their runs; empty for a run that is still to come.

    `accuracy` is as `screen_accuracy` gives it; `won` is 1 for a run that is super or fast by the
    screen rule, else 0; `class` is by that rule; `run` is the run's row number in the table of
    runs.

    Args:
        design: with the columns `DESIGN`.
        runs: as `reports.scan.load` gives them.
    """
    runs = runs.assign(run=np.arange(len(runs)), graft=runs.get("graft", "")).fillna({"graft": ""})
    runs["accuracy"] = screen_accuracy(runs)
    runs["class"] = runs["screen"].astype(object)
    won = runs["class"].isin(["super", "fast"]).astype(float)
    runs["won"] = won.where(runs["class"].notna())
    joined = design.merge(runs[[*RUN, *OUTCOMES, "run"]], how="left", on=RUN, validate="m:1")
    return joined.reset_index(drop=True)
