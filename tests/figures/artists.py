"""What a figure shows: its legend's words, a line's points, its collections of lines."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def points(line: Line2D) -> np.ndarray:
    return np.asarray(line.get_xydata())


def collections(axes) -> list[LineCollection]:
    return [c for c in axes.collections if isinstance(c, LineCollection)]
