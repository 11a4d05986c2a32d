"""Lifts worked by hand, and intervals of simulated tables."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import t as student

from grokseed.analysis.lift import lift


def test_a_table_worked_by_hand() -> None:
    # one split twice: order 0 has wins of models 0 and 1, order 1 of model 2
    one = np.array([[1, 0], [1, 0], [0, 1]])
    found = lift([one, one])
    # same order: 2 ordered pairs on order 0, none on order 1; other: 2 + 2
    assert found.ratio == pytest.approx((2 / 2) / (4 / 2))
    assert found.n == 12
    assert np.isnan([found.low, found.high]).all()  # two orders are too few for limits


def test_pairs_of_two_splits_do_not_count() -> None:
    """Two splits with one loader seed have unrelated orders: a shuffle of one's changes nothing."""
    won = np.random.default_rng(3).random((5, 40, 6)) < 0.2
    shuffled = won.copy()
    shuffled[2] = won[2][:, [3, 1, 5, 0, 2, 4]]
    assert lift(shuffled) == lift(won)


def test_limits_are_those_of_ratios_without_one_split() -> None:
    """The jackknife written out, with splits dropped from the table itself."""
    won = np.random.default_rng(3).random((5, 40, 4)) < 0.2
    found = lift(won)
    logs = np.log([lift(np.delete(won, i, 0)).ratio for i in range(5)])
    error = np.sqrt(4 / 5 * np.sum((logs - logs.mean()) ** 2))
    pairs = [sum(a * b for a, b in permutations(s.sum(0), 2)) - sum(s.sum(1) ** 2 - s.sum(1))
             for s in won.astype(int)]  # fmt: skip
    free = sum(pairs) ** 2 / sum(p**2 for p in pairs) - 1
    half = student.ppf(0.975, free) * error
    assert np.log(found.high / found.ratio) == pytest.approx(half)
    assert np.log(found.ratio / found.low) == pytest.approx(half)


@pytest.mark.parametrize("odds", [(0.1, 0.3), (0.2, 0.2)])
def test_the_interval_holds_the_ratio_of_all_orders_not_of_those_drawn(odds: tuple) -> None:
    random, truth, held = np.random.default_rng(0), np.mean(np.square(odds)) / np.mean(odds) ** 2, 0
    for _ in range(150):
        table = random.choice(odds, (8, 8))
        found = lift(random.random((8, 64, 8)) < table[:, None, :])
        held += found.low <= truth <= found.high
    assert 0.9 < held / 150 < 0.99


def test_orders_that_are_alike_have_no_lift() -> None:
    random = np.random.default_rng(1)
    split_rates = np.array([0.02, 0.05, 0.1, 0.2, 0.3, 0.1, 0.05, 0.02])
    won = random.random((8, 64, 8)) < split_rates[:, None, None]
    found = lift(won.astype(int))
    assert found.low < 1 < found.high
    assert found.high < 1.3


def test_runs_that_are_missing_by_chance_change_the_limits_not_the_ratio() -> None:
    random = np.random.default_rng(2)
    won = (random.random((8, 64, 8)) < np.tile([0.1, 0.3], 4)).astype(float)
    whole, part = lift(won), lift(np.where(random.random(won.shape) < 0.5, won, np.nan))
    assert part.low < whole.ratio < part.high
    assert part.high - part.low > whole.high - whole.low
    assert part.n < 0.55 * whole.n
    assert whole.detectable > 1


def test_without_winners_nothing_is_known() -> None:
    found = lift(np.zeros((2, 3, 2)))
    assert np.isnan([found.ratio, found.low, found.high]).all()


@pytest.mark.parametrize("won", [np.zeros((2, 2)), np.zeros((1, 2, 2)), np.full((2, 2, 2), 0.5)])
def test_tables_that_cannot_be_compared_are_refused(won) -> None:
    with pytest.raises(ValueError, match="0 or 1"):
        lift(won)
