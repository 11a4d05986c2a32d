"""Rates of wins of winners with one layer group blended, and with all, towards a loser."""

import numpy as np
import pandas as pd

import grokseed
from grokseed.analysis.differences import Difference, mean_difference
from grokseed.analysis.seed_shares import crossed_share
from grokseed.analysis.significance import holm
from grokseed.model.layout import groups

RADII, TOWARDS = (0.03, 0.12, 0.5), "all, towards a loser"
GROUPS = tuple(groups(grokseed.preset("mini")))
ENOUGH = 0.2
"""A difference that a `no` must have been able to see, in rates of wins."""


def table(done: pd.DataFrame) -> pd.DataFrame:
    """A row for each group, and for a loser's direction, and each radius: the rate of wins."""
    rows = []
    for where in (*GROUPS, TOWARDS):
        for radius in RADII:
            own = done.loc[(done["where"] == where) & (done["radius"] == radius)]
            share = (np.nan, 0.0, 1.0)
            if len(own):
                share = crossed_share(own["won"], own["pair"], np.zeros(len(own)))
            rows.append((where, radius, len(own), *share))
    return pd.DataFrame(rows, columns=["where", "radius", "runs", "rate", "low", "high"])


def apart(done: pd.DataFrame) -> pd.DataFrame:
    """A row a group: its rate of wins minus the other groups' mean, over winners that have runs of
    all groups.

    Each radius's own mean is taken off first, so that a part of the runs, in which groups have some
    radii more often than others, compares groups and not radii.
    """
    own = done.loc[done["where"].isin(GROUPS)]
    off = own["won"] - own.groupby("radius")["won"].transform("mean")
    rates = own.assign(off=off).pivot_table("off", "pair", "where")
    rates = rates.reindex(columns=list(GROUPS)).dropna()
    rows = []
    for group in GROUPS:
        found = mean_difference(rates[group] - rates.drop(columns=group).mean(axis=1), most=1)
        limits = found.mean, found.low, found.high
        rows.append((group, found.n, *limits, found.detectable, found.p))
    names = ["group", "winners", "difference", "low", "high", "detectable", "p"]
    table = pd.DataFrame(rows, columns=names)
    return table.assign(p_holm=holm(table["p"]))


def towards(done: pd.DataFrame, fresh: pd.DataFrame) -> Difference:
    """The rate of wins towards a loser minus towards a fresh draw, over winners that have both.

    Args:
        fresh: study D's rows, of which those of winners at the same radii count.
    """
    mine = done.loc[done["where"] == TOWARDS]
    theirs = fresh.loc[(fresh["role"] == "winner") & fresh["radius"].isin(RADII)]
    one, two = (some.groupby(["pair", "radius"])["won"].mean() for some in (mine, theirs))
    return mean_difference((one - two).dropna().groupby("pair").mean(), most=1)


def verdict(found: pd.DataFrame) -> str:
    """`yes` if a group differs from the others after Holm; `no` if none does and a difference of
    20 points would have been found for each; else `cannot tell`."""
    if bool((found["p_holm"] < 0.05).any()):
        return "yes"
    return "no" if bool((found["detectable"] <= ENOUGH).all()) else "cannot tell"
