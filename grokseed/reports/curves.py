"""Survival of groups of runs, as rows for a chart on a page. No torch.

No curve counts seeds that were chosen by hand (`excluded.csv`): they are no random sample.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from grokseed.analysis.classify import without
from grokseed.analysis.survival import Survival, known_landmarks, time_to
from grokseed.figures.times import LEAST_EVENTS
from grokseed.reports.columnar import cells, rounded_number
from grokseed.reports.studies import Study

MOST_GROUPS, MOST_STEPS = 8, 120


def counted(study: Study) -> pd.DataFrame:
    """A study's runs without those of seeds that were chosen by hand."""
    assert study.scan is not None
    return without(study.scan.runs, study.scan.excluded.keys())


def groups(study: Study) -> tuple[str, Mapping[str, pd.DataFrame]]:
    """The kind of groups, and the runs of each group that count, by its name.

    Groups are the kinds of cell of an ablation; else the splits, or the batch orders, if there are
    2 to 8 of them; else all runs.
    """
    assert study.scan is not None
    if study.is_ablation:
        every, chosen = study.scan.runs, study.scan.excluded.keys()
        by_kind = cells(study).groupby("kind", sort=False)["run"].unique()
        return "kind of cell", {
            str(kind): without(every.iloc[places], chosen) for kind, places in by_kind.items()
        }
    runs = counted(study)
    for what, name in (("split", "split_seed"), ("batch order", "loader_seed")):
        if 2 <= len(set(runs[name])) <= MOST_GROUPS:
            return what, {f"{what} {seed}": some for seed, some in runs.groupby(name)}
    return "runs", {"all runs": runs}


def curves(study: Study) -> tuple[str, list[dict[str, Any]]]:
    """The kind of groups, and a row for each step of each group's curve to each landmark.

    A landmark whose times are not known, or that fewer than 5 runs reached, has no curve. Rows:
    `landmark`, `group`, `step`, `left`, `low` and `high`.
    """
    what, found = groups(study)
    rows: list[dict[str, Any]] = []
    runs = counted(study)
    for landmark in known_landmarks(runs):
        whole = time_to(landmark, runs)
        if whole.n - whole.censored < LEAST_EVENTS:
            continue
        for name, own in found.items():
            curve = time_to(landmark, own)
            label = f"{name} (n = {curve.n:,})"
            rows += [{"landmark": landmark, "group": label, **row} for row in _steps(curve)]
    return what, rows


def said(study: Study, drawn: bool) -> str:
    """What a reader must know of a study's curves: how many runs they leave out, and why there are
    none; empty if there is nothing to say.

    Args:
        study: with runs.
        drawn: whether there are curves.
    """
    assert study.scan is not None
    n, kept = len(study.scan.runs), len(counted(study))
    by_hand = f"{n - kept:,} of {n:,} runs are in no curve: their seeds were chosen by hand."
    left_out = by_hand if kept < n else ""
    who = "of the others" if left_out else "runs"
    none = f"Fewer than {LEAST_EVENTS} {who} reached any landmark here: no curve is drawn."
    return f"{left_out} {none if kept and not drawn else ''}".strip()


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
