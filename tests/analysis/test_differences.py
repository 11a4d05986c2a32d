"""Differences over pairs against scipy, by hand and by simulation."""

import numpy as np
import pytest
from scipy.stats import binomtest, ttest_1samp

from grokseed.analysis.differences import mean_difference, rates_apart


def test_it_is_scipys_one_sample_t_test() -> None:
    values = np.random.default_rng(0).normal(0.3, 1, 20)
    found, theirs = mean_difference([*values, np.nan]), ttest_1samp(values, 0)
    limits = theirs.confidence_interval(0.95)
    assert found.n == 20
    assert found.p == pytest.approx(np.asarray(theirs)[1])
    assert (found.low, found.high) == pytest.approx((limits.low, limits.high))
    assert found.excludes(found.high + 0.01)
    assert not found.excludes(found.mean)


@pytest.mark.parametrize(("value", "p"), [(0.0, 1.0), (1.0, 2 * 0.5**48)])
def test_differences_that_are_all_alike_still_have_limits(value: float, p: float) -> None:
    found = mean_difference([value] * 48, most=1)
    unseen = float(binomtest(0, 48).proportion_ci(method="exact").high)
    assert (found.low, found.high) == pytest.approx((value - unseen, min(value + unseen, 1.0)))
    assert found.p == p


def test_the_share_that_a_sign_test_would_find_is_found_in_80_percent_of_studies() -> None:
    share = mean_difference([0.0] * 48, most=1).detectable
    differing = np.random.default_rng(0).binomial(48, share, 4000)
    p_values = np.array([binomtest(0, int(k)).pvalue if k else 1.0 for k in differing])
    assert np.mean(p_values < 0.05) == pytest.approx(0.8, abs=0.02)
    assert mean_difference([0.0] * 5, most=1).detectable == 1


@pytest.mark.parametrize("values", [[], [0.5]])
def test_fewer_than_two_pairs_tell_nothing(values: list[float]) -> None:
    found = mean_difference(values)
    assert np.isnan(found.p)
    assert not found.excludes(1e9)
    assert (mean_difference(values, most=1).low, mean_difference(values, most=1).high) == (-1, 1)


def test_rates_differ_by_no_more_than_one_and_other_values_by_any_amount() -> None:
    values = [0.0, 1.0]
    of_rates, of_others = mean_difference(values, most=1), mean_difference(values)
    assert (of_rates.low, of_rates.high, of_rates.detectable) == (-1, 1, 1)
    assert of_others.high > 1
    assert of_others.detectable > 1
    assert of_rates.p == of_others.p
    assert np.isnan(mean_difference([2.0] * 9).p)  # without a spread nothing is known of it


def test_rates_apart_by_hand() -> None:
    won = [1, 1, 0, 0, 1, 1, 1]
    pair = [0, 0, 0, 0, 1, 1, 2]
    winner = [True, True, False, True, True, False, True]
    found = rates_apart(won, pair, winner)
    assert found.to_dict() == {0: pytest.approx(2 / 3), 1: 0.0}  # pair 2 has one side alone
    assert rates_apart([1], [0], [True]).empty
