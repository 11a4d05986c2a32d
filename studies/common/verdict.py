"""Verdicts: rules from intervals alone. What is not known is NaN, and then nothing can be told."""

from dataclasses import dataclass

import numpy as np

from grokseed.analysis.mixture import DECIDES
from grokseed.analysis.rates import rate

HOLDS, IN_PART, FAILS = "holds", "holds in part", "does not hold"
UNKNOWN = "cannot tell at this n"
TIMES = 2.0
"""A rate is the claimed one if it lies within this factor of it; a ratio then is in part."""

LOOKED = "found by looking: rule made after the table had been seen"
"""What a claim says beside a verdict whose rule is such a one."""

RULE = 0.9
"""A share shown to be this large is that of a rule; 36 runs or more can show it."""


@dataclass(frozen=True)
class Number:
    """A figure and its 95 % limits, NaN where there are none."""

    value: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")


def share(k: int, n: int) -> Number:
    """The share k / n with its exact interval; not known without runs."""
    found = rate(k, n)
    return Number(found.share, found.low, found.high) if n else Number()


def within(ours: Number, least: float, most: float) -> str:
    """Whether a quantity lies in a range.

    It holds if the whole interval lies there, does not hold if none of it does, and else cannot be
    told.
    """
    if np.isnan([ours.low, ours.high]).any():
        return UNKNOWN
    if least <= ours.low and ours.high <= most:
        return HOLDS
    return FAILS if ours.high < least or ours.low > most else UNKNOWN


def near(figure: Number, ours: Number) -> str:
    """Whether a rate is about the claimed one: within a factor of two, or its own interval."""
    limits = np.array([figure.value / TIMES, figure.value * TIMES, figure.low, figure.high])
    return within(ours, float(np.nanmin(limits)), float(np.nanmax(limits)))


def near_ratio(figure: Number, ours: Number) -> str:
    """Whether a ratio is the claimed one: it holds if the interval lies within a factor of two of
    it and holds it, and in part if it lies there but leaves the claimed one out."""
    said = near(Number(figure.value), ours)
    return IN_PART if said == HOLDS and not ours.low <= figure.value <= ours.high else said


def looked_ratio(figure: Number, ours: Number) -> str:
    """The label of a verdict of `near_ratio`, with what the planned rule, that for rates, says."""
    return f"[{LOOKED}; by the planned one: {near(Number(figure.value), ours)}]"


def mostly(ours: Number) -> str:
    """Whether a share is that of a rule: shown to be `RULE` or more it holds, and shown to be over
    half, but not that, it holds in part."""
    if ours.low >= RULE:
        return HOLDS
    if ours.low > 0.5:
        return IN_PART
    return FAILS if ours.high < 0.5 else UNKNOWN


def two_kinds(gain: float) -> str:
    """Whether there are two kinds of runs: two components must win by 10 in BIC, or lose by it."""
    if gain >= DECIDES:
        return HOLDS
    return FAILS if gain <= -DECIDES else UNKNOWN
