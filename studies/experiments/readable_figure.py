"""What characters in the token embedding say about times, and what more or less of them does.

Opens no file.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from grokseed.figures.rows import Row, rows_with_intervals
from grokseed.figures.style import LABEL, SMALL, STYLES, new_figure


def correlations_by_order(found: pd.DataFrame, planned: int) -> Figure:
    """The rank correlation of each order with t98 and with the early accuracy, and the
    earlier correlation in other seeds that they were to confirm, with 95 % intervals.

    Args:
        found: rows with `what` such as "order 2: correlation", and "order 2: correlation with ..."
            for the early accuracy; `n`, `found`, `low`, `high`, and `seen`, `seen_low`,
            `seen_high`, `seen_n` of the earlier correlation.
        planned: number of runs of the whole study.
    """
    own = found.loc[found["what"].str.endswith(": correlation")].to_dict("records")
    early = found.loc[found["what"].str.contains(": correlation with")].to_dict("records")
    rows = []
    for row in own:
        n = f"(n = {row['n']:,})"
        rows.append(Row(f"{_order(row)}: t98 {n}", row["found"], row["low"], row["high"]))
        for again in early:
            if _order(again) == _order(row):
                limits = again["low"], again["high"]
                also = f"{_order(row)}: early accuracy (n = {again['n']:,})"
                rows.append(Row(also, again["found"], *limits))
        n = f"(n = {row['seen_n']:,.0f})"
        rows.append(
            Row(f"{_order(row)}: other seeds {n}", row["seen"], row["seen_low"], row["seen_high"])
        )
    clear = [_order(row) for row in own if row["low"] > 0 or row["high"] < 0]
    without = [_order(row) for row in own if _apart(row)]
    what = "Whether characters of the initial embedding go with t98 cannot be told"
    if clear:
        what = f"Characters of {' and '.join(clear)} in the initial embedding go with t98"
    elif without:
        what = f"Characters of {' and '.join(without)} do not go with t98 as seen in other seeds"
    title = f"mini, {max(row['n'] for row in own):,} of {planned:,} runs of fresh seeds"
    axis = "rank correlation, within splits\n(other seeds: with early accuracy; its sign is turned)"
    return rows_with_intervals(what, title, rows, axis, (0, "none"))


def _apart(row: Mapping[Hashable, Any]) -> bool:
    """Whether the interval and that of the earlier correlation have no value in common."""
    return row["high"] < row["seen_low"] or row["low"] > row["seen_high"]


def _order(row: Mapping[Hashable, Any]) -> str:
    return row["what"].split(":")[0]


def dose_curve(found: pd.DataFrame, order: int, seeds: int) -> Figure:
    """Ratios of times to those at dose 1, with 95 % intervals, by dose.

    Args:
        found: rows with `what` such as "dose 0.5: ratio of times", `n`, `found`, `low`, `high`; the
            last row is the factor per unit of dose.
        order: of the characters that were multiplied.
        seeds: number of seeds with a dose.
    """
    own = found[found["what"].str.startswith("dose ")]
    factor = found.iloc[-1]
    what = f"Too few runs have a dose of the order-{order} characters yet"
    if np.isfinite(factor["high"]):
        limits = f"{factor['found']:.3f} ({factor['low']:.3f} to {factor['high']:.3f})"
        what = f"A unit more of order {order} multiplies times by {limits}"
    figure, ((axes,),) = new_figure(what, f"mini, {seeds:,} seeds, token embedding", size=(6, 3.6))
    dose = [float(text.split()[1].rstrip(":")) for text in own["what"]]
    low, high = (
        np.nan_to_num(own["found"] - own["low"]),
        np.nan_to_num(own["high"] - own["found"]),
    )
    error = np.clip([low, high], 0, 10)  # a single seed has no upper limit
    style = STYLES["fast"]
    axes.errorbar(dose, own["found"], yerr=error, fmt=style.marker, color=style.colour, ms=5)
    for x, y, n in zip(dose, own["found"], own["n"], strict=True):
        text = f"n = {n:,}"
        place = {"xytext": (6, 4), "textcoords": "offset points"}
        axes.annotate(text, (x, y), fontsize=SMALL, **place)
    axes.axhline(1, color="black", lw=0.8, ls=":")
    axes.set_xlim(-0.3, 3.6)
    axes.set_xlabel(f"dose: factor of the order-{order} characters (1: the run itself)")
    axes.set_ylabel("time to t98, ratio to dose 1", fontsize=LABEL)
    return figure
