"""Rates and survival against scipy's own, exact fractions and a table worked by hand."""

import math
import subprocess
import sys
import warnings
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, beta, ecdf
from statsmodels.duration.survfunc import SurvfuncRight

from grokseed.analysis.stats import kaplan_meier, numbers, rate, time_to

Z = 1.959963984540054
observations = st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(18, 2073, 0.52, 1.37), (19, 3180, 0.36, 0.93), (1, 1539, 0.002, 0.36)],
)
def test_rate_gives_the_exact_intervals_of_the_diarys_counts(k, n, low, high):
    found = rate(k, n)
    assert found.share == k / n
    assert 100 * found.low == pytest.approx(low, abs=0.005 if low > 0.01 else 0.0005)
    assert 100 * found.high == pytest.approx(high, abs=0.005)


@given(st.integers(1, 3000), st.data(), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_rate_is_the_beta_quantiles(n, data, level):
    k = data.draw(st.integers(0, n))
    tail = (1 - level) / 2
    found = rate(k, n, level)
    assert found.low == pytest.approx(beta.ppf(tail, k, n - k + 1) if k else 0, abs=1e-9)
    assert found.high == pytest.approx(beta.isf(tail, k + 1, n - k) if k < n else 1, abs=1e-9)


def test_rate_of_no_runs_is_unknown_within_everything():
    found = rate(0, 0)
    assert math.isnan(found.share)
    assert (found.low, found.high) == (0, 1)


@pytest.mark.parametrize(("k", "n"), [(-1, 3), (4, 3), (0, -1)])
def test_rate_refuses_impossible_counts(k, n):
    with pytest.raises(ValueError, match=r"k must lie in 0\.\.n"):
        rate(k, n)


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
def test_kaplan_meier_agrees_with_scipy(runs):
    times, reached = np.array([t for t, _ in runs], float), np.array([e for _, e in runs])
    curve = kaplan_meier(times, reached)
    theirs = ecdf(CensoredData(uncensored=times[reached], right=times[~reached])).sf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy says that its interval is undefined at 0 and 1
        interval = theirs.confidence_interval(method="log-log")
    steps = theirs.quantiles
    assert curve.at(steps) == pytest.approx(theirs.probabilities)
    where = np.searchsorted(steps, curve.times)
    for ours, known in ((curve.low, interval.low), (curve.high, interval.high)):
        limit = known.probabilities[where]
        known_here = np.isfinite(limit) & (curve.survival > 0)
        assert ours[known_here] == pytest.approx(limit[known_here])


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


def test_the_medians_interval_agrees_with_statsmodels():
    g = np.random.default_rng(0)
    event, lost = g.integers(10, 400, 300), g.integers(10, 600, 300)
    times, reached = np.minimum(event, lost), event <= lost
    curve = kaplan_meier(times, reached)
    theirs = SurvfuncRight(times, reached.astype(float))
    keep = theirs.surv_prob > 0
    for name in ("surv_prob", "surv_prob_se", "surv_times"):  # its interval warns at survival 0
        setattr(theirs, name, getattr(theirs, name)[keep])
    assert (curve.median_low, curve.median_high) == theirs.quantile_ci(0.5)
    assert curve.median == theirs.quantile(0.5)


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


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_is_a_share(level):
    with pytest.raises(ValueError, match="level"):
        rate(1, 2, level)
    with pytest.raises(ValueError, match="level"):
        kaplan_meier([1], [True], level)


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


@pytest.mark.parametrize("dtype", [object, "float64", "Int64"])
def test_numbers_reads_an_empty_cell_as_nan_in_every_dtype(dtype):
    runs = pd.DataFrame({"steps": pd.Series([3, None], dtype=dtype)})
    assert numbers(runs, "steps") == pytest.approx([3, math.nan], nan_ok=True)


def test_figures_are_drawn_without_torch():
    code = (
        "import sys, grokseed.analysis.classify, grokseed.analysis.stats, grokseed.figures.scan; "
        "sys.exit('torch' in sys.modules or 'matplotlib.pyplot' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
