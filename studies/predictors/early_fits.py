"""How many runs that are not normal does the fit of an early verdict need? Rules fitted on random
runs of a scan, as `early.py` fits them, and judged on the others.

A cut just below the lowest of n such runs is expected to miss 1 / (n + 1) of new ones. But the rule
is chosen from all signals and steps because it saves most, so its lowest run is high by chance, and
it misses more. A cut that is further away by a margin, in standard deviations of the runs that are
not normal, keeps more and saves less.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from grokseed.analysis.verdicts import Whole, fitted_check, judged
from grokseed.early import Check

SIZES, MARGINS, DRAWS = (81, 150, 300, 500, 800, 1036), (0.0, 0.5, 1.0, 2.0, 3.0), 100
LEFT, TELLS = 10, 20
"""Least runs that are held out, and least that are not normal among them, on average, for the
share of fits that reach a recall."""

COLUMNS = ["scan", "margin", "n", "early", "others", "recall", "reached", "saved"]


def saves_most(fit: Whole, margins: tuple[float, ...] = MARGINS) -> list[Check]:
    """For each margin, of the checks of all signals and steps the one that saves most."""
    checks = [
        fitted_check(fit, signal, step) for signal in fit.signals for step in fit.signals[signal]
    ]
    moved = [[further(check, fit, margin) for check in checks] for margin in margins]
    return [max(some, key=lambda check: judged(fit, [check])[1]) for some in moved]


def further(check: Check, fit: Whole, margin: float) -> Check:
    """A check whose cut is moved away from the runs that are not normal."""
    spread = float(np.std(fit.signals[check.signal][check.step][fit.early], ddof=1))
    return replace(check, cut=check.cut + margin * spread * (1 if check.side == "<" else -1))


def simulated(name: str, runs: Whole, wanted: float, draws: int = DRAWS) -> Iterator[tuple]:
    """Rows of `COLUMNS` of a scan, one a number of runs in the fit and margin.

    Draws with fewer than two runs that are not normal in the fit, or none in the rest, are left
    out. The recall is that of the runs held out, all draws together.

    Args:
        wanted: the recall that `reached` is the share of fits with.
    """
    total = len(runs.model)
    for n in (size for size in SIZES if size <= total - LEFT):
        random, found = np.random.default_rng(0), []
        for _ in range(draws):
            order = random.permutation(total)
            fit, rest = runs.of(order[:n]), runs.of(order[n:])
            if fit.early.sum() < 2 or not rest.early.any():
                continue
            kept = [judged(rest, [check]) for check in saves_most(fit)]
            found.append([(fit.early.sum(), r.n, r.k, r.share >= wanted, s) for r, s in kept])
        for margin, own in zip(MARGINS, np.transpose(found, (1, 2, 0)), strict=True):
            early, others, kept, enough, saved = own.astype(float)
            reached = enough.mean() if others.mean() >= TELLS else np.nan
            recall = kept.sum() / others.sum()
            yield name, margin, n, early.mean(), others.mean(), recall, reached, saved.mean()


def table(scans: dict[str, Whole], wanted: float) -> pd.DataFrame:
    """The rows of several scans, by their names."""
    rows = [row for name, runs in scans.items() for row in simulated(name, runs, wanted)]
    return pd.DataFrame(rows, columns=COLUMNS)
