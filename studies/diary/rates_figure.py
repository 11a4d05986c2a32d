"""The figure of studies/rates.py: the share of runs that are not normal, by seed."""

import pandas as pd
from matplotlib.figure import Figure

from grokseed.figures.rows import Row, rows_with_intervals


def by_seed(found: pd.DataFrame, screen: int, planned: int) -> Figure:
    """The share of runs that are not normal, over all runs and for each split and loader seed."""
    own = found.loc[found["class"] == "not normal"].to_dict("records")
    names = [f"{r['axis']} {r['seed']}" if r["axis"] else "all" for r in own]
    rows = [
        Row(f"{name} ({r['k']} of {r['n']:,})", *(100 * r[at] for at in ("share", "low", "high")))
        for name, r in zip(names, own, strict=True)
    ]
    first = rows[0]
    what = f"{first.value:.1f} % of runs ({first.low:.1f} to {first.high:.1f}) are not normal"
    title = f"mini, step {screen:,}; {own[0]['n']:,} of {planned:,} runs; "
    title += "limits of a split are over model seeds alone"
    return rows_with_intervals(what, title, rows, "runs not normal (%)", (first.value, "all"))
