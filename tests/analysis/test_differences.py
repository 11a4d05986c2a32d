"""Differences over pairs against scipy, by hand and by simulation."""

import numpy as np
import pytest
from scipy.stats import binom, binomtest, norm, ttest_1samp

from grokseed.analysis.differences import (
    mean_difference,
    newcombe,
    shares_apart,
)


def test_it_is_scipys_one_sample_t_test() -> None:
    values = np.random.default_rng(0).normal(0.3, 1, 20)
    found, theirs = mean_difference([*values, np.nan]), ttest_1samp(values, 0)
    limits = theirs.confidence_interval(0.95)
    assert found.n == 20
    assert found.p == pytest.approx(np.asarray(theirs)[1])
    assert (found.low, found.high) == pytest.approx((limits.low, limits.high))


@pytest.mark.parametrize(("value", "p"), [(0.0, 1.0), (1.0, 2 * 0.5**48)])
def test_differences_that_are_all_alike_still_have_limits(value: float, p: float) -> None:
    found = mean_difference([value] * 48, most=1)
    unseen = float(binomtest(0, 48).proportion_ci(method="exact").high)
    assert (found.low, found.high) == pytest.approx((value - unseen, min(value + unseen, 1.0)))
    assert found.p == p


def test_the_share_that_a_sign_test_would_find_is_found_in_80_percent_of_studies() -> None:
    share = mean_difference([0.0] * 48, most=1).detectable
    differing = np.random.default_rng(0).binomial(48, share, 4000)
    p_values = np.array([binomtest(0, k).pvalue if k else 1.0 for k in range(49)])[differing]
    assert np.mean(p_values < 0.05) == pytest.approx(0.8, abs=0.02)
    assert mean_difference([0.0] * 5, most=1).detectable == 1


@pytest.mark.parametrize("values", [[], [0.5]])
def test_fewer_than_two_pairs_tell_nothing(values: list[float]) -> None:
    found = mean_difference(values)
    assert np.isnan(found.p)
    assert (found.low, found.high) == (-np.inf, np.inf)
    assert (mean_difference(values, most=1).low, mean_difference(values, most=1).high) == (-1, 1)


def test_rates_differ_by_no_more_than_one_and_other_values_by_any_amount() -> None:
    values = [0.0, 1.0]
    of_rates, of_others = mean_difference(values, most=1), mean_difference(values)
    assert (of_rates.low, of_rates.high, of_rates.detectable) == (-1, 1, 1)
    assert of_others.high > 1
    assert of_others.detectable > 1
    assert of_rates.p == of_others.p
    assert np.isnan(mean_difference([2.0] * 9).p)  # without a spread nothing is known of it


@pytest.mark.parametrize(
    ("k", "m", "j", "n", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (5, 56, 0, 29, -0.0381, 0.1926),
    ],
)
def test_limits_of_shares_that_are_not_paired_are_newcombes(k, m, j, n, low, high) -> None:
    """Rows a to c of table II of his paper, method 10."""
    ones = [np.repeat([1.0, 0.0], [won, runs - won]) for won, runs in ((k, m), (j, n))]
    found = shares_apart([*ones[0], np.nan], ones[1])
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)
    assert found.mean == pytest.approx(k / m - j / n)
    assert found.n == min(m, n)
    assert (found.p < 0.05) == (found.low > 0)
    back = shares_apart(ones[1], ones[0])
    assert (back.low, back.high, back.p) == pytest.approx((-found.high, -found.low, found.p))


def test_the_difference_that_would_be_found_is_found_in_80_percent_of_studies() -> None:
    random = np.random.default_rng(0)
    other = [1.0, *[0.0] * 11]
    rate = 1 / 12 + shares_apart([0.0] * 12, other).detectable
    draws = random.random((600, 2, 12)) < np.array([rate, 1 / 12])[:, None]
    found = [shares_apart(*study.astype(float)).p < 0.05 for study in draws]
    assert np.mean(found) == pytest.approx(0.8, abs=0.05)
    assert shares_apart([0.0], [0.0]).detectable == 1


@pytest.mark.parametrize(
    ("m", "n", "rates", "most"),
    [(7, 6, (0.0, 1.0), 0.093), (20, 20, (0.0, 1.0), 0.067), (48, 24, (0.0, 0.2), 0.063)],
)
def test_a_difference_is_found_where_there_is_none_in_few_studies(m, n, rates, most) -> None:
    """Exact chances, summed over all outcomes of both sides."""
    k, j = np.arange(m + 1)[:, None], np.arange(n + 1)
    low, high = newcombe(k, m, j, n, float(norm.isf(0.025)))
    found = (np.asarray(low) > 0) | (np.asarray(high) < 0)
    chances = [
        float((binom.pmf(k, m, rate) * binom.pmf(j, n, rate) * found).sum())
        for rate in np.linspace(rates[0], rates[1], 101)
    ]
    assert max(chances) <= most
    one = shares_apart(np.arange(m) < m // 2, np.arange(n) < 1)
    assert (one.p < 0.05) == found[m // 2, 1]


def test_at_another_level_limits_and_power_are_those_of_its_test() -> None:
    """By simulation at a thirtieth of 5 %, the first step of Holm over 30 differences."""
    one, others, level = np.arange(16) < 4, np.arange(20) < 1, 0.05 / 30
    found, usual = shares_apart(one, others, level=level), shares_apart(one, others)
    assert (found.mean, found.p) == (usual.mean, usual.p)
    assert (found.low, found.high) == newcombe(4, 16, 1, 20, float(norm.isf(level / 2)))
    random, rates = np.random.default_rng(0), (0.05 + found.detectable, 0.05)
    drawn = np.transpose(
        [random.binomial(n, rate, 4000) for n, rate in zip((16, 20), rates, strict=True)]
    )
    sides, times = np.unique(drawn, axis=0, return_counts=True)
    p = np.array([shares_apart(np.arange(16) < k, np.arange(20) < j).p for k, j in sides])
    assert times[p < level].sum() / 4000 == pytest.approx(0.8, abs=0.02)


def test_without_runs_of_one_side_nothing_is_known() -> None:
    found = shares_apart([], [0.0, 1.0])
    assert (found.low, found.high, found.n) == (-1, 1, 0)
    assert np.isnan([found.mean, found.p]).all()
    same = shares_apart([1.0] * 3, [1.0] * 4)
    assert (same.mean, same.p) == (0, 1)


@pytest.mark.parametrize("base", [0.1, 0.5, 0.9])
def test_the_smallest_difference_is_found_in_80_percent_up_or_down(base: float) -> None:
    """By simulation: of 20 against 20 at a base of 0.9 only a fall can be seen."""
    others = np.arange(20) < round(20 * base)
    least, random, found = shares_apart(others, others).detectable, np.random.default_rng(6), []
    for rate in (base - least, base + least):
        if 0 <= rate <= 1:
            drawn = zip(random.binomial(20, rate, 600), random.binomial(20, base, 600), strict=True)
            limits = np.array([newcombe(k, 20, j, 20, 1.96) for k, j in drawn])
            beyond = limits[:, 1] < 0 if rate < base else limits[:, 0] > 0
            found.append(np.mean(beyond))
    assert max(found) == pytest.approx(0.8, abs=0.05)


def test_of_six_pairs_that_are_alike_all_must_differ_for_a_sign_test() -> None:
    """Six of one sign have p = 0.031, so that 80 % power needs a share whose 6th power is 0.8."""
    assert mean_difference([0.0] * 6, most=1).detectable == pytest.approx(0.8 ** (1 / 6))
