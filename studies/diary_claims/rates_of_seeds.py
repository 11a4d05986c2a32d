"""Claims about how often seeds win, at `mini`; `diary_rates` has those at the diary's own sizes."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from common.verdict import UNKNOWN, Number, near, share
from diary_claims.row import DIARY, Evidence, row
from experiments.bases import OWN
from grokseed.analysis.classify import classify, share_in_class
from grokseed.analysis.dependence import share_of
from grokseed.analysis.shares import shares

SUPER, NOT_NORMAL = share(18, 2073), share(round(0.07 * 2073), 2073)
SUPER_LOADERS, SLOW_LOADERS = share(19, 3180), share(round(0.057 * 3180), 3180)
MEDIAN = "about a third of the median time to generalise"


def claims(results: Path) -> Iterator[dict[str, object]]:
    times = Evidence(results, "mini_generalise", "mini")
    found = shares(times.runs).loc["super"]
    ours = Number(*(float(found[name]) for name in ("share", "low", "high")))
    text = "share of model seeds that reach t98 at least 3 times sooner than the median seed"
    yield row(text, DIARY, SUPER, ours, len(times.runs), times, near(SUPER, ours))
    screen = Evidence(results, "mini_screen", "mini")
    ours, n = screened(screen.runs, ("super", "fast"))
    text = (
        "share of model seeds that are not normal (validation accuracy of 0.25 or more at step "
        f"1,750; no test of the diary's rate: it is at {MEDIAN}, and step 1,750 at less than a "
        "fifth of mini's)"
    )
    yield row(text, DIARY, NOT_NORMAL, ours, n, screen, UNKNOWN)
    yield from _at_a_third(results)


def screened(runs: pd.DataFrame, classes: tuple[str, ...]) -> tuple[Number, int]:
    """The share of runs in some classes by the screen rule, and of how many; runs that an early
    verdict stopped count, and the spared ones stand for them."""
    found = share_in_class(runs, classify(runs, "screen").isin(classes).to_numpy())
    ours = Number(found.share, found.low, found.high) if found.n else Number()
    return ours, found.n


def _at_a_third(results: Path) -> Iterator[dict[str, object]]:
    """Rates of the base scan, whose screen is at a third of the median time, as the diary's."""
    found = Evidence(results, OWN.scan.name, "mini")
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
