"""How well signals tell early runs from others, by step. Opens no file."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from grokseed.figures.style import BLUE, GREEN, LABEL, PINK, VERMILION, WIDTH, legend, new_figure

ACROSS = 2
"""Panels in a row."""

LOOKS = ((BLUE, "-"), (VERMILION, "--"), (GREEN, "-."), (PINK, ":"))
"""A colour of Okabe and Ito's palette and a line for each signal, in the order of the table."""


def areas(found: pd.DataFrame) -> Figure:
    """A panel a scan, a line a signal with its 95 % interval as a band: area under the ROC curve by
    step, on the seeds of the fit. Scans with the same areas and chosen rule share a panel. The
    signals are those that every scan has.

    Each signal has one side in all panels, that of its last steps: the area is that of high values,
    or of low ones. An area below a half says that the other side told more at that step.

    Args:
        found: columns `scan`, `signal`, `step`, `auc`, `low`, `high`, `n`, `chosen`.
    """
    by_areas: dict[tuple, list[str]] = {}
    for scan, own in found.groupby("scan", sort=False):
        key = tuple(own[["signal", "step", "auc", "chosen"]].itertuples(index=False, name=None))
        by_areas.setdefault(key, []).append(str(scan))
    scans = list(by_areas.values())
    down = -(-len(scans) // ACROSS)
    across = min(ACROSS, len(scans))
    figure, rows = new_figure(
        "Signals tell runs that are not normal from the others long before their end",
        "area under the ROC curve on the seeds of the fit, 95 % bands; 0.5: says nothing",
        rows=[1.0] * down,
        columns=[1.0] * across,
        size=(WIDTH, 1.6 + 2.2 * down),
        sharey=True,
    )
    panels = [axes for row in rows for axes in row]
    having = {str(name): set(own["scan"]) for name, own in found.groupby("signal", sort=False)}
    every = set(found["scan"])
    signals = [name for name, some in having.items() if some == every][: len(LOOKS)]
    low_side = {str(name): _is_low(own) for name, own in found.groupby("signal", sort=False)}
    handles: dict[str, Artist] = {}
    for axes, names in zip(panels, scans, strict=False):
        own = found.loc[found["scan"] == names[0]]
        for signal, (colour, dashes) in zip(signals, LOOKS, strict=False):
            line = own.loc[own["signal"] == signal]
            height, low, high = (line[name] for name in ("auc", "low", "high"))
            if turned := low_side[signal]:
                height, low, high = 1 - height, 1 - high, 1 - low
            name = signal.replace("sample_", "validation ").replace("_", " ")
            name = f"{'low' if turned else 'high'} {name}"
            style = {"color": colour, "ls": dashes, "lw": 1.4, "label": name}
            (handles[name],) = axes.plot(line["step"], height, **style)
            axes.fill_between(line["step"], low, high, color=colour, alpha=0.15, lw=0)
        chosen = own.loc[own["chosen"], "step"].iloc[0]
        rule = axes.axvline(chosen, color="black", lw=0.8, label="the chosen rule's step")
        handles["rule"] = rule
        text = ",\n".join(names)
        axes.set_title(f"{text} (n = {own['n'].iloc[0]:,})", fontsize=LABEL)
        axes.axhline(0.5, color="black", lw=0.8, ls=":")
        axes.set_ylim(0.25, 1.02)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter("{x:,.0f}")
    for axes in panels[len(scans) :]:
        axes.set_visible(False)
    for row in rows:
        row[0].set_ylabel("area under\nthe ROC curve", fontsize=LABEL)
    for axes in panels[max(len(scans) - across, 0) : len(scans)]:  # the lowest of each column
        axes.set_xlabel("optimiser steps", fontsize=LABEL)
    exact = bool(np.isin(found["auc"], [0, 1]).any())
    wide = "where the area is 1 the band is wider: the limits of a share of the fewer runs"
    legend(figure, list(handles.values()), heading=wide if exact else "")
    return figure


def _is_low(own: pd.DataFrame) -> bool:
    """Whether low values of a signal say that a run is early, by the last step of each scan."""
    last = own.sort_values("step", kind="stable").groupby("scan")["auc"].last()
    return float(np.mean(last)) < 0.5
