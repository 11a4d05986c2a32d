"""Claims about how often seeds win at the diary's own sizes, and when runs complete."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from common.part import counted
from common.verdict import Number, near, within
from diary import further_designs
from diary.known_seeds import BY_HAND
from diary_claims import diary_loaders
from diary_claims.decay import NO_DECAY
from diary_claims.diary_folders import (
    COMPLETED,
    MODELS,
    NO_DECAY_AT,
    ONE_SPLIT,
    SCREENED,
    against_models,
    most_runs,
    rates,
)
from diary_claims.diary_loaders import of_loader_8
from diary_claims.rates_of_seeds import NOT_NORMAL, SUPER
from diary_claims.row import DIARY, WANTED, row
from grokseed.analysis.classify import without
from grokseed.analysis.survival import time_to
from grokseed.seeds import Seeds

AT_LOADER = Number(0.004)
"""The diary's second entry on model seeds with one loader seed; it gives no counts."""

COMPLETED_SEEDS = 64
"""Seeds that train until they complete, from 0 up."""

ONE_SEED = "; in the diary the same seed drew the batch order too, here loader seed 8 does"


def claims(results: Path) -> Iterator[dict[str, object]]:
    yield from _models(results)
    yield from diary_loaders.claims(results)
    yield from _coins(results)
    yield from _without_decay(results)
    yield completion(results)


def _models(results: Path) -> Iterator[dict[str, object]]:
    found = most_runs(results, MODELS)
    ours, some, n = rates(found)
    text = f"share of model seeds that are super ({SCREENED}{ONE_SEED})"
    yield row(text, DIARY, SUPER, ours, n, found, near(SUPER, ours))
    text = (
        "share of model seeds that are not normal (validation accuracy of 0.25 or more at step "
        f"3,000{ONE_SEED})"
    )
    yield row(text, DIARY, NOT_NORMAL, some, n, found, near(NOT_NORMAL, some))
    text = (
        f"share of model seeds that are super with loader seed 8 ({SCREENED}), as the diary has it "
        "a day later"
    )
    yield row(text, DIARY, AT_LOADER, ours, n, found, near(AT_LOADER, ours))
    yield from of_loader_8(found, ours, n)
    found = most_runs(results, ONE_SPLIT)
    ours, _, n = rates(found)
    text = f"share of model seeds that are super, all with split seed 0 ({SCREENED})"
    yield row(text, WANTED, SUPER, ours, n, found, near(SUPER, ours))
    text = (
        "one split for all changes how often model seeds are not normal: their share with split "
        "seed 0, less that with a split each (yes if other than 0, no if surely "
        f"within {further_designs.SMALL[further_designs.ONE_SPLIT]})"
    )
    yield against_models(results, found, text, further_designs.ONE_SPLIT)


def _coins(results: Path) -> Iterator[dict[str, object]]:
    """-log2 of the share of super seeds; the rarest chance is the most coins."""
    found = most_runs(results, MODELS)
    chance, _, n = rates(found)
    with np.errstate(divide="ignore"):
        value, low, high = -np.log2([chance.value, chance.high, chance.low])
    coins = Number(float(value), float(low), float(high))
    text = "a super seed is as rare as 7 to 8 heads in a row: -log2 of the share of super seeds"
    yield row(text, DIARY, Number(7.5, 7, 8), coins, n, found, within(coins, 6.5, 8.5))


def _without_decay(results: Path) -> Iterator[dict[str, object]]:
    found = most_runs(results, NO_DECAY_AT)
    ours, _, n = rates(found)
    text = f"share of model seeds that are super without weight decay ({SCREENED})"
    yield row(text, DIARY, NO_DECAY, ours, n, found, near(NO_DECAY, ours))


def completion(results: Path) -> dict[str, object]:
    """The median step at which runs complete.

    Runs end there, and on a card all are trained at once, so that those stored first are the early
    ones: nothing is told before all are there. Nor is it where less than half of them complete, or
    the upper limit lies beyond the last step.
    """
    found = most_runs(results, COMPLETED)
    ours, n, runs = Number(), 0, pd.DataFrame()
    if found.there:
        wanted = [Seeds(seed, seed, 8, 9) for seed in range(COMPLETED_SEEDS)]
        runs = counted(found.runs, wanted)
    if len(runs) == COMPLETED_SEEDS:
        runs = without(runs, {BY_HAND})
        curve = time_to("completed", runs)
        ours, n = Number(curve.median, curve.median_low, curve.median_high), curve.n
    text = "runs have every validation answer right after about 12,000 steps: median step"
    said = within(ours, 6_000, 24_000)
    return row(text, DIARY, Number(12_000), ours, n, found, said)
