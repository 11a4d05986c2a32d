"""How the winners' lead fades with the distance from their initial weights. Opens no file."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from grokseed.analysis.basin import Radius, curve
from grokseed.figures.style import LABEL, STYLES, legend, new_figure
from grokseed.figures.transport import ROLES, of


def basin_curve(found: pd.DataFrame, radius: Radius | None, lead: float, planned: int) -> Figure:
    """Rates of wins by radius with 95 % intervals, and the fitted curve of their difference.

    Args:
        found: a row a radius: `radius`, `runs`, and for each role its rate and limits,
            such as `winner`, `winner_low`, `winner_high`.
        radius: at which half of the lead is left; None if not known.
        lead: winners' rate minus losers' at radius 0.
        planned: number of runs of the whole study.
    """
    tried = found["radius"].to_numpy(np.float64)
    what = "Winners' and losers' rates of wins by distance from their initial weights"
    if radius is not None:
        place = f"at radius {radius.radius:.2g} ({radius.low:.2g} to {radius.high:.2g})"
        if not tried.min() <= radius.radius <= tried.max():
            place = "outside of the radii that were tried"
        what = f"Half of the winners' lead is lost {place}"
    title = f"mini, winners and losers of four splits, {of(sum(found['runs']), planned)}"
    figure, ((axes,),) = new_figure(what, title, size=(6, 4))
    handles = []
    for role, look in ROLES.items():
        rate, low, high = (100 * found[f"{role}{limit}"] for limit in ("", "_low", "_high"))
        style = STYLES[look]
        bars = axes.errorbar(
            tried * (1.02 if role == "winner" else 0.98),
            rate,
            yerr=np.nan_to_num([rate - low, high - rate]).clip(0),
            fmt=style.marker,
            color=style.colour,
            ms=style.size,
            label=f"{role}s",
        )
        handles.append(bars)
    if radius is not None:
        smooth = np.geomspace(tried.min() / 1.3, tried.max() * 1.2, 200)
        fit = 100 * curve(smooth, radius, lead)
        handles += axes.plot(smooth, fit, "k--", lw=1, label="difference, fitted")
    axes.set_xscale("log")
    axes.set_ylim(-2, 102)
    axes.set_xlabel("radius e: all initial weights w become w·√(1 - e²) + e·fresh", fontsize=LABEL)
    axes.set_ylabel("runs that win (%)", fontsize=LABEL)
    legend(figure, handles, heading="bars: 95 % intervals over seeds")
    return figure
