"""When runs memorise, arm by arm in the order of their ratio of block to readout parameters.

Opens no file. No torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from grokseed.analysis.survival import numbers
from grokseed.figures.style import (
    BLUE,
    GOLDEN,
    GREEN,
    ORANGE,
    PINK,
    VERMILION,
    WIDTH,
    legend,
    new_figure,
)


class Look(NamedTuple):
    """A kind of readout: its name, its colour of Okabe and Ito's palette, its mark."""

    text: str
    colour: str
    mark: str


LOOKS = {
    "flatten": Look("all positions (flatten)", BLUE, "o"),
    "bottleneck": Look("all positions, behind a bottleneck", VERMILION, "s"),
    "time": Look("each position narrowed to d/8", GREEN, "^"),
    "conv": Look("a convolution to d/8", PINK, "v"),
    "last": Look("the last position alone", "black", "D"),
    "tied": Look("the last position alone, tied", ORANGE, "<"),
}


def steps_by_arm(
    runs: Mapping[str, pd.DataFrame], found: pd.DataFrame, windows: int, notes: Mapping[str, str]
) -> Figure:
    """A row an arm, the lowest ratio on top: a mark a run, open where it did not memorise.

    Args:
        runs: of each arm, with `memorised_step` and `steps`; an arm's name begins with a kind of
            readout.
        found: a row an arm, with `arm`, `ratio`, `n`, `memorised` and `median` (steps).
        windows: how many are trained on.
        notes: what an arm is whose name does not say it.
    """
    rows = found.sort_values("ratio", kind="stable").to_dict("records")
    size = WIDTH, 1.9 + 0.3 * len(rows)
    what, n = _seen(rows), sum(row["n"] for row in rows)
    title = f"{n:,} runs on the {windows} train windows of a text"
    figure, ((axes,),) = new_figure(what, title, size=size)
    handles: dict[str, Artist] = {}
    for y, row in enumerate(rows):
        look, some = LOOKS[row["arm"].split("_")[0]], runs[row["arm"]]
        step, last = numbers(some, "memorised_step"), numbers(some, "steps")
        at = np.where(np.isnan(step), last, step)
        spread = y + 0.7 * ((np.arange(len(at)) * GOLDEN + 0.5) % 1 - 0.5)
        common = {"ls": "", "marker": look.mark, "ms": 4, "color": look.colour, "mew": 0.7}
        for here, fill in ((np.isnan(step), "none"), (~np.isnan(step), look.colour)):
            axes.plot(at[here], spread[here], mfc=fill, alpha=0.8, **common)
        (handle,) = axes.plot([], [], label=look.text, **common)
        handles[look.text] = handle
        axes.vlines(row["median"], y - 0.46, y + 0.46, color="black", lw=1.6, zorder=1)
    names = [f"{_words(row['arm'])}  {row['ratio']:.3f}" for row in rows]
    axes.set_yticks(range(len(rows)), names)
    axes.set(ylim=(len(rows) - 0.4, -0.6), xscale="log")
    axes.set_ylabel("readout and ratio of\nblock to readout parameters")
    axes.set_xlabel("step of memorising (train accuracy 0.99; log scale)")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(axis="y", color="#DDDDDD", lw=0.6)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    heading = "open: not memorised by the last step; bar: median (Kaplan-Meier); a mark a run"
    for arm in [row["arm"] for row in rows if row["arm"] in notes]:
        heading += f"; {_words(arm)}: {notes[arm]}"
    legend(figure, list(handles.values()), heading=heading)
    return figure


def _seen(rows: list[dict]) -> str:
    """The arm that memorises first, its ratio, and how many do not."""
    done = [row for row in rows if 2 * row["memorised"] >= row["n"] > 0]
    if not done:
        return f"None of {len(rows)} arms memorises"
    first = min(done, key=lambda row: row["median"])
    text = f"{_words(first['arm'])} (ratio {first['ratio']:.3f}) memorises first, by step "
    return (
        f"{text}{first['median']:,.0f}; {len(rows) - len(done)} of {len(rows)} arms do not memorise"
    )


def _words(arm: str) -> str:
    return arm.replace("_", " ")
