"""Runs that are at t50 before they have memorised, of runs made up by hand."""

import numpy as np
import pandas as pd
import pytest

from common.study import render
from experiments.bases import BASES
from experiments.before_memorised import half_before
from grokseed.analysis.dependence import share_of
from grokseed.analysis.rates import rate


def made_up(early: int, splits: int = 1) -> pd.DataFrame:
    """Of 40 runs some are at t50 at step 1,300, all others at 9,000, and all memorise at 1,600."""
    t50 = np.where(np.arange(40) < early, 1300.0, 9000.0)
    runs = pd.DataFrame({"t50_step": t50, "memorised_step": 1600.0, "steps": 12_000.0})
    split = np.arange(40) * splits // 40
    return runs.assign(split_seed=split, model_seed=range(40), loader_seed=100)


def test_runs_are_counted_with_exact_limits_or_over_the_seeds_that_they_share() -> None:
    found = half_before(made_up(30))
    assert found.rate == rate(30, 40)
    assert (found.t50, found.memorised, found.most) == (1300, 1600, True)
    assert not half_before(made_up(20)).most
    runs = made_up(30, splits=4)
    over = half_before(runs).rate
    assert over == share_of(runs["t50_step"] < 1600, runs)
    assert over.high - over.low > 1.5 * (found.rate.high - found.rate.low)  # none on one split


def test_ties_do_not_count_runs_that_never_memorise_do_and_twins_are_left_out() -> None:
    runs = made_up(30)
    runs.loc[0, "t50_step"] = 1600.0
    runs.loc[39, ["t50_step", "memorised_step"]] = 1300.0, np.nan
    runs.loc[38, ["t50_step", "memorised_step"]] = np.nan
    twins = runs.assign(graft="ulp=1", t50_step=100.0)
    found = half_before(pd.concat([runs.assign(graft=None), twins]))
    assert (found.rate.k, found.rate.n) == (30, 40)


@pytest.mark.parametrize(("early", "said"), [(30, True), (20, False)])
def test_a_base_scans_page_says_it_only_of_most_runs(early: int, said: bool) -> None:
    text = render(
        "base",
        found=[],
        runs=256,
        planned=256,
        won=rate(1, 40),
        before=half_before(made_up(early)),
        medians=(6000, 6000),
        of=BASES["x+y"],
        search=128,
        usual=128,
    )
    assert ("x+y does not memorise first" in text) == said
    assert ("In 30 of 40 runs (75 %, 95 %: 59 to 87) half of" in text) == said
    assert ("the medians are step 1,300 and 1,600." in text) == said
    assert "On x/y" not in text
