"""What the runs of studies/base.py say: each split's cut, who won, and who is confirmed."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from grokseed.analysis.classify import Thresholds
from grokseed.analysis.rates import Rate, rate
from grokseed.analysis.shares import shares
from grokseed.analysis.survival import numbers, time_to

SOONER = 2
"""A run wins if it reaches t98 so many times sooner than its split's median. Every study's early
runs are this many times sooner, where it does not say otherwise."""

TWICE = Thresholds(super_speedup=SOONER)

NEAR = 0.03
"""A run is near the cut if it reaches t98 in this last share of the steps up to it."""

TWINS = ("ulp=1", "ulp=2")
"""Grafts of a winner's twins: one initial weight, moved by one unit in the last place."""


def cuts_of(runs: pd.DataFrame) -> pd.DataFrame:
    """A row a split: `split_seed`, `n`, `reached`, `median`, `low`, `high` and `cut`, in steps."""
    rows = []
    for split, own in runs.groupby("split_seed"):
        curve = time_to("t98", own)
        limits = curve.median, curve.median_low, curve.median_high
        rows.append((split, curve.n, curve.n - curve.censored, *limits, curve.median / SOONER))
    columns = ["split_seed", "n", "reached", "median", "low", "high", "cut"]
    return pd.DataFrame(rows, columns=columns)


def has_won(runs: pd.DataFrame, cuts: Mapping[int, float]) -> np.ndarray:
    """Whether each run's t98 is at most its split's cut, bool (runs,)."""
    cut = [cuts.get(split, np.nan) for split in runs["split_seed"]]
    return numbers(runs, "t98_step") <= np.array(cut)


def own_weights(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs without grafts."""
    return runs.loc[runs["graft"].fillna("") == ""] if "graft" in runs else runs


def confirmed(further: pd.DataFrame, cuts: Mapping[int, float]) -> dict[tuple[int, int], int]:
    """How many twins of each winner won, by split and model seed, for winners with all twins."""
    if "graft" not in further:
        return {}
    twins = further.assign(won=has_won(further, cuts)).loc[further["graft"].isin(TWINS)]
    if twins.empty:
        return {}
    by_seed = twins.pivot_table("won", ["split_seed", "model_seed"], "graft", "sum")
    known = by_seed.dropna(thresh=len(TWINS))
    return dict(zip(known.index.tolist(), known.sum(axis=1).astype(int).tolist(), strict=True))


def slowest(scan: pd.DataFrame, further: pd.DataFrame) -> dict[tuple[int, int], float]:
    """The latest t98, in steps, of the runs by which each seed is chosen, by split and model seed.

    These are its own run and its twins. A seed of which none reached t98 is left out.

    Args:
        scan, further: the runs of the base scan, and of the search with the winners' twins.
    """
    runs = pd.concat([scan, further], ignore_index=True)
    if "graft" in runs:
        runs = runs.loc[runs["graft"].isna() | runs["graft"].isin(["", *TWINS])]
    latest: dict[tuple[int, int], float] = {}
    for run in runs.dropna(subset=["t98_step"]).to_dict("records"):
        seed = run["split_seed"], run["model_seed"]
        latest[seed] = max(latest.get(seed, 0.0), run["t98_step"])
    return latest


def table(scan: pd.DataFrame, further: pd.DataFrame, cuts: pd.DataFrame) -> pd.DataFrame:
    """A row a split: its cut, how many seeds won, how many further seeds, and how many twins.

    `won` is by the cut, which is kept. `share` is that of seeds `SOONER` times sooner than the
    median of all the split's runs, with limits that include the median's error.
    """
    cut = cuts.set_index("split_seed")["cut"].to_dict()
    again = confirmed(further, cut)
    searched = own_weights(further)
    rows = []
    for row in cuts.to_dict("records"):
        split = row["split_seed"]
        own, more = (some.loc[some["split_seed"] == split] for some in (scan, searched))
        known = pd.concat([own, more]).dropna(subset=["steps"])
        share = shares(known, TWICE).loc["super"]
        third = int((numbers(own, "t98_step") <= row["median"] / 3).sum())
        twins = [k for (where, _), k in again.items() if where == split]
        rows.append(
            {
                **row,
                "thrice": third,
                "seeds": len(known),
                "won": int(has_won(known, cut).sum()),
                "share": share["share"],
                "share_low": share["low"],
                "share_high": share["high"],
                "twinned": len(twins),
                "confirmed": twins.count(len(TWINS)),
            }
        )
    return pd.DataFrame(rows)


def wins_by_time(
    twins: pd.DataFrame, every: pd.DataFrame, cuts: Mapping[int, float]
) -> dict[str, Rate]:
    """The share of twins that win again, by the steps that the winner itself took: at most 80 % of
    those to the cut (`sooner`), or more than 90 % (`later`)."""
    identity = ["split_seed", "model_seed"]
    own = every.set_index(identity)["t98_step"].to_dict()
    cut = np.array([cuts[split] for split in twins["split_seed"]], np.float64)
    took = np.array([own[seed] for seed in twins[identity].itertuples(index=False, name=None)])
    again, share = has_won(twins, cuts), took / cut
    bins = {"sooner": share <= 0.8, "later": share > 0.9}
    return {name: rate(int(again[some].sum()), int(some.sum())) for name, some in bins.items()}
