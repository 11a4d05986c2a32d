"""What the components of study A say: which terms matter, how small a share would have been seen,
and whether another task or width has the same shares."""

from pathlib import Path

import numpy as np
import pandas as pd

COMPONENTS, FINDABLE = "components.csv", "findable.csv"
ENOUGH = 0.8
"""The power from which an effect counts as one that would have been seen."""

SMALL = 0.05
"""A share of the variance that is too small to matter."""

OTHERS = {"anatomy_add": "x+y", "anatomy_wide": "d 96"}
"""Folders of the study's other parts, and what differs from `anatomy`."""


LOOKED_AT = {"anatomy": (8,), "anatomy_add": (), "anatomy_wide": ()}
"""Levels of each factor at which the rule was asked while runs were added, by folder."""


def matters(row: dict, looks: int = 1) -> str:
    """Whether a term matters, by the rule of plan.md; empty for rounding, which has no test.

    Args:
        row: `p_holm` of the term, and `low` and `high`, limits for as many looks.
        looks: how many times the rule has been asked while runs were added.
    """
    if np.isnan(row["p_holm"]):
        return ""
    if row["low"] > 0 and row["p_holm"] < 0.05 / looks:
        return "yes"
    return "no" if row["high"] < SMALL else "cannot tell"


def findable(folder: Path, levels: int) -> dict[str, float]:
    """The smallest share of each term that 80 % of made-up studies of this size see.

    They are those of `studies/anatomy_power.py`, whose shares were the folder's.

    Returns:
        A share a term, NaN where none that was tried is seen so often. Empty if none were made up,
        or if the folder's components are others by now.
    """
    if not (folder / FINDABLE).exists() or not (folder / COMPONENTS).exists():
        return {}
    shares = pd.read_csv(folder / COMPONENTS).set_index("term")["share"]
    tried = pd.read_csv(folder / FINDABLE).query("levels == @levels")
    if not np.allclose(tried["found"], shares.reindex(tried["term"]), rtol=1e-3, atol=1e-6):
        return {}
    seen = tried.loc[tried["power"] >= ENOUGH].groupby("term")["share"].min()
    return {term: float(seen.get(term, np.nan)) for term in tried["term"].unique()}


def is_largest(found: pd.DataFrame, term: str) -> bool:
    """Whether a term surely has the largest share: its lower limit is above all other limits."""
    by_term = found.set_index("term")
    return bool(by_term.loc[term, "low"] > by_term["high"].drop(term).max())


def same(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Each term's share in two parts of the study, which share no runs.

    Args:
        one, other: their components.

    Returns:
        A row a term: `term`, `share`, `other` with `other_low` and `other_high`, `difference`
        (other less share) with `low` and `high`, limits recovered from those of the shares (Zou and
        Donner, Statistics in Medicine 27 (2008), 1693), and `same`: `yes` if each share lies within
        the other's interval, `no` if the intervals have no value in common, else `cannot tell`.
    """
    rows = []
    pairs = pd.merge(one, other, on="term", suffixes=("", "_of"))
    for row in pairs.to_dict("records"):
        share, low, high = row["share"], row["low"], row["high"]
        its, least, most = row["share_of"], row["low_of"], row["high_of"]
        gap = its - share
        limits = gap - np.hypot(its - least, high - share), gap + np.hypot(most - its, share - low)
        within = low <= its <= high and least <= share <= most
        apart = most < low or least > high
        said = "yes" if within else "no" if apart else "cannot tell"
        rows.append((row["term"], share, its, least, most, gap, *limits, said))
    names = ["term", "share", "other", "other_low", "other_high", "difference", "low", "high"]
    names += ["same"]
    return pd.DataFrame(rows, columns=names)


def all_same(terms: pd.DataFrame) -> str:
    """`yes` if every term is the same, `no` if one surely is not, else `cannot tell`."""
    said = set(terms["same"])
    return "no" if "no" in said else "yes" if said == {"yes"} else "cannot tell"


def farthest(terms: pd.DataFrame) -> dict:
    """The term whose shares lie farthest apart, in half widths of the difference's interval."""
    half = np.where(
        terms["difference"] > 0,
        terms["difference"] - terms["low"],
        terms["high"] - terms["difference"],
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        far = np.nan_to_num(terms["difference"].abs() / half)
    return terms.iloc[int(np.argmax(far))].to_dict()
