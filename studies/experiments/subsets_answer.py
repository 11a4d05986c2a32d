"""What study C (studies/subsets.py) found: its verdict and its answer."""

import numpy as np
import pandas as pd

from common.part import there
from common.study import Verdict, p_value, render
from experiments.chosen import LEAD


def carriers(found: pd.DataFrame) -> pd.DataFrame:
    """The subsets that carry a win: excess above 0 after Holm over 30, largest first."""
    carry = found.loc[(found["p_holm"] < 0.05) & (found["excess"] > 0)]
    return carry.sort_values(by="excess", ascending=False, kind="stable")


def told(found: pd.DataFrame) -> str:
    """`yes` if a subset carries a win; `no` if half of the lead would have been found for every
    one; else `cannot tell`."""
    if len(carriers(found)):
        return "yes"
    known = bool((found["detectable"] <= LEAD / 2).all())  # NaN, an unknown one, is no
    return "no" if known else "cannot tell"


def verdict(found: pd.DataFrame) -> Verdict:
    claim = (
        "some of a winner's layer groups carry its win: excess of wins over another loser's, the "
        f"largest of {len(found)} subsets"
    )
    known = found.loc[found["excess"].notna()]
    if known.empty:
        return Verdict(claim, np.nan, np.nan, np.nan, 0, "cannot tell")
    most = (carriers(found) if len(carriers(found)) else known.nlargest(1, "excess")).iloc[0]
    limits = most["excess"], most["low"], most["high"]
    claim += (
        f", {most['groups']} (limits of one; p {p_value(most['p_holm'])} after Holm over all of "
        "them decides)"
    )
    sample = int(most["winners"]), "winners", most["detectable"]
    return Verdict(claim, *limits, int(most["runs"]), told(found), np.nan, *sample)


def said(found: pd.DataFrame, whole: tuple | None, runs: int, planned: int) -> str:
    """The answer; `whole` is the Moebius effect of all groups together, which no part has."""
    least = [value for value in found["detectable"] if value == value]
    return render(
        "subsets",
        found=found.to_dict("records"),
        carriers=carriers(found).to_dict("records"),
        whole=whole,
        detectable=float(np.median(least)) if least else np.nan,
        verdict=told(found),
        winners=max(found["winners"]),
        there=there(runs, planned, "all pairs and subsets"),
    )
