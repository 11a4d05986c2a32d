"""The grid of models whose layers share weights: accuracy and minimal pairs, column by column.

Opens no file. No torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from grokseed.analysis.survival import numbers
from grokseed.figures.style import BLUE, VERMILION, WIDTH, legend, new_figure

LOOKS: dict[str, dict[str, Any]] = {
    "accuracy": {"color": BLUE, "marker": "o", "markersize": 4, "label": "accuracy"},
    "pairs": {
        "color": VERMILION,
        "marker": "s",
        "markersize": 4,
        "markerfacecolor": "none",
        "label": "minimal pairs",
    },
}
"""Outcomes that are drawn: Okabe and Ito's colours, and a mark each."""


def grid(
    found: pd.DataFrame,
    rows: Mapping[str, str],
    columns: Sequence[tuple[str, str, str]],
    title: str = "",
) -> Figure:
    """A panel a column: means of a row over seeds with their intervals; dotted: the first row's.

    Args:
        found: a line a model, training, outcome and cell: `model`, `training`, `outcome`, `cell`,
            `n`, `mean`, `low`, `high` (shares), `best` (yes, no or empty).
        rows: the cell that each row is read from, in order.
        columns: model, training and name of each column.
        title: what was trained.
    """
    shown = found.loc[found["outcome"] == "accuracy"]
    sure = int((shown["best"] == "yes").sum())
    cells = len(set(rows.values())) * len(columns)
    what = f"In {sure} of {len(columns)} columns one model is surely the best; "
    what += f"{len(shown)} of {cells} cells are trained"
    size = WIDTH, 1.9 + 0.24 * len(rows)
    figure, (panels,) = new_figure(
        what, title, columns=[1] * len(columns), size=size, sharex=True, sharey=True
    )
    for axes, (model, training, name) in zip(panels, columns, strict=True):
        own = found.loc[(found["model"] == model) & (found["training"] == training)]
        for shift, (outcome, look) in zip((-0.12, 0.12), LOOKS.items(), strict=True):
            lines = own.loc[own["outcome"] == outcome].set_index("cell")
            for y, cell in enumerate(rows.values()):
                if cell in lines.index:
                    line = lines.loc[[cell]]
                    mean, low, high = (
                        100 * numbers(line, column) for column in ("mean", "low", "high")
                    )
                    axes.plot([low[0], high[0]], [y + shift] * 2, color=look["color"], lw=1)
                    axes.plot(mean, [y + shift], ls="", **look)
            first = next(iter(rows.values()))
            if first in lines.index:
                at = 100 * lines.loc[first, "mean"]
                axes.axvline(at, color=look["color"], linestyle=":", linewidth=0.8)
        axes.set_title(name, fontsize=9)
        axes.grid(axis="y", color="#DDDDDD", lw=0.6)
    panels[0].set_yticks(range(len(rows)), list(rows))
    panels[0].set(ylim=(len(rows) - 0.4, -0.6), xlim=(-3, 103))
    for axes in panels:
        axes.set_xlabel("right (%)")
    handles = [Line2D([], [], ls="", **look) for look in LOOKS.values()]
    seeds = sorted({int(n) for n in shown["n"]})
    heading = (
        f"mean of {' or '.join(map(str, seeds))} seeds a cell and its 95 % interval; dotted: the "
        f"{next(iter(rows))}"
    )
    legend(figure, handles, heading=heading)
    return figure
