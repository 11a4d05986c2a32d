"""A claim's verdict follows from an interval, and is seldom wrong."""

from functools import cache

import numpy as np
import pytest
from scipy.stats import binom

from common.verdict import (
    FAILS,
    HOLDS,
    IN_PART,
    UNKNOWN,
    Number,
    looked_ratio,
    mostly,
    near,
    near_ratio,
    share,
    two_kinds,
    within,
)
from grokseed.analysis.significance import detectable_by_limits


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.5, 0.7, HOLDS),
        (0.55, 0.6, HOLDS),
        (0.1, 0.4, FAILS),
        (0.8, 0.9, FAILS),
        (0.3, 0.5, UNKNOWN),
        (0.7, 0.9, UNKNOWN),
        (0.4, 0.6, UNKNOWN),
        (0.1, 0.9, UNKNOWN),
        (float("nan"), 0.6, UNKNOWN),
    ],
)
def test_a_quantity_in_a_range(low: float, high: float, verdict: str) -> None:
    assert within(Number(0.5, low, high), 0.5, 0.7) == verdict


def test_a_rate_near_the_claimed_one() -> None:
    claimed = share(18, 2073)  # 0.87 %, 0.52 to 1.37
    assert near(claimed, Number(0.01, 0.0044, 0.017)) == HOLDS  # within half and twice
    assert near(claimed, Number(0.01, 0.004, 0.017)) == UNKNOWN
    assert near(claimed, Number(0.001, 0.0001, 0.004)) == FAILS
    wide = share(1, 1539)  # 0.065 %, 0.0016 to 0.36: its own interval is wider than a factor of two
    assert near(wide, Number(0.003, 0.002, 0.0035)) == HOLDS
    assert near(Number(8.0), Number(5.0, 4.1, 15.0)) == HOLDS
    assert near(claimed, Number()) == UNKNOWN


def test_a_ratio_whose_interval_leaves_the_claimed_one_out_holds_in_part() -> None:
    quarter = Number(0.25)
    assert near_ratio(quarter, Number(0.27, 0.24, 0.30)) == HOLDS
    assert near_ratio(quarter, Number(0.32, 0.31, 0.34)) == IN_PART
    assert near_ratio(quarter, Number(0.20, 0.19, 0.21)) == IN_PART
    assert near_ratio(quarter, Number(0.45, 0.40, 0.55)) == UNKNOWN
    assert near_ratio(quarter, Number(0.60, 0.55, 0.65)) == FAILS
    assert near_ratio(quarter, Number()) == UNKNOWN
    for ours, planned in ((Number(0.32, 0.31, 0.34), HOLDS), (Number(0.6, 0.55, 0.65), FAILS)):
        label = looked_ratio(quarter, ours)
        assert label.startswith("[found by looking: rule made after the table had been seen;")
        assert label.endswith(f" by the planned one: {planned}]")  # that of rates


def test_shares_of_a_rule_and_kinds_of_runs() -> None:
    assert mostly(Number(0.95, 0.9, 0.99)) == HOLDS
    assert mostly(Number(0.8, 0.6, 0.95)) == IN_PART
    assert mostly(Number(0.5, 0.3, 0.7)) == UNKNOWN
    assert mostly(Number(0.7, 0.5, 0.8)) == UNKNOWN  # not over half
    assert mostly(Number(0.3, 0.2, 0.5)) == UNKNOWN
    assert mostly(Number(0.1, 0.0, 0.4)) == FAILS
    assert mostly(Number()) == UNKNOWN
    assert [two_kinds(gain) for gain in (10, 9.9, -9.9, -10)] == [HOLDS, UNKNOWN, UNKNOWN, FAILS]


@cache
def shares_of(n: int) -> list[Number]:
    """Of 0 to n runs of n."""
    return [share(k, n) for k in range(n + 1)]


@pytest.mark.parametrize("n", [21, 79, 300, 2073])
@pytest.mark.parametrize("claimed", [share(18, 2073), share(145, 2073), Number(0.3)])
def test_a_rate_is_wrongly_said_to_hold_or_to_fail_in_2_5_percent_of_samples(n, claimed) -> None:
    """Exact chances of each verdict where the truth lies just beyond a limit, and just within."""
    verdicts = np.array([near(claimed, some) for some in shares_of(n)])
    limits = [claimed.value / 2, claimed.value * 2, claimed.low, claimed.high]
    for edge in (np.nanmin(limits), np.nanmax(limits)):
        chance = binom.pmf(np.arange(n + 1), n, edge)
        assert chance[verdicts == HOLDS].sum() <= 0.025 + 1e-9
        assert chance[verdicts == FAILS].sum() <= 0.025 + 1e-9


@pytest.mark.parametrize("n", [21, 24, 64, 149])
def test_a_rule_of_runs_is_wrongly_said_to_hold_or_to_fail_in_2_5_percent_of_samples(n) -> None:
    verdicts = np.array([mostly(some) for some in shares_of(n)])
    for truth, wrong in ((0.9, (HOLDS,)), (0.5, (HOLDS, IN_PART)), (0.5, (FAILS,))):
        chance = binom.pmf(np.arange(n + 1), n, truth)
        assert chance[np.isin(verdicts, wrong)].sum() <= 0.025 + 1e-9
    assert (verdicts == HOLDS).any() == (n >= 36)  # fewer runs can never show 90 %


@pytest.mark.parametrize(("n", "claimed"), [(100, 0.5), (300, 0.3), (700, 0.066)])
def test_what_limits_would_find_is_found_in_80_percent_of_studies(n, claimed) -> None:
    """A share that lies so far above the claimed one; the exact interval is a little wide."""
    limits = share(round(claimed * n), n)
    far = detectable_by_limits(limits.low, limits.high)
    k = np.arange(n + 1)
    excludes = [share(int(wins), n).low > claimed for wins in k]
    assert binom.pmf(k, n, claimed + far)[excludes].sum() == pytest.approx(0.8, abs=0.06)
