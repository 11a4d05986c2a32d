"""The answers of scans that no other study reads: question, answer, and what stays open.

    python studies/answers.py          writes answer.md, figures and README of each folder

Every number comes from the folder's own tables; the sentences are in `templates/`. It trains
nothing.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import rankdata

import grokseed
from common.study import finish, render
from common.verdict import Number, near
from diary.further_designs import (
    CONTROL,
    LOADERS,
    ONE_SPLIT,
    RULES,
    SMALL,
    apart,
    looks,
    sample,
)
from diary.unfinished import unfinished
from diary_claims.diary_folders import EARLY
from diary_claims.rates_of_seeds import NOT_NORMAL, SLOW_LOADERS, SUPER, SUPER_LOADERS
from experiments.looks import coverage
from grokseed.analysis.classify import share_in_class, without
from grokseed.analysis.rates import Rate, rate

RESULTS = Path("results")
SCANS = ("mini_screen", "mini_generalise", "diary_loader8", "diary_oracle", "diary_scan")
EACH, CONTROL_OF_BF16 = 64, "mini_eager"
AGAIN = ("mini_bf16", CONTROL_OF_BF16)
"""Scans of the seeds of mini_screen, in another precision and with other orders of sums."""

FURTHER = {LOADERS: (SUPER_LOADERS, SLOW_LOADERS), ONE_SPLIT: (SUPER, NOT_NORMAL)}
"""Designs that are compared with the diary's scan, and what the diary counted."""


def same_class(results: Path, again: str) -> dict[str, tuple[Rate, float]]:
    """How many seeds of mini_screen keep their class, and the rank correlation of accuracies: of
    the first 64, which were not picked, and of the 64 best."""
    first, second = (grokseed.load(results / name).runs for name in ("mini_screen", again))
    both = second.merge(first, on="model_seed", suffixes=("_again", "_first"))
    groups = {
        "first": both.nsmallest(EACH, "model_seed"),
        "best": both.nlargest(EACH, "screen_val_accuracy_first"),
    }
    found = {}
    for which, some in groups.items():
        accuracies = (some[f"screen_val_accuracy_{of}"] for of in ("again", "first"))
        ranks = np.corrcoef(*map(rankdata, accuracies))
        rows = some.to_dict("records")
        kept = sum(row["screen_again"] == row["screen_first"] for row in rows)
        found[which] = rate(kept, len(rows)), float(ranks[0, 1])
    return found


def answer(results: Path, name: str) -> str:
    """A folder's question and answer."""
    if name in AGAIN:
        control = same_class(results, CONTROL_OF_BF16)
        return render(name, **same_class(results, name), control=control)
    if name in FURTHER:
        return further(results, name)
    scan = grokseed.load(results / name)
    sampled = without(scan.runs, scan.excluded)
    of = sampled["screen"].to_numpy(object)
    rates = {c: share_in_class(sampled, of == c) for c in ("super", "fast", "normal")}
    return render(
        name,
        n=len(scan.runs),
        stopped=int(np.sum(sampled["status"] == "stopped")),
        rates=rates,
        curve=scan.survival(),
        by_time=scan.rates("speedup").to_dict("index"),
        runs=scan.runs.to_dict("records"),
        memorised=scan.survival("memorised"),
        same=as_before(results, scan.runs),
        left=unfinished(scan.runs),
    )


def further(results: Path, name: str) -> str:
    """The answer of a design that is compared with the diary's scan."""
    runs, models = (grokseed.load(results / folder).runs for folder in (name, CONTROL))
    own, models = sample(runs, name), sample(models, CONTROL)
    asked, claimed = looks(own, models, name), FURTHER[name]
    rule = apart(own, models, asked)
    counts = [share_in_class(own, np.isin(own["screen"], some)) for some in (("super",), EARLY)]
    ours = [Number(one.share, one.low, one.high) for one in counts]
    return render(
        name,
        stored=len(runs),
        counts=counts,
        claimed=claimed,
        said=[near(theirs, its) for theirs, its in zip(claimed, ours, strict=True)],
        control=share_in_class(models, np.isin(models["screen"], EARLY)),
        gap=apart(own, models),
        looks=asked,
        rule=rule,
        level=coverage(asked),
        verdict=RULES[name](rule),
        small=SMALL[name],
    )


def as_before(results: Path, runs: pd.DataFrame) -> Rate:
    """How many seeds have the class that the earlier scan of the diary's runs gave them."""
    before = results / "diary_loader8"
    if not before.exists():
        return rate(0, 0)
    earlier = grokseed.load(before).runs
    both = runs.merge(earlier, on="model_seed", suffixes=("", "_earlier"))
    both = both.dropna(subset=["screen", "screen_earlier"])  # a stopped run has no class
    alike = both["screen"].astype(str) == both["screen_earlier"].astype(str)
    return rate(int(np.sum(alike)), len(both))


def main() -> None:
    for name in (*SCANS, *AGAIN, *(name for name in FURTHER if (RESULTS / name).exists())):
        finish(RESULTS / name, answer(RESULTS, name), {})


if __name__ == "__main__":
    main()
