"""Claims about how often seeds win, at `mini`; `diary_rates` has those at the diary's own sizes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from common.part import counted
from common.verdict import UNKNOWN, Number, near, share
from diary_claims.row import DIARY, Evidence, row
from experiments.base_tables import cuts_of, own_weights
from experiments.bases import OWN, SPLITS
from grokseed.analysis.classify import classify, share_in_class
from grokseed.analysis.dependence import share_of
from grokseed.analysis.rates import Rate
from grokseed.analysis.shares import shares
from grokseed.analysis.survival import numbers
from grokseed.seeds import Seeds
from predictors.early_trials import FOLDER as FRESH
from predictors.early_trials import KNOWN, TRIALS

SUPER, NOT_NORMAL = share(18, 2073), share(round(0.07 * 2073), 2073)
SUPER_LOADERS, SLOW_LOADERS = share(19, 3180), share(round(0.057 * 3180), 3180)
READABLE = "readable"
"""Folder of study F, whose seeds are trained on the splits of the base scan."""

MEDIAN = "about a third of the median time to generalise"
SOONER = "share of model seeds that reach t98 at least 3 times sooner than the median seed"


def claims(results: Path) -> Iterator[dict[str, object]]:
    times = Evidence(results, "mini_generalise", "mini")
    ours = super_by_speedup(times.runs)
    yield row(SOONER, DIARY, SUPER, ours, len(times.runs), times, near(SUPER, ours))
    yield from _with_further_seeds(results)
    yield from _on_four_splits(results)
    screen = Evidence(results, "mini_screen", "mini")
    ours, n = screened(screen.runs, ("super", "fast"))
    text = (
        "share of model seeds that are not normal (validation accuracy of 0.25 or more at step "
        f"1,750; no test of the diary's rate: it is at {MEDIAN}, and step 1,750 at less than a "
        "fifth of mini's)"
    )
    yield row(text, DIARY, NOT_NORMAL, ours, n, screen, UNKNOWN)
    yield from _at_a_third(results)


def _with_further_seeds(results: Path) -> Iterator[dict[str, object]]:
    found = Evidence(results, f"{KNOWN},{FRESH}", "mini")
    ours, n = with_further_seeds(*(scan.runs for scan in found.scans))
    text = f"with further seeds on the same split and order, {SOONER} [found by looking]"
    yield row(text, DIARY, SUPER, ours, n, found, near(SUPER, ours))


def with_further_seeds(known: pd.DataFrame, fresh: pd.DataFrame) -> tuple[Number, int]:
    """The share of super seeds, with the fresh ones of early verdicts on the same split and order,
    and of how many. Fresh runs are censored before the late ones reach t98. All seeds count, also
    those that judge no rule."""
    design = [Seeds(0, model, 8, 9) for model in range(TRIALS[0].first, TRIALS[-1].last)]
    runs = pd.concat([known, counted(fresh, design)], ignore_index=True)
    return super_by_speedup(runs), len(runs)


def _on_four_splits(results: Path) -> Iterator[dict[str, object]]:
    found = Evidence(results, f"{OWN.scan.name},{READABLE}", "mini")
    rate = on_four_splits(*(scan.runs for scan in found.scans))
    text = f"on four further splits, {SOONER} of the split [found by looking]"
    ours, splits = Number(rate.share, rate.low, rate.high), (len(SPLITS), "splits")
    yield row(text, DIARY, SUPER, ours, rate.n, found, near(SUPER, ours), splits)


def on_four_splits(base: pd.DataFrame, readable: pd.DataFrame) -> Rate:
    """The share of the base scan's seeds, and of study F's without a dose, that reach t98 three
    times sooner than the median of their split. Limits are over splits, so that they hold the
    medians' own error too."""
    runs = pd.concat([own_weights(base), own_weights(readable)], ignore_index=True)
    cuts = cuts_of(runs)
    medians = dict(zip(cuts["split_seed"], cuts["median"], strict=True))
    a_third = np.array([medians[split] for split in runs["split_seed"]]) / 3
    return share_of(numbers(runs, "t98_step") <= a_third, runs)


def super_by_speedup(runs: pd.DataFrame) -> Number:
    """The share of runs that reach t98 three times sooner than their own median."""
    found = shares(runs).loc["super"]
    return Number(*(float(found[name]) for name in ("share", "low", "high")))


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
