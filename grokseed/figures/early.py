"""How well signals tell early runs from others, by step. Opens no file."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from grokseed.figures.style import LABEL, SMALL, new_figure


def areas(found: pd.DataFrame) -> Figure:
    """A panel a scan, a line a signal: area under the ROC curve by step, on the seeds of the fit.

    Args:
        found: columns `scan`, `signal`, `step`, `auc`, `n`, `chosen`.
    """
    scans = list(dict.fromkeys(found["scan"]))
    figure, rows = new_figure(
        "Signals tell runs that are not normal from others long before these end",
        "area under the ROC curve, 0.5 where a signal says nothing; dotted: the chosen rule",
        size=(3.4 * len(scans), 3.8),
        columns=[1.0] * len(scans),
    )
    for axes, scan in zip(rows[0], scans, strict=True):
        own = found.loc[found["scan"] == scan]
        for signal, line in own.groupby("signal", sort=False):
            axes.plot(line["step"], line["auc"].clip(lower=1 - line["auc"]), lw=1, label=signal)
        axes.axvline(own.loc[own["chosen"], "step"].iloc[0], color="black", lw=0.8, ls=":")
        axes.set_title(f"{scan} (n = {own['n'].iloc[0]:,})", fontsize=LABEL)
        axes.set_ylim(0.45, 1.02)
        axes.set_xlabel("step", fontsize=LABEL)
        axes.legend(fontsize=SMALL, frameon=False)
    rows[0][0].set_ylabel("area under the ROC curve", fontsize=LABEL)
    return figure
