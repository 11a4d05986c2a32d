"""Survival against exact fractions, a published table and one worked by hand."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student

from grokseed.analysis.outcomes import outcome
from grokseed.analysis.survival import (
    curve_alone,
    kaplan_meier,
    known_landmarks,
    numbers,
    observed_times,
    time_to,
)

Z = 1.959963984540054
observations = st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=40)


def test_kaplan_meier_of_six_runs_worked_by_hand():
    """Two of 6 at step 2, one of 3 at step 5, the last of 1 at step 7; lost after 3 and after 5."""
    curve = kaplan_meier([5, 2, 7, 3, 2, 5], [True, True, True, False, True, False])
    assert (curve.n, curve.censored, curve.last) == (6, 2, 7)
    assert curve.times.tolist() == [2, 5, 7]
    assert curve.censor_times.tolist() == [3, 5]
    assert curve.survival == pytest.approx([4 / 6, 4 / 9, 0])
    greenwood = np.array([2 / (6 * 4), 2 / (6 * 4) + 1 / (3 * 2)])
    share = np.array([4 / 6, 4 / 9])
    centre, spread = np.log(-np.log(share)), Z * np.sqrt(greenwood) / -np.log(share)
    assert curve.low == pytest.approx([*np.exp(-np.exp(centre + spread)), 0])
    high = np.exp(-np.exp(centre - spread))
    assert curve.high == pytest.approx([*high, high[-1]])
    assert (curve.median, curve.median_low, curve.median_high) == (5, 2, math.inf)
    assert curve.at([0, 1.9, 2, 4, 5, 6, 7, 99]) == pytest.approx(
        [1, 1, 2 / 3, 2 / 3, 4 / 9, 4 / 9, 0, 0]
    )


@given(observations)
def test_the_curve_alone_is_the_one_with_a_band(runs):
    times, reached = np.array([t for t, _ in runs], float), np.array([e for _, e in runs])
    steps, survival = curve_alone(times, reached)
    assert steps.tolist() == sorted(set(times))
    assert kaplan_meier(times, reached).at(steps) == pytest.approx(survival, abs=1e-12)


@given(observations)
def test_curve_and_band_are_the_formulas_in_exact_fractions(runs):
    curve = kaplan_meier([t for t, _ in runs], [e for _, e in runs])
    share, greenwood, limits = Fraction(1), Fraction(0), (0.0, 1.0)
    steps = sorted({t for t, reached in runs if reached})
    assert curve.times.tolist() == steps
    for i, step in enumerate(steps):
        at_risk = sum(t >= step for t, _ in runs)
        events = sum(t == step and reached for t, reached in runs)
        share *= 1 - Fraction(events, at_risk)
        assert curve.survival[i] == pytest.approx(float(share), abs=1e-12)
        if share:
            greenwood += Fraction(events, at_risk * (at_risk - events))
            spread = math.exp(Z * math.sqrt(greenwood) / -math.log(share))
            limits = float(share) ** spread, float(share) ** (1 / spread)
        else:
            limits = 0.0, limits[1]
        assert (curve.low[i], curve.high[i]) == pytest.approx(limits, abs=1e-9)


def test_remission_of_leukaemia_under_6_mp_is_as_published():
    """Gehan's data: survival and log-log band as Stata's `sts list` prints them; median 23."""
    reached = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    curve = kaplan_meier(reached + censored, [True] * 9 + [False] * 12)
    published = {
        6: (0.8571, 0.6197, 0.9516),
        7: (0.8067, 0.5631, 0.9228),
        10: (0.7529, 0.5032, 0.8894),
        13: (0.6902, 0.4316, 0.8491),
        16: (0.6275, 0.3675, 0.8049),
        22: (0.5378, 0.2678, 0.7468),
        23: (0.4482, 0.1881, 0.6801),
    }
    assert curve.times.tolist() == list(published)
    found = np.stack((curve.survival, curve.low, curve.high), 1)
    assert found == pytest.approx(np.array(list(published.values())), abs=6e-5)
    assert (curve.median, curve.median_low, curve.median_high) == (23, 13, math.inf)


@given(observations)
def test_the_median_is_the_first_step_at_which_half_have_it(runs):
    share, median = Fraction(1), math.nan
    for step in range(1, 13):
        at_risk = sum(t >= step for t, _ in runs)
        if at_risk:
            share *= 1 - Fraction(sum(t == step and e for t, e in runs), at_risk)
        if share <= Fraction(1, 2):
            median = step
            break
    curve = kaplan_meier([t for t, _ in runs], [e for _, e in runs])
    assert curve.median == pytest.approx(median, nan_ok=True)
    if not math.isnan(median):
        assert curve.median_low <= curve.median <= curve.median_high


def test_a_band_that_jumps_past_a_half_still_bounds_the_median():
    times = [100] * 5 + [200] * 90 + [300] * 5
    curve = kaplan_meier(times, [True] * 100)
    assert (curve.median, curve.median_low, curve.median_high) == (200, 200, 200)


@pytest.mark.parametrize("censored", [0, 1, 5])
def test_without_an_event_nothing_is_known_of_the_median(censored):
    curve = kaplan_meier([9] * censored, [False] * censored)
    assert (curve.n, curve.censored, len(curve.times)) == (censored, censored, 0)
    assert math.isnan(curve.median)
    assert math.isnan(curve.median_low)
    assert curve.median_high == math.inf
    assert curve.at([0, 9]).tolist() == [1, 1]
    assert curve.last == (9 if censored else pytest.approx(math.nan, nan_ok=True))


def test_one_run_that_had_it_bounds_nothing_above():
    curve = kaplan_meier([4], [True])
    assert (curve.survival.tolist(), curve.low.tolist(), curve.high.tolist()) == ([0], [0], [1])
    assert (curve.median, curve.median_low, curve.median_high) == (4, 4, math.inf)


@pytest.mark.parametrize(
    ("times", "reached", "message"),
    [([1, 2], [True], "equally long"), ([-1], [True], "at least 0"), ([np.nan], [True], "finite")],
)
def test_kaplan_meier_refuses_what_are_no_times(times, reached, message):
    with pytest.raises(ValueError, match=message):
        kaplan_meier(times, reached)


def test_time_to_generalise_counts_all_but_crashed_runs():
    runs = pd.DataFrame(
        {
            "status": ["done", "done", "diverged", "crashed"],
            "steps": [3000, 3000, 50, None],
            "t98_step": [1200, None, None, None],
        }
    )
    curve = time_to("t98", runs)
    assert (curve.n, curve.censored) == (3, 2)
    assert curve.times.tolist() == [1200]
    assert curve.censor_times.tolist() == [50, 3000]
    assert curve.survival == pytest.approx([0.5])
    times, reached = observed_times("t98", runs)
    assert times.tolist() == [1200, 3000, 50]
    assert reached.tolist() == [True, False, False]


@pytest.mark.parametrize("dtype", [object, "float64", "Int64"])
def test_numbers_reads_an_empty_cell_as_nan_in_every_dtype(dtype):
    runs = pd.DataFrame({"steps": pd.Series([3, None], dtype=dtype)})
    assert numbers(runs, "steps") == pytest.approx([3, math.nan], nan_ok=True)


def test_runs_that_end_at_t98_tell_nothing_of_when_they_are_completed() -> None:
    """The two runs that are completed at their t98 are late: their median is not that of all."""
    columns = ("t98_step", "completed_step", "steps")
    rows = [(1000, np.nan, 1000), (1200, np.nan, 1200), (2500, 2500, 2500), (2900, 2900, 2900)]
    runs = pd.DataFrame(rows, columns=columns).assign(t50_step=900.0, memorised_step=500.0)
    runs = runs.assign(split_seed=0, model_seed=range(4), loader_seed=8, val_seed=9)
    assert known_landmarks(runs) == ["memorised", "t50", "t98"]
    assert time_to("t98", runs).median == 1200
    for told in (time_to, observed_times, lambda landmark, runs: outcome(runs, landmark)):
        with pytest.raises(ValueError, match="runs end at their t98 here"):
            told("completed", runs)
    on = runs.assign(steps=3000, completed_step=[1500, np.nan, 2500, 2900])
    assert time_to("completed", on).median == 2500
    last = on.assign(t98_step=[1000, 3000, 2500, 2900])  # its t98 is the last step by chance
    assert "completed" in known_landmarks(last)


def test_limits_with_two_spared_runs_are_students_by_hand() -> None:
    """At step 3,000 a third is left. Log survival has Greenwood's variance, and that of drawing two
    runs for eight: influences of 1/12 and -1/6, so 1/32 times 2 * 4 * 3 with one degree.
    """
    reached = [True] * 5 + [False]
    curve = kaplan_meier([2000] * 4 + [3000, 8000], reached, [1, 1, 1, 1, 4, 4])
    sampled = 2 * 4 * 3 / 32
    variance = 4 / (12 * 8) + 4 / (8 * 4) + sampled
    error = student.ppf(0.975, variance**2 / sampled**2) * variance**0.5 / np.log(3)
    assert curve.low[1] == pytest.approx((1 / 3) ** np.exp(error))
    assert curve.high[1] == pytest.approx((1 / 3) ** np.exp(-error))
    with pytest.raises(ValueError, match="at least 1"):
        kaplan_meier([1, 2], [True, True], [0.5, 1])
