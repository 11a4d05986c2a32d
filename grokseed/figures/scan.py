"""The curves of a scan, from its table of runs and their thinned trajectories. No torch.

Tables go in, matplotlib Figures come out. The train curves are drawn where the trajectories have
`train_accuracy` and `train_loss`; tables of earlier versions have neither.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter

from grokseed.analysis.classify import CLASSES, Rule, without
from grokseed.analysis.dependence import are_chosen
from grokseed.analysis.shares import rates
from grokseed.figures.cuts import cuts_of_accuracy, cuts_of_time
from grokseed.figures.lines import BANDS, KEPT, POINTS, by_class, draw, has, keys, quantiles
from grokseed.figures.style import (
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
NORM = "weight norm (L2,\nno embeddings)"
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

    A class with few runs has a line for each, a class with many its median and bands. The cuts of
    the classes are those of their rule: accuracies at a step by the screen rule, times by speedup.

    Args:
        runs: one row a run, indexed by row number, with columns `status` and `class` (`classify`),
            and under the speedup rule `t98_step` and `steps`.
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
    cuts = cuts_of_time(axes, runs) if rule == "speedup" else cuts_of_accuracy(axes, screen_step)
    if train:
        banded |= draw(below[0][0], by_class(runs, trajectories, "train_accuracy"))
        below[0][0].set(ylabel="train accuracy\n(share right)", ylim=(-0.02, 1.02))
    for panel in figure.axes:
        steps_axis(panel, STEPS if panel is figure.axes[-1] else "")
    heading = "; ".join([*([BANDS, KEPT] if banded else []), *([cuts] if cuts else [])])
    chosen = runs.loc[~runs.index.isin(without(runs, excluded).index)]
    by_hand = by_class(chosen, trajectories, "sample_accuracy")
    legend(figure, *keys(runs, lines, by_hand), heading=heading)
    return figure


def loss_and_norm(runs: pd.DataFrame, trajectories: pd.DataFrame, title: str = "") -> Figure:
    """Validation loss, train loss and weight norm over steps, in the colours of classes.

    Args:
        runs: one row a run, indexed by row number, with columns `status` and `class` (`classify`).
        trajectories: one row a point, columns `run` (row number), `step`, `sample_loss`, `norm`,
            and, where it was measured, `train_loss`.
        title: the scan's name, set below the figure's own title.
    """
    panels = {"sample_loss": LOSS, "train_loss": "train loss\n(nats)", "norm": NORM}
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

    Each curve is the median of the class's runs at each step, with a band between the quartiles.
    Above a column stands when its median accuracies pass a half. Steps are on a log scale where
    some class ends before half of the last step, of which a linear one would leave a sliver.

    Args:
        runs: one row a run, indexed by row number, with columns `status` and `class` (`classify`).
        trajectories: one row a point, columns `run` (row number), `step`, `sample_accuracy`,
            `sample_loss`, `norm`, and, where they were measured, `train_accuracy`, `train_loss`.
        title: the scan's name, set below the figure's own title.
    """
    rows = {
        "accuracy\n(share right)": ("train_accuracy", "sample_accuracy"),
        "loss (nats)": ("train_loss", "sample_loss"),
        NORM: ("norm",),
    }
    lines = {name: by_class(runs, trajectories, name) for some in rows.values() for name in some}
    found = [name for name in STYLES if any(some[name] for some in lines.values())]
    named = found or list(CLASSES)
    figure, grid = new_figure(
        "Above each class: about the step by which its median accuracy passes a half",
        title,
        rows=(1, 1, 1),
        columns=[1] * len(named),
        size=(max(WIDTH, 1.6 * len(named)), 5.8),
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
        panels[0].set_ylabel(what)
    for name, axes in zip(named, grid[0], strict=True):
        n = max(len(some[name]) for some in lines.values())
        halves = _halves({column: some[name] for column, some in lines.items()})
        axes.set_title("\n".join([f"{name} (n = {n:,})", *halves]), fontsize=SMALL)
        axes.set_ylim(-0.02, 1.02)
    scale = _class_steps(grid)
    for axes in grid[-1]:
        axes.set_xlabel(f"optimiser steps{scale}")
    handles = [Line2D([], [], color="black", linewidth=1.8, label="validation (in colour), norm")]
    if any(lines["train_accuracy"].values()) or any(lines["train_loss"].values()):
        handles.append(Line2D([], [], label="train", **TRAIN))
    drawn = len({*trajectories["run"]} & {*runs.index})
    legend(
        figure, handles, len(runs) - drawn, f"line: median at each step, band: quartiles; {KEPT}"
    )
    return figure


def _class_steps(grid: list[list[Axes]]) -> str:
    """Give all columns the same axis of steps, on a log scale where their ends are far apart.

    Returns:
        The scale, for the axis's label; nothing if it is linear.
    """
    ends = [
        max((axes.dataLim.x1 for axes in column if axes.lines), default=0.0)
        for column in zip(*grid, strict=True)
    ]
    last = max(*ends, 1.0)
    log = 0 < min(ends) < last / 2
    for axes in (axes for row in grid for axes in row):
        if log:
            axes.set_xscale("log")
            axes.xaxis.set_minor_formatter(NullFormatter())
        else:
            axes.locator_params(axis="x", nbins=3)
        axes.set_xlim(last / POINTS if log else 0, 1.03 * last)
        axes.xaxis.set_major_formatter("{x:,.0f}")
    return "\n(log scale)" if log else ""


def _rates(runs: pd.DataFrame, rule: Rule, excluded: Collection[int]) -> str:
    """How many runs are super, with limits of the share where there are any, and fast.

    Runs beside grafted ones are no sample: their number and their weights were chosen.
    """
    table = rates(runs, pd.Series(runs["class"]), rule, excluded)
    table = table.to_dict("index")
    best, done = table["super"], sum(table[name]["n"] for name in (*CLASSES, "undecided"))
    by_hand = len(runs) - len(without(runs, excluded))
    if by_hand and by_hand == len(runs):
        return "All seeds were chosen by hand: their shares say nothing of other seeds"
    if not done:
        return "No run was completed"
    limits = f", 95 %: {best['low']:.1%} to {best['high']:.1%}"
    share = f" ({best['share']:.1%}{'' if np.isnan(best['low']) else limits})"
    share = "" if are_chosen(runs) or np.isnan(best["share"]) else share
    left_out = f"; {by_hand:,} chosen by hand not counted" if by_hand else ""
    said = f"{best['n']:,} of {done:,} runs super{share}, {table['fast']['n']:,} fast"
    return f"{said}{left_out}"


def _peaks(lines: dict[str, list[np.ndarray]]) -> str:
    """The peak of each class's median curve: lower than its runs' own, which are at other steps."""
    said = [
        f"{quantiles(some, (0.5,))[1].max():.1f} nats ({name})"
        for name, some in lines.items()
        if some
    ]
    if not said:
        return "No loss measured"
    return f"The median curve of the validation loss peaks at {', '.join(said)}"


def _halves(lines: Mapping[str, list[np.ndarray]]) -> list[str]:
    """When the median accuracies of a class pass a half, a line a set that was measured."""
    sets = {"train": lines["train_accuracy"], "validation": lines["sample_accuracy"]}
    return [f"{name}: {_half(some)}" for name, some in sets.items() if some]


def _half(lines: list[np.ndarray]) -> str:
    """The step to two figures: a run's points lie up to a fortieth of its length apart."""
    steps, (middle,) = quantiles(lines, (0.5,))
    right = middle >= 0.5
    if not right.any():
        return f"> {steps[-1]:,.0f}"
    if right[0]:
        return f"≤ {steps[0]:,.0f}"
    return f"{float(f'{steps[np.argmax(right)]:.2g}'):,.0f}"
