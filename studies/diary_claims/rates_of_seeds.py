"""Claims about how often seeds win, and about good loader seeds and coins."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import rates
from part import counted

from diary_claims.row import DIARY, Evidence, row
from diary_claims.verdict import Number, near, share, within
from grokseed.analysis.classify import classify
from grokseed.analysis.shares import shares

SUPER, NOT_NORMAL = share(18, 2073), share(round(0.07 * 2073), 2073)
SUPER_LOADERS, SLOW_LOADERS = share(19, 3180), share(round(0.057 * 3180), 3180)
BY_HAND = 42
"""The diary's winner, known before any rate was counted: a seed chosen by hand is no sample."""


def claims(results: Path) -> Iterator[dict[str, object]]:
    yield from _diary(results)
    yield from _mini(results)
    yield from grid(results)


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
    none = Evidence(results, "", "diary")
    text = (
        "share of loader seeds that are super with model seed 42 (validation accuracy over 0.98 at "
        "step 3,000)"
    )
    yield row(text, DIARY, SUPER_LOADERS, Number(), 0, none, near(SUPER_LOADERS, Number()))
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
        "1,750)"
    )
    yield row(text, DIARY, NOT_NORMAL, ours, len(classes), screen, near(NOT_NORMAL, ours))


def grid(results: Path) -> Iterator[dict[str, object]]:
    """Rates over a grid of splits, weights and orders, and whether a good loader seed helps."""
    found = Evidence(results, rates.OUT.name, "mini")
    runs = counted(found.runs, rates.design()) if found.there else pd.DataFrame()
    table = rates.table(runs) if len(runs) else pd.DataFrame()
    for name, claimed, stream in (
        ("super", SUPER, "model"),
        ("super", SUPER_LOADERS, "loader"),
        ("not normal", NOT_NORMAL, "model"),
        ("not normal", SLOW_LOADERS, "loader"),
    ):
        ours, n = _overall(table, name) if len(runs) else (Number(), 0)
        text = (
            f"in a grid of splits, weights and orders, share of {stream} seeds that are {name} at "
            "step 3,100"
        )
        yield row(text, DIARY, claimed, ours, n, found, near(claimed, ours))
    yield _helping_loader(found, runs)


def _overall(table: pd.DataFrame, name: str) -> tuple[Number, int]:
    (found,) = table.loc[(table["class"] == name) & (table["axis"] == "")].to_dict("records")
    return Number(found["share"], found["low"], found["high"]), int(found["n"])


def _helping_loader(grid: Evidence, runs: pd.DataFrame) -> dict[str, object]:
    """25 % more is judged to within 10 points: more than 1.15 times, at most 1.35 times."""
    both = rates.lifts(runs, "not normal") if len(runs) else None
    ours, n = Number(), 0
    if both:
        _, across = both
        ours, n = Number(across.ratio, across.low, across.high), across.n
    text = (
        "a loader seed with which one model is not normal helps another model on another split: "
        "times as often not normal as with other loader seeds (1.15 to 1.35)"
    )
    return row(text, DIARY, Number(1.25), ours, n, grid, within(ours, 1.15, 1.35))
