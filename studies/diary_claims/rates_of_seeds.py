"""Claims about how often seeds win, and about coins."""

from collections.abc import Iterator
from pathlib import Path

import base
import numpy as np

from diary_claims.row import DIARY, Evidence, row
from diary_claims.verdict import UNKNOWN, Number, mostly, near, share, within
from grokseed.analysis.classify import classify
from grokseed.analysis.dependence import share_of
from grokseed.analysis.shares import shares

SUPER, NOT_NORMAL = share(18, 2073), share(round(0.07 * 2073), 2073)
SUPER_LOADERS, SLOW_LOADERS = share(19, 3180), share(round(0.057 * 3180), 3180)
FIRST_LOADERS = share(3, 709)
AT_LOADER = Number(0.004)
"""The diary's second entry on model seeds with one loader seed; it gives no counts."""

MEDIAN = "about a third of the median time to generalise"
BY_HAND = 42
"""The diary's winner, known before any rate was counted: a seed chosen by hand is no sample."""


def claims(results: Path) -> Iterator[dict[str, object]]:
    yield from _diary(results)
    yield from _mini(results)


def most_seeds(results: Path) -> Evidence:
    """The scan of the diary's own protocol with the most seeds: two machines began one each."""
    both = [Evidence(results, name, "diary") for name in ("diary_scan", "diary_loader8")]
    return max((some for some in both if some.there), key=lambda some: len(some.runs))


def _diary(results: Path) -> Iterator[dict[str, object]]:
    found = most_seeds(results)
    runs = found.runs.loc[found.runs["model_seed"] != BY_HAND]
    classes = classify(runs, "screen").dropna()
    n, won = len(classes), int((classes == "super").sum())
    ours = share(won, n)
    text = "share of model seeds that are super (validation accuracy over 0.98 at step 3,000)"
    yield row(text, DIARY, SUPER, ours, n, found, near(SUPER, ours))
    some = share(int((classes != "normal").sum()), n)
    text = (
        "share of model seeds that are not normal (validation accuracy of 0.25 or more at step "
        "3,000)"
    )
    yield row(text, DIARY, NOT_NORMAL, some, n, found, near(NOT_NORMAL, some))
    text = (
        "share of model seeds that are super with loader seed 8 (validation accuracy over 0.98 at "
        "step 3,000), as the diary has it a day later"
    )
    yield row(text, DIARY, AT_LOADER, ours, n, found, near(AT_LOADER, ours))
    text = (
        "a loader seed that is good with one model seed may be of no use to another: share of "
        "model seeds that are not super with loader seed 8, with which 42 is; found by looking"
    )
    others = share(n - won, n)
    yield row(text, DIARY, Number(), others, n, found, mostly(others))
    none = Evidence(results, "", "diary")
    for words, figure in (
        ("super with model seed 42 (validation accuracy over 0.98 at step 3,000)", SUPER_LOADERS),
        ("super with one model seed, the diary's first 709 loader seeds", FIRST_LOADERS),
        ("not normal with one model seed (0.25 or more at step 3,000)", SLOW_LOADERS),
    ):
        text = f"share of loader seeds that are {words}"
        yield row(text, DIARY, figure, Number(), 0, none, UNKNOWN)
    coins = _coins(ours)
    text = "a super seed is as rare as 7 to 8 heads in a row: -log2 of the share of super seeds"
    yield row(text, DIARY, Number(7.5, 7, 8), coins, n, found, within(coins, 6.5, 8.5))


def _coins(chance: Number) -> Number:
    """-log2 of a rate; the rarest chance is the most coins."""
    with np.errstate(divide="ignore"):
        value, low, high = -np.log2([chance.value, chance.high, chance.low])
    return Number(float(value), float(low), float(high))


def _mini(results: Path) -> Iterator[dict[str, object]]:
    times = Evidence(results, "mini_generalise", "mini")
    found = shares(times.runs).loc["super"]
    ours = Number(*(float(found[name]) for name in ("share", "low", "high")))
    text = "share of model seeds that reach t98 at least 3 times sooner than the median seed"
    yield row(text, DIARY, SUPER, ours, len(times.runs), times, near(SUPER, ours))
    screen = Evidence(results, "mini_screen", "mini")
    classes = classify(screen.runs, "screen").dropna()
    ours = share(int((classes != "normal").sum()), len(classes))
    text = (
        "share of model seeds that are not normal (validation accuracy of 0.25 or more at step "
        f"1,750; no test of the diary's rate: it is at {MEDIAN}, and step 1,750 at less than a "
        "fifth of mini's)"
    )
    yield row(text, DIARY, NOT_NORMAL, ours, len(classes), screen, UNKNOWN)
    yield from _at_a_third(results)


def _at_a_third(results: Path) -> Iterator[dict[str, object]]:
    """Rates of the base scan, whose screen is at a third of the median time, as the diary's."""
    found = Evidence(results, base.SCAN.name, "mini")
    classes = classify(found.runs, "screen").dropna()
    runs = found.runs.loc[classes.index]
    splits = runs["split_seed"].nunique(), "splits"
    for name, claimed, won in (
        ("super", SUPER, classes == "super"),
        ("not normal", NOT_NORMAL, classes != "normal"),
    ):
        rate = share_of(won, runs)
        ours = Number(rate.share, rate.low, rate.high)
        text = (
            f"share of model seeds that are {name} on four further splits (validation accuracy at "
            f"step 3,100, {MEDIAN}, as in the diary; found by looking)"
        )
        yield row(text, DIARY, claimed, ours, rate.n, found, near(claimed, ours), splits)
