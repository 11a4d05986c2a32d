"""Where the spread of a landmark's time comes from: shares of its variance. Opens no file."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

BAR, INK = "#9ecae1", "#08306b"
ROW = 0.32
"""Inches of a bar."""


def shares(components: pd.DataFrame, title: str, outcome: str = "log t98") -> Figure:
    """A bar a term, with its 95 % interval.

    Args:
        components: as `analysis.components.components` gives them.
        title: what was run.
    """
    figure = Figure(figsize=(6.4, 1.5 + ROW * len(components)), layout="constrained")
    axes = figure.subplots()
    place = list(range(len(components)))[::-1]
    share, low, high = (100 * components[name].to_numpy() for name in ("share", "low", "high"))
    axes.barh(place, share, color=BAR, height=0.62)
    axes.hlines(place, low, high, color=INK, linewidth=1.8)
    axes.set_yticks(place, [str(term).replace(":", " x ") for term in components["term"]])
    axes.set_xlim(0, 1.05 * max(float(high.max()), 1))
    axes.set_xlabel(f"share of the variance of {outcome} (%), with 95 % interval")
    axes.spines[["top", "right"]].set_visible(False)
    largest = str(components["term"].iloc[int(share.argmax())]).replace(":", " x ")
    figure.suptitle(f"Most of the spread of {outcome}: {largest}\n{title}", fontsize=11)
    return figure
