"""The trend over several sets: by hand, by integration, and how often its interval covers."""

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from grokseed.analysis import trend


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
