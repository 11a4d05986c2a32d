"""Luck that is kept at another weight decay, of made-up times that can be counted by hand."""

from dataclasses import astuple

import numpy as np
import pandas as pd
import pytest
from scipy.stats import hypergeom, spearmanr

import weight_decay
from common.spread_of_times import factor
from diary.weight_decay_luck import luck_kept
from grokseed.analysis.rates import rate
from grokseed.records.row import SEEDS

LAST = 22_000
OWN = 1000 * 1.05 ** np.arange(64)
"""Times at 0.05, of which the 32nd is the median: those of the first 23 are 1.5 times sooner."""


def runs_of(times: np.ndarray) -> pd.DataFrame:
    rows = [dict(zip(SEEDS, astuple(run), strict=True)) for run in weight_decay.design()]
    reached = times < LAST
    return pd.DataFrame(rows).assign(
        t98_step=np.where(reached, times, np.nan),
        memorised_step=500.0,
        steps=np.where(reached, times, LAST),
    )


def made_up() -> dict[float, pd.DataFrame]:
    """With 0.1 the logs of times are half as far apart and the order stays; with 0.2 the first five
    change places with five about the median; with 0.5 five runs do not reach t98, with 1 none does.
    """
    swapped = OWN.copy()
    swapped[:5], swapped[30:35] = OWN[30:35], OWN[:5]
    times = {0.05: OWN, 0.1: 30 * OWN**0.5, 0.2: swapped, 0.5: np.where(OWN > 17_000, 1e9, OWN)}
    return {value: runs_of(time) for value, time in (times | {1.0: np.full(64, 1e9)}).items()}


FOUND = luck_kept(made_up(), 0.05).set_index("weight_decay")


def test_correlations_are_scipys_with_runs_that_never_arrive_as_the_latest() -> None:
    later = np.where(OWN > 17_000, 1e9, OWN)
    assert FOUND["n"].tolist() == [64] * 5
    assert FOUND["reached"].tolist() == [64, 64, 64, 64 - int((OWN > 17_000).sum()), 0]
    assert FOUND.loc[0.1, "rho"] == pytest.approx(1)
    swapped = made_up()[0.2]["t98_step"]
    assert FOUND.loc[0.2, "rho"] == pytest.approx(spearmanr(OWN, swapped)[0])
    assert FOUND.loc[0.5, "rho"] == pytest.approx(spearmanr(OWN, later)[0])
    assert FOUND.loc[0.2, "rho_low"] < FOUND.loc[0.2, "rho"] < FOUND.loc[0.2, "rho_high"]
    assert FOUND.loc[[0.05, 1.0], "rho"].isna().all()


def test_early_seeds_are_counted_at_both_values() -> None:
    """With half the spread 15 seeds are 1.5 times sooner than the median, not 23."""
    early = OWN[31] / 1.5 >= OWN
    assert early.sum() == 23
    half = OWN[31] ** 0.5 / 1.5 >= OWN**0.5
    counts = FOUND[["early", "kept", "others", "new"]]
    assert counts.loc[0.1].tolist() == [23, half.sum(), 41, 0]
    assert counts.loc[0.2].tolist() == [23, 18, 41, 5]
    kept, new = rate(18, 23), rate(5, 41)
    limits = FOUND.loc[0.2, ["kept_low", "kept_high", "new_low", "new_high"]].tolist()
    assert limits == pytest.approx([kept.low, kept.high, new.low, new.high])
    chances = hypergeom.pmf(np.arange(24), 64, 23, 23)
    assert FOUND.loc[0.2, "p"] == pytest.approx(chances[chances <= chances[18] * (1 + 1e-7)].sum())
    assert counts.loc[[0.05, 1.0]].isna().all(axis=None)  # 0.05 itself, and no median


def test_spreads_are_of_the_same_seeds_and_known_where_nearly_all_arrive() -> None:
    """Half the spread in every bootstrap sample of both: the limits are the ratio itself."""
    own = factor(runs_of(OWN))
    assert FOUND.loc[0.05, ["factor", "factor_low", "factor_high"]].tolist() == pytest.approx(own)
    assert own[0] == pytest.approx(OWN[57] / OWN[6])
    spread = FOUND.loc[0.1, ["spread", "spread_low", "spread_high"]].tolist()
    assert spread == pytest.approx([0.5] * 3)
    assert FOUND.loc[[0.5, 1.0], ["factor", "spread"]].isna().all(axis=None)
    some = runs_of(OWN)
    lost = some.index < 2  # two of 64: more than 3 %
    some.loc[lost, "t98_step"] = np.nan
    assert np.isnan(luck_kept({0.05: some}, 0.05)["factor"]).tolist() == [True]
    some.loc[0, "t98_step"] = OWN[0]
    assert np.isnan(luck_kept({0.05: some}, 0.05)["factor"]).tolist() == [False]


def test_the_page_says_what_is_kept_and_what_is_not() -> None:
    runs = made_up()
    shuffled = np.random.default_rng(0).permutation(OWN)
    runs[0.5] = runs_of(np.where(shuffled > 17_000, 1e9, shuffled))
    luck = luck_kept(runs, 0.05)
    rows = luck.to_dict("records")
    text = weight_decay.answer(weight_decay.table(runs), None, None, rows)
    text = " ".join(text.partition("**Found by looking: luck at another")[2].split())
    rho = luck.set_index("weight_decay")["rho"]
    assert "so at 0.1 and 0.2 too: the rank correlation of a seed's two times is lowest" in text
    assert f"is lowest at 0.2, {rho[0.2]:.2f} (" in text
    assert f"At 0.5 it is {rho[0.5]:.2f} (" in text
    assert "a correlation of 0.35 would have been found with 80 % power" in text
    assert "Luck is smaller at 0.1: the spread" in text
    assert "is 0.50 (0.50 to 0.50) times that at 0.05." in text
    assert "| 18 of 23 (56 to 93 %) | 5 of 41 (4 to 26 %) |" in text
    assert "nan" not in text


def test_without_the_own_value_there_is_no_such_part() -> None:
    runs = {value: some for value, some in made_up().items() if value != 0.05}
    luck = luck_kept(runs, 0.05)
    assert luck.empty
    text = weight_decay.answer(weight_decay.table(runs), None, None, luck.to_dict("records"))
    assert "luck at another weight decay" not in text
