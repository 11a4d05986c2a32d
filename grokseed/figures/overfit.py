"""The overfit ladder: loss and accuracy by level, gradient flow, the sweep of learning rates.

Tables go in, matplotlib Figures come out. No torch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from grokseed.analysis.gradients import LARGE, SMALL
from grokseed.analysis.survival import numbers
from grokseed.figures.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PINK,
    STEPS,
    VERMILION,
    WIDTH,
    legend,
    new_figure,
)

COLOURS = (BLUE, GREEN, VERMILION, "black")
"""Colours of the levels, the smallest first: Okabe and Ito's palette."""

LINES = ("-", "--", "-.", "-")

PARTS = {"embedding": BLUE, "attention": VERMILION, "ffn": GREEN, "head": "black"}
"""Colour of a parameter, by a word in its name."""

FLOOR = 1e-9
"""Norms below this, and zero, are drawn at this value."""

UNSEEN: dict[str, Any] = {"color": GREY, "linestyle": ":"}
FLAGGED: dict[str, Any] = {"marker": "x", "color": PINK, "linestyle": "", "markersize": 4}
TARGET: dict[str, Any] = {"linestyle": ":", "linewidth": 0.8}


def ladder(epochs: pd.DataFrame, levels: pd.DataFrame, low_loss: float, title: str = "") -> Figure:
    """Train loss and accuracy over epochs, a line a level; dotted: the targets.

    Args:
        epochs: one row an epoch of a level: columns `name`, `epoch`, `loss`, `right`.
        levels: one row a level, the smallest first: `name`, `n`, `least` right, `met`.
        low_loss: the target loss on the whole train set, the last level.
        title: what was examined.
    """
    met = int(numbers(levels, "met").sum())
    what = f"The config memorises {met} of {len(levels)} levels of the ladder"
    size = (WIDTH, 5.2)
    figure, ((above,), (below,)) = new_figure(what, title, rows=(1, 1), size=size, sharex=True)
    handles = []
    for i, level in enumerate(levels.to_dict("records")):
        own = epochs[epochs["name"] == level["name"]]
        colour, line = COLOURS[i % len(COLOURS)], LINES[i % len(LINES)]
        look: dict[str, Any] = {"color": colour, "linestyle": line, "linewidth": 1.3}
        above.plot(own["epoch"], own["loss"], **look)
        below.plot(own["epoch"], own["right"] / level["n"], **look)
        below.axhline(level["least"] / level["n"], color=colour, **TARGET)
        label = f"{level['name']} (n = {level['n']:,}), {'met' if level['met'] else 'missed'}"
        handles.append(Line2D([], [], label=label, **look))
    above.axhline(low_loss, color=COLOURS[(len(levels) - 1) % len(COLOURS)], **TARGET)
    above.set(ylabel="train loss\n(nats)", yscale="log")
    below.set(ylabel="train accuracy\n(share right)", ylim=(-0.02, 1.04))
    below.set(xlabel="training (epochs)", xscale="log")
    below.xaxis.set_major_formatter("{x:,.0f}")
    legend(
        figure,
        handles,
        heading="dotted: the targets of each level, and of the loss on the train set",
    )
    return figure


def gradients(norms: pd.DataFrame, title: str = "") -> Figure:
    """Norm of every parameter's gradient over steps, of one level; those flagged are marked.

    Args:
        norms: one row a parameter and step: columns `parameter`, `step`, `norm`, `flag`.
        title: what was examined.
    """
    parameters, flags = norms["parameter"].to_numpy(), norms["flag"].to_numpy()
    steps, values = numbers(norms, "step"), numbers(norms, "norm")
    flagged, names = ~np.isin(flags, ["", "unseen"]), list(dict.fromkeys(parameters))
    what = f"Gradients of {len(set(parameters[flagged]))} of {len(names)} parameters are flagged"
    figure, ((axes,),) = new_figure(what, title, size=(WIDTH, 4.6))
    for name in names:
        own = (parameters == name) & np.isfinite(values)
        unseen = "unseen" in flags[own]
        colour = UNSEEN["color"] if unseen else _colour(name)
        style = UNSEEN["linestyle"] if unseen else "-" if name.endswith("weight") else "--"
        drawn = np.maximum(values[own], FLOOR)
        axes.plot(steps[own], drawn, color=colour, linestyle=style, linewidth=0.9)
    high = values[np.isfinite(values)].max(initial=LARGE)
    at = np.where(np.isfinite(values), np.maximum(values, FLOOR), high)
    axes.plot(steps[flagged], at[flagged], **FLAGGED)
    for limit in (SMALL, LARGE):
        axes.axhline(limit, color="black", **TARGET)
    axes.set(xscale="log", yscale="log", ylim=(FLOOR / 2, 4 * high))
    axes.set(xlabel=STEPS, ylabel="norm of the gradient (L2)")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    handles = [Line2D([], [], color=c, label=part) for part, c in PARTS.items()]
    handles += [Line2D([], [], label="bias of keys, unseen by the softmax", **UNSEEN)]
    handles += [Line2D([], [], label=f"flagged (n = {int(flagged.sum()):,})", **FLAGGED)]
    heading = (
        f"solid: weights; dashed: biases; dotted: the limits {SMALL:g} and {LARGE:g}; "
        f"zero and norms below {FLOOR:g} are drawn at the lower edge, NaN at the upper"
    )
    legend(figure, handles, heading=heading)
    return figure


def rates(sweep: pd.DataFrame, own: tuple[float, float], epochs: int, title: str = "") -> Figure:
    """The lowest train loss of an epoch at each rate of the sweep.

    Args:
        sweep: one row a rate: columns `rate`, `lowest`; infinite if the loss was never finite.
        own: the config's rate, and its lowest loss in the same number of epochs.
        epochs: of every rate.
        title: what was examined.
    """
    lowest = numbers(sweep, "lowest")
    real = np.isfinite(lowest)
    tried, lowest = numbers(sweep, "rate")[real], lowest[real]
    what = "All rates of the sweep diverge"
    if len(tried):
        what = f"Of the sweep, rate {tried[lowest.argmin()]:g} learns fastest"
    figure, ((axes,),) = new_figure(what, title, size=(WIDTH, 3.6))
    look: dict[str, Any] = {"color": COLOURS[0], "marker": "o", "markersize": 5}
    axes.plot(tried, lowest, **look)
    mark: dict[str, Any] = {"color": COLOURS[2], "marker": "*", "markersize": 10, "linestyle": ""}
    axes.plot(*([value] for value in own), **mark)
    axes.set(xscale="log", xlabel="learning rate")
    axes.set_ylabel(f"lowest train loss\nof {epochs} epochs (nats)")
    handles = [
        Line2D([], [], label=f"the sweep (n = {len(tried)} rates)", **look),
        Line2D([], [], label=f"the config's rate, {own[0]:g}", **mark),
    ]
    legend(figure, handles, len(sweep) - len(tried))
    return figure


def _colour(name: str) -> str:
    return next((colour for part, colour in PARTS.items() if part in name), ORANGE)
