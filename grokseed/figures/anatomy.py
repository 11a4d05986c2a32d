"""Where the spread of a landmark's time comes from: shares of its variance. Opens no file."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from grokseed.analysis.components import ROUNDING
from grokseed.figures.style import WIDTH, new_figure
from grokseed.unlike import joined

BAR, INK = "#9ecae1", "#08306b"
ROW = 0.32
"""Inches of a bar."""

WORDS = {"split": "split", "model": "weights", "loader": "order", "rounding": "rounding"}


def in_words(term: str) -> str:
    """A term of `analysis.components`, such as `split:model` or `model:loader in split`, in words;
    where it is nested, an order is always that of a split."""
    term, _, more = term.partition(" in ")[0].partition(" and ")
    streams = joined(WORDS[stream] for stream in term.split(":"))
    words = f"the match of {streams}" if ":" in term else streams
    return f"{words}; {WORDS[more]}" if more else words


def shares(components: pd.DataFrame, title: str, outcome: str = "log t98") -> Figure:
    """A bar a term, with its 95 % interval.

    Args:
        components: as `analysis.components.components` gives them.
        title: what was run.
    """
    size = WIDTH, 1.7 + ROW * len(components)
    figure, ((axes,),) = new_figure(_largest(components, outcome), title, size=size)
    place = list(range(len(components)))[::-1]
    share, low, high = (100 * components[name].to_numpy() for name in ("share", "low", "high"))
    axes.barh(place, share, color=BAR, height=0.62)
    axes.hlines(place, low, high, color=INK, linewidth=1.8)
    names = [in_words(str(term)).removeprefix("the ") for term in components["term"]]
    if names[-1] == WORDS[ROUNDING]:  # each pair of twins gives one degree of freedom
        names[-1] += f" (n = {components['freedom'].iloc[-1]:,.0f} twins)"
    axes.set_yticks(place, names)
    axes.set_xlim(0, 1.05 * max(float(high.max()), 1))
    axes.set_xlabel(f"share of the variance of {outcome} (%)\nline: 95 % interval")
    return figure


def _largest(components: pd.DataFrame, outcome: str) -> str:
    """The largest share, with its interval, in a sentence; the largest found, if another's interval
    reaches into its own."""
    most, *others = components.sort_values("share", ascending=False).to_dict("records")
    sure = all(most["low"] > other["high"] for other in others)
    share, low, high = (f"{100 * most[name]:.0f} %" for name in ("share", "low", "high"))
    what = f"The largest share{'' if sure else ' found'} of the spread of {outcome}"
    said = f"{what} is {in_words(most['term'])}: {share} (95 %: {low} to {high})"
    return said if sure else f"{said}. Intervals overlap: which is largest is not shown"
