"""Shares over the seeds that runs share: by simulated coverage, by hand, and at odd designs."""

import numpy as np
import pytest
from scipy.stats import norm

from grokseed.analysis.rates import rate
from grokseed.analysis.seed_shares import (
    crossed_share,
    share_limits,
    share_over,
    three_way_share,
)

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


def test_over_one_axis_the_other_has_one_seed_and_without_runs_nothing_is_known() -> None:
    won, seed = [1, 0, 1, 1, 0, 0], [1, 1, 2, 2, 3, 3]
    assert share_over(won, seed) == crossed_share(won, seed, [8] * 6)
    assert share_over(won, seed, 0.5)[2] < share_over(won, seed)[2]
    assert share_over([], []) == (pytest.approx(np.nan, nan_ok=True), 0, 1)


def test_seeds_that_meet_rarely_need_no_table_of_all() -> None:
    """20,000 models with two orders of 20,000 each: a table would have 4e8 cells."""
    models = np.repeat(np.arange(20_000), 2)
    orders = (models + np.tile([0, 1], 20_000)) % 20_000
    won = np.random.default_rng(0).random(40_000) < 0.1
    share, low, high = crossed_share(won, models, orders)
    exact = rate(int(won.sum()), 40_000)
    assert (low, high) == pytest.approx((exact.low, exact.high), abs=0.001)
    assert low < share < high


def test_runs_that_all_end_alike_count_as_many_as_the_axis_with_fewest_seeds_has() -> None:
    axes = [*np.indices((8, 8, 3)).reshape(3, -1)]
    assert three_way_share(np.zeros(192), axes) == pytest.approx((0, 0, rate(0, 3).high))
    assert three_way_share(np.ones(192), axes) == pytest.approx((1, rate(3, 3).low, 1))


def test_no_win_of_several_runs_a_seed_says_as_much_as_one_run_a_seed() -> None:
    """Study D's losers: 0 of 26 seeds, so up to 13 %, whatever number of runs each has."""
    for runs in (1, 2, 4, 50):
        seed = np.repeat(np.arange(26), runs)
        found = crossed_share(np.zeros(26 * runs), seed, np.zeros(26 * runs))
        assert found == pytest.approx((0, 0, 0.1323), abs=1e-4)
    seed = np.repeat(np.arange(4), (900, 10, 10, 10))
    assert crossed_share(np.zeros(930), seed, np.zeros(930))[2] > 0.9  # one seed, almost


@pytest.mark.parametrize(("seeds", "each"), [(26, 4), (4, 64), (8, 16)])
def test_a_first_win_narrows_nothing(seeds: int, each: int) -> None:
    seed, won = np.repeat(np.arange(seeds), each), np.zeros(seeds * each)
    _, _, without = crossed_share(won, seed, np.zeros(len(seed)))
    won[0] = 1
    _, _, high = crossed_share(won, seed, np.zeros(len(seed)))
    assert high > without
    loss = crossed_share(1 - won, seed, np.zeros(len(seed)))[1]
    assert loss == pytest.approx(1 - high)


@pytest.mark.parametrize(
    ("seeds", "each", "share", "alike"),
    [
        (26, 4, 0.05, 1.0),
        (26, 4, 0.08, 1.0),
        (24, 8, 0.05, 1.0),
        (8, 5, 0.2, 1.0),
        (4, 64, 0.2, 1.0),
        (26, 4, 0.08, 0.5),  # here and below one or two wins are what missed the truth
        (24, 8, 0.05, 0.5),
        (8, 16, 0.12, 0.5),
        (12, 30, 0.05, 0.5),
        (8, 5, 0.2, 0.5),
        (26, 4, 0.2, 0.5),
        (26, 4, 0.2, 0.05),
        (24, 8, 0.12, 0.05),
    ],
)
def test_limits_hold_where_few_runs_win_and_those_of_a_seed_are_alike(
    seeds: int, each: int, share: float, alike: float
) -> None:
    """Seeds' own rates have a beta distribution with this correlation of runs, or are 0 and 1."""
    random, below, above, wide = np.random.default_rng(2), 0, 0, []
    size = (1 - alike) / alike
    for _ in range(300):
        own = random.random(seeds) < share
        if size:
            own = random.beta(share * size, (1 - share) * size, seeds)
        won = (np.arange(each) < random.binomial(each, own)[:, None]).ravel()
        _, low, high = crossed_share(won, np.repeat(np.arange(seeds), each), np.zeros(len(won)))
        below, above, wide = below + (high < share), above + (low > share), [*wide, high - low]
    assert below / 300 < 0.045
    assert above / 300 < 0.04
    independent = seeds * each / (1 + (each - 1) * alike)  # as many runs would say as much
    exact = rate(round(share * independent), round(independent))
    assert np.median(wide) < 1.5 * (exact.high - exact.low)
