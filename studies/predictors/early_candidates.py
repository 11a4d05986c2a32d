"""The rules that studies/early.py chooses among: a check of every signal and step."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from common.verdict import Number
from grokseed.analysis.verdicts import Whole, area, fitted_check, judged, under
from grokseed.early import Check
from grokseed.records.export import write_atomically
from grokseed.seeds import spell_seeds

DRAWS, AT_ONCE = 20_000, 1000
"""Bootstrap samples of seeds, and how many are in memory at once."""

COLUMNS = ["scan", "signal", "step", "auc", "low", "high", "rule", "n", "fit_early", "fit_recall"]
COLUMNS += ["fit_saved", "kept", "early", "recall", "recall_low", "recall_high", "saved"]


def said_of(check: Check, odd: Whole, even: Whole) -> tuple:
    """A rule, and its results on both halves."""
    (fit, fit_saved), (seen, saved) = judged(odd, [check]), judged(even, [check])
    limits = seen.k, seen.n, seen.share, seen.low, seen.high
    return str(check), len(odd.model), fit.n, fit.share, fit_saved, *limits, saved


def halves(runs: Whole) -> tuple[Whole, Whole]:
    """The odd model seeds, on which rules are fitted, and the even ones, which judge them."""
    return runs.of(runs.model % 2 == 1), runs.of(runs.model % 2 == 0)


def saved_steps(runs: Whole, check: Check) -> Number:
    """Steps without a rule over those with it, with limits by bootstrap over seeds."""
    return times_fewer(runs.steps, under(runs, [check])[0])


def times_fewer(before: np.ndarray, after: np.ndarray) -> Number:
    """All steps before over all steps after, with limits by bootstrap over seeds.

    Args:
        before, after: (runs,), the steps of each.
    """
    n, random = len(before), np.random.default_rng(0)
    steps, drawn = np.stack((before, after)), []
    for _ in range(DRAWS // AT_ONCE):
        whole, taken = steps @ random.multinomial(n, np.full(n, 1 / n), AT_ONCE).T
        drawn.append(whole / taken)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Number(float(np.divide(*steps.sum(1))), float(low), float(high))


def candidates(name: str, odd: Whole, even: Whole) -> pd.DataFrame:
    """A row a signal and step: its area, and the check fitted on the odd seeds."""
    rows = []
    for signal, by_step in odd.signals.items():
        for step, value in by_step.items():
            found, check = area(value, odd.early), fitted_check(odd, signal, step)
            own = found.auc, found.low, found.high
            rows.append((name, signal, step, *own, *said_of(check, odd, even)))
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.assign(chosen=table.index == table["fit_saved"].idxmax())


def write_rule(file: Path, row: dict, folders: str, seeds: set[int]) -> None:
    """Write a rule for `--keep`, with the folders and model seeds of its fit, and what it keeps."""
    folder = ",".join(f"results/{name}" for name in folders.split(","))
    on = {"folder": folder, "model": spell_seeds(seeds)}
    about = {"rule": row["rule"], "fitted_on": on}
    about |= {k: row[k] for k in ("n", "kept", "early", "recall_low", "recall_high", "saved")}
    about["level"] = row.get("level", 0.95)
    write_atomically(file, (json.dumps(about, indent=2) + "\n").encode())
