"""How the figures of a scan look: classes' colours and marks, axes of steps, legends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import Normal, Stroke


@dataclass(frozen=True)
class Style:
    """How a class is drawn: a colour of Okabe and Ito's palette, and a second cue beside it."""

    colour: str
    line: Literal["-", "--", ":", "-."]
    width: float
    marker: str
    size: float
    order: int


STYLES = {
    "super": Style("#D55E00", "-", 1.6, "*", 9, 5),
    "fast": Style("#0072B2", "--", 1.0, "s", 4.5, 4),
    "normal": Style("#999999", "-", 0.8, "o", 4, 2),
    "undecided": Style("#CC79A7", ":", 1.0, "X", 5, 3),
    "diverged": Style("#009E73", "-.", 1.0, "P", 5, 1),
}
HALO = [Stroke(linewidth=4, foreground="white"), Normal()]
OPEN: dict = {"linestyle": "", "marker": ">", "markersize": 5, "markerfacecolor": "none"}
GOLDEN = (5**0.5 - 1) / 2
"""Its multiples spread any number of points evenly."""
STEPS = "training (optimiser steps)"


def new_figure(
    what: str, title: str, widths: Sequence[int] = (1,), sharey: bool = False
) -> tuple[Figure, Sequence[Axes]]:
    """An empty figure of panels side by side, of relative widths, under what it shows of a scan."""
    figure = Figure(figsize=(9.0, 4.6) if len(widths) > 1 else (7.0, 4.8), layout="constrained")
    figure.suptitle("\n".join([what, *wrap(title, 75)]), fontsize=11)
    panels = figure.subplots(1, len(widths), squeeze=False, width_ratios=widths, sharey=sharey)
    return figure, list(panels[0])


def steps_axis(axes: Axes, label: str) -> None:
    """Let the abscissa count steps, from 0."""
    axes.autoscale_view()
    axes.set(xlabel=label, xlim=(0, 1.03 * max(axes.dataLim.x1, 1)))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.spines[["top", "right"]].set_visible(False)


def thin(look: Style) -> dict:
    """A line of one run."""
    shape = {"linestyle": look.line, "linewidth": look.width}
    return shape | {"color": look.colour, "zorder": look.order}


def thick(look: Style) -> dict:
    """A line of many runs."""
    style = {"linewidth": 2, "marker": look.marker, "markersize": look.size}
    return thin(look) | style | {"zorder": look.order + len(STYLES)}


def alpha(n: int) -> float:
    """Opacity at which n marks still show where they are dense."""
    return float(np.clip(6 / np.sqrt(max(n, 1)), 0.35, 0.9))


def legend(
    figure: Figure, handles: Sequence[Artist], missing: int, columns: int, heading: str = ""
) -> None:
    """The legend below the axes, with a word on the runs that left nothing to draw."""
    extra = [Line2D([], [], linestyle="", label=f"not drawn (n = {missing:,})")] if missing else []
    style = {"loc": "outside lower center", "fontsize": 9, "title_fontsize": 9, "frameon": False}
    figure.legend(handles=[*handles, *extra], ncols=columns, title=heading or None, **style)
