"""The diary's signatures of slow and fast runs, a row each: fall of the norm, rise of the loss."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from common.verdict import Number, mostly, within
from experiments.base_tables import SOONER
from grokseed.analysis.dependence import share_of
from grokseed.analysis.survival import numbers, time_to
from grokseed.analysis.verdicts import area

FLAT, RISEN = 1.1, 1.5
"""Cuts of the loss's peak over its start."""

LATE = "slow runs (later than the median)"
SOON = f"winners ({SOONER} times sooner than the median)"


@dataclass(frozen=True)
class Sentence:
    """A sentence of the diary as a quantity of some runs.

    Attributes:
        what: a short name.
        claim: the sentence, with its cuts.
        ours: the quantity and its limits.
        n: runs behind it.
        units, of: independent ones behind the limits, and what they are.
        verdict: as `common.verdict` has them.
        figure: the quantity as the diary has it; NaN if it gives none.
        planned: whether `studies/plan.md` had it before the runs were looked at.
    """

    what: str
    claim: str
    ours: Number
    n: int
    units: int
    of: str
    verdict: str
    figure: float
    planned: bool


def share_row(
    what: str, claim: str, some: np.ndarray, has: np.ndarray, runs: pd.DataFrame, planned: bool
) -> Sentence:
    """The share of some runs that have what the sentence says of all of them."""
    found = share_of(has[some], runs.loc[some])
    splits = runs.loc[some, "split_seed"].nunique()
    models = runs.loc[some, "model_seed"].nunique()
    units = (splits, "splits") if 1 < splits < models else (found.n, "seeds")
    ours = Number(found.share, found.low, found.high)
    return Sentence(what, claim, ours, found.n, *units, mostly(ours), 1.0, planned)


def kinds_of_runs(runs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which runs are fast, which are slow, and the median time to t98 on each run's split."""
    medians = {split: time_to("t98", own).median for split, own in runs.groupby("split_seed")}
    median = np.array([medians[split] for split in runs["split_seed"]])
    t98 = numbers(runs, "t98_step")
    return t98 <= median / SOONER, np.isnan(t98) | (t98 > median), median


def of_norm_and_loss(runs: pd.DataFrame, where: str, planned: bool) -> Iterator[Sentence]:
    """The two signatures of slow and of fast runs, and which of them peak sooner."""
    t98, fall = numbers(runs, "t98_step"), numbers(runs, "norm_fall_step")
    fast, slow, _ = kinds_of_runs(runs)
    risen = numbers(runs, "sample_loss_peak") / numbers(runs, "sample_loss_start")
    first = fall < np.where(np.isnan(t98), np.inf, t98)  # a run that stopped before it fell: no
    for what, claim, some, has in (
        ("norm, slow", f"{LATE}: share whose weight norm falls before t98", slow, first),
        ("norm, fast", f"{SOON}: share that reach t98 before the weight norm falls", fast, ~first),
        (
            "loss, slow",
            f"{LATE}: share whose validation loss rises to 1.5 times its start",
            slow,
            risen >= RISEN,
        ),
        (
            "loss, fast",
            f"{SOON}: share whose validation loss stays below 1.1 times its start",
            fast,
            risen < FLAT,
        ),
    ):
        yield share_row(what, where + claim, some, has, runs, planned)
    chance = peaks_sooner(runs)
    units = int(fast.sum()), f"winners (and {int(slow.sum())} slow runs)"
    claim = f"{where}the struggle is shorter in winners: chance that a winner's validation "
    claim += "loss peaks sooner than a slow run's (above 0.5)"
    said, n = within(chance, 0.5, 1), int(fast.sum() + slow.sum())
    yield Sentence("peaks sooner", claim, chance, n, *units, said, np.nan, False)


def peaks_sooner(runs: pd.DataFrame) -> Number:
    """The chance that a fast run's loss peaks before a slow one's, with ranks within a split."""
    fast, slow, _ = kinds_of_runs(runs)
    some = runs.assign(fast=fast, peak=-numbers(runs, "sample_loss_peak_step")).loc[fast | slow]
    ranks = some.groupby("split_seed")["peak"].transform(lambda x: rankdata(x) / len(x))
    found = area(ranks.to_numpy(np.float64), some["fast"].to_numpy(bool))
    return Number(found.auc, found.low, found.high)
