"""The figures of an ablation, from its table of cells. Nothing here opens a file. No torch."""

from __future__ import annotations

from textwrap import wrap

import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from grokseed.effects import WEIGHTS
from grokseed.stats import time_to_generalise

KINDS = {
    "donor": ("#D55E00", "-", 2.2),
    "recipient": ("black", "-", 2.2),
    "graft": ("#0072B2", "-", 0.9),
    "sham": ("#999999", "--", 0.6),
    "reverse": ("#CC79A7", "-.", 0.9),
    "fresh": ("#009E73", ":", 0.7),
}
"""Colour of Okabe and Ito's palette, line and width of each kind of cell."""

BASELINES = {"recipient": "none: the recipient's own", "donor": "all: the donor's own"}


def heat_map(cells: pd.DataFrame, outcome: str, last: int, title: str = "") -> Figure:
    """Groups by kind of cell, split and order; the colour and the number are the cells' mean.

    Args:
        cells: one row a cell: `kind`, `groups`, `split`, `train_seed`, and what the outcome needs.
        outcome: `accuracy`, whose mean is shown, or `time`: the median steps to generalise, for
            which `steps` and `generalised_step` are read.
        last: the step of the accuracy, or the last one that a run may take.
        title: the ablation's name, set below the figure's own title.
    """
    done = cells[cells["status"] == "done"]
    exchanged = done[~done["kind"].isin(list(BASELINES))]
    rows = [*BASELINES, *dict.fromkeys(exchanged["groups"])]
    columns = list(
        dict.fromkeys(
            zip(exchanged["kind"], exchanged["split"], exchanged["train_seed"], strict=True)
        )
    )
    columns.sort(key=lambda column: list(KINDS).index(column[0]))
    height, width = 1.9 + 0.36 * len(rows), 3.6 + 1.15 * max(len(columns), 2)
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots()
    scale = Normalize(0, 1 if outcome == "accuracy" else last)
    shades = "cividis" if outcome == "accuracy" else "cividis_r"
    for x, (kind, split, order) in enumerate(columns):
        here = done[(done["split"] == split) & (done["train_seed"] == order)]
        for y, row in enumerate(rows):
            own = (
                here["kind"] == row
                if row in BASELINES
                else (here["kind"] == kind) & (here["groups"] == row)
            )
            some = here[own]
            if some.empty:
                continue
            value, text = _value(some, outcome, last)
            shade = ScalarMappable(scale, shades).to_rgba(value)
            axes.add_patch(_square(x, y, shade))
            ink = "white" if np.dot(shade[:3], (0.3, 0.6, 0.1)) < 0.5 else "black"
            axes.text(
                x, y, f"{text} (n = {len(some)})", ha="center", va="center", fontsize=7, color=ink
            )
    axes.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(rows) - 0.5, -0.5))
    axes.set_xticks(
        range(len(columns)), [f"{k}\nsplit {s}\norder {o}" for k, s, o in columns], fontsize=8
    )
    axes.set_yticks(range(len(rows)), [BASELINES.get(row, row) for row in rows], fontsize=8)
    axes.set_ylabel("initial weights exchanged")
    axes.set_xlabel("kind of cell, split and order of the batches (loader seed)")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    what = (
        f"validation accuracy at step {last:,}" if outcome == "accuracy" else "time to generalise"
    )
    unit = "mean share right" if outcome == "accuracy" else "median steps to generalise"
    figure.colorbar(ScalarMappable(scale, shades), ax=axes, label=unit, shrink=0.8)
    figure.suptitle(
        "\n".join([f"Whose initial weights, and {what}", *wrap(title, 80)]), fontsize=11
    )
    return figure


def effect_sizes(effects: pd.DataFrame, outcome: str, title: str = "") -> Figure:
    """Main effects of the groups with their intervals, each above its control.

    Args:
        effects: what `effects.effects` gave, a row an effect.
        outcome: what the effects are differences of, with its unit.
        title: the ablation's name.
    """
    effects = effects[effects["question"].isin(WEIGHTS)]
    questions = list(dict.fromkeys(effects["question"]))
    tallest = max(effects[effects["question"] == q]["groups"].nunique() for q in questions)
    figure = Figure(
        figsize=(1.5 + 5.5 * len(questions), 2.0 + 0.45 * tallest), layout="constrained"
    )
    looks = {"graft": "o", "sham": "s", "reverse": "o", "fresh": "s"}
    for axes, question in zip(
        figure.subplots(1, len(questions), squeeze=False)[0], questions, strict=True
    ):
        some = effects[effects["question"] == question]
        rows = list(dict.fromkeys(some["groups"]))
        for kind in dict.fromkeys(some["kind"]):
            own = some[some["kind"] == kind]
            control = kind in ("sham", "fresh")
            y = np.array([rows.index(group) for group in own["groups"]]) + (
                0.17 if control else -0.17
            )
            colour = KINDS[kind][0]
            bars = np.nan_to_num([own["mean"] - own["low"], own["high"] - own["mean"]]).clip(0)
            n = f"n = {own['n'].min()}" + (
                f" to {own['n'].max()}" if own["n"].nunique() > 1 else ""
            )
            face = "none" if control else colour
            axes.errorbar(
                own["mean"], y, xerr=bars, fmt=looks[kind], color=colour, mfc=face, ms=5, lw=1.2,
                label=f"{kind} ({n} pairs a group)",
            )  # fmt: skip
        axes.axvline(0, color="black", lw=0.8)
        axes.set_yticks(range(len(rows)), rows, fontsize=8)
        axes.set(ylim=(len(rows) - 0.4, -0.6), xlabel=f"{question}: difference in {outcome}")
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(
            fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=2, frameon=False
        )
    heading = "Main effects of initial weights by layer group, 95 % intervals"
    figure.suptitle("\n".join([heading, *wrap(title, 80)]), fontsize=11)
    return figure


def cell_trajectories(cells: pd.DataFrame, trajectories: pd.DataFrame, title: str = "") -> Figure:
    """Validation accuracy over steps of every cell, a panel a split and order, by kind of cell.

    Args:
        cells: one row a cell: `kind`, `split`, `train_seed`, and `run`, its run's row number.
        trajectories: one row a point, with columns `run`, `step`, `probe_accuracy`.
        title: the ablation's name.
    """
    panels = list(dict.fromkeys(zip(cells["split"], cells["train_seed"], strict=True)))
    across = min(len(panels), 2)
    down = -(-len(panels) // across)
    figure = Figure(figsize=(1.0 + 4.6 * across, 1.4 + 3.0 * down), layout="constrained")
    every = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True).flatten()
    lines = {
        run: some[["step", "probe_accuracy"]].to_numpy()
        for run, some in trajectories.groupby("run")
    }
    counted = cells["kind"].value_counts()
    for axes, (split, order) in zip(every, panels, strict=False):
        here = cells[(cells["split"] == split) & (cells["train_seed"] == order)]
        for kind in reversed(KINDS):
            colour, style, width = KINDS[kind]
            runs = here[here["kind"] == kind]["run"].dropna()
            drawn = [lines[run] for run in runs if run in lines]
            thin = 1.0 if len(drawn) < 50 else 0.5
            axes.add_collection(
                LineCollection(drawn, colors=colour, linestyles=style, linewidths=width * thin)
            )
        axes.autoscale_view()
        axes.set(ylim=(-0.02, 1.02), title=f"split {split}, loader seed {order}, n = {len(here)}")
        axes.title.set_fontsize(9)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.set_xlabel("training (optimiser steps)", fontsize=9)
        axes.spines[["top", "right"]].set_visible(False)
    for axes in every[len(panels) :]:
        axes.set_visible(False)
    keys = [
        Line2D([], [], color=c, ls=s, lw=w, label=f"{kind} (n = {counted[kind]})")
        for kind, (c, s, w) in KINDS.items()
        if kind in counted
    ]
    figure.legend(
        handles=keys, loc="outside lower center", ncols=len(keys), fontsize=8, frameon=False
    )
    figure.supylabel("validation accuracy on the probe (share right)", fontsize=10)
    figure.suptitle("\n".join(["Trajectories of the cells", *wrap(title, 80)]), fontsize=11)
    return figure


def _value(cells: pd.DataFrame, outcome: str, last: int) -> tuple[float, str]:
    """What a square of the map shows, and how it is written."""
    if outcome == "accuracy":
        mean = float(cells["accuracy"].mean())
        return mean, f"{mean:.3f}"
    median = time_to_generalise(cells).median
    return (last, f"> {last:,}") if np.isnan(median) else (median, f"{median:,.0f}")


def _square(x: int, y: int, colour: tuple[float, ...]) -> Rectangle:
    return Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=colour, edgecolor="white")
