"""Whether the seeds that are early with one weight decay are so with another, and how far apart
times lie with each (found by looking, for studies/weight_decay.py)."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact

from common.spread_of_times import factor, log_factor_ratio
from common.table import with_limits
from grokseed.analysis import paired
from grokseed.analysis.classify import DIARY
from grokseed.analysis.correlation import pooled_ranks
from grokseed.analysis.outcomes import outcome
from grokseed.analysis.rates import rate
from grokseed.analysis.significance import holm
from grokseed.analysis.survival import time_to

SPREAD_KNOWN = 0.97
"""The share of runs that must reach t98 for a spread of times: of 64 runs, more than one bootstrap
sample in 200 would lack its 90th percentile if three did not."""

COLUMNS = [
    *("weight_decay", "n", "reached", "rho", "rho_low", "rho_high", "rho_detectable"),
    *("early", "kept", "kept_low", "kept_high", "others", "new", "new_low", "new_high", "p"),
    *("factor", "factor_low", "factor_high", "spread", "spread_low", "spread_high", "p_holm"),
]


def luck_kept(runs: Mapping[float, pd.DataFrame], own: float) -> pd.DataFrame:
    """A row a value, beside one's `own`: do the same seeds have luck, and is it as large?

    A run that does not reach t98 is later than all that do, and as late as the others that do not.
    Early runs reach t98 at least 1.5 times sooner than the median of their value.

    Args:
        runs: a table of runs a value. No two runs of a value share a seed.

    Returns:
        `COLUMNS`, NaN where not known, without rows if `own` has no runs: `n` seeds that both
        values have, of which `reached` got to t98; Spearman's `rho` of their times with those at
        `own`, and the smallest of either sign that is found with 80 % power (`rho_detectable`); how
        many of the seeds that are `early` at `own` are so here (`kept`), and how many of the
        `others` (`new`), the exact limits of both shares, and Fisher's two-sided `p` that they are
        the same; the 90th percentile of times over the 10th (`factor`), and its log over that at
        `own` (`spread`).
    """
    outcomes = {value: outcome(some, "t98") for value, some in runs.items()}
    cuts = {value: time_to("t98", some).median / DIARY.fast_speedup for value, some in runs.items()}
    rows = []
    for value in runs if own in runs else ():
        arms = paired.pair(outcomes[own], outcomes[value])
        both = arms.matched
        before, now = (
            np.where(reached, time, np.inf)[both]
            for time, reached in ((arms.a, arms.a_reached), (arms.b, arms.b_reached))
        )
        row = {"weight_decay": value, "n": len(now), "reached": int(np.isfinite(now).sum())}
        if value != own:
            row |= _same_seeds(before, now) | _early_again(before <= cuts[own], now, cuts[value])
        if np.isfinite(now).mean() >= SPREAD_KNOWN:
            row |= with_limits("factor", factor(pd.DataFrame({"t98_step": now})))
            if value != own and np.isfinite(before).mean() >= SPREAD_KNOWN:
                row |= with_limits("spread", log_factor_ratio(now, before))
        rows.append(row)
    found = pd.DataFrame(rows, columns=COLUMNS)
    return found.assign(p_holm=holm(found["p"]))


def _same_seeds(before: np.ndarray, now: np.ndarray) -> dict[str, float]:
    found = pooled_ranks(before, now, np.zeros(len(now)))
    if np.isnan(found.rho):
        return {}
    limits = with_limits("rho", (found.rho, found.low, found.high))
    return limits | {"rho_detectable": found.detectable}


def _early_again(early: np.ndarray, now: np.ndarray, cut: float) -> dict[str, float]:
    if np.isnan(cut):
        return {}
    again = now <= cut
    kept, new = (rate(int(again[some].sum()), int(some.sum())) for some in (early, ~early))
    counts = [[kept.k, kept.n - kept.k], [new.k, new.n - new.k]]
    found = {"early": kept.n, **with_limits("kept", (kept.k, kept.low, kept.high))}
    found |= {"others": new.n, **with_limits("new", (new.k, new.low, new.high))}
    return found | {"p": float(np.asarray(fisher_exact(counts))[1])}
