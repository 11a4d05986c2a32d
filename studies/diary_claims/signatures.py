"""Claims about what runs do: memorise, peak, lose norm; and whether there are two kinds of them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from diary_claims.rates_of_seeds import most_seeds
from diary_claims.row import DIARY, WANTED, Evidence, row
from diary_claims.verdict import Number, mostly, near, share, two_kinds
from grokseed.analysis.mixture import DECIDES, kinds
from grokseed.analysis.standing import quantile
from grokseed.analysis.survival import numbers, time_to

SOONER, FLAT, RISEN = 2, 1.1, 1.5
"""Fast runs reach t98 that many times sooner than the median; cuts of loss peak over its start."""


def claims(results: Path) -> Iterator[dict[str, object]]:
    yield from _memorised(most_seeds(results))
    yield from _norm_and_peak(Evidence(results, "mini_generalise", "mini"))
    yield from _two_kinds(Evidence(results, "mini_generalise", "mini"))


def _memorised(found: Evidence) -> Iterator[dict[str, object]]:
    step = numbers(found.runs, "memorised_step")
    batches = 49
    for text, limit in (
        ("runs memorise (train accuracy of 0.99) within 40 steps: share that do", 40),
        (
            "runs memorise (train accuracy of 0.99) within 40 epochs (1,960 steps): share that do",
            40 * batches,
        ),
    ):
        ours = share(int((step <= limit).sum()), len(step))
        yield row(text, DIARY, Number(1.0), ours, len(step), found, mostly(ours))


def _norm_and_peak(found: Evidence) -> Iterator[dict[str, object]]:
    runs = found.runs
    median = time_to("t98", runs).median
    t98, fall = numbers(runs, "t98_step"), numbers(runs, "norm_fall_step")
    risen = numbers(runs, "sample_loss_peak") / numbers(runs, "sample_loss_start")
    fast, slow = t98 <= median / SOONER, np.isnan(t98) | (t98 > median)
    first = fall < np.where(np.isnan(t98), np.inf, t98)  # a run that stopped before it fell: no
    late, soon = "slow runs (later than the median)", "fast runs (2 times sooner than the median)"
    for text, of, has in (
        (f"{late}: share whose weight norm falls before t98", slow, first),
        (f"{soon}: share that reach t98 before the weight norm falls", fast, ~first),
        (f"{late}: share whose validation loss rises to 1.5 times its start", slow, risen >= RISEN),
        (
            f"{soon}: share whose validation loss stays below 1.1 times its start",
            fast,
            risen < FLAT,
        ),
    ):
        ours = share(int((of & has).sum()), int(of.sum()))
        yield row(text, DIARY, Number(1.0), ours, int(of.sum()), found, mostly(ours))
    own = numbers(runs, "sample_loss_peak_step")[slow] / median
    when = quantile(own, 0.5)
    ours, claimed = Number(when.step, when.low, when.high), Number(3000 / 12_000)
    text = f"{late}: median step at which the validation loss peaks, over the median t98"
    yield row(text, DIARY, claimed, ours, len(own), found, near(claimed, ours))


def _two_kinds(found: Evidence) -> Iterator[dict[str, object]]:
    """No interval: BIC is a criterion with a cut of its own."""
    runs = found.runs
    t98, last = numbers(runs, "t98_step"), numbers(runs, "steps")
    peak, start = numbers(runs, "sample_loss_peak"), numbers(runs, "sample_loss_start")
    seen = ~np.isnan(t98)
    above = peak > FLAT * start
    every = np.ones(len(runs), bool)
    what = (
        "there are two kinds of runs, by log {}: BIC of one distribution (normal or skew-normal) "
        "minus BIC of two (10 or more)"
    )
    for name, source, values, exact in (
        ("t98", DIARY, np.where(seen, t98, last), seen),
        ("peak of the validation loss", DIARY, peak, every),
        ("peak of the validation loss, in runs that have one", WANTED, peak[above], None),
    ):
        fitted = kinds(np.log(values), exact)
        ours, cut = Number(fitted.gain), Number(DECIDES)
        verdict = two_kinds(fitted.gain)
        yield row(what.format(name), source, cut, ours, fitted.n, found, verdict)
