"""The tables of a scan as compact columns, for a page that is one file. No torch.

A table is `n`, the number of rows, and `columns` by name. A column is a list, or one value if all
rows have the same. Text is a list of distinct words and, for each row, the index of its word.
Numbers keep four digits. `report.js.j2` turns the columns into rows again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from grokseed.figures.lines import has, labels
from grokseed.reports.cells import RUN, screen_accuracy, stored
from grokseed.reports.studies import Study

SEEDS = ("split_seed", "model_seed", "loader_seed")
STEPS = ("steps", "memorised_step", "t50_step", "t98_step", "completed_step")
WINNERS = ("super", "fast")

Columns = dict[str, Any]

IN_POINTS = {
    "run": "run",
    "step": "step",
    "train_accuracy": "train_accuracy",
    "val_accuracy": "sample_accuracy",
    "val_loss": "sample_loss",
    "norm": "norm",
}
"""Columns of the points on the page, and their names in the trajectories."""


def run_columns(study: Study) -> Columns:
    """One row a run: seeds, class, steps of landmarks, accuracy, peaks, and its graft.

    Args:
        study: with a scan.
    """
    assert study.scan is not None
    runs = study.scan.runs
    kept = [name for name in (*SEEDS, *STEPS, "sample_loss_peak", "norm_peak") if name in runs]
    return _table(
        runs[kept].assign(
            **{"run": np.arange(len(runs)), "class": labels(runs)},
            accuracy=screen_accuracy(runs),
            graft=_graft(runs),
        )
    )


def sample(study: Study, most: int) -> list[int]:
    """Row numbers of the runs whose trajectories are drawn, winners last, so that they are on top.

    All runs, if they are few. Else super, fast and the others have a third of the places each, and
    what one of them cannot fill is for the rest; within one of them a fixed seed draws.
    """
    assert study.scan is not None
    own = np.asarray(labels(study.scan.runs), object)
    held = np.unique(study.scan.trajectories["run"].to_numpy())
    rng = np.random.default_rng(0)
    by_class = {name: rng.permutation(held[own[held] == name]).tolist() for name in WINNERS}
    by_class["others"] = rng.permutation(held[~np.isin(own[held], WINNERS)]).tolist()
    room, drawn = most, {}
    for place, name in enumerate(sorted(by_class, key=lambda name: len(by_class[name]))):
        drawn[name] = by_class[name][: room // (len(by_class) - place)]
        room -= len(drawn[name])
    return [run for name in ("others", *reversed(WINNERS)) for run in sorted(drawn[name])]


def point_columns(study: Study, drawn: Sequence[int]) -> Columns:
    """One row for each evaluation of a drawn run, run by run in the order of `drawn`."""
    assert study.scan is not None
    points = study.scan.trajectories
    points = points.loc[points["run"].isin(drawn)]
    order = points["run"].map({run: place for place, run in enumerate(drawn)})
    points = points.loc[order.sort_values(kind="stable").index]
    shown = dict(IN_POINTS)
    if not has(points, "train_accuracy"):  # earlier versions did not record it
        del shown["train_accuracy"]
    own = {new: points[old] for new, old in shown.items()}
    return _table(pd.DataFrame(own))


def cell_columns(study: Study) -> Columns:
    """One row a cell of an ablation: what was exchanged, and `run`, its row in the runs."""
    assert study.scan is not None
    return _table(cells(study).loc[:, ["kind", "groups", "run"]])


def cells(study: Study) -> pd.DataFrame:
    """The cells of an ablation that have a run: their design, and `run`, its row in the runs."""
    assert study.scan is not None
    design = stored(study.folder)
    runs = study.scan.runs.assign(run=np.arange(len(study.scan.runs)))
    runs["graft"] = _graft(runs)
    return design.merge(runs[[*RUN, "run"]], on=RUN, validate="m:1")


def _graft(runs: pd.DataFrame) -> pd.Series:
    """The graft of each run; empty in tables of earlier versions."""
    known = pd.Series(runs["graft"]) if "graft" in runs else pd.Series("", runs.index)
    return known.fillna("").astype(str)


def _table(table: pd.DataFrame) -> Columns:
    columns = {str(name): _column(values.to_numpy()) for name, values in table.items()}
    return {"n": len(table), "columns": columns}


def _column(values: np.ndarray) -> Any:
    if values.dtype.kind not in "biuf":
        words = list(dict.fromkeys(map(str, values)))
        places = {word: place for place, word in enumerate(words)}
        return {"words": words, "at": [places[str(value)] for value in values]}
    rounded = [rounded_number(float(v)) for v in values.tolist()]
    return rounded[0] if len(set(rounded)) == 1 else rounded


def rounded_number(value: float) -> float | int | None:
    """Whole numbers unchanged, others in four digits, missing ones as None."""
    if not np.isfinite(value):
        return None
    number = value if value == int(value) else float(f"{value:.4g}")
    return int(number) if number == int(number) else number
