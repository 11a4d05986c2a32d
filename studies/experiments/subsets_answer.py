"""What study C (studies/subsets.py) found: its verdict and its answer."""

from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.part import there
from common.study import Verdict, p_value, render
from experiments.chosen import LEAD
from grokseed.analysis.swaps import MeanApart, mean_apart
from grokseed.model.layout import groups

FFN = "block1.ffn"
OTHERS = {*groups(grokseed.preset("mini"))} - {FFN}
"""The groups of a winner that are left if its FFN is replaced."""


def carriers(found: pd.DataFrame) -> pd.DataFrame:
    """The subsets that carry a win: excess above 0 after Holm over 30, largest first."""
    carry = found.loc[(found["p_holm"] < 0.05) & (found["excess"] > 0)]
    return carry.sort_values(by="excess", ascending=False, kind="stable")


def told(found: pd.DataFrame) -> str:
    """`yes` if a subset carries a win; `no` if for every one half of the lead would have been found
    and its upper limit excludes a half, both at the level of Holm's first step; else `cannot tell`.
    """
    if len(carriers(found)):
        return "yes"
    small = (found["detectable"] <= LEAD / 2) & (found["all_high"] < LEAD / 2)  # NaN is unknown
    return "no" if bool(small.all()) else "cannot tell"


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
        f", {most['groups']} (limits of one; p {p_value(most['p_holm'])} and the smallest effect "
        "found are after Holm over all of them)"
    )
    sample = int(most["winners"]), "winners", most["detectable"]
    return Verdict(claim, *limits, int(most["runs"]), told(found), np.nan, *sample)


def mean_excess(rates: dict[str, pd.DataFrame]) -> MeanApart:
    """The mean excess over all subsets, of each donor's shares of wins by winner and subset."""
    sides = rates["winner"].to_numpy(), rates["other"].to_numpy()
    return mean_apart(*sides, np.random.default_rng(0))


def in_winners(folder: Path) -> dict | None:
    """How often winners of `results/graft_mini` win with a loser's FFN; None without that study."""
    file = folder / "wins_left.csv"
    if not file.exists():
        return None
    left = pd.read_csv(file).query("groups == @FFN and kind == 'reverse'")
    return left.iloc[0].to_dict() if len(left) else None


def said(
    found: pd.DataFrame,
    whole: tuple[float, float, float] | None,
    mean: MeanApart,
    grafts: dict | None,
    runs: int,
    planned: int,
) -> str:
    """The answer.

    Args:
        found: the study's table.
        whole: the Moebius effect of all groups together, which no part has; None if not known.
        mean: the mean excess over all subsets.
        grafts: as `in_winners` gives them.
        runs: different ones that count.
        planned: of the whole study.
    """
    least = [value for value in found["detectable"] if value == value]
    same = found.loc[[set(names.split("+")) == OTHERS for names in found["groups"]]]
    return render(
        "subsets",
        found=found.to_dict("records"),
        carriers=carriers(found).to_dict("records"),
        whole=whole,
        mean=mean,
        grafts=grafts,
        same=same.iloc[0].to_dict(),
        above=np.count_nonzero(found["detectable"] > LEAD / 2),
        highest=found.nlargest(1, "all_high").iloc[0].to_dict(),
        open=np.count_nonzero(found["all_high"] >= LEAD / 2),
        detectable=float(np.median(least)) if least else np.nan,
        verdict=told(found),
        winners=max(found["winners"]),
        there=there(runs, planned, "all pairs and subsets"),
    )
