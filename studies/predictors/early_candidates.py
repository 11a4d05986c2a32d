"""The rules that studies/early.py chooses among: a check of every signal and step."""

import pandas as pd

from grokseed.analysis.verdicts import Whole, area, fitted_check, judged
from grokseed.early import Check

COLUMNS = ["scan", "signal", "step", "auc", "low", "high", "rule", "n", "fit_early", "fit_recall"]
COLUMNS += ["fit_saved", "kept", "early", "recall", "recall_low", "recall_high", "saved"]


def said_of(check: Check, odd: Whole, even: Whole) -> tuple:
    """A rule, and its results on both halves."""
    (fit, fit_saved), (seen, saved) = judged(odd, [check]), judged(even, [check])
    limits = seen.k, seen.n, seen.share, seen.low, seen.high
    return str(check), len(odd.model), fit.n, fit.share, fit_saved, *limits, saved


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
