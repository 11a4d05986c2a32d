"""Is a search for a lucky seed worth its steps? And claims that no run of ours speaks of yet."""

from collections.abc import Iterator
from pathlib import Path

import base
import coins
import numpy as np
import pandas as pd

from diary_claims.row import DIARY, WANTED, Evidence, row
from diary_claims.verdict import Number, within
from grokseed.analysis.restart import Gain, best_of, best_restart
from grokseed.analysis.survival import numbers

WORTH = 1.1
"""A search is worth it that saves a tenth of the steps or more: it saves some in any sample."""


def claims(results: Path) -> Iterator[dict[str, object]]:
    found = Evidence(results, "mini_generalise", "mini")
    yield _gain("restarts at the best step, split 0", best_restart(*_times(found.runs)), found)
    for runs in (2, 8):
        gain = best_of(*_times(found.runs), runs)
        yield _gain(f"{runs} seeds side by side until the first, split 0", gain, found)
    yield from restarts_of_splits(results)
    yield coins_fade(results)
    none = Evidence(results, "", "diary")
    text = "every validation answer right at about 12,000 steps: median step"
    verdict = within(Number(), 6_000, 24_000)
    yield row(text, DIARY, Number(12_000), Number(), 0, none, verdict)


def restarts_of_splits(results: Path) -> Iterator[dict[str, object]]:
    """The same on every split of the base scan."""
    splits = Evidence(results, base.SCAN.name, "mini")
    for split in base.SPLITS:
        text = f"restarts at the best step, split {split}"
        own = splits.runs.loc[splits.runs["split_seed"] == split] if splits.there else None
        yield _gain(text, None if own is None else best_restart(*_times(own)), splits)


def _times(runs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Steps to t98, or to the last sight of a run, and whether they are t98's."""
    t98, last = numbers(runs, "t98_step"), numbers(runs, "steps")
    seen = ~np.isnan(last)
    return np.where(np.isnan(t98), last, t98)[seen], ~np.isnan(t98[seen])


def _gain(how: str, found: Gain | None, evidence: Evidence) -> dict[str, object]:
    text = f"seed search is worth it, {how}: expected steps without over with it (1.1 or more)"
    ours = Number(found.gain, found.low, found.high) if found else Number()
    n = found.n if found else 0
    return row(text, WANTED, Number(), ours, n, evidence, within(ours, WORTH, np.inf))


def coins_fade(results: Path) -> dict[str, object]:
    """The largest cell of the study of coins against mini itself."""
    names = [f"{coins.OUT.name}/{cell}" for cell in (coins.OWN, coins.LARGEST)]
    found, ours, n = Evidence(results, ",".join(names), "mini", sizes=False), Number(), 0
    if found.there:
        cells: list[str] = [coins.OWN, coins.LARGEST]
        runs = dict(zip(cells, (scan.runs for scan in found.scans), strict=True))
        last = coins.table(runs).set_index("cell").loc[coins.LARGEST]
        ours = Number(*(float(last[name]) for name in ("ratio", "ratio_low", "ratio_high")))
        n = sum(map(len, runs.values()))
    text = "luck fades as data and model grow: early spread of log t98 over mini's (below 1)"
    return row(text, DIARY, Number(), ours, n, found, within(ours, 0, 1))
