"""Power and the seeds that a comparison needs, against t tests of simulated sets."""

from typing import Any

import numpy as np
import pytest
from drawn_times import CORRELATION, RATIO, SD, draw
from scipy.stats import ttest_1samp, ttest_ind

from grokseed.analysis.paired import Arms, fit
from grokseed.analysis.seeds_needed import Spread, power, seeds_needed, smallest_ratio, spreads


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


@pytest.mark.parametrize("runs", [(400, 400, 100), (900, 60, 0), (900, 60, 60), (300, 300, 300)])
@pytest.mark.parametrize("censored", [0, 0.3])
def test_spreads_are_of_the_times_whatever_the_design_was(
    runs: tuple[int, int, int], censored: float
) -> None:
    """In some sets only some seeds are matched, and sets have unequal numbers of runs."""
    (a, b, matched), random = runs, np.random.default_rng(4)
    logs = []
    for _ in range(4):
        drawn = draw(random, matched + a + b, censored)
        rows = np.arange(len(drawn.a))
        here = [rows < a, (rows < matched) | ((rows >= a) & (rows < a + b - matched))]
        times = [np.where(own, t, np.nan) for own, t in zip(here, (drawn.a, drawn.b), strict=True)]
        reached = [own & r for own, r in zip(here, (drawn.a_reached, drawn.b_reached), strict=True)]
        found = spreads(fit(Arms(times[0], reached[0], times[1], reached[1])))
        logs.append([np.log(spread.sd) for spread in found.values()])
    wide = np.hypot(*SD)
    close = np.sqrt(wide**2 - 2 * CORRELATION * SD[0] * SD[1])
    truth = [close, wide] if matched else [wide]
    found = np.exp(np.mean(logs, axis=0)) / truth
    assert np.all((found > 0.88) & (found < (1.4 if censored else 1.12)))


def test_matching_saves_the_share_of_seeds_that_it_removes_of_the_variance():
    found = fit(draw(np.random.default_rng(0), 200, 0))
    needs = spreads(found)
    saved = 1 - (needs["matched"].sd / needs["unmatched"].sd) ** 2
    assert saved == pytest.approx(found.removed[0], abs=1e-6)
    assert list(spreads(fit(draw(np.random.default_rng(0), 20, 0, False)))) == ["unmatched"]
