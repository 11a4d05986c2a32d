"""Rank correlations of predictors with t98. Opens no file."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.container import Container
from matplotlib.figure import Figure

from grokseed.figures.style import LABEL, SMALL, STYLES, legend, new_figure

EARLY = 0.9
"""A predictor that is known only after this share of the steps to t98 comes too late."""


def correlations(found: pd.DataFrame, use: float, baseline: str, judged: str) -> Figure:
    """Each predictor's correlation with t98, alone and given the baseline, with 95 % intervals.

    Those that are known too late have an asterisk.

    Args:
        found: columns `predictor`, `folder`, `n`, `known` and `known_winners`; `rho`, `low` and
            `high`, and `of_use`, what they say; and `partial_rho`, `partial_low` and
            `partial_high`, given the baseline.
        use: the absolute value from which on a predictor would be useful.
        baseline: the predictor that is held fixed, whose own partial correlation is not known.
        judged: the folder that the title is of. The largest of all folders would be picked by its
            error, and be of runs that share seeds.
    """
    own = found.loc[found["folder"] == judged]
    in_time = own[["known", "known_winners"]].max(axis=1) <= EARLY
    early, late = own.loc[in_time], set(own.loc[~in_time, "predictor"])
    best = early.loc[early["partial_rho"].abs().idxmax()]
    alone = own.loc[own["predictor"] != baseline]
    of_use = set(alone.loc[alone["of_use"] == "yes", "predictor"])
    useful, behind = len(of_use), len(of_use & late)
    limits = f"{best['partial_rho']:.2f} ({best['partial_low']:.2f} to {best['partial_high']:.2f})"
    folders, predictors = (list(dict.fromkeys(found[name])) for name in ("folder", "predictor"))
    figure, (panels,) = new_figure(
        f"By themselves {useful} of {len(alone)} predictors are above {use:g} in {judged}, "
        f"{behind} of them known too late; of those known in time, '{best['predictor']}' adds "
        f"most to the {baseline}: {limits}",
        f"mini, 95 % intervals; above 0: larger ones go with a later t98; dotted: ±{use:g}, of use "
        "from there",
        columns=[1] * len(folders),
        size=(3 + 2.4 * len(folders), 2 + 0.36 * len(predictors)),
        sharey="row",
    )
    lines = (("", "alone", "normal", 0.13), ("partial_", f"given the {baseline}", "fast", -0.13))
    handles = []
    for folder, axes in zip(folders, panels, strict=True):
        own = found.loc[found["folder"] == folder].set_index("predictor")
        y = len(predictors) - 1 - pd.Index(predictors).get_indexer(own.index)
        handles = [
            _bars(axes, own, y + shift, prefix, name, look) for prefix, name, look, shift in lines
        ]
        for line in (-use, use):
            axes.axvline(line, color="black", lw=0.8, ls=":")
        axes.axvline(0, color="black", lw=0.8)
        fewest, most = own["n"].min(), own["n"].max()
        n = f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"
        axes.set_title(f"{folder}\nn = {n}", fontsize=SMALL)
        axes.set(xlim=(-1, 1), xticks=[-0.5, 0, 0.5])
        axes.set_xlabel("rank correlation with t98", fontsize=LABEL)
    rows = [f"{name} (*)" if name in late else name for name in predictors]
    panels[0].set_yticks(range(len(predictors))[::-1], rows, fontsize=SMALL)
    legend(figure, handles, heading=f"(*): not known in time in {judged}" if late else "")
    return figure


def _bars(
    axes: Axes, own: pd.DataFrame, y: np.ndarray, prefix: str, name: str, look: str
) -> Container:
    """Correlations of one kind in one folder, where they are known."""
    rho, low, high = (own[prefix + column].to_numpy() for column in ("rho", "low", "high"))
    known, style = ~np.isnan(rho), STYLES[look]
    error = [(rho - low)[known], (high - rho)[known]]
    how = {"fmt": style.marker, "color": style.colour, "ms": 5, "label": name}
    return axes.errorbar(rho[known], y[known], xerr=error, **how)
