"""The tables of a scan as compact columns, for a page that is one file. No torch.

A column is a list, or one value where all rows have the same; text is a list of different words
and, a row, the place of its own. Numbers keep four digits. `report.js.j2` makes rows of it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from grokseed.figures.lines import labels
from grokseed.reports.ablation import DESIGN, stored
from grokseed.reports.studies import Study

STEPS = ("steps", "memorised_step", "t50_step", "t98_step", "completed_step")
SEEDS = ("split_seed", "model_seed", "loader_seed")
WINNERS = ("super", "fast")

Columns = dict[str, Any]


def run_columns(study: Study, drawn: Sequence[int]) -> Columns:
    """One row a run: seeds, class, steps of its landmarks, accuracy, peaks, and what was grafted.

    Args:
        study: one with a scan.
        drawn: the runs whose trajectories are drawn, as `sample` chose them.
    """
    assert study.scan is not None
    runs = study.scan.runs
    n = len(runs)
    table = {"run": np.arange(n), "class": labels(runs), "drawn": np.isin(np.arange(n), drawn)}
    for name in (*SEEDS, *STEPS):
        table[name] = runs[name].to_numpy() if name in runs else np.full(n, np.nan)
    ended = runs["screen_val_accuracy"].isna() & runs["completed_step"].notna()
    table["accuracy"] = runs["screen_val_accuracy"].mask(ended, 1.0).to_numpy()
    for name in ("sample_loss_peak", "norm_peak"):
        table[name] = runs[name].to_numpy()
    if "graft" in runs:
        table["graft"] = runs["graft"].fillna("").astype(str).to_numpy()
    return {name: _column(values) for name, values in table.items()}


def sample(study: Study, most: int) -> list[int]:
    """Row numbers of the runs whose trajectories are drawn, winners last so that they lie on top.

    All, if they are few. Else winners, super before fast, have up to two thirds of the places, and
    runs of the other classes what is left; within a class a fixed seed draws them.
    """
    assert study.scan is not None
    own = np.asarray(labels(study.scan.runs), object)
    held = np.unique(study.scan.trajectories["run"].to_numpy())
    rng = np.random.default_rng(0)
    by_class = {name: rng.permutation(held[own[held] == name]).tolist() for name in WINNERS}
    others = rng.permutation(held[~np.isin(own[held], WINNERS)]).tolist()
    winners = [run for name in WINNERS for run in by_class[name]]
    room = max(most - len(others), 2 * most // 3)
    winners = winners[:room]
    return sorted(others[: most - len(winners)]) + winners[::-1]


def point_columns(study: Study, drawn: Sequence[int]) -> Columns:
    """One row an evaluation of a drawn run, run after run in the order of `drawn`."""
    assert study.scan is not None
    points = study.scan.trajectories
    points = points.loc[points["run"].isin(drawn)]
    order = points["run"].map({run: place for place, run in enumerate(drawn)})
    points = points.loc[order.sort_values(kind="stable").index]
    own = {
        "run": "run",
        "step": "step",
        "train_accuracy": "train_accuracy",
        "val_accuracy": "sample_accuracy",
        "val_loss": "sample_loss",
        "norm": "norm",
    }
    return {new: _column(points[old].to_numpy()) for new, old in own.items() if old in points}


def cell_columns(study: Study) -> Columns:
    """One row a cell of an ablation: what was exchanged, and `run`, its row in the runs."""
    assert study.scan is not None
    design = cells(study)
    return {n: _column(design[n].to_numpy()) for n in ("kind", "groups", "run")}


def cells(study: Study) -> pd.DataFrame:
    """The cells of an ablation that have a run: their design, and `run`, its row in the runs."""
    assert study.scan is not None
    design = stored(study.folder)
    key = [name for name in DESIGN if name.endswith("_seed") or name == "graft"]
    runs = study.scan.runs.assign(run=np.arange(len(study.scan.runs)))
    runs["graft"] = (runs["graft"] if "graft" in runs else runs["run"].map(lambda _: "")).fillna("")
    return design.merge(runs[[*key, "run"]], on=key, validate="m:1")


def _column(values: np.ndarray) -> Any:
    """A column as JSON: see the first lines of this file."""
    if values.dtype == object or values.dtype.kind in "US":
        words = list(dict.fromkeys(map(str, values)))
        places = {word: place for place, word in enumerate(words)}
        return {"words": words, "at": [places[str(value)] for value in values]}
    if values.dtype == bool:
        return values.astype(int).tolist()
    rounded = [None if not np.isfinite(v) else _digits(float(v)) for v in values.tolist()]
    return rounded[0] if len(set(rounded)) == 1 else rounded


def _digits(value: float) -> float | int:
    number = value if value == int(value) else float(f"{value:.4g}")
    return int(number) if number == int(number) else number
