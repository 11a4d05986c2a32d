"""Limits of a correlation, and of what matching removes, of a few pairs: coverage by simulation."""

import numpy as np
import pytest
from compared_folders import folder
from scipy.stats import binomtest
from scipy.stats import t as student

from grokseed import compare
from grokseed.analysis.paired import Arms, fit
from grokseed.analysis.profile import correlation_limit, root

SD = (0.2, 0.5)
DRAWS = 10_000


def logs(seed, shape, correlation) -> np.ndarray:
    """(2, *shape), less their means over the last axis: pairs of logs with unequal spreads."""
    z = np.random.default_rng(seed).standard_normal((2, *shape))
    z[1] = correlation * z[0] + np.sqrt(1 - correlation**2) * z[1]
    return (z - z.mean(axis=-1, keepdims=True)) * np.reshape(SD, (2, *[1] * len(shape)))


def correlation_of(x, y):
    return (x * y).sum(axis=-1) / np.sqrt((x * x).sum(axis=-1) * (y * y).sum(axis=-1))


def fall(found, rho, n):
    """Twice the fall of the profile log-likelihood from a sample's correlation to another."""
    return -n * np.log((1 - found**2) * (1 - rho**2) / (1 - found * rho) ** 2)


def t_of_share(z, share):
    """Student's t by Pitman and Morgan: sum and difference have variances of the ratio q."""
    n, q = z.shape[-1], (1 + share) / (1 - share)
    plus, minus = z[0] + z[1], np.sqrt(q) * (z[0] - z[1])
    r = correlation_of(plus + minus, plus - minus)
    return r * np.sqrt((n - 2) / (1 - r**2))


@pytest.mark.parametrize("n", [3, 4, 6, 10])
@pytest.mark.parametrize("correlation", [0.0, 0.6, 0.95])
def test_limits_cover_as_often_as_they_say(n, correlation):
    """With the limit for known means, n log(1 + t² / (n - 1)), they covered in 80 to 94 %."""
    z = logs([n, int(100 * correlation)], (DRAWS, n), correlation)
    falls = fall(correlation_of(*z), correlation, n)
    limit = correlation_limit(n, 0.95)
    hits = int(np.sum(falls <= limit))
    assert binomtest(hits, DRAWS, 0.95, "less").pvalue > 1e-4
    assert hits / DRAWS < 0.965
    assert np.mean(falls <= n * np.log1p(student.ppf(0.975, n - 1) ** 2 / (n - 1))) < 0.945
    share = 2 * correlation * SD[0] * SD[1] / (SD[0] ** 2 + SD[1] ** 2)
    bound = student.ppf(0.975, n - 2)
    hits = int(np.sum(np.abs(t_of_share(z, share)) <= bound))
    assert binomtest(hits, DRAWS, 0.95).pvalue > 1e-4
    assert limit == pytest.approx(n * np.log1p(bound**2 / (n - 2)))


@pytest.mark.parametrize("n", [3, 5, 10])
def test_the_fits_limits_are_those_that_were_simulated(n):
    z = logs(n, (n,), 0.6)
    a, b = np.exp(9 + z)
    both = np.ones(n, bool)
    found = fit(Arms(a, both, b, both))
    r, limit = correlation_of(*z), correlation_limit(n, 0.95)
    assert found.correlation == pytest.approx(r, abs=1e-3)
    for end in (found.correlation_low, found.correlation_high):
        if abs(end) < 0.999:  # the largest that a fit takes
            assert fall(r, end, n) == pytest.approx(limit, rel=1e-2)
    share, low, high = found.removed
    middle, bound = np.arctanh(share), student.ppf(0.975, n - 2)

    def beyond(w: float) -> float:
        return float(abs(t_of_share(z, np.tanh(w))) - bound)

    wanted = np.tanh([root(beyond, middle - 8, middle), root(beyond, middle, middle + 8)])
    assert (low, high) == pytest.approx(wanted, abs=1e-3)


@pytest.mark.parametrize("n", [1, 2])
def test_fewer_than_three_pairs_have_no_limits(n, tmp_path):
    """Two pairs always lie on a line."""
    a = folder(tmp_path / "a", [5000, 8000, 9000])
    b = folder(tmp_path / "b", [4000, 8500, 7000], first=3 - n)
    row = compare(a, b).loc["variance the match removes"]
    assert row["n"] == n
    assert row[["low", "high"]].isna().all()
    assert row["method"].endswith("no limits, as three pairs are the fewest")
