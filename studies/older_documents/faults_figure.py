"""Faults planted in a config: whether it memorises with each, and the norms of its gradients.

Opens no file. No torch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from grokseed.analysis.gradients import LARGE, SMALL
from grokseed.analysis.survival import numbers
from grokseed.figures.style import BLUE, GREEN, GREY, VERMILION, WIDTH, legend, new_figure

FLOOR = 1e-20
"""Norms below this, and zero, are drawn at this value."""

LOOKS: dict[str, tuple[str, str]] = {
    "memorised": (BLUE, "o"),
    "its fault is named": (GREEN, "s"),
    "another cause is named": (VERMILION, "X"),
    "no fault was planted": (GREY, "D"),
}
"""Colour of Okabe and Ito's palette and mark of an outcome."""


def by_fault(ladders: pd.DataFrame, most: int, title: str = "") -> Figure:
    """A row a fault: a mark a ladder at its epoch of memorising, open at the last where it did not,
    and the range of its gradients' norms.

    Args:
        ladders: one row a ladder, in the order of faults: `fault`, `outcome` (a key of `LOOKS`),
            `reached` (epochs, NaN for never), `right` (share of the train set at the end),
            `norm_low`, `norm_high`.
        most: the last epoch.
        title: what was examined.
    """
    names = list(dict.fromkeys(ladders["fault"]))
    outcomes = ladders["outcome"].tolist()
    named = outcomes.count("its fault is named")
    planted = named + outcomes.count("another cause is named")
    what = f"{planted} ladders with a planted fault do not memorise; of {named} the fault is named"
    size = WIDTH, 1.9 + 0.27 * len(names)
    figure, ((left, middle, right),) = new_figure(
        what, title, columns=(1, 1, 1), size=size, sharey=True
    )
    for y, name in enumerate(names):
        own = ladders.loc[ladders["fault"] == name]
        at = y + (np.arange(len(own)) - (len(own) - 1) / 2) * 0.12
        epochs, shares = numbers(own, "reached"), numbers(own, "right")
        low, high = (numbers(own, f"norm_{end}") for end in ("low", "high"))
        goes_on = _goes_on(own)
        for i, outcome in enumerate(own["outcome"]):
            colour, mark = LOOKS[outcome]
            look: dict[str, Any] = {"color": colour, "marker": mark, "ms": 5, "ls": ""}
            never = np.isnan(epochs[i])
            look["markerfacecolor"] = "none" if never and not goes_on[i] else colour
            if not goes_on[i]:
                left.plot(most if never else epochs[i], at[i], **look)
            middle.plot(100 * shares[i], at[i], **look)
            right.plot(np.maximum([low[i], high[i]], FLOOR), [at[i]] * 2, color=colour, lw=1.3)
    left.set_yticks(range(len(names)), names)
    left.set(ylim=(len(names) - 0.4, -0.6), xlim=(0, 1.08 * most))
    left.set_xlabel("memorised (epochs)")
    middle.set(xlim=(-3, 103), xlabel="right at the end (%)")
    right.set(xscale="log", xlim=(FLOOR / 3, 1e4), xlabel="gradient norms (L2)")
    right.set_xticks([1e-18, 1e-12, 1e-6, 1.0])
    right.xaxis.set_minor_locator(NullLocator())
    for limit in (SMALL, LARGE):
        right.axvline(limit, color="black", linestyle=":", linewidth=0.8)
    for axes in (left, middle, right):
        axes.grid(axis="y", color="#DDDDDD", lw=0.6)
    seen = [outcome for outcome in LOOKS if outcome in outcomes]
    handles = [
        Line2D([], [], color=LOOKS[one][0], marker=LOOKS[one][1], ls="", ms=5, label=one)
        for one in seen
    ]
    heading = (
        f"a mark a ladder, open: not memorised by epoch {most}; bars: from the smallest to the "
        "largest norm of a parameter's gradient in a ladder; dotted: the guide's limits of these; "
        f"zero is drawn at {FLOOR:g}"
    )
    if onward := list(dict.fromkeys(ladders["fault"][_goes_on(ladders)])):
        heading += f"; no epoch where training went on after the target ({', '.join(onward)})"
    legend(figure, handles, heading=heading)
    return figure


def _goes_on(ladders: pd.DataFrame) -> np.ndarray:
    """bool (ladders,), which memorised and were trained on, so that the last epoch is none."""
    memorised = (ladders["outcome"] == "memorised").to_numpy()
    return memorised & np.isnan(numbers(ladders, "reached"))
