"""The rules of studies/laws.py: is a predictor of use as an early verdict?"""

from collections.abc import Mapping

from common.verdict import Number
from grokseed.analysis.correlation import Correlation
from grokseed.figures.laws import EARLY

USE = 0.5
NOT_JUDGED = "not judged"
"""What is said where runs share seeds: limits are then closer than they should be."""


def verdict(found: Correlation | Number, known: float, fresh: bool) -> str:
    """Whether a predictor is of use as an early verdict, by the rule of `laws`.

    Args:
        found: the correlation that counts.
        known: the share of the steps to t98 after which the predictor is known.
        fresh: whether the seeds had not been looked at.
    """
    if max(abs(found.low), abs(found.high)) < USE:
        return "no"
    if known > EARLY:
        return "no, known too late"
    if found.low > USE or found.high < -USE:
        return "yes" if fresh else "on seen seeds"
    return "cannot tell"


def planned(row: Mapping) -> str:
    """What plan.md's own rule says of a row: `verdict` by the correlation alone, on fresh seeds."""
    return verdict(Number(row["rho"], row["low"], row["high"]), 0.0, fresh=True)
