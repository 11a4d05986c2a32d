"""How the interactive charts look: colours, shapes and dashes of classes, titles, named data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from grokseed.figures.style import BLUE, GREEN, GREY, ORANGE, PINK, SKY, STYLES, VERMILION

SHAPES = {
    "super": "diamond",
    "fast": "square",
    "normal": "circle",
    "undecided": "cross",
    "diverged": "triangle-down",
}
DASHES = {"-": [1, 0], "--": [5, 3], ":": [1, 3], "-.": [6, 2, 1, 2]}
PALETTE = [BLUE, VERMILION, GREEN, PINK, ORANGE, SKY, "#000000", GREY]
"""Okabe and Ito's colours, for everything except classes of runs."""

LANDMARKS = {
    "memorised": "memorised (train accuracy 0.99)",
    "t50": "t50 (validation accuracy 0.5)",
    "t98": "t98 (validation accuracy 0.98)",
    "completed": "completed (every validation answer right)",
}
RUNS, POINTS, CELLS, CURVES = (
    alt.NamedData(name=name) for name in ("runs", "points", "cells", "curves")
)

Counts = Mapping[str, int]
"""How many runs each class has."""


def spec_of(chart: Any) -> dict[str, Any]:
    """The chart's specification, with the look that all share."""
    return chart.configure_view(stroke="#ddd").configure_axis(grid=True, gridColor="#eee").to_dict()


def title_of(text: str, subtitle: str) -> alt.TitleParams:
    """A title and the smaller print below it."""
    return alt.TitleParams(
        text, subtitle=subtitle, anchor="start", fontSize=13, subtitleFontSize=11
    )


def colour_of(classes: Counts) -> alt.Color:
    """The colour of each class, of a line or of an outline."""
    return alt.Color("class:N", **_scale(classes, [STYLES[name].colour for name in classes]))


def fill_of(classes: Counts) -> alt.Fill:
    """The same colours, for filled marks."""
    return alt.Fill("class:N", **_scale(classes, [STYLES[name].colour for name in classes]))


def shape_of(classes: Counts) -> alt.Shape:
    """A shape for each class: a second cue beside its colour."""
    return alt.Shape("class:N", **_scale(classes, [SHAPES[name] for name in classes]))


def dash_of(classes: Counts) -> dict[str, Any]:
    """Dashes by a condition, as the legend of a scale would draw them over the points' shapes."""
    dashed = [(name, DASHES[STYLES[name].line]) for name in classes]
    tests = [{"test": f"datum.class === '{name}'", "value": dash} for name, dash in dashed]
    return {"condition": tests, "value": [1, 0]}


def _scale(classes: Counts, values: Sequence[Any]) -> dict[str, Any]:
    """The look of each class, and one legend of the classes present, with their n.

    The legend is the same for every channel, so that Vega draws a single one.
    """
    counts = ", ".join(f"'{name}': '{name} (n = {n:,})'" for name, n in classes.items())
    legend = alt.Legend(orient="top", labelExpr=f"({{{counts}}})[datum.label]")
    return {
        "title": "class (click one to choose it)",
        "scale": alt.Scale(domain=list(classes), range=values),
        "legend": legend,
    }
