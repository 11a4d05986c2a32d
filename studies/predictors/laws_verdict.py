"""The rules of studies/laws.py: is a predictor of use as an early verdict?"""

from common.verdict import Number
from grokseed.analysis.correlation import Correlation
from predictors.laws_figure import EARLY

USE = 0.5
LATE = "no, known too late"
NOT_JUDGED = "not judged"
"""What is said where runs share seeds: limits are then closer than they should be."""


def planned(found: Correlation | Number, fresh: bool) -> str:
    """Whether a predictor is of use as an early verdict, by the rule of studies/plan.md.

    Yes if the correlation is surely above `USE` in absolute value on fresh seeds, no if it is
    surely below, else it cannot be told.

    Args:
        found: the correlation with t98.
        fresh: whether the seeds had not been looked at.
    """
    if max(abs(found.low), abs(found.high)) < USE:
        return "no"
    if found.low > USE or found.high < -USE:
        return "yes" if fresh else "on seen seeds"
    return "cannot tell"


def adds(given: Correlation | Number, known: float, fresh: bool) -> str:
    """Whether a predictor adds to the step of memorising, and is known in time: a rule made after
    the table had been seen, which answers another question than `planned`.

    Args:
        given: the correlation with t98, given the step of memorising.
        known: the share of the steps to t98 after which the predictor is known.
        fresh: as `planned` takes it.
    """
    said = planned(given, fresh)
    return LATE if known > EARLY and said != "no" else said
