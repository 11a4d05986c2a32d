"""Shares of the classes by the speedup rule: against counts, and by simulated coverage."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from grokseed.analysis.classify import classify, counts
from grokseed.analysis.rates import rate
from grokseed.analysis.shares import rates, shares
from grokseed.reports.scan import excluded, load, results


def scan(n: int, spread: float, censored: float, random: np.random.Generator) -> pd.DataFrame:
    """Lognormal times, cut at a last step, with one run in twenty lost at some step before."""
    times = np.ceil(random.lognormal(np.log(9000), spread, n) / 25) * 25
    last = np.full(n, 9000 * np.exp(spread * norm.ppf(1 - censored)))
    lost = random.random(n) < 0.05
    last[lost] = np.minimum(last, random.uniform(0, 9000, n))[lost]
    reached = times <= last
    steps = np.where(reached, times, last)
    return pd.DataFrame({"steps": steps, "t98_step": np.where(reached, times, np.nan)})


@pytest.mark.parametrize(
    ("n", "spread", "censored"), [(60, 0.8, 0.0), (60, 0.4, 0.3), (150, 0.8, 0.45), (150, 0.4, 0.0)]
)
def test_intervals_hold_the_truth_as_often_as_they_say(
    n: int, spread: float, censored: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With fewer bootstrap samples than in use: a standard error is off by 1 in 28 of its size."""
    monkeypatch.setattr("grokseed.analysis.shares.DRAWS", 400)
    super_, not_normal = norm.cdf(-np.log([3, 1.5]) / spread)
    truth = np.array([super_, not_normal - super_, 1 - not_normal])
    random, held = np.random.default_rng(n), np.zeros(3)
    for _ in range(200):
        found = shares(scan(n, spread, censored, random))
        held += (found["low"] <= truth) & (truth <= found["high"])
    assert (held / 200).min() > 0.92
    assert (held / 200)[1:].max() < 0.997  # not of the rarest: whole numbers of runs


def test_shares_are_the_counts_where_nothing_is_censored() -> None:
    runs = scan(200, 0.8, 0.0, np.random.default_rng(1)).assign(status="done")
    runs = runs.fillna({"t98_step": 40_000})
    found = shares(runs)
    table = counts(runs, classify(runs, "speedup"))
    assert found["share"].tolist() == pytest.approx(table["share"].head(3).tolist())
    assert np.all(found["low"] < found["share"])
    assert np.all(found["share"] < found["high"])


@pytest.mark.parametrize("runs", [(30, 10), (19, 19), (0, 0)])
def test_without_a_median_nothing_is_said_of_shares(runs: tuple[int, int]) -> None:
    n, reached = runs
    times = [100.0] * reached + [np.nan] * (n - reached)
    found = shares(pd.DataFrame({"steps": [3000] * n, "t98_step": times}, dtype=float))
    assert np.all(found["share"].isna())
    assert np.all(found["low"] == 0)
    assert np.all(found["high"] == 1)


def test_rates_do_not_know_a_share_that_is_not_known() -> None:
    """Nor if some of the few that got there are certain to be super: the share has no estimate."""
    times = [50.0] * 5 + [np.nan] * 25
    runs = pd.DataFrame({"steps": [300] * 30, "t98_step": times, "status": "done"})
    found = rates(runs, classify(runs, "speedup"), "speedup").loc[["super", "fast", "normal"]]
    assert found.loc["super", "n"] == 5
    assert found["share"].isna().all()
    assert (found["low"].tolist(), found["high"].tolist()) == ([0] * 3, [1] * 3)


def test_a_class_that_no_run_is_in_may_still_have_some() -> None:
    found = shares(pd.DataFrame({"steps": [100.0] * 40, "t98_step": [100.0] * 40}))
    assert found["share"].tolist() == [0, 0, 1]
    assert found["low"].tolist()[:2] == [0, 0]
    assert np.all(found["high"].to_numpy()[:2] > 0.02)
    assert np.all(found["high"].to_numpy()[:2] < 0.09)


def test_no_rate_counts_a_seed_that_was_chosen_by_hand() -> None:
    runs = pd.DataFrame(
        {
            "model_seed": range(80),
            "status": "done",
            "steps": 3000,
            "t98_step": np.nan,
            "screen_val_accuracy": [1.0 if seed in (7, 42) else 0.01 for seed in range(80)],
        }
    )
    classes = classify(runs, "screen")
    chosen = counts(runs, classes, excluded={42})
    exact = rate(1, 79)
    assert chosen.loc["super"].tolist() == [1, exact.share, exact.low, exact.high]
    assert chosen["n"].tolist() == [1, 0, 78, 0, 0, 0]
    assert counts(runs, classes).loc["super", "n"] == 2


def test_a_report_says_which_seeds_its_rates_leave_out(tmp_path) -> None:
    folder = Path(__file__).parents[2] / "results/diary_loader8"
    runs, _, about = load(folder)
    left_out = excluded(folder)
    assert list(left_out) == [42]
    text = results(runs, about["config"]["screen_step"], left_out)
    assert "Model seed 42 is in no share of a class" in text
    classes = pd.Series(runs["screen"])
    sampled = counts(runs, classes, excluded=left_out.keys())
    assert sampled.loc["super", "n"] == counts(runs, classes).loc["super", "n"] - 1
    (tmp_path / "excluded.csv").write_text("seed\n3\n")
    with pytest.raises(OSError, match="cannot be read"):
        excluded(tmp_path)
