"""Marks with their intervals, for the figures of studies."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import Container

from grokseed.figures.style import STYLES


def interval_bars(
    axes: Axes, at: Any, found: Any, look: str, sideways: bool = False, **more: Any
) -> Container:
    """Numbers with their limits, in a class's colour and mark; a limit that is NaN has no bar.

    Args:
        at: places (n,) on the axis that the numbers are not on.
        found: the numbers, their lower and their upper limits, each (n,).
        look: a class of `STYLES`.
        sideways: whether the numbers are on the x axis.
        more: for matplotlib's `errorbar`, such as `label`.
    """
    value, low, high = found
    x, y, side = (value, at, "xerr") if sideways else (at, value, "yerr")
    style = STYLES[look]
    drawn: dict[str, Any] = {
        side: np.nan_to_num([value - low, high - value]).clip(0),
        "fmt": style.marker,
        "color": style.colour,
        "ms": style.size,
    }
    return axes.errorbar(x, y, **drawn | more)
