"""The curves of a scan, from its table of runs and their thinned trajectories. No torch.

Tables go in, matplotlib Figures come out. The train curves are drawn where the trajectories have
`train_accuracy` and `train_loss`; tables of earlier versions have neither.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from grokseed.analysis.classify import CLASSES, DIARY, Rule
from grokseed.analysis.dependence import are_chosen
from grokseed.analysis.shares import rates
from grokseed.figures.lines import BANDS, KEPT, by_class, draw, has, keys, quantiles
from grokseed.figures.style import (
    LABEL,
    SMALL,
    STEPS,
    STYLES,
    WIDTH,
    legend,
    new_figure,
    steps_axis,
)

ACCURACY = "validation accuracy\n(share right)"
LOSS = "validation loss\n(nats)"
TRAIN = {"color": "black", "linestyle": "--", "linewidth": 1.3}
"""The style of train curves; validation curves have the style of their class."""


def accuracy(
    runs: pd.DataFrame,
    trajectories: pd.DataFrame,
    title: str = "",
    screen_step: int | None = None,
    rule: Rule = "screen",
    excluded: Collection[int] = (),
) -> Figure:
    """Validation and train accuracy over steps, in the colours of classes.

    A class with few runs has a line for each, a class with many its median and bands. The screen
    rule's cuts are dashed.

    Args:
        runs: one row a run, indexed by row number, with columns `status` and `class` (`classify`).
        trajectories: one row a point, with columns `run` (row number), `step`, `sample_accuracy`,
            and, where it was measured, `train_accuracy`.
        title: the scan's name, set below the figure's own title.
        screen_step: where the screen rule reads the accuracy.
        rule: of the column `class`.
        excluded: model seeds that the title's rate does not count, as they were chosen by hand.
    """
    train = has(trajectories, "train_accuracy")
    shape = {"rows": (2, 1), "size": (WIDTH, 5.6)} if train else {}
    what = _rates(runs, rule, excluded)
    figure, ((axes, *_), *below) = new_figure(what, title, sharex=train, **shape)
    lines = by_class(runs, trajectories, "sample_accuracy")
    banded = draw(axes, lines)
    axes.set(ylabel=ACCURACY, ylim=(-0.02, 1.02))
    _cuts(axes, screen_step)
    if train:
        banded |= draw(below[0][0], by_class(runs, trajectories, "train_accuracy"))
        below[0][0].set(ylabel="train accuracy\n(share right)", ylim=(-0.02, 1.02))
    for panel in figure.axes:
        steps_axis(panel, STEPS if panel is figure.axes[-1] else "")
    cuts = "dashed: cuts of the screen rule"
    cuts += "" if screen_step is None else f"; dotted: its step, {screen_step:,}"
    heading = f"{BANDS}; {KEPT}; {cuts}" if banded else cuts
    legend(figure, *keys(runs, lines), heading=heading)
    return figure


def loss_and_norm(runs: pd.DataFrame, trajectories: pd.DataFrame, title: str = "") -> Figure:
    """Validation loss, train loss and weight norm over steps, in the colours of classes.

    Args:
        runs: one row a run, indexed by row number, with columns `status` and `class` (`classify`).
        trajectories: one row a point, columns `run` (row number), `step`, `sample_loss`, `norm`,
            and, where it was measured, `train_loss`.
        title: the scan's name, set below the figure's own title.
    """
    panels = {"sample_loss": LOSS, "train_loss": "train loss\n(nats)", "norm": "weight norm\n(L2)"}
    shown = [name for name in panels if name != "train_loss" or has(trajectories, name)]
    lines = {name: by_class(runs, trajectories, name) for name in shown}
    figure, grid = new_figure(
        _peaks(lines["sample_loss"]),
        title,
        rows=[1] * len(shown),
        size=(WIDTH, 1.4 + 1.7 * len(shown)),
        sharex=True,
    )
    banded = False
    for name, (axes,) in zip(shown, grid, strict=True):
        banded |= draw(axes, lines[name])
        axes.set_ylabel(panels[name])
        steps_axis(axes, STEPS if name == shown[-1] else "")
    legend(figure, *keys(runs, lines["norm"]), heading=f"{BANDS}; {KEPT}" if banded else "")
    return figure


def classes(runs: pd.DataFrame, trajectories: pd.DataFrame, title: str = "") -> Figure:
    """Accuracy and loss on both sets, and weight norm, over steps: one column a class.

    Each curve is the median of the class's runs with a band between the quartiles.

    Args:
        runs: one row a run, indexed by row number, with columns `status` and `class` (`classify`).
        trajectories: one row a point, columns `run` (row number), `step`, `sample_accuracy`,
            `sample_loss`, `norm`, and, where they were measured, `train_accuracy`, `train_loss`.
        title: the scan's name, set below the figure's own title.
    """
    rows = {
        "accuracy\n(share right)": ("train_accuracy", "sample_accuracy"),
        "loss (nats)": ("train_loss", "sample_loss"),
        "weight norm\n(L2)": ("norm",),
    }
    lines = {name: by_class(runs, trajectories, name) for some in rows.values() for name in some}
    found = [name for name in STYLES if any(some[name] for some in lines.values())]
    named = found or list(CLASSES)
    figure, grid = new_figure(
        _halves(lines, found),
        title,
        rows=(1, 1, 1),
        columns=[1] * len(named),
        size=(max(WIDTH, 1.6 * len(named)), 5.4),
        sharex=True,
        sharey="row",
    )
    for (what, columns), panels in zip(rows.items(), grid, strict=True):
        for name, axes in zip(named, panels, strict=True):
            for column in columns:
                if some := lines[column][name]:
                    steps, (low, middle, high) = quantiles(some, (0.25, 0.5, 0.75))
                    own = {"color": STYLES[name].colour, "linewidth": 1.8}
                    style = TRAIN if column.startswith("train") else own
                    axes.fill_between(steps, low, high, color=style["color"], alpha=0.2, lw=0)
                    axes.plot(steps, middle, **style)
            axes.locator_params(axis="x", nbins=3)
        panels[0].set_ylabel(what)
    for name, axes in zip(named, grid[0], strict=True):
        n = max(len(some[name]) for some in lines.values())
        axes.set_title(f"{name} (n = {n:,})", fontsize=LABEL)
        axes.set_ylim(-0.02, 1.02)
    last = max((axes.dataLim.x1 for axes in figure.axes if axes.lines), default=1)
    for axes in figure.axes:
        axes.set_xlim(0, 1.03 * max(last, 1))
        axes.xaxis.set_major_formatter("{x:,.0f}")
    for axes in grid[-1]:
        axes.set_xlabel("optimiser steps")
    handles = [Line2D([], [], color="black", linewidth=1.8, label="validation (in colour), norm")]
    if any(lines["train_accuracy"].values()) or any(lines["train_loss"].values()):
        handles.append(Line2D([], [], label="train", **TRAIN))
    drawn = len({*trajectories["run"]} & {*runs.index})
    legend(figure, handles, len(runs) - drawn, f"median run, band: quartiles; {KEPT}")
    return figure


def _cuts(axes: Axes, screen_step: int | None) -> None:
    """The screen rule's cuts, each with its number, and the step at which it applies."""
    style = {"color": "black", "linewidth": 0.8, "linestyle": (0, (4, 3)), "zorder": 40}
    beside = axes.get_yaxis_transform()
    for cut in (DIARY.super_accuracy, DIARY.normal_accuracy):
        axes.axhline(cut, **style)
        where = {"transform": beside, "ha": "left", "va": "top", "fontsize": SMALL, "zorder": 41}
        paper = {"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.5}
        axes.text(0.01, cut - 0.02, f"cut {cut:g}", bbox=paper, **where)
    if screen_step is not None:
        axes.axvline(screen_step, color="black", linewidth=0.8, linestyle=":")


def _rates(runs: pd.DataFrame, rule: Rule, excluded: Collection[int]) -> str:
    """How many runs are super, with limits of the share where there are any, and fast.

    Runs beside grafted ones are no sample: their number and their weights were chosen.
    """
    table = rates(runs, pd.Series(runs["class"]), rule, excluded)
    table = table.to_dict("index")
    best, done = table["super"], sum(table[name]["n"] for name in (*CLASSES, "undecided"))
    if not done:
        return "No run was completed"
    limits = f", 95 %: {best['low']:.1%} to {best['high']:.1%}"
    share = f" ({best['share']:.1%}{'' if np.isnan(best['low']) else limits})"
    share = "" if are_chosen(runs) or np.isnan(best["share"]) else share
    left_out = "; seeds chosen by hand not counted" if len(excluded) else ""
    said = f"{best['n']:,} of {done:,} runs super{share}, {table['fast']['n']:,} fast"
    return f"{said}{left_out}"


def _peaks(lines: dict[str, list[np.ndarray]]) -> str:
    """Where the median validation loss of each class is highest."""
    said = [
        f"{quantiles(some, (0.5,))[1].max():.1f} nats ({name})"
        for name, some in lines.items()
        if some
    ]
    return f"The median validation loss peaks at {', '.join(said)}" if said else "No loss measured"


def _halves(lines: dict[str, dict[str, list[np.ndarray]]], found: list[str]) -> str:
    """When the median accuracies of each class pass a half."""
    sets = {"train_accuracy": "train", "sample_accuracy": "validation"}
    shown = {column: of for column, of in sets.items() if any(lines[column].values())}
    said = []
    for name in found:
        when = [_half(lines[column][name]) for column in shown if lines[column][name]]
        said.append(f"{name} {', '.join(when)}")
    return f"Median run half right ({', '.join(shown.values())}) at step: {'; '.join(said)}"


def _half(lines: list[np.ndarray]) -> str:
    steps, (middle,) = quantiles(lines, (0.5,))
    right = middle >= 0.5
    return f"{steps[np.argmax(right)]:,.0f}" if right.any() else f"not by {steps[-1]:,.0f}"
