"""The cells of an ablation, as a map and as trajectories. Nothing here opens a file. No torch."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from grokseed.analysis.survival import numbers, time_to
from grokseed.figures.lines import by_run, quantiles
from grokseed.figures.style import (
    BLUE,
    GREEN,
    GREY,
    LABEL,
    PINK,
    SMALL,
    STEPS,
    VERMILION,
    WIDTH,
    broken,
    legend,
    new_figure,
    steps_axis,
)

KINDS = {
    "donor": (VERMILION, "-", 2.0),
    "recipient": ("black", "-", 1.4),
    "graft": (BLUE, "-", 0.9),
    "sham": (GREY, "--", 0.6),
    "reverse": (PINK, "-.", 0.9),
    "fresh": (GREEN, ":", 0.7),
}
"""Colour of Okabe and Ito's palette, line and width of each kind of cell."""

BASELINES = {
    "recipient": "none: the recipient's own",
    "donor": "all: the donor's own",
}

FEW = 40
"""Up to this many cells of a kind are drawn one by one in a panel; most differ in their graft."""


class Square(NamedTuple):
    """A square of the map: the cells of one kind, group, split and loader seed."""

    kind: str
    group: str
    split: str
    loader: int


LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Weights of red, green and blue in a colour's lightness: ITU-R BT.709."""


def heat_map(cells: pd.DataFrame, outcome: str, last: int, title: str = "") -> Figure:
    """Groups by split, loader seed and kind of cell; the colour and the number are the cells' mean.

    Recipients' and donors' own runs appear once for each split and loader seed, not for each kind.

    Args:
        cells: one row a cell: `kind`, `groups`, `split`, `loader_seed`, and the columns of the
            outcome.
        outcome: `accuracy`, whose mean is shown, or `time`: the median steps to generalise, for
            which `steps` and `t98_step` are read.
        last: the step of the accuracy, or the last one that a run may take.
        title: the ablation's name, set below the figure's own title.
    """
    squares: dict[Square, list[dict]] = defaultdict(list)
    for cell in cells.query("status == 'done'").to_dict("records"):
        group = cell["kind"] if cell["kind"] in BASELINES else cell["groups"]
        squares[Square(cell["kind"], group, cell["split"], cell["loader_seed"])].append(cell)
    places = dict.fromkeys(square[2:] for square in squares)
    made = {(*square[2:], square.kind) for square in squares}
    columns: list[tuple] = []
    for place in places:
        kinds = [kind for kind in KINDS if kind not in BASELINES and (*place, kind) in made]
        columns += [(*place, kind) for kind in kinds or [""]]
    rows = list(dict.fromkeys([*BASELINES, *(square.group for square in squares)]))
    names = [BASELINES[row] if row in BASELINES else broken(row) for row in rows]
    high = 0.31 * max(1, *(0.5 + 0.4 * name.count("\n") for name in names))
    accuracy = outcome == "accuracy"
    size = max(WIDTH, 2.3 + 0.5 * len(columns)), 2.7 + high * len(rows)
    values = {square: _value(some, accuracy, last) for square, some in squares.items()}
    figure, ((axes,),) = new_figure(_best(squares, values, accuracy, last), title, size=size)
    scale, shades = (1, "cividis") if accuracy else (last, "cividis_r")
    colours = ScalarMappable(Normalize(0, scale), shades)
    for square, some in squares.items():
        kind, group, *place = square
        over = [x for x, c in enumerate(columns) if c[:2] == (*place,)]
        across = over if kind in BASELINES else [columns.index((*place, kind))]
        value, text = values[square]
        left, wide, y = across[0] - 0.5, len(across), rows.index(group)
        shade = colours.to_rgba(np.array([value]))[0]
        axes.add_patch(Rectangle((left, y - 0.5), wide, 1, facecolor=shade, edgecolor="w"))
        ink = "white" if np.dot(shade[:3], LUMINANCE) < 0.5 else "black"
        style = {"ha": "center", "va": "center", "fontsize": SMALL - 1, "color": ink}
        counted = f"{text}\nn = {len(some)}" if len(some) > 1 else text
        axes.text(left + wide / 2, y, counted, linespacing=1.0, **style)
    axes.set(xlim=(-0.5, max(len(columns), 1) - 0.5), ylim=(len(rows) - 0.5, -0.5))
    below = [
        "\n".join([kind, *wrap(f"split {split}", 10), f"loader {loader}"])
        for split, loader, kind in columns
    ]
    axes.set_xticks(range(len(columns)), below, fontsize=SMALL - 1)
    axes.set_yticks(range(len(rows)), names)
    said = "kind of cell, split, and loader seed (order of the batches)"
    said += "\na number without n is of one run" * any(len(some) == 1 for some in squares.values())
    axes.set(ylabel="initial weights exchanged", xlabel=said)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    unit = f"mean accuracy at step {last:,} (share right)" if accuracy else "median t98 (steps)"
    where = {"orientation": "horizontal", "aspect": 40, "fraction": 0.3 / size[1], "pad": 0.02}
    bar = figure.colorbar(colours, ax=axes, **where)
    bar.set_label(unit, fontsize=LABEL)
    bar.ax.tick_params(labelsize=SMALL)
    return figure


def cell_trajectories(cells: pd.DataFrame, trajectories: pd.DataFrame, title: str = "") -> Figure:
    """Validation accuracy over steps of every cell, a panel a split and order, by kind of cell.

    A kind with few cells has a line for each, a kind with many its median and a band of quartiles.
    With one split and order, and such a band, each kind has a panel, beside the recipients' and the
    donors' own: in one panel the bands would lie on each other.

    Args:
        cells: one row a cell: `kind`, `split`, `loader_seed`, and `run`, the row number of its run.
        trajectories: one row a point, with columns `run`, `step`, `sample_accuracy`.
        title: the ablation's name.
    """
    panels = _panels(cells)
    lines = by_run(trajectories, "sample_accuracy")
    across = min(len(panels), 2)
    down = -(-len(panels) // max(across, 1))
    figure, grid = new_figure(
        _ends(cells, lines),
        title,
        rows=[1] * max(down, 1),
        columns=[1] * max(across, 1),
        size=(WIDTH, 1.6 + (3.0 if across == 1 else 2.2) * down),
        sharex=True,
        sharey=True,
    )
    every, banded = [axes for row in grid for axes in row], False
    for axes, (name, here) in zip(every, panels.items(), strict=False):
        for kind in KINDS:  # the baselines below what is compared with them
            colour, style, width = KINDS[kind]
            drawn = [lines[c["run"]] for c in here if c["kind"] == kind and c["run"] in lines]
            if len(drawn) > FEW:
                steps, (low, middle, high) = quantiles(drawn, (0.25, 0.5, 0.75))
                axes.fill_between(steps, low, high, color=colour, alpha=0.25, lw=0)
                axes.plot(steps, middle, color=colour, ls=style, lw=1.8)
                banded = True
            else:
                thinner = width if len(drawn) < 10 else width / 2
                how = {"colors": colour, "linestyles": style, "linewidths": thinner}
                axes.add_collection(LineCollection(drawn, **how))
        axes.set(ylim=(-0.02, 1.02))
        axes.set_title(name, fontsize=SMALL)
        axes.locator_params(axis="x", nbins=5)
    last = max((line[-1, 0] for line in lines.values()), default=1)
    for number, axes in enumerate(every):
        lowest = number + across >= len(panels)
        steps_axis(axes, STEPS if lowest else "")
        axes.tick_params(labelbottom=lowest)
        axes.set_xlim(0, 1.03 * last)
        axes.set_visible(number < len(panels))
    counted = Counter(cells["kind"])
    keys = [
        Line2D([], [], color=colour, ls=style, lw=width, label=f"{kind} (n = {counted[kind]:,})")
        for kind, (colour, style, width) in KINDS.items()
        if kind in counted
    ]
    figure.supylabel("validation accuracy (share right)", fontsize=LABEL)
    heading = f"of kinds with more than {FEW} cells: median and, as a band, quartiles"
    legend(figure, keys, heading=heading if banded else "")
    return figure


def _panels(cells: pd.DataFrame) -> dict[str, list[dict]]:
    """The cells of each panel, by its title."""
    places: dict[tuple, list[dict]] = defaultdict(list)
    for cell in cells.to_dict("records"):
        places[cell["split"], cell["loader_seed"]].append(cell)
    named = {f"split {split}, loader seed {order}": here for (split, order), here in places.items()}
    counted = Counter(cells["kind"])
    if len(places) != 1 or max(counted.values()) <= FEW:
        return {f"{name}, n = {len(here):,}": here for name, here in named.items()}
    ((name, here),) = named.items()
    return {
        f"{kind} (n = {n:,}), {name}": [c for c in here if c["kind"] in (kind, *BASELINES)]
        for kind in KINDS
        if (n := counted[kind]) and kind not in BASELINES
    }


def _ends(cells: pd.DataFrame, lines: dict) -> str:
    """Where the median cell of each kind ends. Over several splits and orders it would be of runs
    that are not alike."""
    if len(cells[["split", "loader_seed"]].drop_duplicates()) > 1:
        return "Validation accuracy of every cell at each split and order of the batches"
    said = []
    for kind in KINDS:
        runs = cells.loc[cells["kind"] == kind, "run"]
        if ends := [lines[run][-1, 1] for run in runs if run in lines]:
            said.append(f"{kind} {np.median(ends):.2f}")
    return f"Median validation accuracy at the end: {', '.join(said)}" if said else "No trajectory"


def _best(
    squares: Mapping[Square, list[dict]], values: Mapping[Square, tuple], accuracy: bool, last: int
) -> str:
    """What the donors', the recipients' and the best exchanged weights reach."""
    said = []
    for kind in BASELINES:
        if own := [cell for square in squares if square.kind == kind for cell in squares[square]]:
            said.append(f"{kind}s' own {_value(own, accuracy, last)[1]}")
    exchanges = [square for square in values if square.kind not in BASELINES]
    if exchanges:
        best = (max if accuracy else min)(exchanges, key=lambda square: values[square][0])
        where = f" ({best.kind}, {best.group}, split {best.split}, loader seed {best.loader})"
        text = values[best][1]
        said.append(f"best of {len(exchanges)} exchanges {text}{'' if text[0] == '>' else where}")
    what = f"Mean validation accuracy at step {last:,}" if accuracy else "Median t98 in steps"
    return f"{what}: {', '.join(said)}" if said else "No cell is done"


def _value(cells: Sequence[Mapping], accuracy: bool, last: int) -> tuple[float, str]:
    """The value of a square of the map, and its text."""
    names = ["accuracy"] if accuracy else [*cells[0]]
    table = pd.DataFrame({name: [cell[name] for cell in cells] for name in names})
    if accuracy:
        mean = float(numbers(table, "accuracy").mean())
        return mean, f"{mean:.3f}"
    median = time_to("t98", table).median
    return (last, f"> {last:,}") if np.isnan(median) else (median, f"{median:,.0f}")
