"""Fits of two sets of runs, against scipy, hand-made arrays and simulation."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from drawn_times import CORRELATION, RATIO, SD, arms, draw
from scipy.stats import binomtest, multivariate_normal, ttest_1samp
from scipy.stats import t as student

from grokseed.analysis import paired
from grokseed.analysis.bivariate import upper_orthant
from grokseed.analysis.outcomes import outcome
from grokseed.analysis.paired import Arms, fit, holds


@pytest.mark.parametrize("correlation", [-0.9, -0.3, 0.0, 0.5, 0.95])
def test_both_censored_has_the_probability_of_scipys_bivariate_normal(correlation):
    points = np.array([[0, 0], [1, -0.5], [-2, 1.5], [2, 2.2], [-3, -3]], float)
    cov: Any = [[1, correlation], [correlation, 1]]
    both: Any = multivariate_normal
    law: Any = both(np.zeros(2), cov)
    wanted = [law.cdf(-point) for point in points]
    np.testing.assert_allclose(
        upper_orthant(points[:, 0], points[:, 1], correlation), wanted, atol=2e-6
    )


def test_without_censoring_the_interval_is_students_paired_one():
    found = fit(draw(np.random.default_rng(3), 20, 0))
    data = draw(np.random.default_rng(3), 20, 0)
    test: Any = ttest_1samp(np.log(data.b / data.a), 0)
    wanted = np.exp([np.log(data.b / data.a).mean(), *test.confidence_interval()])
    got = (found.ratio, found.ratio_low, found.ratio_high)
    np.testing.assert_allclose(got, wanted, rtol=1e-4)
    assert found.p == pytest.approx(test.pvalue, rel=1e-3)
    assert found.correlation == pytest.approx(np.corrcoef(np.log([data.a, data.b]))[0, 1], abs=1e-4)


def test_a_censored_fit_finds_what_was_drawn():
    found = fit(draw(np.random.default_rng(0), 3000, 0.45))
    assert found.ratio == pytest.approx(RATIO, rel=0.03)
    assert (found.sd_a, found.sd_b) == pytest.approx(SD, rel=0.06)
    assert found.correlation == pytest.approx(CORRELATION, abs=0.05)
    assert found.correlation_low < CORRELATION < found.correlation_high
    share = 2 * CORRELATION * SD[0] * SD[1] / (SD[0] ** 2 + SD[1] ** 2)
    assert found.removed[0] == pytest.approx(share, abs=0.05)


def test_holds_is_whether_the_interval_holds():
    data = draw(np.random.default_rng(5), 20, 0.2)
    found = fit(data)
    for limit, inwards in ((found.ratio_low, 1.01), (found.ratio_high, 0.99)):
        assert holds(data, limit * inwards)
        assert not holds(data, limit / inwards)


def coverage(n, censored, matched, draws):
    random = np.random.default_rng([n, int(100 * censored), matched])
    return sum(holds(draw(random, n, censored, matched), RATIO) for _ in range(draws))


@pytest.mark.parametrize(("censored", "matched"), [(0.45, True), (0.2, False)])
def test_the_interval_covers_as_often_as_it_says(censored, matched):
    hits = coverage(20, censored, matched, 60)
    assert binomtest(hits, 60, 0.95).pvalue > 0.001


@pytest.mark.slow
@pytest.mark.parametrize("matched", [True, False])
@pytest.mark.parametrize("n", [20, 100])
@pytest.mark.parametrize("censored", [0.0, 0.2, 0.45])
def test_coverage_lies_between_93_and_97_in_a_hundred(n, censored, matched):
    assert 0.93 <= coverage(n, censored, matched, 2000) / 2000 <= 0.97


def test_times_that_do_not_vary_have_a_ratio_and_no_limits_of_width_zero():
    """Equal times on equal seeds, some censored; one time a set, matched or not; one ratio."""
    data, nan = draw(np.random.default_rng(1), 20, 0.2), np.full(10, np.nan)
    a, b = np.full(10, 1000.0), np.full(10, 2000.0)
    apart = arms(np.append(a, nan), np.append(nan, b))
    for same, ratio in (
        (Arms(data.a, data.a_reached, data.a, data.a_reached), 1),
        (arms(a, b), 2),
        (apart, 2),
        (arms([1000, 2000, 5000], [2000, 4000, 10_000]), 2),
    ):
        found = fit(same)
        assert found.ratio == pytest.approx(ratio, rel=1e-3)
        unknown = found.ratio_low, found.ratio_high, found.p, found.se, *found.removed
        assert np.isnan(unknown).all()
        assert holds(same, 100.0)


def test_two_runs_of_each_must_have_got_there():
    with pytest.raises(ValueError, match="needs two runs of each"):
        fit(arms([100, 200, 300], [100, 300, 300], b_reached=[True, False, False]))


def test_runs_match_by_all_four_seeds_and_crashed_ones_are_left_out():
    seeds = {"split_seed": 0, "loader_seed": 8, "val_seed": 9}
    step = {"t98_step": [100, None, 300, None], "steps": [400, 400, 400, None]}
    a = pd.DataFrame({**seeds, "model_seed": [0, 1, 2, 3], **step})
    b = a.assign(loader_seed=[8, 8, 9, 8])
    found = paired.pair(outcome(a, "t98"), outcome(b, "t98"))
    assert found.n == (3, 3)
    assert found.events == (2, 2)
    assert sorted(found.a[found.matched]) == [100, 400]
    assert len(found.a) == 4
    with pytest.raises(ValueError, match="no column t50_step"):
        outcome(a, "t50")
    with pytest.raises(ValueError, match="same four seeds"):
        outcome(pd.concat([a, a]), "t98")


def test_the_limits_of_a_correlation_rest_on_the_seeds_that_are_matched():
    """With 1,000 runs of either set alone, means and spreads are known; 8 pairs are few."""
    random = np.random.default_rng(2)
    both = draw(random, 8, 0)
    alone = draw(random, 1000, 0, matched=False)
    names = ("a", "a_reached", "b", "b_reached")
    a, a_reached, b, b_reached = (
        np.append(getattr(both, name), getattr(alone, name)) for name in names
    )
    found = fit(Arms(a, a_reached, b, b_reached))
    means = np.nanmean(np.log([a, b]), axis=1)
    z = (np.log([both.a, both.b]).T - means) / [found.sd_a, found.sd_b]

    def loss(rho: float) -> float:
        law: Any = multivariate_normal
        return -float(law(np.zeros(2), [[1, rho], [rho, 1]]).logpdf(z).sum())

    rho = np.linspace(-0.9, 0.99, 1000)
    losses = np.array([loss(one) for one in rho])
    limit = 8 * np.log1p(student.ppf(0.975, 6) ** 2 / 6)
    inside = rho[2 * (losses - losses.min()) <= limit]
    got = (found.correlation, found.correlation_low, found.correlation_high)
    assert found.matched == 8
    assert got == pytest.approx((rho[losses.argmin()], inside.min(), inside.max()), abs=0.015)


def test_matching_removes_less_of_the_variance_where_spreads_are_unequal():
    """The variance of a difference over the sum of both, from the values themselves."""
    random = np.random.default_rng(4)
    a = random.normal(9, 0.2, 40)
    b = 3 * a + random.normal(0, 0.4, 40)
    found = fit(arms(np.exp(a), np.exp(b)))
    assert found.removed[0] == pytest.approx(1 - np.var(b - a) / (np.var(a) + np.var(b)), abs=1e-3)
    assert found.removed[0] < 0.8 * found.correlation
