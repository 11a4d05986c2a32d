"""Shares over the seeds that runs share: by simulated coverage, by hand, and at odd designs."""

import numpy as np
import pytest
from scipy.stats import norm

from grokseed.analysis.rates import rate
from grokseed.analysis.seed_shares import crossed_share, share_limits, three_way_share

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


def test_limits_over_three_axes_worked_by_hand() -> None:
    """Three splits with 0, 2 and 4 wins of 4; models and orders are alike: only splits count."""
    axes = [*np.indices((3, 2, 2)).reshape(3, -1)]
    won = np.where(axes[0] == 1, axes[1], axes[0] == 2)
    share, low, high = three_way_share(won, axes)
    assert share == 0.5
    score = (won - 0.5) / 12

    def squared(*some: int) -> tuple[float, int]:
        names = [tuple(axes[axis][run] for axis in some) for run in range(12)]
        cells = [sum(s for s, name in zip(score, names, strict=True) if name == own)
                 for own in dict.fromkeys(names)]  # fmt: skip
        return sum(c**2 for c in cells) * len(cells) / (len(cells) - 1), len(cells) - 1

    single = [squared(axis) for axis in range(3)]
    pairs = [squared(0, 1), squared(0, 2), squared(1, 2)]
    every = squared(0, 1, 2)
    square = sum(s for s, _ in single) - sum(s for s, _ in pairs) + every[0]
    square = max(square, min(s for s, _ in single))
    spread = sum(s**2 / freedom for s, freedom in [*single, *pairs, every])
    freedom = max(square**2 / spread, 1)
    assert (low, high) == pytest.approx(share_limits(0.5, 12, square**0.5, freedom))
    assert 0 < low < 0.2


@pytest.mark.parametrize("runs", [(900, 10, 10, 10), (300, *[30] * 7), (250,) * 4])
def test_limits_hold_where_seeds_have_unequal_numbers_of_runs(runs: tuple[int, ...]) -> None:
    """A seed with almost all runs is close to the mean by construction: its scores say nothing."""
    random, held = np.random.default_rng(1), 0
    seed = np.repeat(np.arange(len(runs)), runs)
    for _ in range(200):
        own = np.sqrt(0.3) * random.standard_normal(len(runs))[seed]
        won = own + np.sqrt(0.7) * random.standard_normal(len(seed)) > norm.isf(0.2)
        _, low, high = crossed_share(won, seed, np.zeros(len(seed)))
        held += low <= 0.2 <= high
    assert held / 200 > 0.86


def test_one_seed_of_each_axis_says_nothing_of_others() -> None:
    assert crossed_share([1, 0, 1], [3] * 3, [8] * 3) == (pytest.approx(2 / 3), 0, 1)


def test_seeds_that_meet_rarely_need_no_table_of_all() -> None:
    """20,000 models with two orders of 20,000 each: a table would have 4e8 cells."""
    models = np.repeat(np.arange(20_000), 2)
    orders = (models + np.tile([0, 1], 20_000)) % 20_000
    won = np.random.default_rng(0).random(40_000) < 0.1
    share, low, high = crossed_share(won, models, orders)
    exact = rate(int(won.sum()), 40_000)
    assert (low, high) == pytest.approx((exact.low, exact.high), abs=0.001)
    assert low < share < high


def test_runs_that_all_end_alike_are_reduced_by_the_axis_with_fewest_seeds() -> None:
    axes = [*np.indices((8, 8, 3)).reshape(3, -1)]
    _, low, high = three_way_share(np.zeros(192), axes)
    assert low == 0
    assert rate(0, 192).high < high < rate(0, 20).high
