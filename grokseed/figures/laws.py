"""Rank correlations of predictors with t98. Opens no file."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from grokseed.figures.style import LABEL, SMALL, STYLES, new_figure

EARLY = 0.9
"""A predictor that is known only after this share of the steps to t98 comes too late."""


def correlations(found: pd.DataFrame, use: float, baseline: str) -> Figure:
    """Each predictor's correlation with t98, alone and given the baseline, with 95 % intervals.

    Args:
        found: columns `predictor`, `folder`, `rho`, `low`, `high`, `n`, `known` and
            `known_winners`, and `partial`, `partial_low` and `partial_high` in front of those given
            the baseline.
        use: the absolute value from which on a predictor would be useful.
        baseline: the predictor that is held fixed, whose own partial correlation is not known.
    """
    early = found.loc[found[["known", "known_winners"]].max(axis=1) <= EARLY]
    best = early.loc[early["partial_rho"].abs().idxmax()]
    limits = f"{best['partial_rho']:.2f} ({best['partial_low']:.2f} to {best['partial_high']:.2f})"
    figure, ((axes,),) = new_figure(
        f"Of what is known before t98, {best['predictor']} adds most to the {baseline}: {limits}",
        f"mini, rank correlation with t98, 95 % intervals; dotted: ±{use:g}, of use from there",
        size=(8, 1.4 + 0.42 * len(found)),
    )
    y = np.arange(len(found))[::-1]
    for prefix, name, style, shift in (
        ("", "alone", STYLES["normal"], 0.13),
        ("partial_", f"given the {baseline}", STYLES["fast"], -0.13),
    ):
        rho, low, high = (found[prefix + column] for column in ("rho", "low", "high"))
        known = rho.notna()
        error = [(rho - low)[known], (high - rho)[known]]
        look = {"fmt": style.marker, "color": style.colour, "ms": 5, "label": name}
        axes.errorbar(rho[known], y[known] + shift, xerr=error, **look)
    for line in (-use, use):
        axes.axvline(line, color="black", lw=0.8, ls=":")
    axes.axvline(0, color="black", lw=0.8)
    named = zip(found["predictor"], found["folder"], found["n"], strict=True)
    axes.set_yticks(y, [f"{what}\n{folder}, n = {n:,}" for what, folder, n in named])
    axes.tick_params(axis="y", labelsize=SMALL)
    axes.set_xlim(-1, 1)
    axes.set_xlabel("rank correlation with t98 (above 0: more of it, later)", fontsize=LABEL)
    axes.legend(loc="lower left", fontsize=SMALL)
    return figure
