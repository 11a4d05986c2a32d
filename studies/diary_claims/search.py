"""Is a search for a lucky seed worth its steps? And claims that no run of ours speaks of yet."""

from collections.abc import Iterator
from pathlib import Path

import base
import coins
import numpy as np
import pandas as pd
from part import counted

from diary_claims.row import DIARY, WANTED, Evidence, row
from diary_claims.verdict import Number, within
from grokseed.analysis.restart import Gain, best_of, best_restart, judged_restart
from grokseed.analysis.survival import numbers
from grokseed.early import read_rule

LARGER = {
    coins.LARGEST: "p 127, d 96 and 2 layers together",
    "p_127": "p 127",
    "d_96": "d 96",
    "layers_2": "2 layers",
    "train_70": "a train fraction of 0.7",
}
"""Cells of the study of coins that have more data or a larger model."""

WORTH = 1.1
"""A search is worth its steps if it saves a tenth of them or more: by chance it saves some in any
sample."""


def claims(results: Path) -> Iterator[dict[str, object]]:
    found = Evidence(results, "mini_generalise", "mini")
    yield _gain(
        "restarts at the best step, split 0",
        best_restart(*_times(found.runs)),
        found,
    )
    for runs in (2, 8):
        gain = best_of(*_times(found.runs), runs)
        yield _gain(f"training {runs} seeds side by side, split 0", gain, found)
    yield _judged(results, "split 0", found, numbers(found.runs, "model_seed") % 2 == 0)
    yield from restarts_of_splits(results)
    yield from coins_fade(results)
    none = Evidence(results, "", "diary")
    text = "runs have every validation answer right after about 12,000 steps: median step"
    verdict = within(Number(), 6_000, 24_000)
    yield row(text, DIARY, Number(12_000), Number(), 0, none, verdict)


def restarts_of_splits(results: Path) -> Iterator[dict[str, object]]:
    """The same on every split of the base scan, whose seeds the early rule was not fitted on."""
    splits = Evidence(results, base.SCAN.name, "mini")
    for split in base.SPLITS:
        own = numbers(splits.runs, "split_seed") == split if splits.there else None
        times = None if own is None else _times(splits.runs.loc[own])
        text = f"restarts at the best step, split {split}"
        yield _gain(text, times and best_restart(*times), splits)
        text = f"training 2 seeds side by side, split {split}"
        yield _gain(text, times and best_of(*times, 2), splits)
        yield _judged(results, f"split {split}", splits, own)


def _judged(
    results: Path, where: str, found: Evidence, own: np.ndarray | None
) -> dict[str, object]:
    """Restarts of those runs that fail the early rule which was fitted on other seeds."""
    path, gain = results / "early" / "mini_to_t98.json", None
    rule = read_rule("", str(path)) if path.exists() else None
    if rule and own is not None:
        (check,) = rule.checks
        runs = found.runs.loc[own & ~np.isnan(numbers(found.runs, "steps"))]
        points = dict(iter(found.scans[0].trajectories.groupby("run")))
        own_points = (points[i] for i in runs.index)
        value = (np.interp(check.step, p["step"], p[check.signal]) for p in own_points)
        passes = np.array([check.passes(float(v)) for v in value])
        gain = judged_restart(*_times(runs), passes, check.step)
    return _gain(f"restarts of runs that fail an early verdict, {where}", gain, found)


def _times(runs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Steps to t98, or to the last sight of a run, and whether they are t98's."""
    t98, last = numbers(runs, "t98_step"), numbers(runs, "steps")
    seen = ~np.isnan(last)
    return np.where(np.isnan(t98), last, t98)[seen], ~np.isnan(t98[seen])


def _gain(how: str, found: Gain | None, evidence: Evidence) -> dict[str, object]:
    text = (
        f"a search for an early seed saves steps, by {how}: expected steps to a first t98 without "
        "the search over those with it (1.1 or more)"
    )
    ours = Number(found.gain, found.low, found.high) if found else Number()
    n = found.n if found else 0
    return row(text, WANTED, Number(), ours, n, evidence, within(ours, WORTH, np.inf))


def coins_fade(results: Path) -> Iterator[dict[str, object]]:
    """Each larger cell of the study of coins against mini itself."""
    for cell, change in LARGER.items():
        names = [f"{coins.OUT.name}/{some}" for some in (coins.OWN, cell)]
        found, ours, n = Evidence(results, ",".join(names), "mini", sizes=False), Number(), 0
        if found.there:
            scans = zip((coins.OWN, cell), found.scans, strict=True)
            runs = {some: counted(scan.runs, coins.design(some)) for some, scan in scans}
            if all(map(len, runs.values())):
                last = coins.table(runs).set_index("cell").loc[cell]
                ours = Number(*(float(last[f"ratio{limit}"]) for limit in ("", "_low", "_high")))
                n = sum(map(len, runs.values()))
        text = (
            f"luck fades with {change}: spread of log t98 from the earliest tenth to the median, "
            "over the spread at mini (below 1)"
        )
        yield row(text, DIARY, Number(), ours, n, found, within(ours, 0, 1))
