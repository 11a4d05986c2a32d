"""Rates of wins of winners with one layer group blended, and with all, towards a loser."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd

import grokseed
from grokseed.analysis.crossed import crossed
from grokseed.analysis.differences import Difference, mean_difference
from grokseed.analysis.seed_shares import share_over
from grokseed.analysis.significance import detectable, holm
from grokseed.model.layout import groups

RADII, TOWARDS = (0.03, 0.12, 0.5), "all, towards a loser"
GROUPS = tuple(groups(grokseed.preset("mini")))
DRAWN = "all, towards a fresh draw"
FEWEST = 2
"""Winners without whom a rate says nothing of others."""

ENOUGH = 0.2
"""A difference that a `no` must have been able to see, in rates of wins."""


def table(done: pd.DataFrame) -> pd.DataFrame:
    """A row for each group, and for a loser's direction, and each radius: the rate of wins."""
    return _rates(done, (*GROUPS, TOWARDS))


def reference(fresh: pd.DataFrame) -> pd.DataFrame:
    """The rate of wins with all weights blended towards a fresh draw, in rows as `table` has them.

    Args:
        fresh: study D's rows, of which those of winners count.
    """
    return _rates(_of_winners(fresh), (DRAWN,))


def _rates(done: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    rows = []
    for where in names:
        for radius in RADII:
            own = done.loc[(done["where"] == where) & (done["radius"] == radius)]
            rows.append((where, radius, len(own), *share_over(own["won"], own["pair"])))
    return pd.DataFrame(rows, columns=["where", "radius", "runs", "rate", "low", "high"])


def apart(done: pd.DataFrame) -> pd.DataFrame:
    """A row a group: its rate of wins minus the other groups' mean, over all winners."""
    others = 1 / (len(GROUPS) - 1)
    rows = []
    for group in GROUPS:
        found = contrast(done, {g: 1.0 if g == group else -others for g in GROUPS})
        limits = found.mean, found.low, found.high
        rows.append((group, found.n, *limits, found.detectable, found.p))
    names = ["group", "winners", "difference", "low", "high", "detectable", "p"]
    table = pd.DataFrame(rows, columns=names)
    return table.assign(p_holm=holm(table["p"]))


def towards(done: pd.DataFrame, fresh: pd.DataFrame) -> Difference:
    """The rate of wins towards a loser minus towards a fresh draw, over all winners.

    Args:
        fresh: study D's rows, of which those of winners count.
    """
    return contrast(pd.concat([done, _of_winners(fresh)]), {TOWARDS: 1.0, DRAWN: -1.0})


def _of_winners(fresh: pd.DataFrame) -> pd.DataFrame:
    return fresh.loc[fresh["role"] == "winner"].assign(where=DRAWN)


def contrast(rows: pd.DataFrame, weights: dict[str, float]) -> Difference:
    """A weighted sum of rates of wins, each the mean of its rates at the radii, with an error over
    winners.

    A winner counts whichever of its runs are there: its runs of several groups are taken
    together. Only radii count at which every group has runs of two winners or more, so that
    groups are compared and not radii.

    Args:
        rows: a run each, with `pair`, `where`, `radius` and `won`.
        weights: of each value of `where` that is compared; they sum to 0.
    """
    own = rows.loc[rows["where"].isin(weights) & rows["radius"].isin(RADII)]
    winners = own.groupby(["radius", "where"])["pair"].nunique().unstack()
    enough = winners.reindex(columns=list(weights)).ge(FEWEST).all(axis=1)
    radii = winners.index[enough].tolist()
    own = own.loc[own["radius"].isin(radii)]
    n = own["pair"].nunique()
    if not n:
        return mean_difference([], most=1)
    cells = {(where, radius): i for i, (where, radius) in enumerate(product(weights, radii))}
    group = [cells[cell] for cell in zip(own["where"], own["radius"], strict=True)]
    each = [weights[where] / len(radii) for where, _ in cells]
    found = crossed(own["won"], own["pair"], np.zeros(len(own)), group, each)
    if np.isnan(found.error):  # all runs end alike
        return mean_difference(np.full(n, found.mean), most=1)
    (low, high), least = found.interval(), detectable(found.error, found.freedom)
    limits = max(low, -1.0), min(high, 1.0)
    return Difference(found.mean, *limits, found.p, min(least, 1.0), n)


def verdict(found: pd.DataFrame) -> str:
    """`yes` if a group differs from the others after Holm; `no` if none does and a difference of
    20 points would have been found for each; else `cannot tell`."""
    if bool((found["p_holm"] < 0.05).any()):
        return "yes"
    return "no" if bool((found["detectable"] <= ENOUGH).all()) else "cannot tell"
