"""The difference of two rates over seeds: by simulated coverage, and against Newcombe's."""

import numpy as np
import pytest

from grokseed.analysis.clustered import clustered_difference
from grokseed.analysis.differences import shares_apart


def study(
    rates: tuple[float, float], seeds: int, most: int, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Wins, seeds and sides; seeds of a side differ in their rate, and have 1 to `most` runs."""
    won, seed, treated = [], [], []
    for side, rate in enumerate(rates):
        runs = random.integers(1, most + 1, seeds)
        own = np.repeat(random.beta(rate, 1 - rate, seeds), runs)
        won.append(random.random(len(own)) < own)
        seed.append(np.repeat(np.arange(seeds), runs))
        treated.append(np.full(len(own), side == 0))
    return np.concatenate(won), np.concatenate(seed), np.concatenate(treated)


@pytest.mark.parametrize(
    ("rates", "seeds", "most"),
    [((0.75, 0.02), 17, 3), ((0.3, 0.066), 32, 8), ((0.066, 0.066), 32, 3)],
)
def test_intervals_hold_the_truth(rates: tuple[float, float], seeds: int, most: int) -> None:
    random, held, found = np.random.default_rng(4), 0, 0
    for _ in range(80):
        some = clustered_difference(*study(rates, seeds, most, random))
        held += some.low <= rates[0] - rates[1] <= some.high
        found += some.p < 0.05
        assert (some.p < 0.05) == (not some.low <= 0 <= some.high)
    assert 0.91 < held / 80 <= 1
    assert (found / 80 < 0.08) if rates[0] == rates[1] else (found / 80 > 0.3)


def test_no_run_is_left_out_because_its_partner_is_missing() -> None:
    """Winners 0 to 3 won 2 of 2, winners 4 and 5 0 of 2; of losers only pair 0 has runs, 20."""
    won = np.array([1, 1] * 4 + [0, 0] * 2 + [0] * 20)
    seed = np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5] + [0] * 20)
    found = clustered_difference(won, seed, np.arange(32) < 12)
    assert found.mean == pytest.approx(8 / 12)
    assert found.n == 1
    assert found.low < 0 < found.high  # one loser says nothing of losers
    assert found.detectable == 1


def test_with_one_run_a_seed_it_is_close_to_newcombes() -> None:
    won = np.repeat([1.0, 0.0, 1.0, 0.0], [14, 10, 3, 25])
    treated = np.arange(52) < 24
    found = clustered_difference(won, np.arange(52), treated)
    theirs = shares_apart(won[treated], won[~treated])
    assert found.mean == pytest.approx(theirs.mean)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=0.04)
    assert found.detectable == pytest.approx(theirs.detectable, abs=0.05)


def test_without_runs_of_a_side_nothing_is_known() -> None:
    found = clustered_difference([1, 0], [0, 1], [True, True])
    assert np.isnan([found.mean, found.p, found.detectable]).all()
    assert (found.low, found.high, found.n) == (-1, 1, 0)


def test_a_difference_that_no_limit_reaches_has_a_p_value_near_0() -> None:
    won = np.repeat([1, 0], 200)
    found = clustered_difference(won, np.arange(400), won == 1)
    assert 0 < found.p < 1e-14
