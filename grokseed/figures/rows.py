"""Numbers with 95 % intervals, a row each, such as the cells of a study. Opens no file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, LogLocator, NullLocator

from grokseed.figures.style import SMALL, STYLES, legend, new_figure


class Row(NamedTuple):
    """A number of a study.

    Attributes:
        text: what it is of, with its n.
        value, low, high: the number and its limits; NaN if not known, infinite if unlimited.
        missing: what stands in the place of a number that is not known.
    """

    text: str
    value: float
    low: float
    high: float
    missing: str = "not known yet"


def rows_with_intervals(
    what: str,
    title: str,
    rows: Sequence[Row],
    axis: str,
    line: tuple[float, str] | None = None,
    log: bool = False,
    ticks: Sequence[float] = (),
) -> Figure:
    """A mark and a bar a row, the first on top; a row that is not known says so.

    Args:
        what: the finding.
        title: the study, with its number of runs.
        rows: at least one.
        axis: what the numbers are.
        line: a value to compare with, and its name.
        log: whether the axis is logarithmic.
        ticks: of such an axis; by default 1, 2 and 5 times the powers of 10.
    """
    figure, ((axes,),) = new_figure(what, title, size=(6, 1.9 + 0.3 * len(rows)))
    value, low, high = (np.array([row[i] for row in rows]) for i in (1, 2, 3))
    at, style = np.arange(len(rows))[::-1], STYLES["fast"]
    known = np.isfinite(value)
    seen = np.concatenate([v[np.isfinite(v)] for v in (value, low, high)])
    seen = np.append(seen, line[0] if line else [])
    least, most = (seen.min(), seen.max()) if len(seen) else (1, 2)
    if log:
        ends = least / 1.2, most * 1.2
    else:
        first, last = min(0, least), max(0, most) or 1
        axes.locator_params(axis="x", nbins=7)
        margin = 0.03 * (last - first)  # so that the frame cuts no mark
        ends = first - margin, last + margin
    error = [value - np.nan_to_num(low, nan=-np.inf), np.nan_to_num(high, nan=np.inf) - value]
    error = np.clip(error, 0, 10 * (ends[1] - ends[0]))  # an unlimited bar leaves the panel
    bars = axes.errorbar(
        value[known],
        at[known],
        xerr=np.array(error)[:, known],
        fmt=style.marker,
        color=style.colour,
        ms=5,
        label="95 % interval",
    )
    beyond = known & np.isinf(high)
    for y in at[beyond]:
        axes.plot(ends[1], y, ">", color=style.colour, clip_on=False)
    axes.set_yticks(at, [row.text for row in rows], fontsize=SMALL)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    if log:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(FixedLocator(ticks) if ticks else LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter("{x:,g}")
    axes.set_xlim(*ends)
    place = {"xytext": (6, 0), "textcoords": "offset points", "va": "center"}
    for row, y in zip(rows, at, strict=True):
        if not np.isfinite(row.value):
            axes.annotate(row.missing, (ends[0], y), fontsize=SMALL, **place)
    handles: list = [bars] if known.any() else []
    if line:
        drawn = axes.axvline(line[0], color="black", lw=0.8, ls=":", label=line[1])
        handles.append(drawn)
    axes.set_xlabel(axis)
    legend(figure, handles, heading="arrow: the upper limit is not known" if beyond.any() else "")
    return figure
