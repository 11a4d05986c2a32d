"""The list of a scan's runs, or of the best: which, in what order, and what is shown of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from grokseed.analysis.survival import numbers
from grokseed.seeds import STREAMS

BEST = 10
"""At most this many runs are listed of a scan of many."""


def same(runs: pd.DataFrame) -> dict[str, str]:
    """The streams that need no column: their one seed, or how the loader's gives it."""
    seeds = {s: runs[f"{s}_seed"].tolist() for s in STREAMS if s != "model"}
    same = {s: str(own[0]) for s, own in seeds.items() if len(set(own)) == 1}
    if "val" not in same and seeds["val"] == [seed + 1 for seed in seeds["loader"]]:
        same["val"] = "loader + 1"
    return same


def order(runs: pd.DataFrame, generalises: bool) -> dict[str, str]:
    """The columns by which runs are ranked, best first, and what each is: t98, then t50, then the
    accuracy at the screen step, without those that no run has; of a text the step of memorising.
    """
    if not generalises:
        return {"memorised_step": "memorised"}
    every = {"t98_step": "t98", "t50_step": "t50", "screen_val_accuracy": "accuracy"}
    return {name: what for name, what in every.items() if not np.isnan(numbers(runs, name)).all()}


def ranked(runs: pd.DataFrame, generalises: bool) -> pd.DataFrame:
    """The best runs, in the order of `order`."""
    by = list(order(runs, generalises))
    if not by:
        return runs.head(BEST)
    rising = [name.endswith("_step") for name in by]
    return runs.sort_values(by, ascending=rising, kind="stable").head(BEST)


def best(shown: pd.DataFrame, by: Mapping[str, str]) -> str:
    """What the listed runs are, and by what they are the best."""
    if not by:
        return f"The first {len(shown)} runs"
    return f"The best {len(shown)} runs by {', then '.join(by.values())}"


def ranked_by_t50(shown: pd.DataFrame) -> bool:
    """Whether t50 decides places of listed runs, so that it needs a column."""
    without_t98 = shown.loc[np.isnan(numbers(shown, "t98_step"))]
    return not np.isnan(numbers(without_t98, "t50_step")).all()


def class_of(run: Mapping[Any, Any]) -> str:
    """A run's class, as a list shows it; without one, how it ended, and undecided if it is done."""
    if not pd.isna(run["class"]):
        return str(run["class"])
    return "undecided" if run["status"] == "done" else str(run["status"])


def step_cell(step: float) -> str:
    """A step in a table; empty if it is not known (NaN)."""
    return "" if pd.isna(step) else f"{step:,.0f}"


def run_row(run: Mapping[Any, Any]) -> dict[str, str]:
    """A run's cells."""
    accuracy, graft = run["screen_val_accuracy"], run.get("graft", "")
    return {
        **{stream: str(run[f"{stream}_seed"]) for stream in STREAMS},
        "memorised": step_cell(run["memorised_step"]),
        "t50": step_cell(run["t50_step"]),
        "t98": step_cell(run["t98_step"]),
        "completed": step_cell(run["completed_step"]),
        "accuracy": "" if pd.isna(accuracy) else f"{accuracy:.4f}",
        "changed": "" if pd.isna(graft) or not graft else f"`{graft}`",
        "status": str(run["status"]),
        "class": class_of(run),
    }
