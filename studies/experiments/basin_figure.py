"""How the winners' lead fades with the distance from their initial weights. Opens no file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.container import Container
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from experiments.transport_figure import ROLES, of
from grokseed.analysis.basin import Radius, curve
from grokseed.figures.style import LABEL, STYLES, legend, new_figure

VERDICTS = {
    "yes": "Winners keep half of their lead at the smallest radius",
    "no": "Winners lose half of their lead within the smallest radius",
    "cannot tell": "Whether winners keep half of their lead at the smallest radius cannot be told",
}
ASIDE = {"winner": 1.07, "loser": 1 / 1.07}
"""Factors of the radius at which marks are drawn, so that they do not lie on each other."""


def basin_curve(
    found: pd.DataFrame,
    radius: Radius | None,
    lead: float,
    planned: int,
    verdict: str,
    rule: tuple[float, float],
) -> Figure:
    """Rates of wins by radius with 95 % intervals, their difference, and its fitted curve.

    Args:
        found: a row a radius: `radius`, `runs`, `seeds` a side, for each role its rate and limits,
            such as `winner`, `winner_low`, `winner_high`, and the difference: `excess`, `low`,
            `high`.
        radius: at which half of the lead is left; None if not known.
        lead: winners' rate minus losers' at radius 0.
        planned: number of runs of the whole study.
        verdict: on the smallest radius, a key of `VERDICTS`.
        rule: the limits of the difference there that it was made by.
    """
    tried = found["radius"].to_numpy(np.float64)
    what = VERDICTS[verdict]
    if radius is not None:
        place = f"at radius {radius.radius:.2g} ({radius.low:.2g} to {radius.high:.2g})"
        if not tried.min() <= radius.radius <= tried.max():
            place = "outside of the radii that were tried"
        what += f"; by the fitted curve half is lost {place}"
    fewest, most = min(found["seeds"]), max(found["seeds"])
    seeds = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    title = f"mini, {seeds} winners and as many losers of four splits, "
    title += of(sum(found["runs"]), planned)
    figure, ((axes,),) = new_figure(what, title, size=(6, 4.4))
    handles = []
    for role, look in ROLES.items():
        style = STYLES[look]
        how = {"fmt": style.marker, "color": style.colour, "ms": style.size, "label": f"{role}s"}
        handles.append(_bars(axes, tried * ASIDE[role], found, (role, f"{role}_"), how))
    how = {"fmt": "D", "color": "black", "mfc": "white", "ms": 4, "lw": 0.8, "label": "difference"}
    handles.append(_bars(axes, tried, found, ("excess", ""), how))
    if radius is not None:
        smooth = np.geomspace(tried.min() / 1.3, tried.max() * 1.2, 200)
        fit = 100 * curve(smooth, radius, lead)
        handles += axes.plot(smooth, fit, "k--", lw=1, label="difference, fitted")
    axes.axhline(0, color="black", lw=0.8)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(tried.tolist()))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_ylim(min(-2, 100 * np.nanmin([*found["low"], 0]) - 2), 102)
    axes.set_xlabel("radius e: all initial weights w become w·√(1 - e²) + e·fresh", fontsize=LABEL)
    axes.set_ylabel("runs that win (%), and\ntheir difference (points)", fontsize=LABEL)
    low, high = (f"{100 * limit:.0f}" for limit in rule)
    heading = "bars: 95 % intervals over seeds; the marks of a radius stand side by side; "
    heading += f"the verdict takes {low} to {high} points for the difference at the smallest radius"
    legend(figure, handles, heading=heading)
    return figure


def _bars(
    axes: Axes, at: np.ndarray, found: pd.DataFrame, names: tuple[str, str], how: Mapping[str, Any]
) -> Container:
    """Marks with their intervals: of a column, and of two with the prefix of its limits."""
    name, prefix = names
    mean, low, high = (100 * found[n].to_numpy() for n in (name, f"{prefix}low", f"{prefix}high"))
    return axes.errorbar(at, mean, yerr=np.nan_to_num([mean - low, high - mean]).clip(0), **how)
