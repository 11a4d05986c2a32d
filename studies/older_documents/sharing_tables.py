"""What the trainings of studies/sharing.py say: a row of the document's grid a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from grokseed.analysis.differences import Difference, mean_difference
from grokseed.analysis.significance import holm
from grokseed.config import Config
from grokseed.model.layout import layers_of
from grokseed.params import count_config
from grokseed.records.row import SEEDS

MOST = {"accuracy": 1.0, "loss": np.inf, "pairs": 1.0}
"""The outcomes, and the largest difference of two runs in each."""

LEVEL = 0.05
GRID = [
    *("model", "training", "outcome", "cell", "n", "mean", "low", "high"),
    *("difference", "difference_low", "difference_high", "p", "p_holm"),
    *("told", "others", "best"),
]


def shapes_table(cells: Mapping[str, Config], rows: Mapping[str, str]) -> pd.DataFrame:
    """A row of the grid a line: `row`, `cell`, `sets` (of each block), `d_model`, `parameters`,
    and how far these lie from the first row's: `off`, a share."""
    found = []
    for row, cell in rows.items():
        config = cells[cell]
        sets = " ".join(name.removeprefix("block") for name in layers_of(config))
        found.append((row, cell, sets, config.d_model, count_config(config).total))
    table = pd.DataFrame(found, columns=["row", "cell", "sets", "d_model", "parameters"])
    return table.assign(off=table["parameters"] / table["parameters"].iloc[0] - 1)


def grid_table(runs: pd.DataFrame, cells: Sequence[str]) -> pd.DataFrame:
    """A line a model, training, outcome and cell: its mean over seeds, against the baseline and
    against the best.

    Two cells are compared seed by seed. P-values are Holm's over a column's comparisons.

    Args:
        cells: in order; the first is the baseline.

    Returns:
        `GRID`, NaN where not known. `difference` is from the baseline, and `p` that of none. Of a
        column's best cell alone, `told` are the other cells that are worse by Holm's p-value, of
        `others`, and `best` is yes where these are all, else no.
    """
    lines = []
    for model in dict.fromkeys(runs["model"]):
        own = runs.loc[runs["model"] == model]
        for training in ("short", "long"):
            for outcome, most in MOST.items():
                wide = own.pivot(
                    index=list(SEEDS[:4]), columns="cell", values=f"{outcome}_{training}"
                )
                wide = wide[[cell for cell in cells if cell in wide]]
                named = {"model": model, "training": training, "outcome": outcome}
                lines += [{**named, **line} for line in _column(wide, cells[0], outcome, most)]
    return pd.DataFrame(lines, columns=GRID).fillna({"best": ""})


def _column(wide: pd.DataFrame, base: str, outcome: str, most: float) -> list[dict[str, Any]]:
    """The lines of one column.

    Args:
        wide: float64, a row a seed, a column a cell.
    """
    lines = {}
    for cell in wide:
        own = mean_difference(wide[cell], most)
        limits = {"low": max(own.low, 0.0), "high": own.high}
        lines[cell] = {"cell": cell, "n": own.n, "mean": own.mean, **limits}
    if base in wide:
        for cell, some, p in _compared(wide, base, most):
            lines[cell] |= {"difference": some.mean, "p": some.p, "p_holm": p}
            lines[cell] |= {"difference_low": some.low, "difference_high": some.high}
    sign = -1 if outcome == "loss" else 1
    if np.isfinite(wide.mean()).any():
        top = str((sign * wide.mean()).idxmax())
        behind = _compared(wide, top, most)
        told = sum(p < LEVEL and sign * some.mean < 0 for _, some, p in behind)
        best = "yes" if behind and told == len(behind) else "no"
        lines[top] |= {"told": told, "others": len(behind), "best": best}
    return list(lines.values())


def _compared(wide: pd.DataFrame, base: str, most: float) -> list[tuple[str, Difference, float]]:
    """Each other cell minus a base, and Holm's p-value; one that is not known finds nothing."""
    others = [cell for cell in wide if cell != base]
    found = [mean_difference(wide[cell] - wide[base], most) for cell in others]
    return list(zip(others, found, after_holm([some.p for some in found]).tolist(), strict=True))


def after_holm(p: ArrayLike) -> np.ndarray:
    """Holm's p-values; a comparison that is not known (NaN) counts as one that finds nothing."""
    return holm(np.nan_to_num(np.asarray(p, np.float64), nan=1.0))
