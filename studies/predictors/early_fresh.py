"""Rules of an early verdict, judged on fresh seeds of the split and order that they are from.

The rules are in early_trials.py. The runs of all are those of

    python -m grokseed.scan --preset mini --model-seeds 300:2000 --loader-seed 8 --max-steps 6225 \\
        --stop-when t98 --out results/early_fresh
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.between_points import at_step
from common.part import begun, counted
from common.study import finish, render
from common.table import with_limits
from grokseed.analysis.classify import DIARY
from grokseed.analysis.rates import rate
from grokseed.analysis.survival import numbers
from grokseed.analysis.verdicts import Whole, judged
from grokseed.early import Check
from predictors.early_candidates import saved_steps, times_fewer, write_rule
from predictors.early_page import RECALL, SAVED
from predictors.early_trials import FOLDER, KNOWN, SCAN, TRIALS, Trial

COLUMNS = ["scan", "margin", "rule", "known_n", "known_kept", "known_early", "saved", "saved_low"]
COLUMNS += ["saved_high", "cap_step", "cap_saved", "cap_saved_low", "cap_saved_high", "over_cap"]
COLUMNS += ["over_cap_low", "over_cap_high", "n", "early", "late", "late_low", "late_high"]
COLUMNS += ["needed", "kept", "level", "recall", "recall_low", "recall_high", "said"]


def outcome(results: Path, scans: dict[str, Whole]) -> pd.DataFrame:
    """A row a trial: the rule, what it and a plain cap save on known seeds, and what it keeps of
    fresh ones. None if there are no runs of `SCAN`."""
    if SCAN not in scans:
        return pd.DataFrame(columns=COLUMNS)
    scan = grokseed.load(results / KNOWN)
    rows = [row_of(trial, results, scans[SCAN], scan) for trial in TRIALS]
    return pd.DataFrame(rows, columns=COLUMNS)


def row_of(trial: Trial, results: Path, known: Whole, scan: grokseed.Scan) -> dict:
    check = trial.check(known)
    runs = scan.runs.loc[scan.runs["model_seed"].isin(known.model.tolist())]
    value = at_step(check.signal, check.step, runs, scan.trajectories)
    signals = {check.signal: {check.step: value}}
    shown = trial.shown(replace(known, signals=signals))
    (seen, _), saved = judged(shown, [check]), saved_steps(shown, check)
    decided = scan.survival().median / DIARY.fast_speedup
    # The cap needs no rule and loses nothing: no run that is not normal takes more steps.
    cap = int(decided)
    capped = replace(shown, steps=np.fmin(shown.steps, cap))
    by_cap, over_cap = times_fewer(shown.steps, capped.steps), saved_steps(capped, check)
    fresh = first_fresh(trial, results, check, decided)
    kept = ~fresh.fails(check)[fresh.early]
    recall = rate(int(kept.sum()), len(kept), trial.level)
    late = fresh.steps[fresh.early] > check.step
    of_late = rate(int(kept[late].sum()), int(late.sum()), trial.level)
    row = {
        "scan": trial.name,
        "margin": trial.margin,
        "rule": str(check),
        "known_n": len(shown.model),
        "known_kept": seen.k,
        "known_early": seen.n,
        **with_limits("saved", (saved.value, saved.low, saved.high)),
        "cap_step": cap,
        **with_limits("cap_saved", (by_cap.value, by_cap.low, by_cap.high)),
        **with_limits("over_cap", (over_cap.value, over_cap.low, over_cap.high)),
        "n": len(fresh.model),
        "early": recall.n,
        **with_limits("late", (of_late.n, of_late.low, of_late.high)),
        "needed": trial.needed,
        "kept": recall.k,
        "level": trial.level,
        **with_limits("recall", (recall.share, recall.low, recall.high)),
    }
    return row | {"said": said(row)}


def first_fresh(trial: Trial, results: Path, check: Check, decided: float) -> Whole:
    """The fresh seeds in rising order, up to the one with which enough are not normal: at t98 by
    the step `decided`."""
    none = np.zeros(0)
    if not begun(results / FOLDER):
        return Whole(none, none, none.astype(bool), {check.signal: {check.step: none}})
    scan = grokseed.load(results / FOLDER)
    runs = counted(scan.runs, trial.design).sort_values("model_seed")
    early = numbers(runs, "t98_step") <= decided
    first = early.cumsum() - early < trial.needed
    runs, early = runs.loc[first], early[first]
    value = at_step(check.signal, check.step, runs, scan.trajectories)
    signals = {check.signal: {check.step: value}}
    return Whole(runs["model_seed"].to_numpy(), numbers(runs, "steps"), early, signals)


def said(row: dict) -> str:
    """The verdict, by the rules of plan.md; `part` until all runs that it needs are there.

    With more misses than these allow, a rule cannot become certain, and no more runs are needed.
    """
    missed, needed = row["early"] - row["kept"], row["needed"]
    if row["early"] < needed:
        best = rate(needed - missed, needed, row["level"])
        return "part" if best.low >= RECALL else "cannot tell"
    if row["recall_high"] < RECALL or row["saved_high"] < SAVED:
        return "no"
    certain = row["recall_low"] >= RECALL and row["saved_low"] >= SAVED
    return "certain" if certain else "cannot tell"


def report(results: Path, rows: list[dict]) -> None:
    """Write the rules for `--keep`, and the README of the fresh runs once there are some."""
    for trial, row in zip(TRIALS, rows, strict=True):
        write_rule(results / "early" / trial.file, row, trial.source, trial.looked_at)
    if begun(results / FOLDER):
        finish(results / FOLDER, render(FOLDER, rows=rows), {})
