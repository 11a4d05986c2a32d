"""Exact rates against the beta distribution and the diary's own counts."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from grokseed.analysis.rates import rate


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


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_is_a_share(level):
    with pytest.raises(ValueError, match="level"):
        rate(1, 2, level)
