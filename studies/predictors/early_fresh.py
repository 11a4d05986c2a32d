"""A rule of an early verdict with a margin, judged on fresh seeds of its fit's split and order.

The plan is in plan.md, "An early verdict with a margin, on fresh seeds". Its runs are those of

    python -m grokseed.scan --preset mini --model-seeds 300:1700 --loader-seed 8 --max-steps 6225 \\
        --stop-when t98 --out results/early_fresh
"""

from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.between_points import on_line, points_of
from common.part import begun, counted
from common.study import finish, render
from grokseed.analysis.classify import DIARY
from grokseed.analysis.rates import rate
from grokseed.analysis.survival import numbers
from grokseed.analysis.verdicts import Whole, judged
from grokseed.early import Check
from grokseed.seeds import Seeds
from predictors.early_candidates import halves, saved_steps
from predictors.early_fits import saves_most
from predictors.early_page import JUDGED, RECALL, SAVED

FOLDER, FITTED_ON, SCAN = "early_fresh", "mini_generalise", "mini to t98"
NAME, FILE = f"{SCAN}, with a margin", "mini_to_t98_with_margin.json"
DESIGN = [Seeds(0, model, 8, 9) for model in range(300, 809)]
"""The runs of the first check, which ended there. Those from 809 on are for a second one."""
MARGIN = 3.0
"""Of the cut, in standard deviations of the fit's runs that are not normal."""

COLUMNS = ["scan", "margin", "rule", "even_n", "even_kept", "even_early", "saved", "saved_low"]
COLUMNS += ["saved_high", "n", "early", "kept", "recall", "recall_low", "recall_high", "said"]


def outcome(results: Path, scans: dict[str, Whole]) -> pd.DataFrame:
    """One row: the rule, what it saves on the even seeds, and what it keeps of fresh ones. None if
    there are no runs of `SCAN`, on whose odd seeds it is fitted."""
    if SCAN not in scans:
        return pd.DataFrame(columns=COLUMNS)
    odd, even = halves(scans[SCAN])
    (check,) = saves_most(odd, (MARGIN,))
    (kept, _), saved = judged(even, [check]), saved_steps(even, check)
    fresh = first_fresh(results, check)
    kept_fresh = ~fresh.fails(check)[fresh.early]
    recall = rate(int(kept_fresh.sum()), len(kept_fresh))
    row = {
        "scan": NAME,
        "margin": MARGIN,
        "rule": str(check),
        "even_n": len(even.model),
        "even_kept": kept.k,
        "even_early": kept.n,
        "saved": saved.value,
        "saved_low": saved.low,
        "saved_high": saved.high,
        "n": len(fresh.model),
        "early": recall.n,
        "kept": recall.k,
        "recall": recall.share,
        "recall_low": recall.low,
        "recall_high": recall.high,
    }
    return pd.DataFrame([row | {"said": said(row)}], columns=COLUMNS)


def first_fresh(results: Path, check: Check) -> Whole:
    """The fresh seeds in rising order, up to the one with which `JUDGED` are not normal."""
    decided = grokseed.load(results / FITTED_ON).survival().median / DIARY.fast_speedup
    none = np.zeros(0)
    if not begun(results / FOLDER):
        return Whole(none, none, none.astype(bool), {check.signal: {check.step: none}})
    scan = grokseed.load(results / FOLDER)
    runs = counted(scan.runs, DESIGN).sort_values("model_seed")
    early = numbers(runs, "t98_step") <= decided
    first = early.cumsum() - early < JUDGED
    runs, early = runs.loc[first], early[first]
    value = [
        float(on_line(own, check.signal, check.step)) for own in points_of(runs, scan.trajectories)
    ]
    signals = {check.signal: {check.step: np.array(value)}}
    return Whole(runs["model_seed"].to_numpy(), numbers(runs, "steps"), early, signals)


def said(row: dict) -> str:
    """The verdict, by the rule of plan.md; `part` until all runs that it needs are there.

    With more misses than these allow, a rule cannot become certain, and no more runs are needed.
    """
    missed = row["early"] - row["kept"]
    if row["early"] < JUDGED:
        return "part" if rate(JUDGED - missed, JUDGED).low >= RECALL else "cannot tell"
    if row["recall_high"] < RECALL or row["saved_high"] < SAVED:
        return "no"
    certain = row["recall_low"] >= RECALL and row["saved_low"] >= SAVED
    return "certain" if certain else "cannot tell"


def report(results: Path, row: dict) -> None:
    """Write the README of the fresh runs' folder, once there are some."""
    if begun(results / FOLDER):
        finish(results / FOLDER, render(FOLDER, row=row, judged=JUDGED), {})
