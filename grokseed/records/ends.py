"""Whether thinned points are those of a row, by what both say of the run's ends. No torch."""

from __future__ import annotations

import math
from collections.abc import Sequence

from grokseed.records.points import KEPT_BITS, Points
from grokseed.records.row import Row

ENDS = (("step", -1, "steps"), ("sample_loss", 0, "sample_loss_start"), ("norm", -1, "norm_final"))
"""Columns of points, the point, and the scalar of a row that has the same value."""

N_ENDS = 1 + len(ENDS)

CLOSE = 2.0 ** (1 - KEPT_BITS)
"""Largest relative difference: twice what the rounding of points makes."""

LARGEST = 2.0**128
"""The first number that is too large for float32."""


def ends_of_row(row: Row) -> list[float]:
    """Whether it has points, 1 or 0, and its `ENDS`; NaN where it does not say, or is no number."""
    found = (row.scalars.get(name) for *_, name in ENDS)
    return [float(row.status != "crashed"), *(math.nan if v is None else float(v) for v in found)]


def fits(points: Points, ends: Sequence[float]) -> bool:
    """Whether points can be those of a row.

    Args:
        points: of a run; empty if there are none.
        ends: of the row, as `ends_of_row` gives them.
    """
    if not points or not ends[0]:
        return not points and not ends[0]
    # Tables of earlier versions lack columns.
    return all(
        math.isnan(end) or name not in points or _close(float(points[name][at]), end)
        for (name, at, _), end in zip(ENDS, ends[1:], strict=True)
    )


def _close(point: float, end: float) -> bool:
    """Whether a point rounds a row's number; one too large for float32 is infinite."""
    return math.isclose(point, end, rel_tol=CLOSE) or (
        math.isinf(point) and end >= LARGEST * (1 - CLOSE)
    )
