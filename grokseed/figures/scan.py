"""The four figures of a scan, from its table of runs and their thinned trajectories.

Nothing here opens a file: tables go in, matplotlib Figures come out. No torch.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from grokseed.analysis.classify import CLASSES
from grokseed.analysis.survival import Survival, numbers, time_to
from grokseed.figures.style import (
    GOLDEN,
    HALO,
    OPEN,
    STEPS,
    STYLES,
    Style,
    alpha,
    legend,
    new_figure,
    steps_axis,
    thick,
    thin,
)


def accuracy(runs: pd.DataFrame, trajectories: pd.DataFrame, title: str = "") -> Figure:
    """Validation accuracy over steps, one line a run, in the colour of its class.

    Args:
        runs: one row a run, indexed by row number, with columns `status` and `class` (`classify`).
        trajectories: one row a point, with columns `run` (row number), `step`, `sample_accuracy`.
        title: the scan's name, set below the figure's own title.
    """
    figure, (axes,) = new_figure("Validation accuracy of every run", title)
    lines = _lines(runs, trajectories, "sample_accuracy")
    for name, look in STYLES.items():
        many = LineCollection(lines[name], alpha=alpha(len(lines[name])), **thin(look))
        axes.add_collection(many)
    axes.set(ylabel="validation accuracy (share right)", ylim=(-0.02, 1.02))
    steps_axis(axes, STEPS)
    legend(figure, *_line_keys(runs, lines, thin), columns=3)
    return figure


def survival(runs: pd.DataFrame, title: str = "") -> Figure:
    """Share of runs yet to generalise over steps: Kaplan-Meier, with band, censor marks, median.

    Args:
        runs: one row a run, with columns `steps` and `t98_step`, empty where unknown.
        title: the scan's name, set below the figure's own title.
    """
    figure, (axes,) = new_figure("Time to generalise (t98)", title)
    curve = time_to("t98", runs)
    steps = np.array([0.0, *curve.times, curve.last if curve.n else 0.0])
    share, low, high = (
        np.array([1.0, *levels, *levels[-1:]]) if len(levels) else np.ones(2)
        for levels in (curve.survival, curve.low, curve.high)
    )
    (line,) = axes.step(steps, share, where="post", color="black", linewidth=1.4)
    line.set_label(f"all runs (n = {curve.n:,}, {curve.censored:,} censored)")
    handles: list[Artist] = [line]
    if len(curve.times):
        band = axes.fill_between(steps, low, high, step="post", color="#56B4E9", alpha=0.35, lw=0)
        band.set_label("95 % interval, pointwise")
        handles.append(band)
    if curve.censored:
        at = np.unique(curve.censor_times)
        handles += axes.plot(at, curve.at(at), "|", color="black", ms=9, label="censored")
    corner = ([0, curve.median, curve.median], [0.5, 0.5, 0])
    handles += axes.plot(*corner, ":", color="#D55E00", lw=1.4, label=_median(curve))
    axes.set(ylabel="share of runs yet to reach t98", ylim=(-0.02, 1.02))
    if len(curve.times) and low.min() > 0.5:
        # Rare events would be a flat line at the top of a whole axis.
        margin = 0.05 * (1 - low.min())
        axes.set(ylabel="share of runs yet to reach t98 (axis cut)")
        axes.set_ylim(low.min() - margin, 1 + margin)
    steps_axis(axes, STEPS)
    legend(figure, handles, len(runs) - curve.n, columns=2)
    return figure


def loss_and_norm(runs: pd.DataFrame, trajectories: pd.DataFrame, title: str = "") -> Figure:
    """Validation loss and weight norm over steps by class, in two panels.

    A class is its median over runs with a band between the quartiles; thin lines are the super
    runs one by one. A run that has ended keeps its last value: without it, every run that stops
    on generalising would leave the median to the slower ones.

    Args:
        runs: one row a run, indexed by row number, with columns `status` and `class` (`classify`).
        trajectories: one row a point, columns `run` (row number), `step`, `sample_loss`, `norm`.
        title: the scan's name, set below the figure's own title.
    """
    figure, panels = new_figure("Validation loss and weight norm by class", title, widths=(1, 1))
    lines: dict[str, list[np.ndarray]] = {}
    for axes, column in zip(panels, ("sample_loss", "norm"), strict=True):
        lines = _lines(runs, trajectories, column)
        style = thin(STYLES["super"]) | {"linewidth": 0.4, "alpha": 0.5}
        axes.add_collection(LineCollection(lines["super"], **style))
        for name, look in STYLES.items():
            if lines[name]:
                steps, (low, median, high) = _quartiles(lines[name])
                axes.fill_between(steps, low, high, color=look.colour, alpha=0.25, lw=0)
                style = thick(look) | {"markevery": (12, 25), "path_effects": HALO}
                axes.plot(steps, median, **style)
        steps_axis(axes, STEPS)
    panels[0].set(ylabel="validation loss (nats)")
    panels[1].set(ylabel="weight norm (L2 norm)")
    heading = "thick: median; band: quartiles; thin: super runs; an ended run keeps its last value"
    legend(figure, *_line_keys(runs, lines, thick), columns=5, heading=heading)
    return figure


def peak_against_time(runs: pd.DataFrame, title: str = "") -> Figure:
    """Peak of the validation loss against the time to generalise, one marker a run.

    Censored runs stand apart at the right, spread by class: their times are not known.

    Args:
        runs: with columns `status`, `class`, `steps`, `t98_step`, `sample_loss_peak`.
        title: the scan's name, set below the figure's own title.
    """
    time, peak = numbers(runs, "t98_step"), numbers(runs, "sample_loss_peak")
    last, reached = numbers(runs, "steps"), np.isfinite(time)
    drawn = np.isfinite(peak) & np.isfinite(last)
    widths = (3, 1) if np.any(drawn & ~reached) else (1,)
    what = "Peak of the validation loss against t98"
    figure, (axes, *rest) = new_figure(what, title, widths, sharey=True)
    columns: list[str] = []
    handles: list[Artist] = []
    for name, look in STYLES.items():
        ours = drawn & (_labels(runs) == name)
        there, censored = ours & reached, ours & ~reached
        closed = {"ls": "", "marker": look.marker, "ms": look.size, "mew": 0, "color": look.colour}
        axes.plot(time[there], peak[there], alpha=alpha(there.sum()), zorder=look.order, **closed)
        if censored.any():
            (aside,) = rest
            spread = 0.7 * (np.arange(censored.sum()) * GOLDEN % 1 - 0.5)
            faint = {"alpha": alpha(censored.sum()), "color": look.colour}
            aside.plot(len(columns) + spread, peak[censored], **OPEN, **faint)
            columns.append(name)
        if name in CLASSES or ours.any():
            label = f"{name} (n = {ours.sum():,}, {censored.sum():,} censored)"
            handles.append(Line2D([], [], label=label, **closed))
    for aside in rest:
        aside.set_xticks(range(len(columns)), columns)
        aside.set(xlim=(-0.5, len(columns) - 0.5), xlabel="censored, by class")
        aside.spines[["top", "right"]].set_visible(False)
    axes.set(ylabel="peak of validation loss (nats)")
    steps_axis(axes, "t98 (optimiser steps)")
    axes.set_xlim(0, 1.03 * max(last[drawn], default=1))  # as far as was looked
    axes.locator_params(axis="x", nbins=6)
    legend(figure, handles, int(np.sum(~drawn)), columns=2)
    return figure


def _labels(runs: pd.DataFrame) -> np.ndarray:
    lost = np.where(runs["status"] == "diverged", "diverged", "undecided")
    return runs["class"].astype(object).where(runs["class"].notna(), lost).to_numpy()


def _lines(
    runs: pd.DataFrame, trajectories: pd.DataFrame, column: str
) -> dict[str, list[np.ndarray]]:
    """The finite points of every run, (points, 2) each, by the run's class."""
    label = dict(zip(runs.index, _labels(runs), strict=True))
    table = trajectories[["run", "step", column]].to_numpy(np.float64)
    table = table[np.isfinite(table[:, 2])]
    table = table[np.lexsort((table[:, 1], table[:, 0]))]
    owners, starts = np.unique(table[:, 0], return_index=True)
    lines: dict[str, list[np.ndarray]] = {name: [] for name in STYLES}
    for owner, line in zip(owners, np.split(table[:, 1:], starts[1:]), strict=False):
        if owner in label:
            lines[label[owner]].append(line)
    return lines


def _quartiles(lines: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Steps (g,) and the quartiles (3, g) of the lines there, each one's last value kept on."""
    steps = np.linspace(0, max(line[-1, 0] for line in lines), 201)
    values = [np.interp(steps, *line.T) for line in lines]
    return steps, np.quantile(values, [0.25, 0.5, 0.75], axis=0)


def _line_keys(
    runs: pd.DataFrame, lines: dict[str, list[np.ndarray]], style: Callable[[Style], dict]
) -> tuple[list[Line2D], int]:
    """The legend's lines, and the number of runs that have none."""
    handles = []
    for name, look in STYLES.items():
        if name in CLASSES or lines[name]:
            label = f"{name} (n = {len(lines[name]):,})"
            handles.append(Line2D([], [], label=label, **style(look)))
    return handles, len(runs) - sum(map(len, lines.values()))


def _median(curve: Survival) -> str:
    if np.isnan(curve.median):
        return "median not reached"
    upper = "or more" if np.isinf(curve.median_high) else f"to {curve.median_high:,.0f}"
    return f"median {curve.median:,.0f} steps (95 %: {curve.median_low:,.0f} {upper})"
