"""Errors over two crossed axes: worked by hand, against scipy's t tests, and by coverage."""

import numpy as np
import pytest
from scipy.stats import norm, ttest_1samp, ttest_ind, ttest_rel

from grokseed.analysis.crossed import crossed
from grokseed.analysis.rates import rate
from grokseed.analysis.seed_shares import crossed_share

TABLES = 400


def simulated(r: int, c: int, noise: tuple, random: np.random.Generator) -> np.ndarray:
    """A table (r, c) of mean 0 with these variances of rows, columns and cells."""
    rows, columns, cells = (variance**0.5 for variance in noise)
    table = rows * random.normal(size=(r, 1)) + columns * random.normal(size=(1, c))
    return table + cells * random.normal(size=(r, c))


def seeds(table: np.ndarray) -> np.ndarray:
    """Each cell's row and column, (2, cells)."""
    return np.indices(table.shape).reshape(2, -1)


@pytest.mark.parametrize(
    ("r", "c", "noise", "most"),
    [
        (4, 4, (0, 0, 1), 0.985),
        (4, 4, (1, 1, 1), 0.97),
        (4, 20, (0, 0, 1), 0.98),
        (4, 20, (0.2, 0, 1), 0.97),
        (20, 4, (1, 0, 0), 0.97),
        (4, 20, (0, 1, 1), 0.97),
        (8, 8, (1, 1, 0), 0.97),
        (8, 8, (0.5, 0, 1), 0.97),
        (20, 20, (0, 0, 1), 0.975),
        (20, 20, (1, 3, 1), 0.97),
    ],
)
def test_intervals_of_complete_tables_hold_the_truth(
    r: int, c: int, noise: tuple, most: float
) -> None:
    """More often with the noise of the cells alone, which no error is below."""
    random, held = np.random.default_rng([r, c]), 0
    for _ in range(TABLES):
        table = simulated(r, c, noise, random)
        low, high = crossed(table.ravel(), *seeds(table)).interval()
        held += low < 0 < high
    assert 0.93 < held / TABLES < most


@pytest.mark.parametrize(("r", "c", "noise"), [(4, 20, (1, 0, 1)), (8, 8, (0, 0, 1))])
def test_intervals_of_tables_with_cells_missing_hold_the_truth(
    r: int, c: int, noise: tuple
) -> None:
    random, held = np.random.default_rng(2), 0
    for _ in range(TABLES):
        table = simulated(r, c, noise, random)
        there = random.random(table.size) < 0.8
        found = crossed(table.ravel()[there], *seeds(table)[:, there])
        low, high = found.interval()
        held += low < 0 < high
    assert 0.93 < held / TABLES < 0.97


@pytest.mark.parametrize(
    ("columns", "noise", "of_group"),
    [((20, 20), (1, 0, 1), 0.0), ((20, 20), (1, 1, 1), 0.3), ((1, 20), (1, 0, 1), 0.3)],
)
def test_intervals_of_a_difference_between_groups_with_the_same_rows_hold_the_truth(
    columns: tuple, noise: tuple, of_group: float
) -> None:
    """Four recipients of 20 or of 1 donors, and of 20 shams: rows are paired, columns are not.

    Over four rows the limits hold the truth in 96 %: 400 tables would not tell that from 97.
    """
    random, held = np.random.default_rng(3), 0
    rows, both = noise[0] ** 0.5, [np.indices((4, c)).reshape(2, -1) for c in columns]
    first = np.concatenate([places[0] for places in both])
    second = np.concatenate([both[0][1], 100 + both[1][1]])
    group = np.repeat([0, 1], [both[0].shape[1], both[1].shape[1]])
    for _ in range(1000):
        shared = rows * random.normal(size=(4, 1))
        tables = [shared + simulated(4, c, (of_group, *noise[1:]), random) for c in columns]
        values = np.concatenate([table.ravel() for table in tables])
        low, high = crossed(values, first, second, group, [1, -1]).interval()
        held += low < 0 < high
    assert 0.93 < held / 1000 < 0.97


def wins(share: float, r: int, c: int, noise: tuple, random: np.random.Generator) -> np.ndarray:
    """A table of 0 and 1: a normal table, cut so that this share of cells wins."""
    cut = norm.ppf(share) * sum(noise) ** 0.5
    return (simulated(r, c, noise, random) < cut).astype(float)


def test_intervals_of_frequent_wins_hold_the_truth() -> None:
    random, held = np.random.default_rng(4), 0
    for _ in range(TABLES):
        table = wins(0.3, 20, 20, (0.1, 0.1, 0.8), random)
        low, high = crossed(table.ravel(), *seeds(table)).interval()
        held += low < 0.3 < high
    assert 0.93 < held / TABLES < 0.97


@pytest.mark.parametrize(
    ("r", "c", "noise", "most"),
    [
        (4, 20, (0.3, 0, 0.7), 0.999),
        (20, 20, (0, 0.3, 0.7), 0.975),
        (20, 20, (0, 0, 1), 0.99),
        (8, 8, (0.1, 0.1, 0.8), 0.999),
    ],
)
def test_intervals_of_rare_wins_hold_the_truth_at_least_as_often(
    r: int, c: int, noise: tuple, most: float
) -> None:
    random, held, linear = np.random.default_rng(5), 0, 0
    for _ in range(TABLES):
        table = wins(0.066, r, c, noise, random)
        _, low, high = crossed_share(table.ravel(), *seeds(table))
        held += low <= 0.066 <= high
        low, high = crossed(table.ravel(), *seeds(table)).interval()
        linear += low <= 0.066 <= high
    assert 0.915 < held / TABLES < most
    assert linear < held  # what the exact interval is for


def test_the_error_is_that_of_mean_squares_worked_by_hand() -> None:
    """Row means 2, 4, 9; column means 3, 7; residuals +1 and -1 but in the last row."""
    table = np.array([[1.0, 3.0], [2.0, 6.0], [6.0, 12.0]])
    rows = 2 * ((2 - 5) ** 2 + (4 - 5) ** 2 + (9 - 5) ** 2) / 2
    columns = 3 * ((3 - 5) ** 2 + (7 - 5) ** 2) / 1
    cells = (2 * 1**2 + 2 * 0**2 + 2 * 1**2) / 2
    found = crossed(table.ravel(), *seeds(table))
    assert found.mean == 5
    assert found.error**2 == pytest.approx((rows + columns - cells) / 6)
    spread = rows**2 / 2 + columns**2 / 1 + cells**2 / 2
    assert found.freedom == pytest.approx((rows + columns - cells) ** 2 / spread)
    assert found.seeds == (3, 2)


def test_over_one_axis_it_is_students_test() -> None:
    values, other = np.random.default_rng(6).normal(0.3, 1, (2, 12))
    one = np.zeros(12)
    for found in (crossed(values, np.arange(12), one), crossed(values, one, np.arange(12))):
        theirs = ttest_1samp(values, 0)
        assert found.interval() == pytest.approx(tuple(theirs.confidence_interval()))
        assert found.p == pytest.approx(theirs[1])
    both, group = np.concatenate((values, other)), np.repeat([0, 1], 12)
    same, apart = np.tile(np.arange(12), 2), np.arange(24)
    paired = crossed(both, same, np.zeros(24), group, [1, -1])
    assert paired.p == pytest.approx(ttest_rel(values, other)[1])
    unpaired = crossed(both, apart, np.zeros(24), group, [1, -1])
    assert unpaired.p == pytest.approx(ttest_ind(values, other, equal_var=False)[1])


def test_each_runs_several_values_count_as_their_mean() -> None:
    table = np.random.default_rng(7).normal(size=(3, 4))
    once = crossed(table.ravel(), *seeds(table))
    moved = np.stack((table - 1, table + 1)).ravel()
    twice = crossed(moved, *np.tile(seeds(table), 2))
    assert (twice.mean, twice.error) == pytest.approx((once.mean, once.error))


def test_nothing_is_said_where_nothing_can_be() -> None:
    for found in (crossed([1.0], [0], [0]), crossed([3.0, 3.0], [0, 1], [0, 1])):
        assert found.mean in (1, 3)
        assert np.isnan([found.error, found.p, *found.interval()]).all()
    constant = crossed([1.0, 5.0, 3.0, 7.0], [0, 1, 0, 1], [0] * 4, [0, 0, 1, 1], [-1, 1])
    assert constant.mean == 2
    assert np.isnan(constant.interval()).all()


def test_means_that_agree_by_chance_leave_the_noise_of_the_cells() -> None:
    """Rows' means are equal. Columns' means are, or vary as the cells' noise alone would let them,
    or more: only then are they counted, and with the freedom of the columns."""
    noise = np.array([[1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, 1.0]])
    found = crossed(noise.ravel(), *seeds(noise))  # mean squares 0 (3 and 1 of freedom), and 8 / 3
    assert found.error**2 == pytest.approx((8 / 3) * 3 / 7 / 8)
    assert found.freedom == 7
    by_columns = noise + np.array([-0.5, 0.5])  # a mean square of 2
    found = crossed(by_columns.ravel(), *seeds(noise))
    assert found.error**2 == pytest.approx((8 + 2) / 7 / 8)
    far_apart = noise + np.array([-5, 5])  # 200, and rows count as having 0 less the cells'
    found = crossed(far_apart.ravel(), *seeds(noise))
    assert found.error**2 == pytest.approx((200 - 8 / 3) / 8)
    assert found.freedom == 1


def test_over_one_axis_means_that_agree_give_no_limits() -> None:
    found = crossed([0.2, 0.4, 0.4, 0.2], [0, 0, 1, 1], [0, 0, 0, 0])
    assert np.isnan([found.error, found.p, *found.interval()]).all()


@pytest.mark.parametrize("k", [0, 80])
def test_where_all_runs_end_alike_only_the_number_of_seeds_counts(k: int) -> None:
    rows, columns = np.indices((4, 20)).reshape(2, -1)
    won = np.repeat(float(k > 0), 80)
    share, low, high = crossed_share(won, rows, columns)
    exact, few = rate(k, 80), rate(k and 4, 4)
    assert share == exact.share
    assert (low, high) == pytest.approx((few.low, few.high))
    assert crossed_share(won, np.arange(80), np.zeros(80))[1:] == pytest.approx(
        (exact.low, exact.high)
    )
    won[7] = 1 - won[7]
    _, less, more = crossed_share(won, rows, columns)
    assert (low >= less) if k else (high <= more)  # one hit more never narrows the other side


@pytest.mark.parametrize(
    ("values", "first", "groups"),
    [([1.0, 2.0], [0], [0, 0]), ([1.0, np.nan], [0, 1], [0, 0]), ([1.0, 2.0], [0, 1], [1, 1])],
)
def test_what_cannot_be_averaged_is_refused(values: list, first: list, groups: list) -> None:
    with pytest.raises(ValueError, match="must"):
        crossed(values, first, [0] * len(values), groups, [1])
