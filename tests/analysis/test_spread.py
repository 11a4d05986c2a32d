"""Spreads of times with known quantiles, against the Kaplan-Meier curve."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from grokseed.analysis.spread import (
    LEAST,
    EarlySpread,
    detectable_ratio,
    early_spread,
    ratio_p,
    spread_ratio,
    spread_to,
)
from grokseed.analysis.survival import kaplan_meier


def test_the_spread_is_that_of_the_curves_quantiles() -> None:
    random = np.random.default_rng(0)
    times = np.round(np.exp(random.normal(9, 0.5, 150)))
    last = np.exp(random.uniform(8.5, 10.5, 150)).round()
    seen = times <= last
    curve = kaplan_meier(np.minimum(times, last), seen)
    found = early_spread(np.minimum(times, last), seen, draws=50)
    assert found.value == pytest.approx(np.log(curve.median / curve.quantile(0.1)))
    assert found.low < found.value < found.high


def test_the_interval_holds_the_truth_of_log_normal_times() -> None:
    truth, held = -0.4 * norm.ppf(0.1), []
    for seed in range(40):
        times = np.exp(np.random.default_rng(seed).normal(9, 0.4, 300))
        found = early_spread(times, times < 12_000, draws=100)
        held.append(found.low <= truth <= found.high)
    assert np.mean(held) > 0.85


@pytest.mark.parametrize(("runs", "low", "high"), [(LEAST, 0.93, 1.0), (8, 0.7, 0.92)])
def test_limits_of_too_few_runs_miss_the_truth_too_often(runs: int, low: float, high: float):
    truth, held, every = -0.4 * norm.ppf(0.1), [], np.ones(runs, bool)
    for seed in range(200):
        times = np.exp(np.random.default_rng(seed).normal(9, 0.4, runs))
        found = early_spread(times, every, 1000 + seed, draws=100)
        held.append(found.low <= truth <= found.high)
    assert low < np.mean(held) < high


def test_the_spread_of_too_few_runs_is_not_known() -> None:
    times = np.exp(np.random.default_rng(1).normal(9, 0.4, LEAST)).round()
    runs = pd.DataFrame({"t50_step": times, "steps": times + 100})
    runs.loc[3, "t50_step"] = np.nan  # it ran a hundred steps longer, without t50
    assert (
        spread_to("t50", runs, 7).value
        == early_spread(times + 100 * (np.arange(LEAST) == 3), np.arange(LEAST) != 3, 7).value
    )
    few = spread_to("t50", runs.iloc[1:])
    assert np.isnan([few.value, few.low, few.high]).all()
    assert np.isnan(spread_ratio(few, spread_to("t50", runs))).all()
    assert np.isnan(ratio_p(spread_to("t50", runs), few))


def test_the_ratio_of_two_spreads() -> None:
    times = np.exp(np.random.default_rng(1).normal(9, 0.4, 300))
    every = np.ones(300, bool)
    one, other = early_spread(times**2, every, 1), early_spread(times, every, 2)
    ratio, low, high = spread_ratio(one, other)
    assert ratio == pytest.approx(2)
    assert 1.2 < low < 2 < high < 3
    assert ratio_p(one, other) == pytest.approx(2 / 1001)  # no sample of 1,000 on the other side


def test_equal_spreads_have_uniform_p_values_and_limits_that_hold_1() -> None:
    every, found, held = np.ones(100, bool), [], []
    for seed in range(150):
        random = np.random.default_rng(seed)
        both = [np.exp(random.normal(9, 0.4, 100)) for _ in range(2)]
        spreads = [early_spread(times, every, i, draws=100) for i, times in enumerate(both)]
        found.append(ratio_p(*spreads))
        _, low, high = spread_ratio(*spreads)
        held.append(low <= 1 <= high)
    assert 0 <= np.mean(np.array(found) < 0.05) < 0.1
    assert 0.3 < np.mean(np.array(found) < 0.5) < 0.65
    assert 0.92 < np.mean(held) < 0.975


def test_with_few_that_arrive_it_is_not_known() -> None:
    few = early_spread([1.0, 2.0, 5.0, 5.0, 5.0], [True, True, False, False, False], draws=20)
    assert np.isnan([few.value, few.low, few.high]).all()
    assert np.isnan(spread_ratio(few, few)).all()
    assert np.isnan(ratio_p(few, few))


def test_the_ratio_that_would_have_been_found_is_below_1_and_from_the_samples_that_are_known():
    """Of normal logs it is 2.80 standard errors away: 1.96 of the limit and 0.84 of the power."""
    logs = np.random.default_rng(0).normal(0, 0.2, 500)
    one = EarlySpread(64, 0.5, 0.4, 0.6, np.append(0.5 * np.exp(logs), [np.nan, 0.5, 0.5]))
    other = EarlySpread(64, 0.5, 0.4, 0.6, np.append(np.full(500, 0.5), [0.5, np.nan, 0.0]))
    least = detectable_ratio(one, other)
    assert least == pytest.approx(np.exp(-(norm.isf(0.025) + norm.isf(0.2)) * logs.std()), rel=1e-3)
    _, low, high = spread_ratio(one, other)
    assert (low, high) == pytest.approx(tuple(np.quantile(np.exp(logs), [0.025, 0.975])))
    alone = EarlySpread(64, np.nan, np.nan, np.nan, np.full(503, np.nan))
    assert np.isnan(detectable_ratio(alone, other))
