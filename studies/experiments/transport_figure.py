"""Rates of wins of winners and losers whose runs were relabelled in several ways."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from common.bars import interval_bars
from grokseed.figures.style import LABEL, SMALL, legend, new_figure

ROLES = {"winner": "super", "loser": "normal"}
"""For each role the class whose style it has."""


def transport_rates(found: pd.DataFrame, planned: int) -> Figure:
    """A row for each way of relabelling, a mark for each role, with 95 % intervals.

    Args:
        found: a row a way: `way`, `runs`, and for each role its rate and limits, such as
            `winner`, `winner_low`, `winner_high`.
        planned: number of runs of the whole study.
    """
    alone = found.iloc[0]
    what = (
        f"With {alone['way']} alone renamed, winners win in {_percent(alone['winner'])} "
        f"and losers in {_percent(alone['loser'])}"
    )
    title = f"mini, winners and losers of four splits, {of(sum(found['runs']), planned)}"
    figure, ((axes,),) = new_figure(what, title, size=(6, 1.9 + 0.4 * len(found)))
    at, handles = np.arange(len(found))[::-1], []
    for role, look in ROLES.items():
        bars = interval_bars(
            axes,
            at + (0.12 if role == "winner" else -0.12),
            [100 * found[f"{role}{limit}"] for limit in ("", "_low", "_high")],
            look,
            sideways=True,
            label=f"{role}s",
        )
        handles.append(bars)
    names = [f"{way}\n({n:,} runs)" for way, n in zip(found["way"], found["runs"], strict=True)]
    axes.set_yticks(at, names, fontsize=SMALL)
    axes.set_xlim(-2, 102)
    axes.set_ylim(-0.6, len(found) - 0.4)
    axes.set_xlabel("runs that win (%)", fontsize=LABEL)
    axes.set_ylabel("what is renamed", fontsize=LABEL)
    legend(figure, handles, heading="bars: 95 % intervals over seeds")
    return figure


def of(runs: int, planned: int) -> str:
    """How many of a study's runs there are."""
    return f"{runs:,} of {planned:,} runs" if runs < planned else f"{runs:,} runs"


def _percent(share: float) -> str:
    return "?" if np.isnan(share) else f"{100 * share:.0f} %"
