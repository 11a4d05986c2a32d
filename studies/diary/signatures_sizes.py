"""Further sentences of the diary on what runs do: where the loss peaks and ends, how much the norm
changes, and when runs of its own sizes memorise."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from common.between_points import on_line, points_of
from common.verdict import Number, looked_ratio, near_ratio, within
from diary.known_seeds import BY_HAND
from diary.signatures_norm import norm_rises
from diary.signatures_tables import LATE, RISEN, Sentence, kinds_of_runs, share_row
from grokseed.analysis.classify import classify, without
from grokseed.analysis.early import unjudged
from grokseed.analysis.standing import quantile
from grokseed.analysis.survival import numbers
from grokseed.reports.result import Scan

NEARLY, NOT_MUCH = 0.1, 1.2
"""Loss over its start that is near 0; norm over its start that has not changed much."""

BATCHES = 49
"""Batches of one of the diary's epochs."""


def of_sizes(scan: Scan) -> Iterator[Sentence]:
    """When the loss of slow runs peaks and where it ends, and how much their norm changes; of
    runs of one split, which are independent."""
    runs = scan.runs
    _, slow, median = kinds_of_runs(runs)
    own = runs.loc[slow]
    yield from peaks(own, median[slow])
    yield norm_changes(own, LATE)
    at = numbers(runs, "completed_step") * 10_000 / 12_000
    ended, points = slow & ~np.isnan(at), points_of(runs, scan.trajectories)
    loss = np.full(len(runs), np.nan)
    for i in np.flatnonzero(ended):
        loss[i] = on_line(points[i], "sample_loss", at[i])
    claim = f"{LATE}: share whose validation loss is near 0 (below a tenth of its start) at 10/12 "
    claim += "of the steps to the last right answer"
    low = loss < NEARLY * numbers(runs, "sample_loss_start")
    yield share_row("loss ends", claim, ended, low, runs, False)


def peaks(runs: pd.DataFrame, median: np.ndarray) -> Iterator[Sentence]:
    """When the loss of slow runs peaks, over the median t98 of all runs, as planned. The diary's
    3,000 and 12,000 steps are of one slow run, so also over each run's own steps, to t98 and to its
    last right answer, which is what the 12,000 are."""
    figure = 3000 / 12_000
    for what, over, words, planned in (
        ("peak", median, "the median t98 of all runs", True),
        ("peak, own t98", numbers(runs, "t98_step"), "each run's own t98", False),
        (
            "peak, own end",
            numbers(runs, "completed_step"),
            "each run's own last right answer",
            False,
        ),
    ):
        ratio = numbers(runs, "sample_loss_peak_step") / over
        ratio = ratio[~np.isnan(ratio)]
        found = quantile(ratio, 0.5)
        ours, n = Number(found.step, found.low, found.high), len(ratio)
        claim = f"{LATE}: median step at which the validation loss peaks, over {words}"
        said = near_ratio(Number(figure), ours)
        if planned:  # the quantity was, and the rule for a ratio was not
            claim += f" {looked_ratio(Number(figure), ours)}"
        yield Sentence(what, claim, ours, n, n, "seeds", said, figure, planned)


def norm_changes(runs: pd.DataFrame, who: str) -> Sentence:
    """The highest norm of the runs over that at their start."""
    found = quantile(numbers(runs, "norm_peak") / numbers(runs, "norm_start"), 0.5)
    ours, n = Number(found.step, found.low, found.high), len(runs)
    claim = f"{who}: the weight norm does not change much before it falls: median of its highest "
    claim += f"value over its start ({NOT_MUCH} or less)"
    said = within(ours, 1 / NOT_MUCH, NOT_MUCH)
    return Sentence("norm changes", claim, ours, n, n, "seeds", said, 1.0, False)


def of_diary(scan: Scan) -> Iterator[Sentence]:
    """What runs of the diary's own sizes do up to its step 3,000, of those that no early verdict
    judged: what a stopped run would have done is not known."""
    runs = unjudged(without(scan.runs, {BY_HAND}))
    scan = Scan(scan.config, runs, scan.trajectories, scan.numerics)
    step, every = numbers(runs, "memorised_step"), np.ones(len(runs), bool)
    for what, words, limit in (
        ("40 steps", "40 steps", 40),
        ("40 epochs", "40 epochs (1,960 steps)", 40 * BATCHES),
    ):
        claim = f"runs memorise (train accuracy of 0.99) within {words}: share that do"
        yield share_row(what, claim, every, step <= limit, runs, True)
    yield from norm_rises(scan, "by step 3,000, ")
    normal = (classify(runs, "screen") == "normal").to_numpy()
    risen = numbers(runs, "sample_loss_peak") >= RISEN * numbers(runs, "sample_loss_start")
    claim = "runs that are normal at step 3,000: share whose validation loss rises to 1.5 times "
    yield share_row("loss, slow", f"{claim}its start by then", normal, risen, runs, False)
    yield norm_changes(runs.loc[normal], "runs that are normal at step 3,000")
