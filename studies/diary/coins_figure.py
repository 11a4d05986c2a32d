"""The figure of studies/coins.py, and in which cells times spread less or more."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from grokseed.figures.rows import Row, rows_with_intervals

WORDS = {
    "p": "p = {}",
    "d_model": "d = {}",
    "layers": "{} layers",
    "train_fraction": "train fraction {:g}",
}
"""What a cell changes, in the figure."""

TICKS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5)


def named(cell: str, changes: Mapping[str, float]) -> str:
    """A cell by what it changes; its own name if that is nothing."""
    return ", ".join(WORDS[field].format(value) for field, value in changes.items()) or cell


def fades(row: dict) -> str:
    """Whether a cell's times spread less than those that it is compared with or more, after Holm;
    empty if it cannot be told.

    Args:
        row: with `ratio`, of its spread to theirs, and `p_holm` of a ratio of 1.
    """
    if not row["p_holm"] < 0.05:
        return ""
    return "less" if row["ratio"] < 1 else "more"


def spreads(found: pd.DataFrame, own: str, cells: Mapping[str, Mapping[str, float]]) -> Figure:
    """The spread of times in each cell, as the factor whose logarithm it is.

    Args:
        found: as `coins.table` gives it.
        own: the cell that the others are compared with.
        cells: all that there will be, and what each changes.
    """
    rows = [
        Row(
            f"{named(r['cell'], cells[r['cell']])} (n = {r['n']})",
            *np.exp([r["spread"], r["spread_low"], r["spread_high"]]),
        )
        for r in found.to_dict("records")
    ]
    known = found.loc[(found["cell"] != own) & found["ratio"].notna()].to_dict("records")
    less, more = (sum(fades(row) == side for row in known) for side in ("less", "more"))
    what = f"Times surely spread less than {own}'s in {less} of {len(known)} cells, more in {more}"
    if known and not less + more:
        what = "Whether times spread less in larger models cannot be told"
    if not known:
        what = "Whether times spread less in larger models is not known yet"
    base = found.loc[found["cell"] == own, "spread"].dropna()
    line = (float(np.exp(base.iloc[0])), own) if len(base) else None
    title = f"{len(found)} of {len(cells)} cells, {sum(found['n']):,} runs"
    axis = "median time over that of the earliest tenth (times)"
    return rows_with_intervals(what, title, rows, axis, line, log=True, ticks=TICKS)
