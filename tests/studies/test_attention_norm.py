"""Areas of made-up norms, and the verdict by the rule of the plan."""

import made_studies as made
import numpy as np
import pandas as pd
import pytest
from scipy.stats import mannwhitneyu

import attention_norm
import grokseed
from experiments import base_runs, base_tables
from experiments.bases import OWN, SPLITS


def runs(shift: float, splits: float = 0.0) -> pd.DataFrame:
    """The search's runs: winners' norms are shifted, and each split has a level of its own."""
    random = np.random.default_rng(0)
    table = made.search().query("graft.isna()").reset_index(drop=True)
    won = base_tables.has_won(table, made.CUTS)
    norm = random.normal(size=len(table)) + shift * won + splits * table["split_seed"]
    name = attention_norm.AT + attention_norm.SIGNAL
    return table.assign(won=won, **{name: norm, f"{attention_norm.AT}norm": -norm})


@pytest.mark.parametrize(("shift", "said"), [(-2.0, "yes"), (2.0, "yes"), (0.0, "cannot tell")])
def test_a_shift_is_found_on_either_side(shift: float, said: str) -> None:
    found = attention_norm.table(runs(shift))
    assert attention_norm.verdict(found) == said
    own = found.loc[found["signal"] == attention_norm.SIGNAL].set_index("sample")
    assert list(own.index) == ["split 1", "split 2", "split 3", "split 4", "all"]
    assert (own.loc["all", "auc"] > 0.5) == (shift > 0) or shift == 0
    other = found.loc[found["signal"] == "norm", "auc"].item()
    assert other == pytest.approx(1 - own.loc["all", "auc"], abs=0.01)


def test_an_area_is_that_of_the_rank_sum_test_and_levels_of_splits_do_not_count() -> None:
    table = runs(1.0)
    one = table.loc[table["split_seed"] == 1]
    norm = one[attention_norm.AT + attention_norm.SIGNAL]
    theirs = mannwhitneyu(norm[one["won"]], norm[~one["won"]]).statistic
    found = attention_norm.table(table).iloc[0]
    assert found["auc"] == pytest.approx(theirs / one["won"].sum() / (~one["won"]).sum())
    shifted = attention_norm.table(runs(1.0, splits=50.0))
    assert shifted["auc"].tolist() == pytest.approx(attention_norm.table(table)["auc"].tolist())


@pytest.mark.parametrize(
    ("low", "high", "splits", "said"),
    [
        (0.2, 0.4, (0.3, 0.3, 0.3, 0.6), "yes"),
        (0.2, 0.4, (0.3, 0.3, 0.6, 0.6), "cannot tell"),
        (0.45, 0.55, (0.5,) * 4, "no"),
        (0.35, 0.55, (0.4,) * 4, "cannot tell"),
    ],
)
def test_the_rule(low: float, high: float, splits: tuple, said: str) -> None:
    samples = [*(f"split {s}" for s in SPLITS), "all"]
    table = pd.DataFrame({"sample": samples, "auc": [*splits, (low + high) / 2]})
    table = table.assign(signal=attention_norm.SIGNAL, low=low, high=high)
    assert attention_norm.verdict(table) == said


def test_a_signal_is_read_between_the_points_without_overshooting(monkeypatch) -> None:
    config = grokseed.preset("mini")
    table = made.scan([base_runs.run(1, 0)], made.even, made.CUT)
    points = pd.DataFrame({"run": 0, "step": [0, 400, 600], "norm": [np.nan, 1.0, 3.0]})
    scan = grokseed.Scan(config, table, points.assign(accuracy=[0.0, 0.0, 1.0]), {})
    monkeypatch.setattr(grokseed, "load", lambda folder: scan)
    found = attention_norm.signals(OWN.further).iloc[0]
    assert found[f"{attention_norm.AT}norm"] == pytest.approx(2.0)
    assert 0 < found[f"{attention_norm.AT}accuracy"] < 1


def test_splits_on_the_side_of_the_area_of_all_are_counted() -> None:
    samples = [*(f"split {s}" for s in SPLITS), "all"]
    table = pd.DataFrame({"sample": samples, "auc": [0.3, 0.6, 0.4, 0.5, 0.3]})
    assert attention_norm.alike(table.assign(signal=attention_norm.SIGNAL)) == (2, 4)
