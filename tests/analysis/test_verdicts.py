"""Areas under the ROC curve, cuts, what a rule saves: by hand, by scipy and by simulation."""

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, norm

from grokseed.analysis.verdicts import Whole, area, fitted_check, judged
from grokseed.early import Check


def whole(signal: np.ndarray, early: np.ndarray) -> Whole:
    n = len(signal)
    return Whole(np.arange(n), np.full(n, 1000.0), early, {"norm": {200: signal}})


def test_an_area_is_the_share_of_pairs_in_order() -> None:
    random = np.random.default_rng(0)
    signal, early = random.integers(0, 6, 60).astype(float), random.random(60) < 0.3
    found = area(signal, early)
    u = mannwhitneyu(signal[early], signal[~early]).statistic
    assert found.auc == pytest.approx(u / (early.sum() * (~early).sum()))
    other = area(-signal, early)
    assert (1 - other.auc, 1 - other.high) == pytest.approx((found.auc, found.low))
    perfect = area(early.astype(float), early)
    fewer = min(early.sum(), (~early).sum())
    assert (perfect.auc, perfect.high) == (1, 1)
    assert perfect.low == pytest.approx(0.025 ** (1 / fewer))
    none = area(-early.astype(float), early)
    assert (none.auc, none.low, none.high) == (0, 0, pytest.approx(1 - perfect.low))
    assert np.isnan(area(signal, np.zeros(60, bool)).auc)


def test_intervals_of_areas_cover() -> None:
    random, held = np.random.default_rng(1), []
    for _ in range(1000):
        early = np.arange(150) < 25
        found = area(random.normal(size=150) + 1.5 * early, early)
        held.append(found.low <= norm.cdf(1.5 / 2**0.5) <= found.high)
    assert 0.93 <= np.mean(held) <= 0.98


@pytest.mark.parametrize(("n", "missed"), [(20, 1 / 21), (71, 2 / 72), (200, 6 / 201)])
def test_a_cut_misses_what_it_is_expected_to(n: int, missed: float) -> None:
    random, found = np.random.default_rng(2), []
    for _ in range(1000):
        signal = np.append(random.normal(44, 1, n), 0)  # and one run that is not early
        check = fitted_check(whole(signal, np.arange(n + 1) < n), "norm", 200)
        assert check.side == ">"
        found.append(norm.cdf(check.cut, 44, 1))
    assert np.mean(found) == pytest.approx(missed, rel=0.1)


def test_a_low_signal_is_cut_from_above_and_keeps_its_own() -> None:
    early = np.arange(10) < 4
    check = fitted_check(whole(np.arange(10.0), early), "norm", 200)
    assert (check.side, check.cut) == ("<", pytest.approx(3, rel=1e-3))
    assert check.cut > 3
    with pytest.raises(ValueError, match="no run is early"):
        fitted_check(whole(np.arange(10.0), early & False), "norm", 200)


def test_what_a_rule_saves_by_hand() -> None:
    """Of six runs one ends before the check, two pass, three fail: one of these was early."""
    signals = {"norm": {200: np.array([9.0, 1, 1, 9, 9, 9])}}
    early = np.array([True, True, False, True, False, False])
    runs = Whole(np.arange(6), np.array([100, 400, 1000, 1000, 1000, 1000.0]), early, signals)
    recall, saved = judged(runs, [Check(200, "norm", "<", 5.0)])
    assert (recall.k, recall.n) == (2, 3)
    assert saved == pytest.approx(4500 / (100 + 400 + 1000 + 3 * (0.9 * 200 + 0.1 * 1000)))


def test_equal_signals_tell_nothing() -> None:
    found = area(np.full(30, 0.5), np.arange(30) < 10)
    assert found.auc == 0.5
    assert found.low < 0.25
    assert found.high > 0.75


@pytest.mark.parametrize("others", [np.linspace(0.5, 1, 9), np.zeros(9)])
def test_a_check_keeps_an_early_run_whose_signal_is_0(others: np.ndarray) -> None:
    signal = np.concatenate(([0.0], others, np.full(10, -1.0)))
    runs = whole(signal, np.arange(20) < 10)
    assert judged(runs, [fitted_check(runs, "norm", 200)])[0].share == 1


def test_a_run_is_stopped_by_the_first_check_that_it_fails_and_not_where_it_ends_by_hand() -> None:
    """One run fails both checks, one the second alone, one none; one ends at the first check."""
    signals = {"norm": {200: np.array([9.0, 1, 1, 9]), 400: np.array([9.0, 9, 1, 9])}}
    early = np.array([False, True, True, True])
    runs = Whole(np.arange(4), np.array([1000.0, 1000, 1000, 200]), early, signals)
    recall, saved = judged(runs, [Check(step, "norm", "<", 5.0) for step in (200, 400)])
    assert (recall.k, recall.n) == (2, 3)
    first, second = (0.9 * step + 0.1 * 1000 for step in (200, 400))
    assert saved == pytest.approx(3200 / (first + second + 1000 + 200))
