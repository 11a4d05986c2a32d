"""The radius of half an effect, of curves made by hand and of simulated seeds."""

import numpy as np
import pytest
from scipy.stats import binom

from grokseed.analysis.basin import Radius, curve, half_radius

RADII = np.array([0.003, 0.01, 0.03, 0.06, 0.12, 0.25, 0.5, 0.8])


def logistic(radius: float, slope: float) -> np.ndarray:
    return 1 / (1 + (RADII / radius) ** slope)


@pytest.mark.parametrize(("radius", "slope"), [(0.1, 2.0), (0.02, 4.0), (0.5, 1.0)])
def test_an_exact_curve_is_found_again(radius: float, slope: float) -> None:
    seeds = np.tile(logistic(radius, slope), (5, 1))
    found = half_radius(RADII, seeds, np.zeros((1, 8)), 1.0)
    assert found.radius == pytest.approx(radius, rel=1e-3)
    assert found.slope == pytest.approx(slope, rel=1e-3)
    assert (found.low, found.high) == pytest.approx((radius, radius), rel=1e-3)
    assert curve(RADII, found, 1.0) == pytest.approx(seeds[0], abs=1e-3)
    assert curve([found.radius], found, 0.8) == pytest.approx([0.4])


def test_the_interval_holds_the_truth_of_simulated_studies() -> None:
    random, held = np.random.default_rng(0), 0
    for _ in range(20):
        own = np.exp(random.normal(0, 0.3, (32, 1))) * 0.1  # each seed's own radius
        curve = 1 / (1 + (RADII / own) ** 3)
        wins, losses = (random.binomial(8, 0.05 + up * curve) / 8 for up in (0.9, 0))
        found = half_radius(RADII, wins, losses[:20], 0.9, draws=100)
        held += found.low < 0.1 < found.high
    assert held >= 17


def test_limits_are_the_95_percent_of_a_bootstrap_over_seeds() -> None:
    """Half of 40 seeds reach far. A draw holds k of them, which is binomial, and k alone gives its
    radius."""
    far, near, none = logistic(0.3, 2), logistic(0.05, 2), np.zeros((1, 8))

    def with_far(k: int, draws: int = 1) -> Radius:
        seeds = np.vstack((np.tile(far, (k, 1)), np.tile(near, (40 - k, 1))))
        return half_radius(RADII, seeds, none, 1.0, draws)

    found = with_far(20, draws=300)
    for limit, quantile in ((found.low, 0.025), (found.high, 0.975)):
        k = int(binom.ppf(quantile, 40, 0.5))
        assert with_far(k - 2).radius < limit < with_far(k + 2).radius


def test_an_effect_that_is_gone_everywhere_has_a_radius_below_all_and_missing_cells_are_left_out():
    gone = half_radius(RADII, np.zeros((8, 8)), np.zeros((3, 8)), 1.0)
    assert gone.radius < RADII[0]
    seeds = np.tile(logistic(0.1, 2), (6, 1))
    seeds[0, 3] = seeds[1, 0] = np.nan
    assert half_radius(RADII, seeds, np.zeros((1, 8)), 1.0).radius == pytest.approx(0.1, rel=1e-2)


def test_bad_input_is_refused() -> None:
    none = np.zeros((3, 2))
    for sides in ((np.zeros((3, 2)), np.zeros((3, 8))), (np.zeros((3, 8)), np.zeros(8))):
        with pytest.raises(ValueError, match="both sides must be"):
            half_radius(RADII, *sides, 1.0)
    with pytest.raises(ValueError, match="above 0"):
        half_radius([0.0, 1.0], none, none, 1.0)
    for sides in ((np.array([[1.0, np.nan]]), none), (none, np.array([[1.0, np.nan]]))):
        with pytest.raises(ValueError, match="every radius"):
            half_radius([0.1, 1.0], *sides, 1.0)
