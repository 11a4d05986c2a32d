"""Rank correlations of predictors with t98. Opens no file."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from grokseed.figures.style import LABEL, SMALL, STYLES, new_figure

EARLY = 0.9
"""A predictor that is known only after this share of the steps to t98 comes too late."""


def correlations(found: pd.DataFrame, use: float) -> Figure:
    """The correlation of each predictor with t98, a line for each folder, with 95 % intervals.

    Args:
        found: columns `predictor`, `folder`, `rho`, `low`, `high`, `n`, `known`.
        use: the absolute value from which on a predictor would be useful.
    """
    early = found.loc[found["known"] < EARLY]
    best = early.loc[early["rho"].abs().idxmax()]
    figure, ((axes,),) = new_figure(
        f"Of what is known before t98, {best['predictor']} orders seeds best: rank correlation "
        f"{best['rho']:.2f} ({best['low']:.2f} to {best['high']:.2f})",
        f"mini, rank correlation with t98, 95 % intervals; dotted: ±{use:g}, of use from there",
        size=(8, 1.4 + 0.42 * len(found)),
    )
    y = np.arange(len(found))[::-1]
    error = [found["rho"] - found["low"], found["high"] - found["rho"]]
    style = STYLES["fast"]
    axes.errorbar(found["rho"], y, xerr=error, fmt=style.marker, color=style.colour, ms=5)
    for line in (-use, use):
        axes.axvline(line, color="black", lw=0.8, ls=":")
    axes.axvline(0, color="black", lw=0.8)
    named = zip(found["predictor"], found["folder"], found["n"], strict=True)
    axes.set_yticks(y, [f"{what}\n{folder}, n = {n:,}" for what, folder, n in named])
    axes.tick_params(axis="y", labelsize=SMALL)
    axes.set_xlim(-1, 1)
    axes.set_xlabel("rank correlation with t98 (above 0: more of it, later)", fontsize=LABEL)
    return figure
