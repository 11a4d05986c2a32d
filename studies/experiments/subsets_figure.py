"""Rates of wins by the subset of layer groups that was exchanged. Opens no file."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from common.bars import interval_bars
from experiments.transport_figure import of
from grokseed.figures.style import LABEL, SMALL, STYLES, legend, new_figure

DONORS = {"winner": ("super", "a winner's"), "other": ("normal", "another loser's")}
"""For each donor the class whose style it has, and whose groups were put in."""

SHORT = {
    "token_embedding": "tokens",
    "position_embedding": "positions",
    "block1.attention": "attention",
    "block1.ffn": "ffn",
}


def subset_rates(found: pd.DataFrame, carriers: int, runs: int, planned: int) -> Figure:
    """A row for each subset, a mark for each kind of donor; the largest excess is on top.

    Args:
        found: a row a subset: `groups` joined by +, `runs`, `winners`, `excess`, and for each donor
            its rate and limits, such as `winner`, `winner_low`, `winner_high`.
        carriers: how many subsets carry a win.
        runs: number of different runs that are there; one may be of several pairs.
        planned: number of runs of the whole study.
    """
    rows = found.sort_values("excess", ascending=False, kind="stable", na_position="last")
    shown = f"{carriers or 'None'} of {len(rows)} subsets of a winner's layer groups"
    what = f"{shown} {'are' if carriers > 1 else 'is'} shown to carry its win"
    seeds = f"{min(rows['winners'])} to {max(rows['winners'])} seeds a mark"
    title = f"mini, groups put into losers, {seeds}, {of(runs, planned)}"
    figure, ((axes,),) = new_figure(what, title, size=(6, 1.8 + 0.2 * len(rows)))
    at, handles = np.arange(len(rows))[::-1], []
    for donor, (look, whose) in DONORS.items():
        bars = interval_bars(
            axes,
            at + (0.15 if donor == "winner" else -0.15),
            [100 * rows[f"{donor}{limit}"] for limit in ("", "_low", "_high")],
            look,
            sideways=True,
            ms=STYLES[look].size * 0.7,
            lw=1,
            label=whose,
        )
        handles.append(bars)
    axes.set_yticks(at, [_short(groups) for groups in rows["groups"]], fontsize=SMALL)
    axes.set_xlim(-2, 102)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.set_xlabel("runs that win (%)", fontsize=LABEL)
    legend(figure, handles, heading="bars: 95 % intervals over seeds")
    return figure


def _short(groups: str) -> str:
    return " + ".join(SHORT.get(group, group) for group in groups.split("+"))
