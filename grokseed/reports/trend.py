"""Whether times rise or fall along several scans, from their exported tables: table and verdict."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from grokseed.analysis import trend
from grokseed.analysis.dependence import why_no_limits
from grokseed.analysis.seeds_needed import Spread, smallest_ratio
from grokseed.analysis.survival import Landmark, kaplan_meier
from grokseed.figures.compare import trend_figure
from grokseed.reports.comparison import Folder, Row, differences, write
from grokseed.reports.templating import TEMPLATES

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


def report(folders: Sequence[Folder], landmark: Landmark, out: Path | None, command: str) -> str:
    """What a trend over folders found, in Markdown that reads as plain text; written to `out` too.

    Raises:
        ValueError: as `trend.fit`.
        OSError: a file cannot be written.
    """
    x, axis = levels(folders)
    found = trend.fit(trend.side_by_side([folder.outcome for folder in folders], list(x.values())))
    curves = [kaplan_meier(folder.outcome["time"], folder.outcome["reached"]) for folder in folders]
    table = [
        Row(
            *(f"median steps, {letter}", curve.median, curve.median_low, curve.median_high),
            *(curve.n, "Kaplan-Meier, Brookmeyer and Crowley's interval", "{:,.0f}"),
        )
        for letter, curve in zip(_letters(folders), curves, strict=True)
    ]
    method = "censored log-normal line with seeds in common, profile likelihood"
    nan = float("nan")
    table += [
        Row("time ratio a unit", found.ratio, found.low, found.high, found.runs, method),
        Row("its p-value", found.p, nan, nan, found.runs, method, "{:.2g}"),
    ]
    if not np.isnan(found.removed):
        table.append(
            Row("variance that seeds share", found.removed, nan, nan, found.seeds, method, "{:.0%}")
        )
    text = TEMPLATES.get_template("comparison.md.j2").render(
        names=dict(zip(_letters(folders), (folder.name for folder in folders), strict=True)),
        differs=differences(folders),
        note=warning(folders),
        verdict=verdict(found, axis, landmark),
        rows=[row.shown() for row in table],
    )
    if out:
        write(
            out, text, table, trend_figure(x, curves, found, axis, _unit(axis), landmark), command
        )
    return text


def verdict(found: trend.Trend, axis: str, landmark: Landmark) -> str:
    """One paragraph: do times rise or fall, or is it luck?"""
    unit = _unit(axis)
    interval = f"95 %: {found.low:.3f} to {found.high:.3f}"
    behind = f"{found.runs:,} runs of {found.seeds:,} seeds."
    if found.high < 1 or found.low > 1:
        word = "fall" if found.ratio < 1 else "rise"
        return (
            f"Times to {landmark} {word}: {unit} multiplies them by {found.ratio:.3f} "
            f"({interval}). {behind}"
        )
    answer = (
        f"These runs show no trend in the time to {landmark}: {unit} multiplies it by "
        f"{found.ratio:.3f} ({interval}), and 1 lies within."
    )
    if np.isfinite(found.se):
        least = smallest_ratio(Spread(found.se * found.units**0.5, True), found.units)
        answer += (
            f" The smallest ratio a unit that they show with 80 % power is {least:.3f}, or "
            f"{1 / least:.3f} the other way."
        )
    return f"{answer} {behind}"


def warning(folders: Sequence[Folder]) -> str:
    """A sentence if a folder's runs share seeds, as the limits take seeds as independent."""
    reasons = [why_no_limits(folder.outcome.index.to_frame()) for folder in folders]
    found = next(filter(None, reasons), "")
    if not found:
        return ""
    return (
        f"The {found}, which the limits do not count: they hold for these seeds, and are too "
        "narrow for others."
    )


def _letters(folders: Sequence[Folder]) -> list[str]:
    return [chr(ord("A") + i) if i < 26 else f"A{i}" for i in range(len(folders))]


def _unit(axis: str) -> str:
    """A unit of the levels, in words."""
    return "each place" if axis == PLACE else f"each doubling of {axis}"
