"""Fits against scipy's own, and two kinds of values told from one skewed kind."""

import numpy as np
import pytest
from scipy.stats import CensoredData, norm, skewnorm

from grokseed.analysis.mixture import DECIDES, kinds


def bic(log_likelihood: float, parameters: int, n: int) -> float:
    return parameters * np.log(n) - 2 * log_likelihood


def test_the_normal_fit_is_the_mean_and_the_standard_deviation() -> None:
    y = np.random.default_rng(0).normal(9, 0.4, 200)
    found = kinds(y)
    exact = norm.logpdf(y, y.mean(), y.std()).sum()
    assert found.normal == pytest.approx(bic(exact, 2, 200), abs=1e-4)


def test_the_skewed_fit_is_as_likely_as_scipys() -> None:
    y = np.asarray(skewnorm.rvs(4, 8, 0.5, size=300, random_state=1))
    likely = skewnorm.logpdf(y, *skewnorm.fit(y)).sum()
    assert kinds(y).skewed == pytest.approx(bic(likely, 3, 300), abs=0.01)


def test_censored_values_count_by_what_lies_beyond_them() -> None:
    y = np.random.default_rng(2).normal(0, 1, 200)
    seen = y < 0.8
    cut = np.where(seen, y, 0.8)
    data = CensoredData(uncensored=cut[seen], right=cut[~seen])
    found = kinds(cut, seen)
    for law, parameters, ours in ((norm, 2, found.normal), (skewnorm, 3, found.skewed)):
        fit = law.fit(data)
        likely = law.logpdf(cut[seen], *fit).sum() + law.logsf(cut[~seen], *fit).sum()
        assert ours <= bic(likely, parameters, 200) + 0.05


@pytest.mark.parametrize("shape", [-4.0, -1.5, 1.5, 4.0])
@pytest.mark.parametrize("censored", [0.0, 0.2, 0.4])
def test_the_skewed_fit_does_not_end_at_no_skew(shape: float, censored: float) -> None:
    """With censored values a search that starts too far away stays at shape 0."""
    y = np.asarray(skewnorm.rvs(shape, 9, 0.5, size=300, random_state=0))
    cut = np.quantile(y, 1 - censored)
    seen = y <= cut
    found = kinds(np.minimum(y, cut), seen)
    true = skewnorm.logpdf(y[seen], shape, 9, 0.5).sum()
    true += (~seen).sum() * skewnorm.logsf(cut, shape, 9, 0.5)
    assert found.skewed <= bic(float(true), 3, 300) + 1e-6


def test_two_kinds_are_found_where_there_are_two() -> None:
    random = np.random.default_rng(3)
    y = np.concatenate((random.normal(5, 0.5, 60), random.normal(9, 1, 240)))
    found = kinds(y)
    assert found.gain > DECIDES
    assert found.share == pytest.approx(0.2, abs=0.01)
    assert found.means == pytest.approx((5, 9), abs=0.2)
    assert found.spreads == pytest.approx((0.5, 1), abs=0.15)
    # the components are far apart, so each value's own is known and the likelihood with it
    own = np.where(y < 6.6, 0, 1)
    likely = sum(
        norm.logpdf(y[own == i], y[own == i].mean(), y[own == i].std()).sum()
        + np.sum(own == i) * np.log(np.mean(own == i))
        for i in (0, 1)
    )
    assert found.mixed == pytest.approx(bic(likely, 5, 300), abs=6)


def test_one_skewed_kind_is_not_taken_for_two() -> None:
    y = np.asarray(skewnorm.rvs(6, size=400, random_state=4))
    found = kinds(y)
    assert found.normal - found.mixed > DECIDES  # against a normal alone it would be two
    assert found.gain < 0


def test_units_do_not_matter() -> None:
    y = np.random.default_rng(5).normal(0, 1, 100)
    assert kinds(1000 * y + 7).gain == pytest.approx(kinds(y).gain, abs=1e-3)


@pytest.mark.parametrize(
    ("values", "seen"), [([1.0] * 30, None), ([np.nan, *range(20)], None), (range(20), [True])]
)
def test_values_that_cannot_be_fitted_are_refused(values, seen) -> None:
    with pytest.raises(ValueError, match=r"ten different|finite"):
        kinds(values, seen)
