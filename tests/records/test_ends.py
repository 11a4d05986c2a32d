"""Points of another run are told from a row's own, and rounded ones are not refused."""

from dataclasses import replace

import numpy as np
import pytest
from made_up import CONFIG, trajectory

from grokseed.records.ends import ends_of_row, fits
from grokseed.records.measure import SCALARS, measure
from grokseed.records.points import thinned
from grokseed.records.row import Row
from grokseed.seeds import Seeds


def run(model: int, **changes):
    """A made-up run's row and its points, after a change of columns."""
    made, seeds = trajectory(CONFIG, Seeds(0, model, 8, 9)), Seeds(0, model, 8, 9)
    made = replace(made, columns=made.columns | changes)
    row = Row(seeds, made.status, measure(CONFIG, made))
    return ends_of_row(row), thinned(made, CONFIG.n_sample)


def test_rounded_points_fit_their_own_row():
    random = np.random.default_rng(0)
    n = len(trajectory(CONFIG, Seeds(0, 1, 8, 9)).columns["step"])
    for _ in range(500):
        values = {k: np.exp(random.normal(0, 9, n)) for k in ("norm", "sample_loss")}
        ends, points = run(1, **values)
        assert fits(points, ends)
        assert not fits(run(1)[1], ends)


@pytest.mark.parametrize("column", ["step", "sample_loss", "norm"])
def test_each_end_tells_them_apart(column):
    ends, points = run(0)
    changed = {**points, column: points[column] * 1.001}
    assert not fits(changed, ends)
    assert fits({k: v for k, v in changed.items() if k != column or k == "step"}, ends) == (
        column != "step"
    )


def test_a_norm_that_is_no_number_and_tables_without_columns_are_no_fault():
    norm = trajectory(CONFIG, Seeds(0, 0, 8, 9)).columns["norm"].copy()
    norm[-1] = np.inf
    ends, points = run(0, norm=norm)
    assert np.isnan(ends[-1])
    assert fits(points, ends)
    steps = dict.fromkeys(SCALARS) | {"steps": 400}
    assert fits({"step": np.array([0, 400])}, ends_of_row(Row(Seeds(0, 0, 8, 9), "done", steps)))


@pytest.mark.parametrize("last", [6.6e38, 1e300, 2.0**128 * (1 - 1e-5)])
def test_a_norm_that_is_too_large_for_a_point_fits_its_own_row_alone(last):
    norm = trajectory(CONFIG, Seeds(0, 0, 8, 9)).columns["norm"].copy()
    norm[-1] = last
    ends, points = run(0, norm=norm)
    assert points["norm"][-1] == np.inf
    assert fits(points, ends)
    norm[-1] = 3.3e38
    small, finite = run(0, norm=norm)
    assert not fits(points, small)
    assert not fits(finite, ends)


def test_only_a_crashed_run_has_no_points():
    crashed = ends_of_row(Row(Seeds(0, 0, 8, 9), "crashed", dict.fromkeys(SCALARS)))
    ends, points = run(0)
    assert fits({}, crashed)
    assert not fits(points, crashed)
    assert not fits({}, ends)
