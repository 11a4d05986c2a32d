"""Lifts worked by hand, and intervals of simulated tables."""

import numpy as np
import pytest
from scipy.stats import t as student

from grokseed.analysis.lift import lift


def test_a_table_worked_by_hand() -> None:
    # one split twice: loader 0 has wins of models 0 and 1, loader 1 of model 2
    one = np.array([[1, 0], [1, 0], [0, 1]])
    found = lift([one, one])
    # same loader: 2 ordered pairs on loader 0, none on loader 1; other: 2 + 2
    assert found.ratio == pytest.approx((2 / 2) / (4 / 2))
    assert found.n == 12
    assert np.isnan([found.low, found.high]).all()  # two loader seeds are too few for limits
    # across: loader 0 of one split with loader 0 of the other, both ways, and loader 1 has a single
    # model, so no pair; other loaders: (2 + 2) both ways
    assert lift([one, one], across=True).ratio == pytest.approx((4 / 2) / (8 / 2))


def test_limits_are_those_of_ratios_without_one_seed() -> None:
    """The jackknife written out, with each axis dropped from the table itself."""
    won = np.random.default_rng(3).random((5, 40, 4)) < 0.2
    found = lift(won)
    halves = []
    for axis in (0, 2):
        n = won.shape[axis]
        logs = np.log([lift(np.delete(won, i, axis)).ratio for i in range(n)])
        error = np.sqrt((n - 1) / n * np.sum((logs - logs.mean()) ** 2))
        halves.append(student.ppf(0.975, n - 1) * error)
    assert np.log(found.high / found.ratio) == pytest.approx(max(halves))
    assert np.log(found.ratio / found.low) == pytest.approx(max(halves))


@pytest.mark.parametrize("across", [False, True])
def test_the_interval_holds_the_ratio_of_all_loader_seeds_not_of_those_drawn(across: bool) -> None:
    random = np.random.default_rng(0)
    held = []
    for _ in range(60):
        p = random.choice([0.1, 0.3], 8)  # E[p²] / E[p]² = 0.05 / 0.04
        # other splits have other good loaders, unless pairs of two splits are asked for
        table = np.stack([p if across else random.choice([0.1, 0.3], 8) for _ in range(8)])
        won = random.random((8, 64, 8)) < table[:, None, :]
        found = lift(won.astype(int), across)
        held.append(found.low <= 1.25 <= found.high)
    assert np.mean(held) > 0.9


def test_alike_loaders_have_no_lift() -> None:
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
    again = lift(won[:, :, :4], across=True)
    missing = won.copy()
    missing[:, :, 4:] = np.nan
    assert lift(missing, across=True).ratio == pytest.approx(again.ratio)


def test_without_winners_nothing_is_known() -> None:
    found = lift(np.zeros((2, 3, 2)))
    assert np.isnan([found.ratio, found.low, found.high]).all()


@pytest.mark.parametrize("won", [np.zeros((2, 2)), np.zeros((1, 2, 2)), np.full((2, 2, 2), 0.5)])
def test_tables_that_cannot_be_compared_are_refused(won) -> None:
    with pytest.raises(ValueError, match="0 or 1"):
        lift(won)
