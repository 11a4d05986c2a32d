"""What the trainings of studies/sharing.py say of luck: early runs, and how far times spread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from common.table import with_limits
from experiments.base_tables import SOONER
from grokseed.analysis import paired
from grokseed.analysis.outcomes import outcome
from grokseed.analysis.rates import rate
from grokseed.analysis.significance import holm
from grokseed.analysis.spread import ratio_p, spread_ratio, spread_to
from grokseed.analysis.survival import numbers, time_to

LUCK = [
    *("model", "cell", "n", "reached", "median", "median_low", "median_high"),
    *("early", "share", "share_low", "share_high", "spread", "spread_low", "spread_high"),
    *("ratio", "ratio_low", "ratio_high", "p", "p_holm"),
    *("matched", "time", "time_low", "time_high"),
]


def luck_table(runs: pd.DataFrame, cells: Sequence[str]) -> pd.DataFrame:
    """A line a model and cell: how many runs were early, how far times spread, and how both times
    and spread compare with the baseline's. An early run reaches t50 `SOONER` times sooner than the
    median of its cell.

    Returns:
        `LUCK`, NaN where not known: `median` in steps to t50, `ratio` the spread over the
        baseline's, `p` of a ratio of 1, `p_holm` over the ratios of all models, `time` t50 over the
        baseline's on `matched` seeds.
    """
    found = []
    for model in runs["model"].unique():
        own = runs.loc[runs["model"] == model]
        tables = {cell: own.loc[own["cell"] == cell] for cell in cells}
        tables = {cell: table for cell, table in tables.items() if len(table)}
        numbered = enumerate(tables.items())
        spreads = {cell: spread_to("t50", table, seed) for seed, (cell, table) in numbered}
        for cell, table in tables.items():
            curve = time_to("t50", table)
            line = {"model": model, "cell": cell, "n": curve.n, "reached": curve.n - curve.censored}
            line |= with_limits("median", (curve.median, curve.median_low, curve.median_high))
            if np.isfinite(curve.median):
                early = rate(
                    int((numbers(table, "t50_step") <= curve.median / SOONER).sum()), curve.n
                )
                line["early"] = early.k
                line |= with_limits("share", (early.share, early.low, early.high))
            mine = spreads[cell]
            line |= with_limits("spread", (mine.value, mine.low, mine.high))
            if cell != cells[0] and cells[0] in tables:
                base = spreads[cells[0]]
                line |= with_limits("ratio", spread_ratio(mine, base))
                line["p"] = ratio_p(mine, base)
                arms = paired.pair(*(outcome(tables[c], "t50") for c in (cells[0], cell)))
                line["matched"] = int(arms.matched.sum())
                if min(arms.events) >= 2:
                    fitted = paired.fit(arms)
                    line |= with_limits("time", (fitted.ratio, fitted.ratio_low, fitted.ratio_high))
            found.append(line)
    table = pd.DataFrame(found, columns=LUCK)
    return table.assign(p_holm=holm(table["p"]))
