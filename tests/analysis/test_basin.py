"""The radius of half an effect, of curves made by hand and of simulated seeds."""

import numpy as np
import pytest

from grokseed.analysis.basin import curve, half_radius

RADII = np.array([0.003, 0.01, 0.03, 0.06, 0.12, 0.25, 0.5, 0.8])


def logistic(radius: float, slope: float) -> np.ndarray:
    return 1 / (1 + (RADII / radius) ** slope)


@pytest.mark.parametrize(("radius", "slope"), [(0.1, 2.0), (0.02, 4.0), (0.5, 1.0)])
def test_an_exact_curve_is_found_again(radius: float, slope: float) -> None:
    seeds = np.tile(logistic(radius, slope), (5, 1))
    found = half_radius(RADII, seeds, 1.0)
    assert found.radius == pytest.approx(radius, rel=1e-3)
    assert found.slope == pytest.approx(slope, rel=1e-3)
    assert (found.low, found.high) == pytest.approx((radius, radius), rel=1e-3)
    assert curve(RADII, found, 1.0) == pytest.approx(seeds[0], abs=1e-3)
    assert curve([found.radius], found, 0.8) == pytest.approx([0.4])


def test_the_interval_holds_the_truth_of_simulated_studies() -> None:
    random, held = np.random.default_rng(0), 0
    for _ in range(20):
        own = np.exp(random.normal(0, 0.3, (32, 1))) * 0.1  # each seed's own radius
        wins = random.binomial(8, 1 / (1 + (RADII / own) ** 3)) / 8
        found = half_radius(RADII, wins, 1.0, draws=100)
        held += found.low < 0.1 < found.high
    assert held >= 17


def test_an_effect_that_is_gone_everywhere_has_a_radius_below_all_and_missing_cells_are_left_out():
    gone = half_radius(RADII, np.zeros((8, 8)), 1.0)
    assert gone.radius < RADII[0]
    seeds = np.tile(logistic(0.1, 2), (6, 1))
    seeds[0, 3] = seeds[1, 0] = np.nan
    assert half_radius(RADII, seeds, 1.0).radius == pytest.approx(0.1, rel=1e-2)


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="excess must be"):
        half_radius(RADII, np.zeros((3, 2)), 1.0)
    with pytest.raises(ValueError, match="above 0"):
        half_radius([0.0, 1.0], np.zeros((3, 2)), 1.0)
    with pytest.raises(ValueError, match="every radius"):
        half_radius([0.1, 1.0], np.array([[1.0, np.nan]]), 1.0)
