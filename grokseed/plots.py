"""The four figures of a scan, from its table of runs and their thinned trajectories.

Nothing here opens a file: tables go in, matplotlib Figures come out. No torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import Normal, Stroke

from grokseed.classify import CLASSES
from grokseed.stats import Survival, numbers, time_to_generalise


@dataclass(frozen=True)
class Look:
    """How a class is drawn: a colour of Okabe and Ito's palette, and a second cue beside it."""

    colour: str
    line: Literal["-", "--", ":", "-."]
    width: float
    marker: str
    size: float
    order: int


LOOKS = {
    "super": Look("#D55E00", "-", 1.6, "*", 9, 5),
    "fast": Look("#0072B2", "--", 1.0, "s", 4.5, 4),
    "normal": Look("#999999", "-", 0.8, "o", 4, 2),
    "undecided": Look("#CC79A7", ":", 1.0, "X", 5, 3),
    "diverged": Look("#009E73", "-.", 1.0, "P", 5, 1),
}
HALO = [Stroke(linewidth=4, foreground="white"), Normal()]
OPEN: dict = {"linestyle": "", "marker": ">", "markersize": 5, "markerfacecolor": "none"}
STEPS = "training (optimiser steps)"


def accuracy(runs: pd.DataFrame, trajectories: pd.DataFrame, title: str = "") -> Figure:
    """Validation accuracy over steps, one line a run, in the colour of its class.

    Args:
        runs: one row a run, indexed by row number, with columns `status` and `class` (`classify`).
        trajectories: one row a point, with columns `run` (row number), `step`, `probe_accuracy`.
        title: the scan's name, set below the figure's own title.
    """
    figure, (axes,) = _figure("Validation accuracy of every run", title)
    lines = _lines(runs, trajectories, "probe_accuracy")
    for name, look in LOOKS.items():
        alpha = _alpha(len(lines[name]))
        axes.add_collection(LineCollection(lines[name], alpha=alpha, **_thin(look)))
    axes.set(ylabel="validation accuracy on the probe (share right)", ylim=(-0.02, 1.02))
    _steps_axis(axes, STEPS)
    _legend(figure, *_line_keys(runs, lines, _thin), columns=3)
    return figure


def survival(runs: pd.DataFrame, title: str = "") -> Figure:
    """Share of runs yet to generalise over steps: Kaplan-Meier, with band, censor marks, median.

    Args:
        runs: one row a run, with columns `steps` and `generalised_step`, empty where unknown.
        title: the scan's name, set below the figure's own title.
    """
    figure, (axes,) = _figure("Time to generalise", title)
    curve = time_to_generalise(runs)
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
    axes.set(ylabel="share of runs yet to generalise", ylim=(-0.02, 1.02))
    if len(curve.times) and low.min() > 0.5:
        # Rare events would be a flat line at the top of a whole axis.
        margin = 0.05 * (1 - low.min())
        axes.set(ylabel="share of runs yet to generalise (axis cut)")
        axes.set_ylim(low.min() - margin, 1 + margin)
    _steps_axis(axes, STEPS)
    _legend(figure, handles, len(runs) - curve.n, columns=2)
    return figure


def loss_and_norm(runs: pd.DataFrame, trajectories: pd.DataFrame, title: str = "") -> Figure:
    """Validation loss and weight norm over steps by class, in two panels.

    A class is its median over runs with a band between the quartiles; thin lines are the super
    runs one by one. A run that has ended keeps its last value: without it, every run that stops
    on generalising would leave the median to the slower ones.

    Args:
        runs: one row a run, indexed by row number, with columns `status` and `class` (`classify`).
        trajectories: one row a point, columns `run` (row number), `step`, `probe_loss`, `norm`.
        title: the scan's name, set below the figure's own title.
    """
    figure, panels = _figure("Validation loss and weight norm by class", title, panels=2)
    lines: dict[str, list[np.ndarray]] = {}
    for axes, column in zip(panels, ("probe_loss", "norm"), strict=True):
        lines = _lines(runs, trajectories, column)
        style = _thin(LOOKS["super"]) | {"linewidth": 0.4, "alpha": 0.5}
        axes.add_collection(LineCollection(lines["super"], **style))
        for name, look in LOOKS.items():
            if lines[name]:
                steps, (low, median, high) = _quartiles(lines[name])
                axes.fill_between(steps, low, high, color=look.colour, alpha=0.25, lw=0)
                style = _thick(look) | {"markevery": (12, 25), "path_effects": HALO}
                axes.plot(steps, median, **style)
        _steps_axis(axes, STEPS)
    panels[0].set(ylabel="validation loss on the probe (nats)")
    panels[1].set(ylabel="weight norm (L2 norm)")
    heading = "thick: median; band: quartiles; thin: super runs; an ended run keeps its last value"
    _legend(figure, *_line_keys(runs, lines, _thick), columns=5, heading=heading)
    return figure


def peak_against_time(runs: pd.DataFrame, title: str = "") -> Figure:
    """Peak of the validation loss against the time to generalise, one marker a run.

    A censored run is an open marker that points right, at its last step.

    Args:
        runs: with columns `status`, `class`, `steps`, `generalised_step`, `probe_loss_peak`.
        title: the scan's name, set below the figure's own title.
    """
    figure, (axes,) = _figure("Peak of the validation loss against time to generalise", title)
    time, last = numbers(runs, "generalised_step"), numbers(runs, "steps")
    peak = numbers(runs, "probe_loss_peak")
    drawn, reached = np.isfinite(peak) & np.isfinite(last), np.isfinite(time)
    handles: list[Artist] = []
    for name, look in LOOKS.items():
        ours = drawn & (_labels(runs) == name)
        there, censored = ours & reached, ours & ~reached
        closed = {"ls": "", "marker": look.marker, "ms": look.size, "mew": 0, "color": look.colour}
        axes.plot(time[there], peak[there], alpha=_alpha(there.sum()), zorder=look.order, **closed)
        faint = {"alpha": _alpha(censored.sum()), "zorder": look.order, "color": look.colour}
        axes.plot(last[censored], peak[censored], **OPEN, **faint)
        if name in CLASSES or ours.any():
            label = f"{name} (n = {ours.sum():,}, {censored.sum():,} censored)"
            handles.append(Line2D([], [], label=label, **closed))
    handles.append(Line2D([], [], color="black", label="censored, at last step", **OPEN))
    axes.set(ylabel="peak of validation loss on the probe (nats)")
    _steps_axis(axes, "time to generalise (optimiser steps)")
    _legend(figure, handles, int(np.sum(~drawn)), columns=2)
    return figure


def _figure(what: str, title: str, panels: int = 1) -> tuple[Figure, Sequence[Axes]]:
    figure = Figure(figsize=(9.0, 4.6) if panels > 1 else (7.0, 4.8), layout="constrained")
    figure.suptitle("\n".join([what, *wrap(title, 75)]), fontsize=11)
    return figure, list(figure.subplots(1, panels, squeeze=False)[0])


def _steps_axis(axes: Axes, label: str) -> None:
    axes.autoscale_view()
    axes.set(xlabel=label, xlim=(0, 1.03 * max(axes.dataLim.x1, 1)))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.spines[["top", "right"]].set_visible(False)


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
    lines: dict[str, list[np.ndarray]] = {name: [] for name in LOOKS}
    for owner, line in zip(owners, np.split(table[:, 1:], starts[1:]), strict=False):
        if owner in label:
            lines[label[owner]].append(line)
    return lines


def _thin(look: Look) -> dict:
    shape = {"linestyle": look.line, "linewidth": look.width}
    return shape | {"color": look.colour, "zorder": look.order}


def _thick(look: Look) -> dict:
    style = {"linewidth": 2, "marker": look.marker, "markersize": look.size}
    return _thin(look) | style | {"zorder": look.order + len(LOOKS)}


def _alpha(n: int) -> float:
    """Opacity at which n marks still show where they are dense."""
    return float(np.clip(6 / np.sqrt(max(n, 1)), 0.35, 0.9))


def _quartiles(lines: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Steps (g,) and the quartiles (3, g) of the lines there, each one's last value kept on."""
    steps = np.linspace(0, max(line[-1, 0] for line in lines), 201)
    values = [np.interp(steps, *line.T) for line in lines]
    return steps, np.quantile(values, [0.25, 0.5, 0.75], axis=0)


def _line_keys(
    runs: pd.DataFrame, lines: dict[str, list[np.ndarray]], style: Callable[[Look], dict]
) -> tuple[list[Line2D], int]:
    """The legend's lines, and the number of runs that have none."""
    handles = []
    for name, look in LOOKS.items():
        if name in CLASSES or lines[name]:
            label = f"{name} (n = {len(lines[name]):,})"
            handles.append(Line2D([], [], label=label, **style(look)))
    return handles, len(runs) - sum(map(len, lines.values()))


def _median(curve: Survival) -> str:
    if np.isnan(curve.median):
        return "median not reached"
    upper = "or more" if np.isinf(curve.median_high) else f"to {curve.median_high:,.0f}"
    return f"median {curve.median:,.0f} steps (95 %: {curve.median_low:,.0f} {upper})"


def _legend(
    figure: Figure, handles: Sequence[Artist], missing: int, columns: int, heading: str = ""
) -> None:
    """The legend below the axes, with a word on the runs that left nothing to draw."""
    extra = [Line2D([], [], linestyle="", label=f"not drawn (n = {missing:,})")] if missing else []
    style = {"loc": "outside lower center", "fontsize": 9, "title_fontsize": 9, "frameon": False}
    figure.legend(handles=[*handles, *extra], ncols=columns, title=heading or None, **style)
