"""Draws where the classes of a rule meet, on a panel of accuracy over steps. Opens no file."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from grokseed.analysis.classify import DIARY
from grokseed.analysis.survival import time_to
from grokseed.figures.style import SMALL


def cuts_of_accuracy(axes: Axes, screen_step: int | None) -> str:
    """Draw the screen rule's cuts, each with its number, and the step at which it applies.

    Returns:
        What they are.
    """
    style = {"color": "black", "linewidth": 0.8, "linestyle": (0, (4, 3)), "zorder": 40}
    beside = axes.get_yaxis_transform()
    for cut in (DIARY.super_accuracy, DIARY.normal_accuracy):
        axes.axhline(cut, **style)
        where = {"transform": beside, "ha": "left", "va": "top", "fontsize": SMALL, "zorder": 41}
        paper = {"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.5}
        axes.text(0.01, cut - 0.02, f"cut {cut:g}", bbox=paper, **where)
    if screen_step is None:
        return "dashed: cuts of the screen rule"
    axes.axvline(screen_step, color="black", linewidth=0.8, linestyle=":")
    return f"dashed: cuts of the screen rule; dotted: its step, {screen_step:,}"


def cuts_of_time(axes: Axes, runs: pd.DataFrame) -> str:
    """Draw the speedup rule's cuts: the scan's own median of t98 over the speedup of a class.

    Returns:
        What they are; nothing where the median is not known.
    """
    median = time_to("t98", runs).median
    if np.isnan(median):
        return ""
    cuts = {"super": DIARY.super_speedup, "fast": DIARY.fast_speedup}
    for speedup, style in zip(cuts.values(), ("--", ":"), strict=True):
        axes.axvline(median / speedup, color="black", linewidth=0.8, linestyle=style, zorder=40)
    first, second = (f"{speedup:g} = {median / speedup:,.0f}" for speedup in cuts.values())
    return (
        f"super: t98 by the dashed step (median / {first}); fast: by the dotted (median / {second})"
    )
