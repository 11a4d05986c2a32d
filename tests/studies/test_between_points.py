"""Values between a run's points by hand, and how much of a run's length they carry."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

import grokseed
from common.between_points import on_curve, on_line, points_of

RESULTS = Path(__file__).parents[2] / "results"
RISING = pd.DataFrame({"step": [0, 100, 200, 300], "norm": [10.0, np.nan, 30.0, np.nan]})


def test_a_line_is_straight_between_points_and_level_outside_of_them() -> None:
    points = pd.DataFrame({"step": [100, 300], "norm": [10.0, 30.0]})
    assert on_line(points, "norm", [0, 100, 150, 300, 999]).tolist() == [10, 10, 15, 30, 30]
    assert float(on_line(points, "norm", 250)) == 25


def test_a_curve_leaves_out_points_without_a_value_and_ends_at_the_last() -> None:
    assert on_curve(RISING, "norm", 100) == pytest.approx(20, abs=1)
    assert np.isnan(on_curve(RISING, "norm", 300))
    assert np.isnan(on_curve(RISING, "norm", np.nan))
    assert np.isnan(on_curve(RISING.iloc[:2], "norm", 50))


def test_a_curve_is_nearer_to_a_norm_that_rises_ever_more_slowly() -> None:
    step = np.arange(0, 9001, 750)
    points = pd.DataFrame({"step": step, "norm": 45 - 25 * np.exp(-step / 900)})
    true = 45 - 25 * np.exp(-1000 / 900)
    assert on_line(points, "norm", 1000) < true - 0.5
    assert on_curve(points, "norm", 1000) == pytest.approx(true, abs=0.25)


def test_points_are_in_the_order_of_the_runs() -> None:
    table = pd.DataFrame({"run": [0, 1, 1, 2], "step": [5, 6, 7, 8]})
    found = points_of(pd.DataFrame(index=[2, 1]), table)
    assert [points["step"].tolist() for points in found] == [[8], [6, 7]]
    with pytest.raises(KeyError):
        points_of(pd.DataFrame(index=[3]), table)


@pytest.mark.parametrize(("step", "line", "curve"), [(620, 0.04, 0.03), (1000, 0.10, 0.16)])
def test_the_correlations_of_the_docstring_are_those_on_file(step, line, curve) -> None:
    scan = grokseed.load(RESULTS / "mini_generalise")
    own, late = points_of(scan.runs, scan.trajectories), scan.runs["t98_step"].fillna(np.inf)
    for value, rho in ((on_line, line), (on_curve, curve)):
        norm = [float(value(points, "norm", step)) for points in own]
        assert np.asarray(spearmanr(norm, late))[0] == pytest.approx(rho, abs=0.005)
