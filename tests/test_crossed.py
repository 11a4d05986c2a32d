"""The crossed bootstrap, against Student's interval and against the truth in simulations."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from grokseed.analysis.crossed import crossed_bootstrap


def covered(n_first: int, n_second: int, spread: float, times: int = 150) -> float:
    """How often the interval of a mean holds the truth, with seeds that differ by `spread`."""
    random = np.random.default_rng(1)
    rows, columns = np.divmod(np.arange(n_first * n_second), n_second)
    hits = 0
    for _ in range(times):
        noise = random.normal(size=n_first * n_second)
        of_rows, of_columns = random.normal(size=n_first), random.normal(size=n_second)
        values = spread * (of_rows[rows] + of_columns[columns]) + noise
        one = np.ones((1, len(values)), bool)
        low, high = crossed_bootstrap(values, rows, columns, one, draws=500).interval([1])
        hits += low < 0 < high
    return hits / times


@pytest.mark.parametrize(
    ("n_first", "spread"), [(3, 1.0), (4, 0.0), (4, 1.0), (4, 3.0), (20, 1.0), (2, 0.3)]
)
def test_intervals_hold_the_truth_as_often_as_they_say(n_first: int, spread: float) -> None:
    assert covered(n_first, 20, spread) >= 0.92


def test_over_one_axis_the_standard_error_is_the_usual_one() -> None:
    values = np.random.default_rng(1).normal(size=30)
    made = crossed_bootstrap(values, np.arange(30), np.zeros(30), np.ones((1, 30), bool))
    assert made.draws.std() == pytest.approx(values.std(ddof=1) / np.sqrt(30), rel=0.05)
    low, high = made.interval([1])
    expected = ttest_1samp(values, 0).confidence_interval()
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=0.02)


def test_bootstrap_means_of_groups_are_paired() -> None:
    values, first = np.array([1.0, 5.0, 3.0, 7.0]), np.array([0, 1, 0, 1])
    groups = np.array([[1, 1, 0, 0], [0, 0, 1, 1]], bool)
    made = crossed_bootstrap(values, first, np.zeros(4), groups, draws=50)
    assert made.draws.shape == (50, 2)
    assert made.draws[:, 1] - made.draws[:, 0] == pytest.approx(np.full(50, 2.0))
    assert made.interval([-1, 1]) == pytest.approx((2, 2))
    assert made.draws.min() >= 1
    assert made.draws.max() <= 7
    assert made.seeds == (2, 1)
    alone = crossed_bootstrap([1.0], [0], [0], [[True]])
    assert np.isnan(alone.interval([1])).all()
