"""The figures of the overfit ladder hold all that they show, and show what their tables hold."""

import math

import numpy as np
import pytest
from figure_tables import of_overfit
from matplotlib.lines import Line2D
from test_boxes import LONG, check

LADDERS = {
    "usual": ([4.0, 1.0, 0.05], 500.0, [4.8, 4.5, 4.6]),
    "one epoch": ([4.0], math.nan, [4.8]),
    "diverged": ([4.0, math.nan], math.nan, [math.inf, math.inf]),
    "huge": ([4.0, 1e4], 1e30, [4.8, math.inf]),
}


@pytest.mark.parametrize("made", LADDERS.values(), ids=LADDERS)
def test_every_figure_of_a_ladder_holds_all_that_it_shows(made) -> None:
    losses, norm, sweep = made
    for figure in of_overfit(losses, norm, sweep, LONG).values():
        check(figure)


def points(line: Line2D) -> list[list[float]]:
    return np.asarray(line.get_path().vertices).tolist()


def test_the_lines_are_the_tables() -> None:
    figures = of_overfit([4.0, 1.0, 0.05], 500.0, [4.8, 4.5, 4.6])
    loss, accuracy = figures["ladder"].axes
    assert points(loss.lines[0]) == [[1, 4.0], [2, 1.0], [3, 0.05]]
    assert points(accuracy.lines[0]) == [[1, 1], [2, 1], [3, 1]]
    title = figures["gradients"].get_suptitle()
    assert title.startswith("Gradients of 2 of 4 parameters are flagged")
    (marks,) = [line for line in figures["gradients"].axes[0].lines if line.get_marker() == "x"]
    assert points(marks) == [[x, y] for y in (1e-9, 500.0) for x in (1, 5, 90)]
    assert "rate 0.1 learns fastest" in figures["rates"].get_suptitle()
