"""Factors between times: that of a curve, its limits by coverage, and the power of two settings."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

import grokseed
from common.spread_of_times import apart, factor, log_factor_ratio
from grokseed.analysis.survival import time_to

RESULTS = Path(__file__).parents[2] / "results"


def test_the_factor_is_that_of_the_survival_curve() -> None:
    runs = grokseed.load(RESULTS / "mini_generalise").runs
    curve = time_to("t98", runs)
    found, low, high = factor(runs)
    assert found == curve.quantile(0.9) / curve.quantile(0.1)
    assert low < found < high


def test_the_factors_limits_hold_the_truth_and_are_no_wider() -> None:
    """Of times whose logs are uniform on 0 to 1: their percentiles are exp(0.1) and exp(0.9)."""
    random = np.random.default_rng(1)
    inside, wide = 0, []
    for _ in range(40):
        runs = pd.DataFrame({"t98_step": np.exp(random.uniform(0, 1, 200))})
        _, low, high = factor(runs)
        inside += low < np.exp(0.8) < high
        wide.append(high - low)
    assert inside >= 34
    many = np.exp(np.sort(random.uniform(0, 1, (4000, 200))))
    spread = np.std(many[:, 179] / many[:, 19])
    assert np.mean(wide) == pytest.approx(2 * 1.96 * spread, rel=0.15)


def test_how_far_two_settings_must_differ_is_as_simulated() -> None:
    """Student's test of logs of times with the spread of 300 runs, 4,000 made-up studies."""
    runs = grokseed.load(RESULTS / "mini_generalise").runs
    spread = np.log(runs["t98_step"].fillna(runs["steps"])).std()
    random = np.random.default_rng(0)
    for seeds in (3, 10):
        shift = np.log(apart(runs, seeds))
        one, other = random.normal(0, spread, (2, 4000, seeds))
        p = np.asarray(ttest_ind(one + shift, other, axis=1)[1])
        assert (p < 0.05).mean() == pytest.approx(0.8, abs=0.02)


def test_a_ratio_of_spreads_has_limits_over_the_seeds_of_both() -> None:
    """Of logs with spreads of 0.5 and 0.35 and a correlation of 0.8: the limits hold the truth, and
    are closer than if the seeds were drawn apart."""
    random = np.random.default_rng(2)
    inside, wide, apart_wide = 0, [], []
    for _ in range(60):
        one = random.normal(0, 0.5, 64)
        other = 0.7 * (0.8 * one + 0.6 * random.normal(0, 0.5, 64))
        ratio, low, high = log_factor_ratio(np.exp(other), np.exp(one))
        assert low < ratio < high
        inside += low < 0.7 < high
        wide.append(high - low)
        _, low, high = log_factor_ratio(np.exp(random.permutation(other)), np.exp(one))
        apart_wide.append(high - low)
    assert inside >= 53
    assert np.mean(wide) < 0.85 * np.mean(apart_wide)
    least, most = np.sort(one)[[6, 57]]
    assert log_factor_ratio(np.exp(2 * one), np.exp(one))[0] == pytest.approx(2)
    never = np.exp(np.where(one == one.max(), np.inf, one))
    assert log_factor_ratio(np.exp(one), never)[0] == pytest.approx(1)
    assert factor(pd.DataFrame({"t98_step": never}))[0] == pytest.approx(np.exp(most - least))
