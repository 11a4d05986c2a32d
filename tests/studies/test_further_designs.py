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
from diary.further_designs import CONTROL, LOADERS, ONE_SPLIT, apart, matters, more_often, sample
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


def test_a_difference_is_of_shares_that_are_not_normal(monkeypatch: pytest.MonkeyPatch) -> None:
    """9 of 60 less 40 of 700; with a second look its limits are those of 97.5 %."""
    own, control = runs(60, 9, "loader"), runs(700, 40)
    monkeypatch.setitem(further_designs.LOOKED_AT, LOADERS, ())
    found = apart(own, control, LOADERS)
    assert found.mean == pytest.approx(9 / 60 - 40 / 700)
    wanted = newcombe(9, 60, 40, 700, float(norm.isf(0.025)))
    assert (found.low, found.high) == pytest.approx(wanted)
    monkeypatch.setitem(further_designs.LOOKED_AT, LOADERS, (30, 60))
    found = apart(own, control, LOADERS)
    wanted = newcombe(9, 60, 40, 700, float(norm.isf(0.0125)))
    assert (found.low, found.high) == pytest.approx(wanted)


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
        (LOADERS, "loader", "Of 62 loader seeds, 0.0% (0.0% to 5.8%) are super"),
        (ONE_SPLIT, "model", "Of 63 model seeds with split seed 0, 0.0% (0.0% to 5.7%) are super"),
    ],
)
def test_the_answer_says_the_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, stream: str, words: str
) -> None:
    """Of 64 seeds, of which 9 are fast; the control has 40 of 699, without 42."""
    tables = {name: runs(64, 9, stream), CONTROL: runs(700, 40)}
    config = grokseed.preset("diary")

    def load(path: Path) -> grokseed.Scan:
        return grokseed.Scan(config, tables[path.name], pd.DataFrame(), {"made up": 1})

    monkeypatch.setattr(answers.grokseed, "load", load)
    monkeypatch.setitem(further_designs.LOOKED_AT, name, ())
    text = answers.answer(tmp_path, name)
    assert words in text
    n = int(words.split()[1])
    assert f"{9 / n:.1%}" in text
    gap = 9 / n - 40 / 699
    assert "40 of 699" in text
    assert f"less theirs is {100 * gap:.0f} points (" in text
    assert "**yes**" in text  # 14 % against 6 %
    assert f"the first 64 {stream} seeds" in text
