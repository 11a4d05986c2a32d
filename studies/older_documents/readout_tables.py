"""The tables of `readouts.py`: when arms memorise, against flatten and against one another."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from common.table import with_limits
from grokseed.analysis import paired
from grokseed.analysis.correlation import Correlation, pooled_ranks
from grokseed.analysis.outcomes import outcome
from grokseed.analysis.parameters import Counted
from grokseed.analysis.rates import rate
from grokseed.analysis.survival import time_to

LATER = 2.0
"""An arm impedes training if it takes more than this many times flatten's steps."""

Runs = Mapping[str, pd.DataFrame]


def memorises(k: int, n: int) -> str:
    """Whether more than half of an arm's runs memorise, by the interval of their share."""
    share = rate(k, n)
    return "yes" if share.low > 0.5 else "no" if share.high < 0.5 else "cannot tell"


def later(runs: pd.DataFrame, than: pd.DataFrame) -> tuple[float, float, float, int]:
    """How many times another arm's steps some runs take, its limits, and the matched seeds.

    NaN where fewer than two runs of either memorise.
    """
    arms = paired.pair(outcome(than, "memorised"), outcome(runs, "memorised"))
    matched = int(arms.matched.sum())
    if min(arms.events) < 2:
        return np.nan, np.nan, np.nan, matched
    found = paired.fit(arms)
    return found.ratio, found.ratio_low, found.ratio_high, matched


def table(runs: Runs, counts: Mapping[str, Counted], own: str) -> pd.DataFrame:
    """A row an arm: its parameters, how many runs memorise and when, the time against `own`.

    Returns:
        Columns `arm`, `blocks`, `readout` (parameters, the tied ones included), `ratio`; `n`,
        `memorised`, `share`, `share_low`, `share_high`; `median`, `median_low`, `median_high`
        (steps); `accuracy` (median train accuracy at the end), `memorises`; `later`, `low`, `high`,
        `matched` (against `own`); NaN where not known.
    """
    rows = []
    for arm, some in runs.items():
        its, curve = counts[arm], time_to("memorised", some)
        share = rate(curve.n - curve.censored, curve.n)
        known = arm != own and own in runs
        against = later(some, runs[own]) if known else (np.nan, np.nan, np.nan, 0)
        rows.append(
            {
                "arm": arm,
                "blocks": its.blocks,
                "readout": round(its.blocks / its.ratio),
                "ratio": its.ratio,
                "n": share.n,
                "memorised": share.k,
                **with_limits("share", (share.share, share.low, share.high)),
                **with_limits("median", (curve.median, curve.median_low, curve.median_high)),
                "accuracy": some["final_train_accuracy"].median(),
                "memorises": memorises(share.k, share.n),
                **dict(zip(("later", "low", "high", "matched"), against, strict=True)),
            }
        )
    return pd.DataFrame(rows)


def contrasts(runs: Runs, pairs: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Pairs of arms, and whether the first of each takes longer.

    Returns:
        Columns `arm`, `than`, `ratio`, `low`, `high`, `matched`, `later` (yes, no, cannot tell).
    """
    rows = []
    for arm, than in pairs:
        if arm in runs and than in runs:
            found = later(runs[arm], runs[than])
            told = "yes" if found[1] > 1 else "no" if found[2] < 1 else "cannot tell"
            rows.append((arm, than, *found, told))
    return pd.DataFrame(rows, columns=["arm", "than", "ratio", "low", "high", "matched", "later"])


def impedes(row: Mapping) -> str:
    """Whether an arm needs more than twice flatten's steps, or does not memorise at all."""
    if row["memorises"] == "no" or row["low"] > LATER:
        return "yes"
    return "no" if row["memorises"] == "yes" and row["high"] < LATER else "cannot tell"


def predicted(found: pd.DataFrame, arms: Collection[str]) -> Correlation:
    """Rank correlation of ratio and median step over some arms; NaN of fewer than 10.

    Arms that half of the runs do not memorise are all as late as one another.
    """
    some = found.loc[found["arm"].isin(list(arms))]
    latest = 1 + some["median"].max()
    return pooled_ranks(some["ratio"], some["median"].fillna(latest), np.zeros(len(some)))


def equal_runs(a: pd.DataFrame, b: pd.DataFrame) -> tuple[int, int]:
    """On how many matched seeds two arms' trajectories are the same bit for bit, and of how many.

    Args:
        a, b: with columns of the four seeds and `digest`.
    """
    both = a.merge(b, on=["split_seed", "model_seed", "loader_seed", "val_seed"])
    same = both["digest_x"].to_numpy() == both["digest_y"].to_numpy()
    return int(np.sum(same)), len(both)
