"""Shares over three crossed axes: by simulated coverage, and against two axes."""

import numpy as np
import pytest
from scipy.stats import norm

from grokseed.analysis.crossed import crossed_share
from grokseed.analysis.rates import rate
from grokseed.analysis.three_way import three_way_share

AXES = ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2))


def wins(shape: tuple, noise: tuple, share: float, random: np.random.Generator) -> np.ndarray:
    """Whether each run of a design won, with the variance of each term of `AXES` behind it."""
    total = np.zeros(shape)
    for axes, variance in zip(AXES, noise, strict=True):
        size = [n if axis in axes else 1 for axis, n in enumerate(shape)]
        total = total + variance**0.5 * random.standard_normal(size)
    return (total > norm.isf(share) * np.sum(noise) ** 0.5).ravel()


@pytest.mark.parametrize(
    ("shape", "noise", "two_ways"),
    [
        ((8, 8, 8), (0.02, 0.08, 0, 0.03, 0.25, 0.03, 0.59), 0.9),
        ((8, 8, 8), (0, 0.5, 0, 0, 0, 0, 0.5), 0.7),
        ((8, 20, 4), (0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.4), 1.0),
    ],
)
def test_intervals_hold_the_truth(shape: tuple, noise: tuple, two_ways: float) -> None:
    random, axes = np.random.default_rng(8), [*np.indices(shape).reshape(3, -1)]
    held = two = 0
    for _ in range(300):
        won = wins(shape, noise, 0.2, random)
        _, low, high = three_way_share(won, axes)
        held += low <= 0.2 <= high
        _, low, high = crossed_share(won, axes[0], axes[2])
        two += low <= 0.2 <= high
    assert 0.9 < held / 300 < 0.99
    assert two / 300 < two_ways


def test_the_error_of_two_runs_a_cell_worked_by_hand() -> None:
    """Two splits that differ, two models and two orders that do not: only splits count."""
    axes = [*np.indices((2, 2, 2)).reshape(3, -1)]
    won = axes[0] == 1
    share, low, high = three_way_share(won, axes)
    assert share == 0.5
    assert (low, high) == pytest.approx((0, 1), abs=0.03)  # two splits say nothing


def test_runs_that_all_end_alike_are_reduced_by_the_axis_with_fewest_seeds() -> None:
    axes = [*np.indices((8, 8, 3)).reshape(3, -1)]
    _, low, high = three_way_share(np.zeros(192), axes)
    assert low == 0
    assert rate(0, 192).high < high < rate(0, 20).high
