"""What the rules of studies/early.py do on splits on which none was fitted (found by looking).

The rules were fitted on odd seeds of split 0 and judged on its even ones. Here they are judged on
the runs to t98 of the base scan and of study F, on four other splits. A run is not normal if its
own split says so: t98 at least 1.5 times sooner than the split's median, or by the screen.
"""

from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.between_points import on_line, points_of
from common.part import begun, counted
from experiments import base_runs
from experiments.bases import OWN
from grokseed.analysis.classify import DIARY, classify
from grokseed.analysis.dependence import share_of
from grokseed.analysis.survival import numbers, time_to
from grokseed.analysis.verdicts import Whole, judged
from grokseed.early import Check, spelled_rule
from predictors.early_trials import TRIALS

FOLDERS = {
    OWN.scan.name: base_runs.design(),
    "readable": base_runs.design(base_runs.EACH, base_runs.EACH_IN_F),
}
"""The folders, and of each the runs that count in the order of training."""

SCANS = "mini to t98", "mini until decided", "mini, screen at 3,100", *(t.name for t in TRIALS)
"""Whose rules are judged here. At step 1,750 no class is known on these splits."""

COLUMNS = ["scan", "rule", "splits", "n", "early", "kept", "recall", "low", "high", "lowest"]
COLUMNS += ["saved"]


def runs_of(results: Path) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """The runs on other splits, and the points of each.

    Returns:
        Runs with `class` by their own split, and `decided`, the step from which they can only be
        normal.
    """
    parts, points = [], []
    for name, design in FOLDERS.items():
        if begun(results / name):
            scan = grokseed.load(results / name)
            runs = counted(scan.runs, design)
            parts.append(runs)
            points += points_of(runs, scan.trajectories)
    if not parts:
        return pd.DataFrame(), []
    runs = pd.concat(parts, ignore_index=True)
    for _, own in runs.groupby("split_seed"):
        runs.loc[own.index, "class"] = classify(own, "speedup").astype(object)
        runs.loc[own.index, "decided"] = time_to("t98", own).median / DIARY.fast_speedup
    return runs, points


def whole(
    runs: pd.DataFrame, points: list[pd.DataFrame], end: int | str, check: Check
) -> tuple[Whole, pd.DataFrame]:
    """The runs whose class is known, cut as `early.read` cuts them, with one check's signal."""
    by = "screen" if isinstance(end, int) else "class"
    steps = np.fmin(numbers(runs, "steps"), numbers(runs, "t98_step"))
    if isinstance(end, int):
        steps = np.fmin(steps, end)
    elif end == "decided":
        steps = np.fmin(steps, runs["decided"].to_numpy())
    value = np.array([float(on_line(p, check.signal, check.step)) for p in points])
    known = runs[by].notna().to_numpy()
    signals = {check.signal: {check.step: value[known]}}
    own = runs.loc[known]
    early = own[by].isin(["super", "fast"]).to_numpy()
    return Whole(own["model_seed"].to_numpy(), steps[known], early, signals), own


def elsewhere(results: Path, rules: dict[str, str], ends: dict[str, int | str]) -> pd.DataFrame:
    """A row a rule: how many runs that are not normal it keeps on other splits, and what it saves.

    Args:
        rules: of one check each, by their scans.
        ends: where the runs of each scan end.

    Returns:
        `COLUMNS`: `recall` with limits over the seeds that runs share, and the `lowest` of a split.
    """
    (runs, points), rows = runs_of(results), []
    for scan, rule in ((name, rules[name]) for name in SCANS if name in rules and len(runs)):
        (check,) = spelled_rule(rule).checks
        some, own = whole(runs, points, ends[scan], check)
        kept = ~some.fails(check)[some.early]
        early = own.loc[some.early]
        recall, split = share_of(kept, early), early["split_seed"].to_numpy()
        by_split = [float(kept[split == one].mean()) for one in np.unique(split)]
        limits = recall.share, recall.low, recall.high, min(by_split)
        counts = len(by_split), len(own), recall.n, recall.k
        rows.append((scan, rule, *counts, *limits, judged(some, [check])[1]))
    return pd.DataFrame(rows, columns=COLUMNS)
