"""How all figures look: sizes for print, colours and marks of classes, axes of steps, legends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.container import Container
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import Normal, Stroke

WIDTH = 6.0
"""Inches: the width of a page's text, so that a figure is printed at the size it is drawn."""

TITLE, LABEL, SMALL = 10, 9, 8
"""Points: of titles, of axis labels, of tick labels and legends."""

BLUE, VERMILION, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, GREY = "#E69F00", "#56B4E9", "#999999"
"""Okabe and Ito's palette, which the colour-blind can tell apart, with a grey."""


@dataclass(frozen=True)
class Style:
    """How a class is drawn: a colour of Okabe and Ito's palette, and a second cue."""

    colour: str
    line: Literal["-", "--", ":", "-."]
    width: float
    marker: str
    size: float
    order: int


STYLES = {
    "super": Style(VERMILION, "-", 1.6, "*", 9, 5),
    "fast": Style(BLUE, "--", 1.0, "s", 4.5, 4),
    "normal": Style(GREY, "-", 0.8, "o", 4, 2),
    "undecided": Style(PINK, ":", 1.0, "X", 5, 3),
    "diverged": Style(GREEN, "-.", 1.0, "P", 5, 1),
}
HALO = [Stroke(linewidth=4, foreground="white"), Normal()]
GOLDEN = (5**0.5 - 1) / 2
"""The golden ratio: its multiples modulo 1 spread any number of points evenly."""
STEPS = "training (optimiser steps)"


def new_figure(
    what: str,
    title: str,
    rows: Sequence[float] = (1,),
    columns: Sequence[float] = (1,),
    size: tuple[float, float] = (WIDTH, 4.2),
    sharex: bool = False,
    sharey: bool | Literal["row"] = False,
) -> tuple[Figure, list[list[Axes]]]:
    """An empty figure under its title, and its panels row by row.

    Args:
        what: the finding, a sentence.
        title: the study, in smaller print below it.
        rows: relative heights of the panels.
        columns: their relative widths.
        size: width and height, in inches.
        sharex: whether panels share their x axis.
        sharey: whether panels, or those of a row, share their y axis.
    """
    figure = Figure(figsize=size, layout="constrained")
    across = int(size[0] / WIDTH * 72)  # characters that fit at the title's size
    figure.suptitle("\n".join([*balanced(what, across), *balanced(title, across)]), fontsize=TITLE)
    panels = figure.subplots(
        len(rows),
        len(columns),
        squeeze=False,
        sharex=sharex,
        sharey=sharey,
        gridspec_kw={"height_ratios": rows, "width_ratios": columns},
    )
    for axes in panels.flat:
        axes.tick_params(labelsize=SMALL)
        axes.xaxis.label.set_size(LABEL)
        axes.yaxis.label.set_size(LABEL)
        axes.spines[["top", "right"]].set_visible(False)
    return figure, [list(row) for row in panels]


def balanced(text: str, across: int) -> list[str]:
    """A text in as few lines as its width allows, and these about equally long.

    Args:
        text: words.
        across: characters that fit in a line.
    """
    text = text.replace(" %", "\u00a0%")  # no line begins with the sign of its number
    lines = wrap(text, across)
    narrower = (wrap(text, width) for width in range(1, across))
    found = next((some for some in narrower if len(some) == len(lines)), lines)
    return [line.replace("\u00a0%", " %") for line in found]


def broken(group: str) -> str:
    """The name of a group of layers in lines that fit beside a panel."""
    return "\n".join(wrap(group.replace("+", " + "), 34))


def steps_axis(axes: Axes, label: str = STEPS) -> None:
    """Let the x axis count steps, from 0."""
    axes.autoscale_view()
    axes.set(xlabel=label, xlim=(0, 1.03 * max(axes.dataLim.x1, 1)))
    axes.xaxis.set_major_formatter("{x:,.0f}")


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
    figure: Figure, handles: Sequence[Artist | Container], missing: int = 0, heading: str = ""
) -> None:
    """The legend below the panels, in as many columns as fit the figure's width.

    Args:
        figure: with its panels.
        handles: the artists to list, by their labels.
        missing: number of runs that are not drawn, named if there are any.
        heading: how to read what is drawn.
    """
    extra = [Line2D([], [], linestyle="", label=f"not drawn (n = {missing:,})")] if missing else []
    heading = "\n".join(wrap(heading, int(figure.get_figwidth() / WIDTH * 96)))
    for columns in range(len(handles) + len(extra), 0, -1):
        made = figure.legend(
            handles=[*handles, *extra],
            ncols=columns,
            title=heading or None,
            loc="outside lower center",
            fontsize=SMALL,
            title_fontsize=SMALL,
            frameon=False,
        )
        if made.get_window_extent().width <= 0.98 * figure.bbox.width:
            return
        if columns > 1:
            made.remove()
