"""Which seeds runs have in common, and limits of a share of such runs. No torch.

Runs with one split, or one batch order, are alike: of eight splits the share of runs that were not
normal was 11 % on one and 30 % on another. So 64 runs on each say less than 512 on splits of their
own, and limits that take them as independent would be too narrow.

A batch order is that of a split. A loader seed permutes the places of the train set, and a place
holds unrelated examples on two splits. So runs have an order in common if they have both seeds in
common, and orders are nested in splits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from grokseed.analysis.rates import Rate, rate
from grokseed.analysis.seed_shares import crossed_share
from grokseed.grafts import parse_graft
from grokseed.unlike import joined

SOURCES = ("split", "model", "loader")
"""The streams whose seeds change what is learned. The val loader's only choose a sample."""


def draws_of(source: str, runs: pd.DataFrame) -> np.ndarray:
    """Which draw of a source each run has, as a number: int64 (n,). Runs of one number have the
    same split, initial weights or order of the examples.

    Args:
        source: one of `SOURCES`.
        runs: n rows with a column of the source's seed; of the loader's also one of the split's, if
            there are several splits.
    """
    seeds = pd.factorize(runs[f"{source}_seed"])[0]
    if source != "loader" or "split_seed" not in runs:
        return seeds
    return pd.factorize(seeds * len(runs) + pd.factorize(runs["split_seed"])[0])[0]


def shared_sources(runs: pd.DataFrame) -> list[str]:
    """The sources with several draws of which at least one is in several runs: at most two.

    A source with one seed in all runs is not among them: a rate is then about that seed. Nor is a
    source of which each draw goes with one of another: model seeds that each have one split, or
    orders where there are several splits. Runs that share the first share the second as well, and
    limits over splits hold for both.

    Args:
        runs: one row a run, with columns `<source>_seed`; a source without a column has one seed.
    """
    return _shared(_draws(runs), len(runs))


def _draws(runs: pd.DataFrame) -> dict[str, np.ndarray]:
    return {source: draws_of(source, runs) for source in SOURCES if f"{source}_seed" in runs}


def _shared(draws: dict[str, np.ndarray], n: int) -> list[str]:
    """As `shared_sources`, of the draws of n runs."""
    levels = {source: len(np.unique(draw)) for source, draw in draws.items()}
    shared = [source for source, many in levels.items() if 1 < many < n]

    def tells(one: str, other: str) -> bool:
        return len(np.unique(draws[one] * n + draws[other])) == levels[one]

    return [
        source
        for at, source in enumerate(shared)
        if not any(
            tells(source, other) and not (tells(other, source) and shared.index(other) > at)
            for other in shared
            if other != source
        )
    ]


def shared_in(seeds: pd.DataFrame, sets: np.ndarray) -> dict[str, int]:
    """The sources whose seeds several runs of a set share, as `shared_sources` finds them.

    Args:
        seeds: one row each of a table of several sets of runs, with columns as `shared_sources`
            takes them; without columns, no two rows have a seed in common.
        sets: bool (sets, rows), whether each set has the row's run.

    Returns:
        Each source's number of seeds in the set with the fewest; empty if no runs share any.
    """
    if seeds.empty:
        return {}
    own = {source for ran in sets for source in shared_sources(seeds.loc[ran])}
    draws = {source: draw for source, draw in _draws(seeds).items() if source in own}
    together = _shared(draws, len(seeds))
    return {s: min(len(np.unique(draws[s][ran])) for ran in sets) for s in together}


def are_chosen(runs: pd.DataFrame) -> bool:
    """Whether some weights were grafted: seeds and layers were then chosen, and are no sample."""
    return "graft" in runs and bool(runs["graft"].astype(object).fillna("").ne("").any())


def have_own_median(runs: pd.DataFrame) -> bool:
    """Whether the median time of these runs is one of seeds: no graft but those that change no
    seed's luck.

    These are the twins of one ulp, if they are no more than the other runs, and an order of all
    examples. Other grafts may be of winners alone: half of their runs are early, and a run that is
    early too would be normal among them.
    """
    if not are_chosen(runs):
        return True
    grafts = runs["graft"].astype(object).fillna("")
    kinds = Counter(parse_graft(graft).kind for graft in grafts if graft)
    return set(kinds) <= {"ulp", "order"} and kinds["ulp"] <= len(runs) / 2


def why_no_limits(runs: pd.DataFrame) -> str:
    """Why these runs must not be taken as independent; empty if they may."""
    if are_chosen(runs):
        return "grafted runs are no sample"
    shared = shared_sources(runs)
    return f"runs share {joined(shared)} seeds" if shared else ""


def share_of(hit: ArrayLike, runs: pd.DataFrame) -> Rate:
    """The share of runs that hit, with limits over the seeds that runs share.

    Exact limits if runs share none, else `crossed_share` over what they share; no limits (NaN) for
    grafted runs.

    Args:
        hit: bool (n,), one a run.
        runs: n rows, as `shared_sources` takes them, and `graft` if there is such a column.
    """
    won = np.asarray(hit, bool)
    found = rate(int(won.sum()), len(won))
    if are_chosen(runs):
        return replace(found, low=np.nan, high=np.nan)
    axes = [draws_of(source, runs) for source in shared_sources(runs)]
    if not axes:
        return found
    low, high = limits_over(won, axes)
    return replace(found, low=low, high=high)


def limits_over(won: ArrayLike, axes: Sequence[ArrayLike]) -> tuple[float, float]:
    """95 % limits of a share of runs, or of a mean of scores from 0 to 1, over one or two axes.

    Args:
        won: (n,), one a run.
        axes: (n,) each, each run's draw on an axis, as `draws_of` gives it.
    """
    first, second, *_ = (*axes, np.zeros(np.size(won)))
    return crossed_share(won, first, second)[1:]
