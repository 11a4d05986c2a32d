"""The figures of an ablation, from its table of cells. Nothing here opens a file. No torch."""

from __future__ import annotations

from collections import Counter, defaultdict
from textwrap import wrap

import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from grokseed.analysis.effects import CONTROLS, WEIGHTS
from grokseed.analysis.survival import numbers, time_to
from grokseed.figures.style import STEPS

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

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Shares of red, green and blue in how light a colour looks: ITU-R BT.709."""


def heat_map(cells: pd.DataFrame, outcome: str, last: int, title: str = "") -> Figure:
    """Groups by kind of cell, split and order; the colour and the number are the cells' mean.

    Args:
        cells: one row a cell: `kind`, `groups`, `split`, `loader_seed`, and what the outcome needs.
        outcome: `accuracy`, whose mean is shown, or `time`: the median steps to generalise, for
            which `steps` and `t98_step` are read.
        last: the step of the accuracy, or the last one that a run may take.
        title: the ablation's name, set below the figure's own title.
    """
    squares: dict[tuple, list[dict]] = defaultdict(list)
    for cell in cells.query("status == 'done'").to_dict("records"):
        squares[cell["kind"], cell["groups"], cell["split"], cell["loader_seed"]].append(cell)
    columns = [(kind, *place) for kind, _, *place in squares if kind not in BASELINES]
    columns = sorted(dict.fromkeys(columns), key=lambda column: list(KINDS).index(column[0]))
    rows = dict.fromkeys(groups for kind, groups, *_ in squares if kind not in BASELINES)
    names = [*BASELINES, *rows]
    size = 3.6 + 1.15 * max(len(columns), 2), 1.9 + 0.36 * len(names)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots()
    accuracy = outcome == "accuracy"
    scale, shades = (1, "cividis") if accuracy else (last, "cividis_r")
    colours = ScalarMappable(Normalize(0, scale), shades)
    for x, (kind, split, order) in enumerate(columns):
        for y, row in enumerate(names):
            which = (row, "") if row in BASELINES else (kind, row)
            if some := squares.get((*which, split, order)):
                value, text = _value(pd.DataFrame(some), accuracy, last)
                shade = colours.to_rgba(np.array([value]))[0]
                axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=shade, edgecolor="w"))
                ink = "white" if np.dot(shade[:3], LUMINANCE) < 0.5 else "black"
                style = {"ha": "center", "va": "center", "fontsize": 7, "color": ink}
                axes.text(x, y, f"{text} (n = {len(some)})", **style)
    axes.set(xlim=(-0.5, max(len(columns), 1) - 0.5), ylim=(len(names) - 0.5, -0.5))
    places = [f"{kind}\nsplit {split}\norder {order}" for kind, split, order in columns]
    axes.set_xticks(range(len(columns)), places, fontsize=8)
    axes.set_yticks(range(len(names)), [BASELINES.get(n, str(n)) for n in names], fontsize=8)
    axes.set_ylabel("initial weights exchanged")
    axes.set_xlabel("kind of cell, split and order of the batches (loader seed)")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    what = f"validation accuracy at step {last:,}" if accuracy else "time to generalise"
    unit = "mean share right" if accuracy else "median t98 (steps)"
    figure.colorbar(colours, ax=axes, label=unit, shrink=0.8)
    _entitle(figure, f"Whose initial weights, and {what}", title)
    return figure


def effect_sizes(effects: pd.DataFrame, outcome: str, title: str = "") -> Figure:
    """Main effects of the groups with their intervals, each above its control.

    Args:
        effects: what `effects.effects` gave, a row an effect.
        outcome: what the effects are differences of, with its unit.
        title: the ablation's name.
    """
    found = [effect for effect in effects.to_dict("records") if effect["question"] in WEIGHTS]
    rows: dict[str, dict[str, int]] = defaultdict(dict)
    for effect in found:
        of_question = rows[effect["question"]]
        of_question.setdefault(effect["groups"], len(of_question))
    size = 1.5 + 5.5 * len(rows), 2.0 + 0.45 * max(map(len, rows.values()))
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(1, len(rows), squeeze=False)[0]
    for axes, (question, groups) in zip(panels, rows.items(), strict=True):
        some = [effect for effect in found if effect["question"] == question]
        for kind in dict.fromkeys(effect["kind"] for effect in some):
            own = [effect for effect in some if effect["kind"] == kind]
            control = kind in CONTROLS.values()
            mean, low, high = (np.array([e[n] for e in own]) for n in ("mean", "low", "high"))
            axes.errorbar(
                mean,
                [groups[effect["groups"]] + (0.17 if control else -0.17) for effect in own],
                xerr=np.nan_to_num([mean - low, high - mean]).clip(0),
                fmt="s" if control else "o",
                color=KINDS[kind][0],
                mfc="none" if control else KINDS[kind][0],
                ms=5,
                lw=1.2,
                label=f"{kind} (n = {_span(own, 'donors')} x {_span(own, 'recipients')} seeds)",
            )
        axes.axvline(0, color="black", lw=0.8)
        axes.set_yticks(range(len(groups)), list(groups), fontsize=8)
        axes.set(ylim=(len(groups) - 0.4, -0.6), xlabel=f"{question}: difference in\n{outcome}")
        axes.spines[["top", "right"]].set_visible(False)
        above = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": 2}  # at any height
        axes.legend(fontsize=8, frameon=False, **above)
    what = "Main effects of initial weights by layer group"
    _entitle(figure, what, f"{title}; bars: 95 % intervals over seeds, none for one pair of seeds")
    return figure


def cell_trajectories(cells: pd.DataFrame, trajectories: pd.DataFrame, title: str = "") -> Figure:
    """Validation accuracy over steps of every cell, a panel a split and order, by kind of cell.

    Args:
        cells: one row a cell: `kind`, `split`, `loader_seed`, and `run`, its run's row number.
        trajectories: one row a point, with columns `run`, `step`, `sample_accuracy`.
        title: the ablation's name.
    """
    panels: dict[tuple, list[dict]] = defaultdict(list)
    for cell in cells.to_dict("records"):
        panels[cell["split"], cell["loader_seed"]].append(cell)
    across = min(len(panels), 2)
    down = -(-len(panels) // across)
    figure = Figure(figsize=(1.0 + 4.6 * across, 1.4 + 3.0 * down), layout="constrained")
    every = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True).flatten()
    lines: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for point in trajectories.itertuples():
        lines[point.run].append((point.step, point.sample_accuracy))  # type: ignore[attr-defined]
    for axes, ((split, order), here) in zip(every, panels.items(), strict=False):
        for kind in reversed(KINDS):
            colour, style, width = KINDS[kind]
            drawn = [lines[c["run"]] for c in here if c["kind"] == kind and c["run"] in lines]
            thick = width if len(drawn) < 50 else width / 2
            how = {"colors": colour, "linestyles": style, "linewidths": thick}
            axes.add_collection(LineCollection(drawn, **how))
        axes.autoscale_view()
        axes.set(ylim=(-0.02, 1.02))
        axes.set_title(f"split {split}, loader seed {order}, n = {len(here)}", fontsize=9)
        axes.set_xlabel(STEPS, fontsize=9)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.spines[["top", "right"]].set_visible(False)
    for axes in every[len(panels) :]:
        axes.set_visible(False)
    counted = Counter(cells["kind"])
    keys = [
        Line2D([], [], color=colour, ls=style, lw=width, label=f"{kind} (n = {counted[kind]})")
        for kind, (colour, style, width) in KINDS.items()
        if kind in counted
    ]
    below = {"loc": "outside lower center", "ncols": len(keys)}
    figure.legend(handles=keys, fontsize=8, frameon=False, **below)
    figure.supylabel("validation accuracy (share right)", fontsize=10)
    _entitle(figure, "Trajectories of the cells", title)
    return figure


def _entitle(figure: Figure, what: str, title: str) -> None:
    figure.suptitle("\n".join([what, *wrap(title, 80)]), fontsize=11)


def _span(effects: list[dict], name: str) -> str:
    numbers = [effect[name] for effect in effects]
    low, high = min(numbers), max(numbers)
    return f"{low}" if low == high else f"{low} to {high}"


def _value(cells: pd.DataFrame, accuracy: bool, last: int) -> tuple[float, str]:
    """What a square of the map shows, and how it is written."""
    if accuracy:
        mean = float(numbers(cells, "accuracy").mean())
        return mean, f"{mean:.3f}"
    median = time_to("t98", cells).median
    return (last, f"> {last:,}") if np.isnan(median) else (median, f"{median:,.0f}")
