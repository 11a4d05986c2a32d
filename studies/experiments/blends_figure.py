"""Rates of wins with a part of the weights blended, a panel a radius. Opens no file."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from grokseed.figures.style import BLUE, LABEL, SMALL, VERMILION, WIDTH, legend, new_figure

SIDES = {
    False: (BLUE, "s", "95 % interval"),
    True: (VERMILION, "o", "all weights, fresh draw (line: its rate)"),
}
"""Colour, mark and name of the rows, and of the one that they are compared with."""


def rates_by_blend(found: pd.DataFrame, reference: str, what: str, title: str, axis: str) -> Figure:
    """What is blended by rate of wins, a panel a radius; the reference's rate is a line through it.

    Args:
        found: rows with `where` (what is blended), `radius`, `runs`, and `rate`, `low` and `high`
            as shares, NaN if not known.
        reference: the value of `where` that the others are compared with; it may have no rows.
        what: the finding.
        title: the study, with its number of runs.
        axis: what the rates are of.
    """
    names, radii = list(dict.fromkeys(found["where"])), sorted(set(found["radius"]))
    figure, (panels,) = new_figure(
        what,
        title,
        columns=[1] * len(radii),
        size=(WIDTH, 2.1 + 0.42 * len(names)),
        sharex=True,
        sharey=True,
    )
    drawn = {}
    for axes, radius in zip(panels, radii, strict=True):
        for row in found.loc[found["radius"] == radius].to_dict("records"):
            compared = row["where"] == reference
            colour, mark, name = SIDES[compared]
            value, low, high = (100 * row[limit] for limit in ("rate", "low", "high"))
            at = names.index(row["where"])
            beside = {"fontsize": SMALL - 1, "ha": "right", "va": "bottom"}
            axes.text(104, at - 0.12, f"n = {row['runs']:,}", **beside)
            if not np.isfinite(value):
                continue
            error = [[value - low], [high - value]]
            style = {"fmt": mark, "color": colour, "ms": 4.5, "lw": 1.4}
            drawn[compared] = axes.errorbar(value, at, xerr=error, label=name, **style)
            if compared:
                axes.axvline(value, color=colour, lw=0.8, ls=":", zorder=1)
        axes.set_title(f"e = {radius:g}", fontsize=SMALL)
    panels[0].set_yticks(range(len(names)), names, fontsize=SMALL)
    panels[0].set(xlim=(-4, 104), ylim=(len(names) - 0.4, -0.7), xticks=(0, 50, 100))
    panels[len(panels) // 2].set_xlabel(axis, fontsize=LABEL)
    legend(figure, [drawn[side] for side in SIDES if side in drawn])
    return figure
