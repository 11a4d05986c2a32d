"""Loader seeds of 42, and one split for all models, against the diary's scan."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import answers
import grokseed
from common.verdict import FAILS, HOLDS, UNKNOWN
from diary import further_designs
from diary.further_designs import (
    CONTROL,
    LOADERS,
    ONE_SPLIT,
    apart,
    looks,
    matters,
    more_often,
    sample,
)
from grokseed.analysis.classify import classify
from grokseed.analysis.differences import Difference, newcombe


def runs(n: int, early: int, stream: str = "model") -> pd.DataFrame:
    """Runs with rising seeds of a stream, of which the last are fast."""
    seeds = {"split_seed": 0, "model_seed": 42, "loader_seed": 8, "val_seed": 9}
    table = pd.DataFrame({**seeds, "status": "done", "steps": 3000, "t98_step": np.nan}, range(n))
    accuracy = np.where(np.arange(n) >= n - early, 0.5, 0.01)
    table = table.assign(**{f"{stream}_seed": range(n), "screen_val_accuracy": accuracy})
    return table.assign(screen=classify(table, "screen"))


def test_seeds_whose_fate_was_known_are_no_sample() -> None:
    own = sample(runs(20, 0, "loader"), LOADERS)
    assert list(own["loader_seed"]) == [seed for seed in range(20) if seed not in (0, 8)]
    assert sample(runs(20, 0, "loader").assign(model_seed=7), LOADERS).empty
    for name in (ONE_SPLIT, CONTROL):
        assert list(sample(runs(50, 0), name)["model_seed"]) == [s for s in range(50) if s != 42]


def test_a_difference_is_of_shares_that_are_not_normal() -> None:
    """9 of 60 less 40 of 700; with a second look its limits are those of 97.5 %. A run that was
    stopped has no class, and counts in neither."""
    own, control = runs(60, 9, "loader"), runs(700, 40)
    found = apart(own, control)
    assert found.mean == pytest.approx(9 / 60 - 40 / 700)
    wanted = newcombe(9, 60, 40, 700, float(norm.isf(0.025)))
    assert (found.low, found.high) == pytest.approx(wanted)
    found = apart(own, control, looks=2)
    wanted = newcombe(9, 60, 40, 700, float(norm.isf(0.0125)))
    assert (found.low, found.high) == pytest.approx(wanted)
    stopped = own.head(1).assign(status="stopped", screen_val_accuracy=np.nan, loader_seed=99)
    assert apart(pd.concat([own, stopped]), control) == apart(own, control)


def test_a_look_is_one_at_other_numbers_of_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    own, control = runs(60, 9, "loader"), runs(700, 40)
    for before, times in (((), 1), (((60, 700),), 1), (((50, 700),), 2), (((60, 650),), 2)):
        monkeypatch.setitem(further_designs.LOOKED_AT, LOADERS, before)
        assert looks(own, control, LOADERS) == times


@pytest.mark.parametrize(
    ("low", "high", "often", "other"),
    [
        (0.01, 0.2, HOLDS, HOLDS),
        (-0.04, 0.09, FAILS, UNKNOWN),
        (-0.04, 0.04, FAILS, FAILS),
        (-0.06, 0.04, FAILS, UNKNOWN),
        (-0.1, 0.1, UNKNOWN, UNKNOWN),
        (-0.2, -0.01, FAILS, HOLDS),
    ],
)
def test_rules(low: float, high: float, often: str, other: str) -> None:
    found = Difference((low + high) / 2, low, high, 0.5, 0.1, 60)
    assert more_often(found) == often
    assert matters(found) == other


@pytest.mark.parametrize(
    ("name", "stream", "words"),
    [
        (LOADERS, "loader", "Of 62 loader seeds, 0 are super (0.0%, 95 %: 0.0% to 5.8%)"),
        (ONE_SPLIT, "model", "Of 63 model seeds with split seed 0, 0 are super (0.0%, 95 %:"),
    ],
)
def test_the_answer_says_the_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, stream: str, words: str
) -> None:
    """Of 64 seeds, of which some are fast; the control has 40 of 699, without 42."""
    tables = {CONTROL: runs(700, 40)}
    config = grokseed.preset("diary")

    def load(path: Path) -> grokseed.Scan:
        return grokseed.Scan(config, tables[path.name], pd.DataFrame(), {"made up": 1})

    monkeypatch.setattr(answers.grokseed, "load", load)
    monkeypatch.setitem(further_designs.LOOKED_AT, name, ())
    n = int(words.split()[1])
    for early, said in ((9, "**yes**"), (6, "**cannot tell**")):
        tables[name] = runs(64, early, stream)
        text = answers.answer(tmp_path, name)
        assert words in text
        assert f"{early} are super or fast ({early / n:.1%}, 95 %" in text
        control = "Of 699 other model seeds 40" if stream == "loader" else "40 of 699 model seeds"
        assert f"{control} are super or fast" in text
        gap = round(100 * (early / n - 40 / 699))
        assert f"less theirs is {gap} point{'' if gap == 1 else 's'} (" in text
        assert said in text
        assert f"the first 64 {stream} seeds" in text
        assert "limits of" not in text
    tables[name] = runs(600, 30, stream)
    assert "**no, " in answers.answer(tmp_path, name)
    monkeypatch.setitem(further_designs.LOOKED_AT, name, ((30, 699),))
    assert "asked 2 times while runs were added, so that it takes limits of 97.5 %: -" in (
        answers.answer(tmp_path, name)
    )
