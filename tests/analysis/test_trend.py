"""The trend over several sets: by hand, by integration, and how often its interval covers."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, linregress, norm, ttest_1samp
from scipy.stats import t as student
from shared_seeds import log_times

from grokseed.analysis import trend


def several(random, n, end, matched=True) -> trend.Sets:
    """Three sets, each 10 % sooner than the last, whose seeds carry half of the variance."""
    y = 9 + np.log(0.9) * np.arange(3) + random.normal(0, 0.3, (n, 3))
    y += random.normal(0, 0.3, (n, 1) if matched else (n, 3))
    times, reached = np.exp(np.minimum(y, end)), y <= end
    if not matched:
        blocks = np.eye(3, dtype=bool).repeat(n, axis=0)
        times = np.where(blocks, np.tile(times, (3, 1)), np.nan)
        reached = blocks & np.tile(reached, (3, 1))
    return trend.Sets(np.arange(3.0), times, reached)


def test_the_slope_of_matched_sets_is_the_mean_of_each_seeds_own():
    data = several(np.random.default_rng(4), 20, 99)
    found = trend.fit(data)
    slopes = (np.log(data.times[:, 2]) - np.log(data.times[:, 0])) / 2
    assert np.log(found.ratio) == pytest.approx(slopes.mean(), abs=1e-4)
    assert 0.3 < found.removed < 0.8


@pytest.mark.parametrize("n", [2, 4, 10])
def test_unmatched_sets_have_the_limits_and_the_p_value_of_a_regression(n: int) -> None:
    data = several(np.random.default_rng(n), n, np.inf, matched=False)
    rows, sets = np.nonzero(data.ran)
    theirs: Any = linregress(sets, np.log(data.times[rows, sets]))
    found = trend.fit(data)
    half = student.ppf(0.975, 3 * n - 2) * theirs.stderr
    wanted = theirs.slope - half, theirs.slope + half
    assert np.log([found.low, found.high]) == pytest.approx(wanted, abs=2e-3)
    assert found.p == pytest.approx(theirs.pvalue, rel=5e-3)
    assert np.isnan(found.removed)  # no seed is in two sets


def test_a_seed_in_two_sets_and_another_in_one_are_too_few() -> None:
    times = np.array([[100.0, 90.0], [110.0, np.nan]])
    with pytest.raises(ValueError, match="three runs of different seeds"):
        trend.fit(trend.Sets(np.arange(2.0), times, ~np.isnan(times)))


@pytest.mark.parametrize("matched", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_the_trends_interval_covers(matched):
    random = np.random.default_rng(6)
    hits = sum(trend.holds(several(random, 12, 8.9, matched), 0.9) for _ in range(40))
    assert binomtest(hits, 40, 0.95).pvalue > 0.001


@pytest.mark.parametrize(("end", "of_seeds"), [(8.8, -0.4), (8.4, 1.3)])
def test_a_censored_trend_agrees_with_integration_by_brute_force(end, of_seeds):
    """Also if all runs of a seed are censored, and seeds differ 7 times as much as their runs."""
    data = several(np.random.default_rng(2), 4, end)
    model = trend._Model(data)
    p = np.array([0.1, -0.2, of_seeds, -0.6])
    b = np.linspace(-12, 12, 40_001) * np.exp(p[2])
    z = (model.y - p[0] - p[1] * model.x)[:, :, None] - b
    each = np.where(
        data.reached[:, :, None], norm.pdf(z, scale=np.exp(p[3])), norm.sf(z, scale=np.exp(p[3]))
    )
    inner = each.prod(axis=1) * norm.pdf(b, scale=np.exp(p[2]))
    wanted = np.log(inner.sum(axis=1) * (b[1] - b[0])).sum()
    assert model.loss(p) == pytest.approx(-wanted, rel=1e-6)


def sharing(random, sizes, runs, own=0.25, end=np.inf, matched=True) -> trend.Sets:
    """Three sets, each 10 % sooner than the last, as `log_times` draws them."""
    cell, logs = log_times(random, sizes, runs, 3, matched, own)
    y = logs.T + np.log(0.9) * np.arange(3)
    times, reached = np.exp(np.minimum(y, end)), y <= end
    names = ("split_seed", "model_seed", "loader_seed")
    seeds = pd.DataFrame(dict(zip(names, cell.T, strict=False)))
    if not matched:
        blocks = np.eye(3, dtype=bool).repeat(len(cell), axis=0)
        times = np.where(blocks, np.tile(times, (3, 1)), np.nan)
        reached = blocks & np.tile(reached, (3, 1))
        seeds = pd.concat([seeds + 100 * i for i in range(3)], ignore_index=True)
    return trend.Sets(np.arange(3.0), times, reached, seeds)


def alone(data: trend.Sets) -> trend.Sets:
    return trend.Sets(data.levels, data.times, data.reached)


def coverage(draws: int, *design, **kinds) -> tuple[float, float]:
    """How often the limits hold the truth, and, in the first fifteen draws, how often those that
    take rows as independent do."""
    random = np.random.default_rng(12)
    some = [sharing(random, *design, **kinds) for _ in range(draws)]
    naive = sum(trend.holds(alone(data), 0.9) for data in some[:15])
    return sum(trend.holds(data, 0.9) for data in some) / draws, naive / 15


@pytest.mark.parametrize(("matched", "end"), [(True, 9.0), (False, np.inf)])
def test_limits_over_seeds_hold_the_truth_where_those_over_rows_do_not(matched, end):
    held, naive = coverage(50, (8, 8), 1, end=end, matched=matched)
    assert 0.92 <= held <= 0.99
    assert naive < 0.85


@pytest.mark.slow
@pytest.mark.parametrize("matched", [True, False])
@pytest.mark.parametrize("end", [np.inf, 8.9])
@pytest.mark.parametrize("own", [0.25, 0.0])
@pytest.mark.parametrize(("sizes", "runs"), [((8, 8), 1), ((4, 16), 1), ((8,), 8)])
def test_coverage_is_near_95_in_a_hundred(sizes, runs, own, end, matched):
    held, _ = coverage(400, sizes, runs, own=own, end=end, matched=matched)
    assert 0.92 <= held <= 0.995


def test_over_one_source_limits_are_students_of_the_seeds_slopes():
    data = sharing(np.random.default_rng(1), (6,), 5)
    assert data.shared == {"split": 6}
    slopes = (np.log(data.times[:, 2]) - np.log(data.times[:, 0])).reshape(6, 5).mean(axis=1) / 2
    theirs, found = ttest_1samp(slopes, 0), trend.fit(data)
    wanted = np.exp(theirs.confidence_interval())
    assert (found.low, found.high) == pytest.approx(wanted, rel=2e-3)
    assert found.p == pytest.approx(theirs[1], rel=0.01)
    before = trend.fit(alone(data))
    assert before.high / before.low < 0.9 * found.high / found.low
    assert before.over is None
    for limit, inwards in ((found.low, 1.001), (found.high, 0.999)):
        assert trend.holds(data, limit * inwards)
        assert not trend.holds(data, limit / inwards)


def test_too_few_seeds_that_runs_share_give_a_trend_no_limits():
    data = sharing(np.random.default_rng(7), (3,), 20)
    found = trend.fit(data)
    assert np.isnan([found.low, found.high, found.p]).all()
    assert found.ratio == trend.fit(alone(data)).ratio
    assert trend.holds(data, 100.0)


def test_rows_that_share_no_seeds_are_independent():
    data = sharing(np.random.default_rng(9), (8, 8), 1, end=9.0)
    one = data.seeds.assign(split_seed=3, model_seed=range(64))
    own = trend.Sets(data.levels, data.times, data.reached, one)
    assert own.shared == {}
    assert repr(trend.fit(own)) == repr(trend.fit(alone(data)))
