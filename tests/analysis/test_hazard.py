"""Hazard ratios of two sets of runs: worked by hand, and Cox's likelihood run by run."""

from typing import Any

import numpy as np
import pytest
from drawn_times import arms, draw
from scipy.optimize import minimize_scalar
from scipy.stats import chi2

from grokseed.analysis.hazard import hazard
from grokseed.analysis.paired import Arms


def test_the_hazard_ratio_worked_by_hand():
    # At step 1 one of A's 2 and B's 2 ends, B's; at 2 one of A's 2 and B's 1, A's; at 3 A's 1 and
    # B's 1, B's. The likelihood h/(2+2h) · 2·1/(2+h)/... is largest where its score is 0:
    found = hazard(arms([2, 4], [1, 3], [True, False], [True, True]))
    grid = np.linspace(-5, 5, 200_001)
    h = np.exp(grid)
    likelihood = h / (2 + 2 * h) / (2 + h) * h / (1 + h)
    assert found.ratio == pytest.approx(h[likelihood.argmax()], rel=1e-4)


def test_a_set_that_had_ended_before_the_others_first_event_tells_nothing():
    late, never = [True, True], [False, False]
    found = hazard(arms([5, 7], [2, 3], late, never))
    assert np.isnan([found.ratio, found.low, found.high, found.p]).all()
    assert not np.isnan(hazard(arms([5, 7], [2, 6], late, never)).p)


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
