"""Winners that have not completed when a scan ends, of runs made up by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import hypergeom

from common.study import render
from diary.unfinished import unfinished
from grokseed.analysis.rates import rate
from grokseed.analysis.survival import time_to


def made_up(late_winners: int = 4) -> pd.DataFrame:
    """Of 60 runs to step 22,000, 10 win and 2 never reach t98. Some winners, and 5 others, those 2
    included, have not completed."""
    t98 = np.concatenate([np.full(10, 4000.0), np.full(48, 9000.0), np.full(2, np.nan)])
    runs = pd.DataFrame({"t98_step": t98, "completed_step": t98 + 500, "steps": t98 + 500})
    left = [*range(late_winners), 10, 11, 12, 58, 59]
    runs.loc[left, "completed_step"] = np.nan
    runs.loc[left, "steps"] = 22_000.0
    seeds = {"split_seed": 0, "model_seed": range(60), "loader_seed": 8}
    return runs.assign(**seeds)


def test_winners_and_others_are_counted_with_exact_limits_and_fishers_p() -> None:
    found = unfinished(made_up())
    assert found.winners == rate(4, 10)
    assert found.others == rate(5, 50)
    assert (found.never, found.last) == (2, 22_000)
    chances = hypergeom.pmf(np.arange(10), 60, 9, 10)
    assert found.p == pytest.approx(chances[chances <= chances[4] * (1 + 1e-7)].sum())


@pytest.mark.parametrize(
    ("winners", "said"),
    [(4, "early is not finished"), (2, "winners are not known to finish less often")],
)
def test_the_page_says_that_early_is_not_finished_only_if_it_is_so(winners: int, said: str) -> None:
    runs = made_up(winners)
    none = {"n": 0, "share": 0.0, "low": 0.0, "high": 1.0}
    curve = time_to("t98", runs)
    text = render(
        "mini_generalise",
        n=60,
        curve=curve,
        memorised=curve,
        by_time={"super": none, "fast": none},
        left=unfinished(runs),
    )
    limits = rate(winners, 10)
    share = f"{limits.share:.1%}, 95 %: {limits.low:.1%} to {limits.high:.1%}"
    assert f"**Found by looking:** {said}. Of winners" in text
    assert f"{winners} of 10 ({share}) have not completed by step 22,000" in text
    assert "5 of 50 (10.0%, 95 %: 3.3% to 21.8%); 2 of these are not at t98 either" in text
