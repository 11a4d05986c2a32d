"""Whether times rise or fall along several scans, from their exported tables: table and verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from grokseed.analysis import trend
from grokseed.analysis.dependence import why_no_limits
from grokseed.analysis.seeds_needed import Spread, smallest_ratio
from grokseed.analysis.significance import least_ratio
from grokseed.analysis.survival import Landmark, Survival, kaplan_meier
from grokseed.figures.compare import trend_figure
from grokseed.reports.compared import Folder
from grokseed.reports.comparison import (
    NO_LIMITS,
    NO_SPREAD,
    Report,
    Row,
    differences,
    letters,
    limits_of_fit,
    mostly_censored,
    note,
    too_few,
)

PLACE = "place in the order given"


def levels(folders: Sequence[Folder]) -> tuple[dict[str, float], str]:
    """The level of each folder by its label, and the name of what varies.

    If their configs differ in one field, a positive number that is different in each, the level is
    its base 2 logarithm. Else it is the folder's place in the order given, from 1.
    """
    differs = differences(folders)
    if len(differs) == 1:
        ((name, values),) = differs.items()
        numeric = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
        if numeric and min(values) > 0 and len(set(values)) == len(values):
            return {str(v): float(np.log2(v)) for v in values}, name
    return {str(i + 1): float(i + 1) for i in range(len(folders))}, PLACE


def report(folders: Sequence[Folder], landmark: Landmark, shared: str = "") -> Report:
    """What a trend over folders found.

    Args:
        shared: a sentence on what equal seeds share, if it is not all.

    Raises:
        ValueError: as `trend.fit`.
    """
    x, axis = levels(folders)
    sets = trend.side_by_side([folder.with_logarithms for folder in folders], list(x.values()))
    found = trend.fit(sets)
    curves = [_curve(folder) for folder in folders]
    table = [_median(letter, curve) for letter, curve in zip(letters(folders), curves, strict=True)]
    nan, line = float("nan"), "censored log-normal line with seeds in common"
    method = f"{line}, {limits_of_fit(sets)}"
    table += [
        Row("time ratio a unit", found.ratio, found.low, found.high, found.runs, method),
        Row("its p-value", found.p, nan, nan, found.runs, method, "{:.2g}"),
    ]
    if not np.isnan(found.removed):
        table.append(
            Row("variance that seeds share", found.removed, nan, nan, found.seeds, method, "{:.0%}")
        )
    answer = verdict(sets, found, axis, landmark)
    if shared and found.seeds < found.runs:
        answer += f" {shared}"
    said = answer, note(sets)
    figure = partial(trend_figure, x, curves, found, axis, _unit(axis), landmark)
    asked = f"Do times to {landmark} rise or fall from A to {letters(folders)[-1]}, or is it luck?"
    return Report(folders, table, asked, said, figure)


def verdict(sets: trend.Sets, found: trend.Trend, axis: str, landmark: Landmark) -> str:
    """One paragraph: do times rise or fall, or is it luck?"""
    unit = _unit(axis)
    interval = f"95 %: {found.low:.3f} to {found.high:.3f}"
    behind = f"{found.runs:,} runs of {found.seeds:,} seeds."
    rests = mostly_censored(sets.reached.sum(axis=0), sets.ran.sum(axis=0))
    if not sets.varies:
        by = f"{unit[0].upper()}{unit[1:]} multiplies the time to {landmark} by {found.ratio:.3f}"
        return f"{by}. {NO_SPREAD} {behind}"
    if not sets.limited:
        return (
            f"These runs cannot show a trend in the time to {landmark}: {unit} multiplies it by "
            f"{found.ratio:.3f}, but {too_few(sets)}. {behind}"
        )
    if found.high < 1 or found.low > 1:
        word = "fall" if found.ratio < 1 else "rise"
        return (
            f"Times to {landmark} {word}: {unit} multiplies them by {found.ratio:.3f} "
            f"({interval}).{rests} {behind}"
        )
    answer = (
        f"These runs show no trend in the time to {landmark}: {unit} multiplies it by "
        f"{found.ratio:.3f} ({interval}), and 1 lies within."
    )
    least = _detectable(found)
    if least > 0:
        answer += (
            f" The smallest ratio a unit that they show with 80 % power is {least:.3f}, or "
            f"{1 / least:.3f} the other way."
        )
    return f"{answer}{rests} {behind}"


def _detectable(found: trend.Trend) -> float:
    """The smallest ratio a unit that such runs show with 80 % power; NaN if not known."""
    if found.over:
        error, freedom = float(np.fmax(found.over.error, found.se)), found.over.freedom
        return least_ratio(error, freedom) if freedom >= 1 else float("nan")
    if not np.isfinite(found.se):
        return float("nan")
    return smallest_ratio(Spread(found.se * found.units**0.5, True), found.units)


def _curve(folder: Folder) -> Survival:
    """A set's survival curve; its median has no limits if its runs share seeds."""
    found = kaplan_meier(folder.outcome["time"], folder.outcome["reached"])
    if not why_no_limits(folder.outcome.index.to_frame()):
        return found
    return replace(found, median_low=float("nan"), median_high=float("nan"))


def _median(letter: str, curve: Survival) -> Row:
    """A set's median time."""
    unknown = np.isnan(curve.median_low) and not np.isnan(curve.median)
    limits = NO_LIMITS if unknown else "Brookmeyer and Crowley's interval"
    found = curve.median, curve.median_low, curve.median_high
    return Row(f"median steps, {letter}", *found, curve.n, f"Kaplan-Meier, {limits}", "{:,.0f}")


def _unit(axis: str) -> str:
    """A unit of the levels, in words."""
    return "each place" if axis == PLACE else f"each doubling of {axis}"
