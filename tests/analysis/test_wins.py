"""How often a run of one set gets there sooner: by hand, Wilson's interval, and simulation."""

import numpy as np
import pytest
from drawn_times import RATIO, SD, arms, draw
from scipy.stats import binomtest, norm

from grokseed.analysis import wins


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
