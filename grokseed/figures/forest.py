"""Main effects of grafts on one scale, a panel a split, with the donors' lead. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle, product
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.container import Container
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from grokseed.analysis.effects import CONTROLS, WEIGHTS
from grokseed.analysis.lead import lead_at, leads
from grokseed.analysis.pairs import ALL_BUT, BASELINES
from grokseed.figures.ablation import KINDS
from grokseed.figures.forest_title import answer
from grokseed.figures.style import LABEL, SMALL, WIDTH, balanced, broken, legend, new_figure

MOST = 15
"""Effects that are drawn: with more the figure would be higher than a page."""

ACROSS = 3
"""Panels beside each other."""

MARKS = ("o", "D", "^", "v", "P", "X")
LINES = ("--", ":", "-.")
"""By loader seed, from the first on again if there are more."""

HEADINGS = {
    "gain": "gain: put into a recipient",
    "loss": "loss: taken from a donor",
    "among others": "among others: put in beside others",
}

Effect = tuple[str, str]
"""A question and a group; without a group, the heading of a question."""


class Layout(NamedTuple):
    """Where effects stand in every panel.

    Attributes:
        rows: effects and headings, from the top down.
        at, heights: their middles and heights on the y axis.
        loaders: loader seeds.
        slots: a loader seed and whether it is of a control: each has a mark in a row.
        apart: the distance of two slots.
    """

    rows: list[Effect]
    at: np.ndarray
    heights: np.ndarray
    loaders: list[int]
    slots: list[tuple[int, bool]]
    apart: float


def forest(table: pd.DataFrame, cells: pd.DataFrame, outcome: str, title: str = "") -> Figure:
    """Main effects of the groups with their intervals, a panel a split, each above its control.

    Nothing is averaged over splits or loader seeds, as effects at two of them may be opposite. The
    recipients' own weights are the line at 0, the donors' own the broken line at their lead: the
    mean difference of the two where a row's group was put in or taken out. Of more than `MOST`
    effects, only the gains of groups that are part of no other and the largest ones are drawn.

    Args:
        table: what `effects.effects_at_each` gave for the column `accuracy`, a row an effect.
        cells: the cells behind them, as `effects.effects` takes them.
        outcome: the quantity whose differences the effects are, with its unit.
        title: the ablation's name.
    """
    every = table.to_dict("records")
    chosen, known = _chosen(every)
    found = [row for row in every if _effect(row) in chosen]
    drawn, panels = _layout(chosen, found), _panels(cells)
    across = min(len(panels), ACROSS)
    down = -(-len(panels) // across)
    below = balanced(f"difference in {outcome}", 40 // across + 4 * (across > 1))
    high = 0.25 * float(drawn.heights.sum()) + 0.2 * (len(panels) > 1) + 0.15 * len(below)
    figure, grid = new_figure(
        answer(every, cells.to_dict("records"), panels),
        title,
        rows=[1] * down,
        columns=[1] * across,
        size=(WIDTH, 1.8 + high * down),
        sharex=True,
        sharey=True,
    )
    shown = [axes for line in grid for axes in line]
    lead: dict[int, list[float]] = {loader: [] for loader in drawn.loaders}
    marks: dict[tuple[int, str], Container] = {}
    for axes, (split, name) in zip(shown, panels.items(), strict=False):
        axes.axvline(0, color="black", lw=0.8)
        if len(panels) > 1:
            whose = f", the {split}'s" if split in BASELINES and name.startswith("split") else ""
            axes.set_title(f"{name}{whose}", fontsize=SMALL)
        here = [row for row in found if row["split"] == split]
        for loader, own in _draw_leads(axes, cells.loc[cells["split"] == split], drawn).items():
            lead[loader] += own
        marks = _draw_effects(axes, here, drawn) | marks
    for number, axes in enumerate(shown):
        used, lowest = number < len(panels), number + across >= len(panels)
        axes.set_visible(used)
        axes.tick_params(labelbottom=lowest)
        axes.set_xlabel("\n".join(below) if used and lowest else "", fontsize=LABEL)
        axes.locator_params(axis="x", nbins=9 // across)
        axes.set_yticks(drawn.at, [_text(*row) for row in drawn.rows])
        for tick, (_, group) in zip(axes.yaxis.get_major_ticks(), drawn.rows, strict=True):
            tick.label1.set_fontweight("normal" if group else "bold")
            tick.tick1line.set_visible(bool(group))
    shown[0].set_ylim(drawn.heights.sum(), 0)
    heading = "bars: 95 % intervals over seeds, none for one pair"
    heading += "; n: seeds that give x seeds that get"
    if known > MOST:
        heading += f"; drawn are {MOST} of {known} effects: gains of whole groups and the largest "
        heading += "others; all are in effects.csv"
    legend(figure, _keys(found, lead, marks, len(panels)), heading=heading)
    return figure


def _keys(
    found: Sequence[Mapping],
    lead: Mapping[int, Sequence[float]],
    marks: Mapping[tuple[int, str], Container],
    panels: int,
) -> list[Artist | Container]:
    """The legend's handles, with the leads if there is one panel, where they are easy to tell."""

    def line(style: str, colour: str, width: float, text: str) -> Line2D:
        return Line2D([], [], ls=style, color=colour, lw=width, label=text)

    def at(loader: int) -> str:
        return f", loader {loader}" if len(lead) > 1 else ""

    keys: list[Artist | Container] = [line("-", "black", 0.8, "none: the recipients' own")]
    for style, (loader, own) in zip(cycle(LINES), lead.items(), strict=False):
        if own:
            size = f" ({_range(own)})" if panels == 1 else ""
            text = f"all: the donors' own lead{at(loader)}{size}"
            keys.append(line(style, KINDS["donor"][0], 1.4, text))
    for (loader, kind), bars in marks.items():
        own = [row for row in found if (row["loader_seed"], row["kind"]) == (loader, kind)]
        n = f"{_span(own, 'donors')} x {_span(own, 'recipients')}"
        bars.set_label(f"{kind}{at(loader)} (n = {n} seeds)")
        keys.append(bars)
    return keys


def _effect(row: Mapping) -> Effect:
    return row["question"], row["groups"]


def _text(question: str, group: str) -> str:
    return broken(group) if group else HEADINGS[question]


def _chosen(every: Sequence[Mapping]) -> tuple[list[Effect], int]:
    """The effects to draw, in the table's order, and how many there are."""
    largest: dict[Effect, float] = {}
    for row in every:
        if row["kind"] in CONTROLS:
            largest[_effect(row)] = max(row["mean"], largest.get(_effect(row), -np.inf))
    put_in = {group for question, group in largest if question == "gain"}
    whole = {
        ("gain", group)
        for group in put_in
        if "+" not in group
        and not group.startswith(ALL_BUT)
        and not any(group.startswith(f"{other}.") for other in put_in)
    }
    ranked = sorted(largest, key=lambda effect: (effect not in whole, -largest[effect]))
    first = set(ranked[:MOST])
    return [effect for effect in largest if effect in first], len(largest)


def _layout(chosen: Sequence[Effect], found: Sequence[Mapping]) -> Layout:
    rows: list[Effect] = []
    for question in WEIGHTS:
        own = [effect for effect in chosen if effect[0] == question]
        rows += [(question, ""), *own] if own else []
    loaders = list(dict.fromkeys(row["loader_seed"] for row in found))
    made = {(row["loader_seed"], row["kind"] in CONTROLS.values()) for row in found}
    slots = [slot for slot in product(loaders, (False, True)) if slot in made]
    apart = min(0.36, 0.9 / len(slots))
    least, lines = 0.28 + apart * max(len(slots), 2), [_text(*row).count("\n") for row in rows]
    heights = np.array([max(least, 0.9 + 0.6 * more) for more in lines])
    return Layout(rows, np.cumsum(heights) - heights / 2, heights, loaders, slots, apart)


def _panels(cells: pd.DataFrame) -> dict[str, str]:
    """The levels of the split, each with a name for people."""
    named = {}
    for split, own in cells.groupby("split", sort=False):
        seeds = own["split_seed"].unique()
        named[split] = f"split {seeds[0]}" if len(seeds) == 1 else f"the {split}s' own splits"
    return named


def _draw_leads(axes: Axes, cells: pd.DataFrame, drawn: Layout) -> dict[int, list[float]]:
    """Draw the donors' lead at each row and loader seed of a split; those that there are."""
    found = {}
    for number, loader in enumerate(drawn.loaders):
        here = cells.loc[cells["loader_seed"] == loader].to_dict("records")
        by_place = leads(here, "accuracy")
        lead = np.array([lead_at(*row, here, by_place) for row in drawn.rows])
        low, high = drawn.at - drawn.heights / 2, drawn.at + drawn.heights / 2
        marks = axes.vlines(lead, low, high, zorder=1, linewidths=1.4, colors=KINDS["donor"][0])
        marks.set_linestyle(LINES[number % len(LINES)])
        found[loader] = lead[np.isfinite(lead)].tolist()
    return found


def _draw_effects(
    axes: Axes, found: Sequence[Mapping], drawn: Layout
) -> dict[tuple[int, str], Container]:
    """Draw the effects on a split; the marks of each loader seed and kind of cell."""
    marks = {}
    for loader, kind in dict.fromkeys((row["loader_seed"], row["kind"]) for row in found):
        own = [row for row in found if (row["loader_seed"], row["kind"]) == (loader, kind)]
        control = kind in CONTROLS.values()
        slot = drawn.slots.index((loader, control)) - (len(drawn.slots) - 1) / 2
        y = drawn.at[[drawn.rows.index(_effect(row)) for row in own]] + slot * drawn.apart
        mean, low, high = (np.array([row[name] for row in own]) for name in ("mean", "low", "high"))
        marks[loader, kind] = axes.errorbar(
            mean,
            y,
            xerr=np.nan_to_num([mean - low, high - mean]).clip(0),
            fmt="s" if control else MARKS[drawn.loaders.index(loader) % len(MARKS)],
            color=KINDS[kind][0],
            mfc="none" if control else KINDS[kind][0],
            ms=4,
            lw=1.2,
        )
    return marks


def _range(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    return f"{low:+.3f}" if np.isclose(low, high) else f"{low:+.3f} to {high:+.3f}"


def _span(effects: Sequence[Mapping], name: str) -> str:
    numbers = [effect[name] for effect in effects]
    low, high = min(numbers), max(numbers)
    return f"{low}" if low == high else f"{low} to {high}"
