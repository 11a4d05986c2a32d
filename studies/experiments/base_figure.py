"""When runs reach t98 on each split, and the cut below which they win. Opens no file."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from grokseed.analysis.rates import Rate
from grokseed.analysis.survival import time_to
from grokseed.figures.style import (
    BLUE,
    GREEN,
    LABEL,
    ORANGE,
    PINK,
    SKY,
    VERMILION,
    legend,
    new_figure,
    steps_axis,
)

COLOURS = (BLUE, VERMILION, GREEN, PINK, ORANGE, SKY)
LINES = ("-", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
"""Dashes are a second cue beside the colours."""


def times_by_split(runs: pd.DataFrame, splits: pd.DataFrame, won: Rate) -> Figure:
    """A curve a split: the share of runs that have not reached t98; its cut as a dashed line.

    Args:
        runs: one row a run, with `split_seed`, `t98_step` and `steps`.
        splits: a row a split: `split_seed` and `cut`.
        won: the share of all seeds below their split's cut.
    """
    limits = f"{won.share:.1%}, 95 %: {won.low:.1%} to {won.high:.1%}" if won.n else "none"
    what = (
        f"Of {won.n:,} seeds {won.k} ({limits}) reach t98 in half of their split's median or less"
    )
    figure, ((axes,),) = new_figure(what, f"mini, {len(runs):,} runs to t98 shown", size=(6, 4))
    handles = []
    for place, row in enumerate(splits.to_dict("records")):
        colour = COLOURS[place % len(COLOURS)]
        curve = time_to("t98", runs.loc[runs["split_seed"] == row["split_seed"]])
        steps, left = [0, *curve.times], [1.0, *curve.survival]
        label = f"split {row['split_seed']} (n = {curve.n})"
        look = {"color": colour, "ls": LINES[place % len(LINES)]}
        handles += axes.step(steps, left, where="post", label=label, **look)
        axes.plot([row["cut"]] * 2, [0, 0.12], lw=2, **look)
    axes.set_ylim(0, 1.02)
    axes.set_ylabel("share of runs not at t98 yet", fontsize=LABEL)
    steps_axis(axes)
    legend(
        figure,
        handles,
        heading="short upright lines: the cut, half of the split's median, below which a run wins",
    )
    return figure
