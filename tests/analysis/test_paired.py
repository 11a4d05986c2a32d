"""Comparisons of two sets of runs, against scipy, hand-made arrays and simulation."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import binomtest, chi2, multivariate_normal, norm, ttest_1samp, ttest_ind

from grokseed.analysis import paired, trend, wins
from grokseed.analysis.hazard import hazard
from grokseed.analysis.paired import Arms, fit, holds, upper_orthant
from grokseed.analysis.profile import root
from grokseed.analysis.seeds_needed import Spread, power, seeds_needed, smallest_ratio, spreads

RATIO, SD, CORRELATION = 0.8, (0.4, 0.5), 0.6


def draw(random, n, censored, matched=True) -> Arms:
    """Log-normal times of n seeds, all runs ended at the step at which a share is censored."""
    z = random.standard_normal((2, n))
    if matched:
        z[1] = CORRELATION * z[0] + np.sqrt(1 - CORRELATION**2) * z[1]
    means = np.array([9, 9 + np.log(RATIO)])
    logs = means[:, None] + np.array(SD)[:, None] * z
    end = np.inf
    if censored:
        end = root(lambda x: np.mean(norm.sf((x - means) / np.array(SD))) - censored, 5, 15)
    times, reached = np.exp(np.minimum(logs, end)), logs <= end
    if matched:
        return Arms(times[0], reached[0], times[1], reached[1])
    none, no = np.full(n, np.nan), np.zeros(n, bool)
    a, b = np.append(times[0], none), np.append(none, times[1])
    return Arms(a, np.append(reached[0], no), b, np.append(no, reached[1]))


def arms(a, b, a_reached=None, b_reached=None) -> Arms:
    a, b = np.array(a, float), np.array(b, float)
    given = [
        ~np.isnan(x) if r is None else np.array(r, bool)
        for x, r in zip((a, b), (a_reached, b_reached), strict=True)
    ]
    return Arms(a, given[0], b, given[1])


@pytest.mark.parametrize("correlation", [-0.9, -0.3, 0.0, 0.5, 0.95])
def test_both_censored_has_the_probability_of_scipys_bivariate_normal(correlation):
    points = np.array([[0, 0], [1, -0.5], [-2, 1.5], [2, 2.2], [-3, -3]], float)
    cov: Any = [[1, correlation], [correlation, 1]]
    both: Any = multivariate_normal
    law: Any = both(np.zeros(2), cov)
    wanted = [law.cdf(-point) for point in points]
    np.testing.assert_allclose(
        upper_orthant(points[:, 0], points[:, 1], correlation), wanted, atol=2e-6
    )


def test_without_censoring_the_interval_is_students_paired_one():
    found = fit(draw(np.random.default_rng(3), 20, 0))
    data = draw(np.random.default_rng(3), 20, 0)
    test: Any = ttest_1samp(np.log(data.b / data.a), 0)
    wanted = np.exp([np.log(data.b / data.a).mean(), *test.confidence_interval()])
    got = (found.ratio, found.ratio_low, found.ratio_high)
    np.testing.assert_allclose(got, wanted, rtol=1e-4)
    assert found.p == pytest.approx(test.pvalue, rel=1e-3)
    assert found.correlation == pytest.approx(np.corrcoef(np.log([data.a, data.b]))[0, 1], abs=1e-4)


def test_a_censored_fit_finds_what_was_drawn():
    found = fit(draw(np.random.default_rng(0), 3000, 0.45))
    assert found.ratio == pytest.approx(RATIO, rel=0.03)
    assert (found.sd_a, found.sd_b) == pytest.approx(SD, rel=0.06)
    assert found.correlation == pytest.approx(CORRELATION, abs=0.05)
    assert found.correlation_low < CORRELATION < found.correlation_high
    share = 2 * CORRELATION * SD[0] * SD[1] / (SD[0] ** 2 + SD[1] ** 2)
    assert found.removed[0] == pytest.approx(share, abs=0.05)


def test_holds_is_whether_the_interval_holds():
    data = draw(np.random.default_rng(5), 20, 0.2)
    found = fit(data)
    for limit, inwards in ((found.ratio_low, 1.01), (found.ratio_high, 0.99)):
        assert holds(data, limit * inwards)
        assert not holds(data, limit / inwards)


def coverage(n, censored, matched, draws):
    random = np.random.default_rng([n, int(100 * censored), matched])
    return sum(holds(draw(random, n, censored, matched), RATIO) for _ in range(draws))


@pytest.mark.parametrize(("censored", "matched"), [(0.45, True), (0.2, False)])
def test_the_interval_covers_as_often_as_it_says(censored, matched):
    hits = coverage(20, censored, matched, 60)
    assert binomtest(hits, 60, 0.95).pvalue > 0.001


@pytest.mark.slow
@pytest.mark.parametrize("matched", [True, False])
@pytest.mark.parametrize("n", [20, 100])
@pytest.mark.parametrize("censored", [0.0, 0.2, 0.45])
def test_coverage_lies_between_93_and_97_in_a_hundred(n, censored, matched):
    assert 0.93 <= coverage(n, censored, matched, 2000) / 2000 <= 0.97


def test_equal_times_have_a_ratio_of_one_and_no_width_to_speak_of():
    data = draw(np.random.default_rng(1), 20, 0.2)
    found = fit(Arms(data.a, data.a_reached, data.a, data.a_reached))
    assert found.ratio == pytest.approx(1, abs=1e-4)
    assert 0.98 < found.ratio_low < 1 < found.ratio_high < 1.02
    assert found.p > 0.99


def test_two_runs_of_each_must_have_got_there():
    with pytest.raises(ValueError, match="needs two runs of each"):
        fit(arms([100, 200, 300], [100, 300, 300], b_reached=[True, False, False]))


def test_runs_match_by_all_four_seeds_and_crashed_ones_are_left_out():
    seeds = {"split_seed": 0, "loader_seed": 8, "val_seed": 9}
    step = {"t98_step": [100, None, 300, None], "steps": [400, 400, 400, None]}
    a = pd.DataFrame({**seeds, "model_seed": [0, 1, 2, 3], **step})
    b = a.assign(loader_seed=[8, 8, 9, 8])
    found = paired.pair(paired.outcome(a, "t98"), paired.outcome(b, "t98"))
    assert found.n == (3, 3)
    assert found.events == (2, 2)
    assert sorted(found.a[found.matched]) == [100, 400]
    assert len(found.a) == 4
    with pytest.raises(ValueError, match="no column t50_step"):
        paired.outcome(a, "t50")
    with pytest.raises(ValueError, match="same four seeds"):
        paired.outcome(pd.concat([a, a]), "t98")


def test_the_hazard_ratio_worked_by_hand():
    # At step 1 one of A's 2 and B's 2 ends, B's; at 2 one of A's 2 and B's 1, A's; at 3 A's 1 and
    # B's 1, B's. The likelihood h/(2+2h) · 2·1/(2+h)/... is largest where its score is 0:
    found = hazard(arms([2, 4], [1, 3], [True, False], [True, True]))
    grid = np.linspace(-5, 5, 200_001)
    h = np.exp(grid)
    likelihood = h / (2 + 2 * h) / (2 + h) * h / (1 + h)
    assert found.ratio == pytest.approx(h[likelihood.argmax()], rel=1e-4)


def efron(beta: float, times, reached, in_b) -> float:
    """Cox's log likelihood with Efron's ties, run by run as the textbooks write it."""
    weight, total = np.exp(beta * in_b), 0.0
    for t in np.unique(times[reached]):
        died, at_risk = reached & (times == t), times >= t
        total += beta * in_b[died].sum()
        for k in range(died.sum()):
            total -= np.log(weight[at_risk].sum() - k / died.sum() * weight[died].sum())
    return total


@pytest.mark.parametrize("grid", [1, 2000])
def test_cox_is_the_largest_likelihood_ties_too(grid):
    data = draw(np.random.default_rng(2), 30, 0.2)
    a, b = (np.ceil(x / grid) * grid for x in (data.a, data.b))
    data = Arms(a, data.a_reached, b, data.b_reached)
    runs = np.append(a, b), np.append(data.a_reached, data.b_reached), np.repeat([0.0, 1.0], 30)
    best: Any = minimize_scalar(lambda beta: -efron(beta, *runs), bracket=(-1, 1), tol=1e-10)
    found = hazard(data)
    assert np.log(found.ratio) == pytest.approx(best.x, abs=1e-5)
    falls = [-best.fun - efron(np.log(limit), *runs) for limit in (found.low, found.high)]
    np.testing.assert_allclose(2 * np.array(falls), chi2.ppf(0.95, 1), rtol=1e-3)


def test_a_set_that_never_gets_there_has_no_hazard():
    found = hazard(arms([400] * 8, range(10, 90, 10), a_reached=[False] * 8))
    assert (found.ratio, found.high) == (np.inf, np.inf)
    assert 1 < found.low < np.inf
    assert found.p < 0.001


def test_wins_by_hand_with_what_is_not_known_a_half():
    nan = float("nan")
    data = arms(
        [100, 200, 300, 400, nan], [50, 200, 350, 400, 400], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0]
    )
    found = wins.matched(data)  # won, tied, lost sight of at 300, both unfinished
    assert (found.n, found.sooner, found.later, found.undecided) == (4, 1, 0, 3)
    assert found.share == 2.5 / 4
    found = wins.unmatched(data)
    # A at 100 against 200, 350, 400+, 400+: loses 4. A at 200 against 50: wins, the rest lose 3.
    # A lost at 300 against 50, 200: wins 2, others unknown 2. A lost at 400: wins 3, unknown 1.
    assert (found.sooner, found.later, found.undecided) == (1 + 2 + 3, 4 + 3, 3)


def test_win_intervals_are_wilsons_and_stay_within_0_and_1():
    found = wins.matched(arms([100] * 20, [50] * 17 + [200] * 3))
    wanted = binomtest(17, 20).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))
    found = wins.unmatched(arms([100] * 20, [50] * 20))
    assert (found.share, found.high) == (1, 1)
    assert 0.7 < found.low < 1
    assert np.isnan(wins.matched(arms([100, np.nan], [np.nan, 50])).share)


def test_the_unmatched_interval_covers():
    random = np.random.default_rng(8)
    truth = norm.cdf(-np.log(RATIO) / np.hypot(*SD))
    hits = 0
    for _ in range(300):
        found = wins.unmatched(draw(random, 20, 0, matched=False))
        hits += found.low <= truth <= found.high
    assert hits / 300 > 0.92


@pytest.mark.parametrize("matched", [True, False])
def test_power_is_how_often_a_t_test_finds_it(matched: bool):
    random, n, tries = np.random.default_rng(9), 12, 20_000
    sd = 0.5 if matched else 0.5 / 2**0.5  # of a difference, or of each of two sets
    a, b = random.normal(0, sd, (2, tries, n))
    later = a + np.log(RATIO)
    test: Any = ttest_1samp(later, 0, axis=1) if matched else ttest_ind(later, b, axis=1)
    found = float(np.mean(test.pvalue < 0.05))
    assert power(Spread(0.5, matched), RATIO, n) == pytest.approx(found, abs=0.012)


@pytest.mark.parametrize("matched", [True, False])
def test_seeds_needed_are_the_first_number_that_suffices(matched):
    spread = Spread(0.5, matched)
    n = seeds_needed(spread, 0.8)
    assert n is not None
    assert power(spread, 0.8, n) >= 0.8 > power(spread, 0.8, n - 1)
    assert smallest_ratio(spread, n - 1) < 0.8 <= smallest_ratio(spread, n)
    assert seeds_needed(spread, 1.0) is None


def test_matching_saves_the_share_of_seeds_that_it_removes_of_the_variance():
    found = fit(draw(np.random.default_rng(0), 200, 0))
    needs = spreads(found)
    saved = 1 - (needs["matched"].sd / needs["unmatched"].sd) ** 2
    assert saved == pytest.approx(found.removed[0], abs=1e-6)
    assert list(spreads(fit(draw(np.random.default_rng(0), 20, 0, False)))) == ["unmatched"]


def several(random, n, end, matched=True) -> trend.Sets:
    """Three sets, each 10 % sooner than the last, whose seeds carry half of the variance."""
    y = 9 + np.log(0.9) * np.arange(3) + random.normal(0, 0.3, (n, 3))
    y += random.normal(0, 0.3, (n, 1) if matched else (n, 3))
    times, reached = np.exp(np.minimum(y, end)), y <= end
    if not matched:
        blocks = np.eye(3, dtype=bool).repeat(n, axis=0)
        times = np.where(blocks, np.tile(times, (3, 1)), np.nan)
        reached = blocks & np.tile(reached, (3, 1))
    return trend.Sets(np.arange(3.0), times, reached)


def test_the_slope_of_matched_sets_is_the_mean_of_each_seeds_own():
    data = several(np.random.default_rng(4), 20, 99)
    found = trend.fit(data)
    slopes = (np.log(data.times[:, 2]) - np.log(data.times[:, 0])) / 2
    assert np.log(found.ratio) == pytest.approx(slopes.mean(), abs=1e-4)
    assert 0.3 < found.removed < 0.8


@pytest.mark.parametrize("matched", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_the_trends_interval_covers(matched):
    random = np.random.default_rng(6)
    hits = sum(trend.holds(several(random, 12, 8.9, matched), 0.9) for _ in range(40))
    assert binomtest(hits, 40, 0.95).pvalue > 0.001


def test_a_censored_trend_agrees_with_integration_by_brute_force():
    data = several(np.random.default_rng(2), 4, 8.8)
    model = trend._Model(data)
    p = np.array([0.1, -0.2, -0.4, -0.6])
    b = np.linspace(-12, 12, 40_001) * np.exp(p[2])
    z = (model.y - p[0] - p[1] * model.x)[:, :, None] - b
    each = np.where(
        data.reached[:, :, None], norm.pdf(z, scale=np.exp(p[3])), norm.sf(z, scale=np.exp(p[3]))
    )
    inner = each.prod(axis=1) * norm.pdf(b, scale=np.exp(p[2]))
    wanted = np.log(inner.sum(axis=1) * (b[1] - b[0])).sum()
    assert model.loss(p) == pytest.approx(-wanted, rel=1e-6)
