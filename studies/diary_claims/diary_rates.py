"""Claims about how often seeds win at the diary's own sizes, and when runs complete.

`studies/plan.md` names a folder for each design, and `studies/on_gpu.sh` another one for a card. Of
both the one with more runs is read, and they are not joined: they have the same seeds, so that
together they would say no more.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from part import counted

from diary_claims.decay import NO_DECAY
from diary_claims.rates_of_seeds import NOT_NORMAL, SLOW_LOADERS, SUPER, SUPER_LOADERS, screened
from diary_claims.row import DIARY, WANTED, Evidence, row
from diary_claims.verdict import UNKNOWN, Number, near, share, within
from grokseed.analysis.classify import without
from grokseed.analysis.survival import time_to
from grokseed.reports.scan import sampled
from grokseed.seeds import Seeds

FIRST_LOADERS = share(3, 709)
AT_LOADER = Number(0.004)
"""The diary's second entry on model seeds with one loader seed; it gives no counts."""

MODELS = "diary_scan", "diary_loader8", "diary_gpu"
ONE_SPLIT = "models_of_split_0", "models_gpu"
LOADERS = "loaders_of_42", "loaders_gpu"
NO_DECAY_AT = "no_decay", "no_decay_gpu"
COMPLETED = "diary_completed", "completed_gpu"
"""The folders of each design, for processors and for a card."""

BY_HAND, KNOWN_LOADERS = 42, (0, 8)
"""The diary's winner, and the loader seeds with which its fate was known, before any rate was
counted: a seed chosen by hand is no sample."""

SCREENED = "validation accuracy over 0.98 at step 3,000"
EARLY = ("super", "fast")


def claims(results: Path) -> Iterator[dict[str, object]]:
    yield from _models(results)
    yield from _loaders(results)
    yield from _coins(results)
    yield from _without_decay(results)
    yield completion(results)


def most_runs(results: Path, names: Sequence[str]) -> Evidence:
    """The folder of a design with the most runs: the first one if none has any."""
    every = [Evidence(results, name, "diary") for name in names]
    return max(every, key=lambda some: len(some.runs) if some.there else 0)


def sample(found: Evidence) -> pd.DataFrame:
    """The runs of a folder whose model seeds were not chosen by hand."""
    return sampled(found.paths[0], without(found.runs, {BY_HAND}))


def _rates(found: Evidence) -> tuple[Number, Number, int]:
    """The shares of model seeds that are super and not normal, and of how many."""
    if not found.there:
        return Number(), Number(), 0
    ours, n = screened(sample(found), ("super",))
    return ours, screened(sample(found), EARLY)[0], n


def _models(results: Path) -> Iterator[dict[str, object]]:
    found = most_runs(results, MODELS)
    ours, some, n = _rates(found)
    text = f"share of model seeds that are super ({SCREENED})"
    yield row(text, DIARY, SUPER, ours, n, found, near(SUPER, ours))
    text = (
        "share of model seeds that are not normal (validation accuracy of 0.25 or more at step "
        "3,000)"
    )
    yield row(text, DIARY, NOT_NORMAL, some, n, found, near(NOT_NORMAL, some))
    text = (
        f"share of model seeds that are super with loader seed 8 ({SCREENED}), as the diary has it "
        "a day later"
    )
    yield row(text, DIARY, AT_LOADER, ours, n, found, near(AT_LOADER, ours))
    text = (
        "a loader seed that is good with one model seed may be of no use to another: share of "
        "model seeds that are not super with loader seed 8, with which 42 is (no test: where about "
        "1 % of seeds are super, so it is with every loader seed; it needs the same model seeds "
        "with another loader seed; found by looking)"
    )
    others = Number(1 - ours.value, 1 - ours.high, 1 - ours.low)
    yield row(text, DIARY, Number(), others, n, found, UNKNOWN)
    found = most_runs(results, ONE_SPLIT)
    ours, _, n = _rates(found)
    text = f"share of model seeds that are super, all with split seed 0 ({SCREENED})"
    yield row(text, WANTED, SUPER, ours, n, found, near(SUPER, ours))


def _loaders(results: Path) -> Iterator[dict[str, object]]:
    found = most_runs(results, LOADERS)
    ours, some, n = Number(), Number(), 0
    if found.there:
        runs = found.runs.loc[found.runs["model_seed"] == BY_HAND]
        runs = runs.loc[~runs["loader_seed"].isin(KNOWN_LOADERS)]
        (ours, n), (some, _) = screened(runs, ("super",)), screened(runs, EARLY)
    for words, figure, rate in (
        (f"super with model seed 42 ({SCREENED})", SUPER_LOADERS, ours),
        ("super with one model seed, the diary's first 709 loader seeds", FIRST_LOADERS, ours),
        ("not normal with one model seed (0.25 or more at step 3,000)", SLOW_LOADERS, some),
    ):
        text = f"share of loader seeds that are {words}"
        yield row(text, DIARY, figure, rate, n, found, near(figure, rate))


def _coins(results: Path) -> Iterator[dict[str, object]]:
    """-log2 of the share of super seeds; the rarest chance is the most coins."""
    found = most_runs(results, MODELS)
    chance, _, n = _rates(found)
    with np.errstate(divide="ignore"):
        value, low, high = -np.log2([chance.value, chance.high, chance.low])
    coins = Number(float(value), float(low), float(high))
    text = "a super seed is as rare as 7 to 8 heads in a row: -log2 of the share of super seeds"
    yield row(text, DIARY, Number(7.5, 7, 8), coins, n, found, within(coins, 6.5, 8.5))


def _without_decay(results: Path) -> Iterator[dict[str, object]]:
    found = most_runs(results, NO_DECAY_AT)
    ours, _, n = _rates(found)
    text = f"share of model seeds that are super without weight decay ({SCREENED})"
    yield row(text, DIARY, NO_DECAY, ours, n, found, near(NO_DECAY, ours))


def completion(results: Path) -> dict[str, object]:
    """The median step at which runs complete, of the seeds before the first missing one, as runs
    end there and early ones are stored first. Where less than half of them do, or the upper limit
    lies beyond the last step, nothing can be told."""
    found = most_runs(results, COMPLETED)
    ours, n = Number(), 0
    if found.there:
        first = [Seeds(seed, seed, 8, 9) for seed in range(len(found.runs))]
        runs = without(counted(found.runs, first), {BY_HAND})
        curve = time_to("completed", runs)
        ours, n = Number(curve.median, curve.median_low, curve.median_high), curve.n
    text = "runs have every validation answer right after about 12,000 steps: median step"
    said = within(ours, 6_000, 24_000)
    return row(text, DIARY, Number(12_000), ours, n, found, said)
