"""Restarts against sums by hand and simulated searches."""

import numpy as np
import pytest
from scipy.stats import beta, binom

from grokseed.analysis.restart import (
    _quick,
    best_of,
    best_restart,
    expected_steps,
    judged_restart,
    side_by_side,
)
from grokseed.analysis.restart_limit import highest_gain
from grokseed.analysis.survival import kaplan_meier


def test_giving_up_early_pays_where_one_run_in_two_is_quick() -> None:
    # 10 steps with 1/2, else 100: given up at 10, two attempts of 10 steps are expected
    times = [10.0] * 50 + [100.0] * 50
    cutoffs, steps = expected_steps(kaplan_meier(times, [True] * 100))
    assert cutoffs.tolist() == [10, 100]
    assert steps == pytest.approx([20, 55])
    found = best_restart(times, [True] * 100, draws=200)
    assert (found.best, found.plain, found.searched) == pytest.approx((10, 55, 20))
    assert found.gain == pytest.approx(2.75)
    assert found.low < 2.75 < found.high


def test_limits_of_a_gain_are_those_of_the_share_of_quick_runs() -> None:
    """A draw holds k of 200 quick runs, which is binomial, and k gives the gain by hand."""
    found = best_restart([10.0] * 50 + [100.0] * 150, [True] * 200)

    def gain(k: float) -> float:
        return (10 * k / 200 + 100 * (1 - k / 200)) / (10 / (k / 200))

    for limit, quantile in ((found.low, 0.025), (found.high, 0.975)):
        k = float(binom.ppf(quantile, 200, 0.25))
        assert gain(k - 1.5) < limit < gain(k + 1.5)


def test_runs_that_never_get_there_are_given_up_at_the_last_step_seen() -> None:
    # half at 10; the others are seen until 40 and tried again then: (10 + 40) / 2 / (1/2)
    curve = kaplan_meier([10.0] * 5 + [40.0] * 5, [True] * 5 + [False] * 5)
    cutoffs, steps = expected_steps(curve)
    assert cutoffs.tolist() == [10, 40]
    assert steps == pytest.approx([20, 50])


def test_expected_steps_are_those_of_a_simulated_search() -> None:
    random = np.random.default_rng(0)
    times = np.round(np.exp(random.normal(5, 1.5, 200)))
    cutoffs, steps = expected_steps(kaplan_meier(times, [True] * 200))
    i = int(np.searchsorted(cutoffs, 60))
    took = []
    for _ in range(4000):
        total = 0.0
        while (time := random.choice(times)) > cutoffs[i]:
            total += cutoffs[i]
        took.append(total + time)
    assert np.mean(took) == pytest.approx(steps[i], rel=0.05)


def test_equal_times_gain_nothing() -> None:
    found = best_restart([30.0] * 20, [True] * 20, draws=20)
    assert (found.gain, found.low, found.high) == (1, 1, 1)


def test_the_bootstrap_uses_the_same_curve() -> None:
    random = np.random.default_rng(1)
    times = random.integers(1, 12, 40).astype(float)
    reached = random.random(40) < 0.7
    _, steps = expected_steps(kaplan_meier(times, reached))
    quick = _quick(times, reached)
    assert quick.min() == pytest.approx(steps.min())
    assert quick[-1] == pytest.approx(steps[-1])


def test_the_first_of_some_runs() -> None:
    # two of times 1 and 3: the first is at 3 with 1/4, so 1 * 3/4 + 3 * 1/4 = 1.5, of two runs 3
    curve = kaplan_meier([1.0, 3.0], [True, True])
    assert side_by_side(curve, 1) == pytest.approx(2)
    assert side_by_side(curve, 2) == pytest.approx(3)
    exponential = np.random.default_rng(2).exponential(100, 20000)
    curve = kaplan_meier(exponential, np.ones(20000, bool))
    assert side_by_side(curve, 8) == pytest.approx(100, rel=0.03)  # it has no memory: no loss
    with pytest.raises(ValueError, match="at least one"):
        side_by_side(curve, 0)


def test_some_side_by_side_against_one() -> None:
    times, reached = [1.0, 3.0] * 50, [True] * 100
    found = best_of(times, reached, 2, draws=200)
    assert (found.plain, found.searched) == pytest.approx((2, 3))
    assert found.low < found.gain < found.high < 0.8
    one = best_of(times, reached, 1, draws=20)
    assert (one.gain, one.low, one.high) == pytest.approx((1, 1, 1))
    with pytest.raises(ValueError, match="no run reached"):
        best_of([5.0], [False], 2)


def test_without_an_event_nothing_is_known() -> None:
    with pytest.raises(ValueError, match="no run reached"):
        best_restart([5.0, 6.0], [False, False])


def test_restarts_of_runs_that_fail_a_check_by_hand() -> None:
    # Half reach it in 10 steps, before the check at 20; a quarter fails it, a quarter passes and
    # takes 100. Tries take 10/2 + 20/4 + 100/4 = 35 steps, and 3 of 4 reach it.
    times = np.array([10.0] * 50 + [100.0] * 50)
    passes = [False] * 75 + [True] * 25
    found = judged_restart(times, [True] * 100, passes, 20, draws=300)
    assert (found.best, found.plain, found.searched) == pytest.approx((20, 55, 35 / 0.75))
    assert found.low < found.gain < found.high
    censored = judged_restart(times, times < 50, passes, 20, draws=10)
    assert (censored.plain, censored.searched) == pytest.approx((110, 35 / 0.5))


def test_restarts_by_a_check_are_those_of_a_simulated_search() -> None:
    random = np.random.default_rng(0)
    times = random.lognormal(9, 0.5, 200)
    passes = times < 6000
    found = judged_restart(times, np.ones(200, bool), passes, 3000, draws=10)
    spent = []
    for _ in range(4000):
        total = 0.0
        while True:
            one = random.integers(200)
            if passes[one] or times[one] <= 3000:
                break
            total += 3000
        spent.append(total + times[one])
    assert found.searched == pytest.approx(np.mean(spent), rel=0.05)
    with pytest.raises(ValueError, match="no run reached"):
        judged_restart([5.0], [False], [True], 3)


def test_runs_side_by_side_of_which_some_fail_a_check_by_hand() -> None:
    # In 3 of 4 pairs one is at 10, and both were trained to there. In the others both fail at 20,
    # and two more start: (2 * 10 * 3 / 4 + 2 * 20 / 4) / (3 / 4).
    times = np.array([10.0] * 50 + [100.0] * 50)
    found = judged_restart(times, [True] * 100, times < 50, 20, draws=10, runs=2)
    assert (found.plain, found.searched) == pytest.approx((55, 25 / 0.75))
    with pytest.raises(ValueError, match="at least one run"):
        judged_restart(times, [True] * 100, times < 50, 20, runs=0)


@pytest.mark.parametrize("runs", [2, 5])
def test_runs_side_by_side_and_a_check_are_those_of_a_simulated_search(runs: int) -> None:
    """Runs that fail, that pass and are not there at their end, and that are there before the
    check."""
    random = np.random.default_rng(1)
    times = random.lognormal(9, 0.6, 100)
    passes, reached = random.random(100) < 0.3, times < 15_000
    found = judged_restart(times, reached, passes, 5000, draws=10, runs=runs)
    spent = []
    for _ in range(6000):
        total = 0.0
        while True:
            some = random.integers(100, size=runs)
            cut = ~passes[some] & (times[some] > 5000)
            life = np.where(cut, 5000, times[some])
            first = np.min(times[some], where=reached[some] & ~cut, initial=np.inf)
            total += np.minimum(life, first).sum()
            if np.isfinite(first):
                break
        spent.append(total)
    assert found.searched == pytest.approx(np.mean(spent), rel=0.04)


def test_the_highest_gain_is_that_of_the_upper_limit_of_a_share_by_hand() -> None:
    # 5 of 10 at 10: 81.3 % at most (Clopper and Pearson); 55 steps without restarts, 10 a try
    at_most = float(beta.ppf(0.975, 6, 5))
    found = highest_gain([10.0] * 5 + [100.0] * 5, [True] * 10, 10)
    assert found == pytest.approx(55 * at_most / 10)
    none_of_20 = float(beta.ppf(0.975, 1, 20))
    assert highest_gain([100.0] * 20, [True] * 20, 10) == pytest.approx(100 * none_of_20 / 10)
    assert highest_gain([100.0] * 20, [True] * 20, 50) == 1  # no restart: the last step


def test_runs_whose_fate_at_a_step_is_not_known_count_in_no_share() -> None:
    times, reached = [10.0, 5.0, 40.0, 40.0], [True, False, True, True]
    tried, plain = 10.0, 10 / 3 + 2 * 40 / 3
    # at step 10 one of three is there, and the run last seen at 5 is not known
    assert highest_gain(times, reached, 10) == pytest.approx(
        plain * float(beta.ppf(0.975, 2, 2)) / tried
    )


@pytest.mark.parametrize(("share", "quick"), [(0.5, 2000.0), (0.05, 400.0), (0.3, 900.0)])
def test_the_highest_gain_is_seldom_below_the_true_one(share: float, quick: float) -> None:
    random = np.random.default_rng(0)

    def draw(n: int) -> np.ndarray:
        slow = random.lognormal(9.1, 0.3, n)
        return np.where(random.random(n) < share, quick * random.lognormal(0, 0.2, n), slow)

    many = np.sort(draw(200_000))
    before = np.cumsum(many) + many * np.arange(len(many))[::-1]
    gains = many.mean() * np.arange(1, len(many) + 1) / before
    truth = gains[many >= quick / 2].max()
    limits = [highest_gain(draw(64), np.ones(64, bool), quick / 2) for _ in range(200)]
    assert np.mean(np.array(limits) >= truth) >= 0.97


def test_a_highest_gain_needs_a_run_that_got_there_and_one_that_was_seen_so_late() -> None:
    with pytest.raises(ValueError, match="no run reached"):
        highest_gain([5.0], [False], 1)
    with pytest.raises(ValueError, match="no run was seen at step 9"):
        highest_gain([5.0], [True], 9)


def test_a_bootstrap_sample_without_a_run_that_got_there_is_left_out() -> None:
    """One run of three gets there, so that 8 samples of 27 have none that does."""
    times, reached = [10.0, 20.0, 30.0], [True, False, False]
    found = best_restart(times, reached, draws=50)
    assert (found.plain, found.searched) == pytest.approx((70, 30))
    assert 1 <= found.low <= found.high < np.inf
    kept = judged_restart(times, reached, [True] * 3, 5, draws=50)
    assert (kept.gain, kept.low, kept.high) == pytest.approx((1, 1, 1))  # all pass


def test_restarts_before_the_earliest_step_are_left_out() -> None:
    # The run at 2 counts as one of 10 that are there at 10; tries take 2/10 + 10 * 9/10 steps.
    times, reached = [2.0] + [100.0] * 9, [True] * 10
    at_most = float(beta.ppf(0.975, 2, 9))
    assert highest_gain(times, reached, 10) == pytest.approx(90.2 * at_most / 9.2)
    assert highest_gain(times, reached, 100) == 1  # the last step was seen
