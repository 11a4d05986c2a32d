"""Does the norm go on rising after the train loss is 0, as the diary saw?

The diary gives no number for this 0, and a train loss never is 0. Document 003 calls one below 0.1
near zero for classification, which was written without these runs: that cut decides. One ten times
lower is shown beside it, as the share hangs on the cut. A run gets below a cut at some step after
the last point above it that git keeps, up to the first one below it. At `mini` these are some 225
steps apart, and the norm may peak between them. So the share takes the middle of the two, its lower
limit the later one, by which fewer norms rise, and its upper limit the earlier one. In runs whose
train loss was not recorded, memorised stands for it.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from common.verdict import Number, mostly
from diary.signatures_tables import Sentence, share_row
from grokseed.analysis.survival import numbers
from grokseed.figures.lines import has
from grokseed.reports.result import Scan

ZERO, STRICT = 0.1, 0.01
"""Train loss that counts as 0, by document 003, and a stricter cut, in nats."""

RISES = "share of runs whose weight norm goes on rising after"


def norm_rises(scan: Scan, where: str) -> Iterator[Sentence]:
    """Of the runs whose train loss gets near 0 before they end, those whose norm is highest later.

    Args:
        scan: of runs that are independent, or that share seeds which limits are over.
        where: which runs these are, as the start of the sentence.
    """
    runs, peak = scan.runs, numbers(scan.runs, "norm_peak_step")
    if not has(scan.trajectories, "train_loss"):
        memorised = numbers(runs, "memorised_step")
        claim = (
            f"{where}{RISES} they have memorised (train accuracy of 0.99; it stands for a train "
        )
        claim += "loss of 0, which these runs have no record of)"
        some = memorised < numbers(runs, "steps")
        yield share_row("norm rises", claim, some, peak > memorised, runs, False)
        return
    for cut, why in ((ZERO, "document 003's near zero"), (STRICT, "a stricter cut")):
        above, below = between(scan, cut)
        claim = f"{where}{RISES} their train loss is 0 (below {cut:g}, {why}; limits allow for the "
        claim += "steps between two points)"
        some = below < numbers(runs, "steps")
        least, middle, most = (
            share_row(f"norm rises, {cut:g}", claim, some, peak > zero, runs, False)
            for zero in (below, (above + below) / 2, above)
        )
        ours = Number(middle.ours.value, least.ours.low, most.ours.high)
        yield replace(middle, ours=ours, verdict=mostly(ours))


def between(scan: Scan, cut: float) -> np.ndarray:
    """The steps of each run's last point before its train loss is below a cut (0 if the first one
    is), and of the first point at which it is, float64 (2, runs); NaN if it never is."""
    points = scan.trajectories
    steps = points.assign(before=points.groupby("run")["step"].shift(fill_value=0))
    first = steps.loc[points["train_loss"] < cut].drop_duplicates("run").set_index("run")
    return first.reindex(scan.runs.index)[["before", "step"]].to_numpy(np.float64).T
