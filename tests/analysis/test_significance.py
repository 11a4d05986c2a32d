"""Smallest effects by simulation, and Holm's p-values worked by hand."""

import math

import numpy as np
import pytest
from scipy.stats import norm, ttest_1samp

from grokseed.analysis.significance import detectable, holm, least_ratio


@pytest.mark.parametrize("n", [2, 3, 4, 21])
def test_four_of_five_studies_of_a_detectable_effect_find_it(n: int) -> None:
    effect = detectable(1 / math.sqrt(n), n - 1)
    studies = np.random.default_rng(n).normal(effect, 1, (20_000, n))
    found = np.mean(np.asarray(ttest_1samp(studies, 0, axis=1)[1]) < 0.05)
    assert found == pytest.approx(0.8, abs=0.01)


def test_a_ratio_is_found_as_its_log_is() -> None:
    assert least_ratio(0.1, 20) == pytest.approx(math.exp(-detectable(0.1, 20)))
    assert math.isnan(least_ratio(math.nan, 20))


def test_with_many_seeds_it_is_that_of_the_normal_distribution() -> None:
    expected = 2 * (norm.ppf(0.975) + norm.ppf(0.8))
    assert detectable(2.0, math.inf) == pytest.approx(expected, rel=1e-4)
    assert detectable(2.0, 1e4) == pytest.approx(expected, rel=1e-3)
    assert math.isfinite(detectable(1.0, 1.0))


def test_without_an_error_no_effect_can_be_named() -> None:
    assert math.isnan(detectable(math.nan, 3))
    assert math.isnan(detectable(1.0, math.nan))


@pytest.mark.parametrize(
    ("given", "adjusted"),
    [
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),  # Holm's: 4, 3, 2, 1 times
        ([0.2, 0.01, 0.1], [0.2, 0.03, 0.2]),
        ([0.6, 0.5], [1.0, 1.0]),
        ([0.02, math.nan, 0.5], [0.04, math.nan, 0.5]),
        ([math.nan], [math.nan]),
        ([], []),
    ],
)
def test_holms_p_values(given: list[float], adjusted: list[float]) -> None:
    assert holm(given) == pytest.approx(np.array(adjusted), nan_ok=True)


def test_of_twenty_effects_that_are_none_one_is_found_in_5_percent_of_studies() -> None:
    p_values = np.random.default_rng(1).random((2000, 20))
    found = np.mean([holm(study).min() < 0.05 for study in p_values])
    assert found == pytest.approx(0.05, abs=0.015)


def test_what_is_no_p_value_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([0.1, 1.2])
