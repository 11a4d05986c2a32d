"""Survival of groups of runs, as rows for a chart on a page. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from grokseed.analysis.survival import Survival, known_landmarks, time_to
from grokseed.figures.times import LEAST_EVENTS
from grokseed.reports.columnar import cells, rounded_number
from grokseed.reports.studies import Study

MOST_GROUPS, MOST_STEPS = 8, 120


def groups(study: Study) -> tuple[str, Mapping[str, pd.DataFrame]]:
    """The kind of groups, and the runs of each group by its name.

    Groups are the kinds of cell of an ablation; else the splits, or the batch orders, if there are
    2 to 8 of them; else all runs.
    """
    assert study.scan is not None
    runs = study.scan.runs
    if study.is_ablation:
        table = cells(study)
        by_kind = table.groupby("kind", sort=False)["run"].unique()
        return "kind of cell", {str(kind): runs.iloc[places] for kind, places in by_kind.items()}
    for what, name in (("split", "split_seed"), ("batch order", "loader_seed")):
        if 2 <= len(set(runs[name])) <= MOST_GROUPS:
            return what, {f"{what} {seed}": some for seed, some in runs.groupby(name)}
    return "runs", {"all runs": runs}


def curves(study: Study) -> tuple[str, list[dict[str, Any]]]:
    """The kind of groups, and a row for each step of each group's curve to each landmark.

    A landmark whose times are not known, or that fewer than 5 runs reached, has no curve. Rows:
    `landmark`, `group`, `step`, `left`, `low` and `high`.
    """
    assert study.scan is not None
    what, found = groups(study)
    rows: list[dict[str, Any]] = []
    for landmark in known_landmarks(study.scan.runs):
        whole = time_to(landmark, study.scan.runs)
        if whole.n - whole.censored < LEAST_EVENTS:
            continue
        for name, runs in found.items():
            curve = time_to(landmark, runs)
            label = f"{name} (n = {curve.n:,})"
            rows += [{"landmark": landmark, "group": label, **row} for row in _steps(curve)]
    return what, rows


def _steps(curve: Survival) -> list[dict[str, Any]]:
    """A curve's corners from step 0 to the last step seen, thinned evenly if there are many."""
    kept = np.arange(len(curve.times))
    if len(kept) > MOST_STEPS:
        kept = np.unique(np.linspace(0, len(kept) - 1, MOST_STEPS).round().astype(int))
    columns = (curve.times, curve.survival, curve.low, curve.high)
    rows = [(0.0, 1.0, 1.0, 1.0), *zip(*(column[kept] for column in columns), strict=True)]
    if curve.last > rows[-1][0]:
        rows.append((curve.last, *rows[-1][1:]))
    names = ("step", "left", "low", "high")
    return [dict(zip(names, map(rounded_number, row), strict=True)) for row in rows]
