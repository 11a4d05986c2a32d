"""Draws trajectories as lines and bands, by the class of their runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from grokseed.analysis.classify import CLASSES
from grokseed.analysis.survival import numbers
from grokseed.figures.style import HALO, STYLES, alpha, thick, thin

FEW = 20
"""Up to this many runs of a class are drawn one by one; more are drawn as a median and bands."""

POINTS = 200
"""A median has this many steps after its first."""

BANDS = "thick line: median; bands: quartiles and the middle 90 % of runs"
KEPT = "an ended run keeps its last value"

Lines = dict[str, list[np.ndarray]]
"""For each class the points of its runs, (points, 2) each: steps and values."""


def labels(runs: pd.DataFrame) -> np.ndarray:
    """The class of every run; `diverged` or `undecided` if it has none."""
    lost = np.where(runs["status"] == "diverged", "diverged", "undecided")
    return runs["class"].astype(object).where(runs["class"].notna(), lost).to_numpy()


def has(trajectories: pd.DataFrame, column: str) -> bool:
    """Whether the table has a finite number in a column: tables of earlier versions have fewer."""
    return column in trajectories and bool(np.isfinite(numbers(trajectories, column)).any())


def by_class(runs: pd.DataFrame, trajectories: pd.DataFrame, column: str) -> Lines:
    """The finite points of every run, by the run's class; empty if the column is missing."""
    lines: Lines = {name: [] for name in STYLES}
    found = by_run(trajectories, column) if column in trajectories else {}
    for run, label in zip(runs.index, labels(runs), strict=True):
        if run in found:
            lines[label].append(found[run])
    return lines


def by_run(trajectories: pd.DataFrame, column: str) -> dict[int, np.ndarray]:
    """The finite points of every run, (points, 2): steps and values, in the order of steps."""
    table = trajectories[["run", "step", column]].to_numpy(np.float64)
    table = table[np.isfinite(table[:, 2])]
    table = table[np.lexsort((table[:, 1], table[:, 0]))]
    owners, starts = np.unique(table[:, 0], return_index=True)
    pieces = np.split(table[:, 1:], starts[1:])
    return {int(run): line for run, line in zip(owners, pieces, strict=False)}


def quantiles(lines: Sequence[np.ndarray], shares: Sequence[float]) -> tuple[np.ndarray, ...]:
    """Steps (g,) and the quantiles (shares, g) of the lines there.

    They begin where the last of the runs has its first value: train accuracy has none at step 0,
    and a long run's thinned points begin later than a short one's. A run that has ended keeps its
    last value. Otherwise runs that stop when they generalise would drop out, and the quantiles
    would be those of the slower ones.
    """
    start = max(line[0, 0] for line in lines)
    steps = np.linspace(start, max(line[-1, 0] for line in lines), POINTS + 1)
    values = [np.interp(steps, *line.T) for line in lines]
    return steps, np.quantile(values, shares, axis=0)


def draw(axes: Axes, lines: Lines) -> bool:
    """Lines of the classes with few runs over the bands of those with many.

    Returns:
        Whether there are bands.
    """
    for name, look in STYLES.items():
        if len(lines[name]) > FEW:
            steps, (lowest, low, middle, high, highest) = quantiles(
                lines[name], (0.05, 0.25, 0.5, 0.75, 0.95)
            )
            for bottom, top in ((lowest, highest), (low, high)):
                axes.fill_between(steps, bottom, top, color=look.colour, alpha=0.22, lw=0)
            axes.plot(steps, middle, markevery=(12, 25), path_effects=HALO, **thick(look))
        else:
            order = thin(look)["zorder"] + 2 * len(STYLES)  # above all bands and medians
            many = LineCollection(lines[name], alpha=alpha(len(lines[name])), **thin(look))
            axes.add_collection(many)
            many.set_zorder(order)
    return any(len(some) > FEW for some in lines.values())


def keys(
    runs: pd.DataFrame, lines: Lines, by_hand: Lines | None = None
) -> tuple[list[Line2D], int]:
    """The legend's lines, and the number of runs that are not drawn.

    Args:
        runs: all.
        lines: of those that are drawn.
        by_hand: the lines among them whose seeds were chosen by hand.
    """
    handles = []
    for name, look in STYLES.items():
        if name in CLASSES or lines[name]:
            style = thick(look) if len(lines[name]) > FEW else thin(look)
            chosen = len(by_hand[name]) if by_hand else 0
            of_these = f", {chosen:,} chosen by hand" if chosen else ""
            label = f"{name} (n = {len(lines[name]):,}{of_these})"
            handles.append(Line2D([], [], label=label, **style))
    return handles, len(runs) - sum(map(len, lines.values()))
