"""Rates and lifts of made-up screens, and the study itself at toy size."""

from dataclasses import astuple

import numpy as np
import pandas as pd
import pytest

import rates
from common.part import seeds_of
from grokseed.analysis.seed_shares import crossed_share
from grokseed.records.row import SEEDS


def made_up(seed: int = 0, good: tuple[int, ...] = (121, 123, 126)) -> pd.DataFrame:
    """A tenth of all runs is fast; with good loader seeds a half is super."""
    random = np.random.default_rng(seed)
    runs = pd.DataFrame([dict(zip(SEEDS, astuple(r), strict=True)) for r in rates.design()])
    accuracy = np.where(random.random(len(runs)) < 0.1, 0.5, 0.05)
    lucky = runs["loader_seed"].isin(good) & (random.random(len(runs)) < 0.5)
    return runs.assign(
        status="done", steps=3100, t98_step=np.nan, screen_val_accuracy=np.where(lucky, 1, accuracy)
    )


def test_the_design_crosses_fresh_splits_loaders_and_weights() -> None:
    runs = rates.design()
    assert len(runs) == len(set(runs)) == 8 * 8 * 64
    assert runs != sorted(runs)
    for loaders in (1, 2, 5):
        assert {run.loader for run in rates.design(loaders)} == set(range(120, 120 + loaders))
    assert rates.design(2) == runs[: 2 * 8 * 64]  # so that they count: nothing before is missing
    assert len({run.model for run in runs}) == 64
    assert min(run.split for run in runs) > 20


def test_shares_count_super_and_not_normal_runs() -> None:
    runs = made_up()
    made = rates.table(runs)
    found = made.loc[made["class"] == "super"]
    overall = found.loc[found["axis"] == ""].iloc[0]
    assert overall["k"] == (runs["screen_val_accuracy"] > 0.98).sum()
    assert overall["low"] < overall["share"] < overall["high"]
    won = (runs["screen_val_accuracy"] > 0.98).astype(float)
    expected = crossed_share(won, runs["split_seed"], runs["model_seed"])
    assert (overall["low"], overall["high"]) == pytest.approx(expected[1:])
    by_loader = found.loc[found["axis"] == "loader"].set_index("seed")["share"]
    assert by_loader[121] == pytest.approx(0.5, abs=0.06)
    assert by_loader.drop([121, 123, 126]).max() == 0
    said = rates.answer(runs, made)
    assert f"{overall['k']} of 4,096 runs are super" in said
    assert "(all 4,096 runs are there" in said
    assert "not known yet" in rates.answer(runs.iloc[:1], rates.table(runs.iloc[:1]))


def test_all_runs_of_four_loader_seeds_count_if_none_of_the_others_is_there() -> None:
    runs = made_up()
    four = runs.loc[runs["loader_seed"] < 124]
    assert len(rates.counting(four)) == 4 * 8 * 64
    part = rates.design(4)[:1500]  # and if the scan of them was stopped, those before the first gap
    seeds = [run in set(map(astuple, part)) for run in seeds_of(four)]
    assert len(rates.counting(four.loc[seeds])) == 1500
    assert len(rates.counting(runs)) == len(runs)


def test_an_order_that_helps_is_found_once_its_runs_are_there() -> None:
    one = made_up(good=(121,))
    found = rates.lift_of(one, "super") or pytest.fail("all runs are there")
    assert np.isnan(found.ratio)  # winners share one loader seed: there is none to compare with
    found = rates.lift_of(made_up(), "not normal") or pytest.fail("all runs are there")
    assert found.low > 1
    assert rates.lift_of(made_up().iloc[:1], "super") is None


def test_a_part_of_the_runs_finds_it_too() -> None:
    whole, part = (
        rates.lift_of(some, "not normal") or pytest.fail("there are two loader seeds")
        for some in (made_up(), made_up().sample(1024, random_state=0))
    )
    assert part.low < whole.ratio < part.high
    assert part.high / part.low > whole.high / whole.low
    assert part.n == 1024
    few = made_up().iloc[:100]
    text = rates.answer(few, rates.table(few))
    assert "random sample of all splits and weights, with 2 of 8 orders" in text
    assert "to be not normal: **cannot tell**. The runs of 2 of 8 loader seeds are too few" in text
    assert text.count("**cannot tell**") == 1  # said once
    assert "?" not in text.partition("**Answer.**")[2]
    assert "nan" not in text
    none = few.assign(screen_val_accuracy=0.0)
    assert "cannot be told: too few runs are" in rates.answer(none, rates.table(none))


def test_the_answer_says_whether_the_diarys_quarter_is_excluded() -> None:
    alike = made_up(good=())
    text = rates.answer(alike, rates.table(alike))
    assert "That it helps by a quarter, as the diary has it, is excluded." in text
    assert "as the diary has it" not in rates.answer(made_up(), rates.table(made_up()))


def test_a_crashed_run_has_no_class() -> None:
    runs = made_up()
    runs.loc[0, ["status", "screen_val_accuracy", "steps"]] = ["crashed", np.nan, np.nan]
    assert len(rates.classes(runs)) == len(runs) - 1
