"""A rule with a margin, judged once on the first fresh seeds of which enough are not normal."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from grokseed.analysis.rates import rate
from grokseed.analysis.verdicts import Whole
from predictors import early_fresh

RESULTS = Path(__file__).parents[2] / "results"
MEDIAN = 900.0
"""Of the scan of the fit: a run is not normal by step 600."""


def fitted_on() -> Whole:
    """Runs of which a fifth is early, with a loss that tells them apart by far."""
    model = np.arange(100)
    early_runs = (model // 2) % 5 == 0
    loss = np.where(early_runs, 1.0, 9.0) + model / 1000
    steps = np.where(early_runs, 500, 1000)
    return Whole(model, steps, early_runs, {"sample_loss": {400: loss}})


def fresh(monkeypatch: pytest.MonkeyPatch, seeds: list[int], lost: tuple[int, ...] = ()) -> None:
    """Fresh runs of which every second has t98 500, with a low loss but for those of `lost`."""
    runs = pd.DataFrame({"split_seed": 0, "model_seed": seeds, "loader_seed": 8, "val_seed": 9})
    t98 = np.where(runs["model_seed"] % 2 == 0, 500.0, np.nan)
    runs = runs.assign(t98_step=t98, steps=np.where(np.isnan(t98), 625, 500))
    loss = [1.0 if s % 2 == 0 and s not in lost else 9.0 for s in seeds]
    points = pd.DataFrame({"run": range(len(seeds)), "step": 400, "sample_loss": loss})
    folders = {
        early_fresh.FOLDER: SimpleNamespace(runs=runs, trajectories=points),
        early_fresh.FITTED_ON: SimpleNamespace(survival=lambda: SimpleNamespace(median=MEDIAN)),
    }
    monkeypatch.setattr(early_fresh, "begun", lambda _: True)
    monkeypatch.setattr(early_fresh.grokseed, "load", lambda path: folders[path.name])
    monkeypatch.setattr(early_fresh, "JUDGED", 5)
    monkeypatch.setattr(early_fresh, "RECALL", 0.3)  # 5 of 5 are enough for it, and 4 are not


def outcome() -> dict:
    (row,) = early_fresh.outcome(Path(), {early_fresh.SCAN: fitted_on()}).to_dict("records")
    return row


def test_the_first_seeds_in_rising_order_count_up_to_the_last_that_is_needed(monkeypatch):
    fresh(monkeypatch, [*range(319, 299, -1)], lost=(304, 312))
    row = outcome()
    assert (row["n"], row["early"], row["kept"]) == (9, 5, 4)  # 300 to 308; not 312
    assert row["recall_low"] == rate(4, 5).low


def test_seeds_after_a_gap_do_not_count_and_nothing_is_judged_before_all_are_there(monkeypatch):
    fresh(monkeypatch, [*range(300, 307), *range(308, 320)])
    row = outcome()
    assert (row["n"], row["early"], row["said"]) == (7, 4, "part")


def test_without_fresh_runs_the_rule_is_not_judged(monkeypatch):
    fresh(monkeypatch, [300])
    monkeypatch.setattr(early_fresh, "begun", lambda _: False)
    row = outcome()
    assert (row["n"], row["early"], row["said"]) == (0, 0, "part")
    assert early_fresh.outcome(Path(), {}).empty


def test_the_rule_is_that_of_the_odd_seeds_with_its_cut_moved_away(monkeypatch):
    fresh(monkeypatch, [300])
    values = [1 + model / 1000 for model in range(1, 100, 2) if (model // 2) % 5 == 0]
    rule, step = outcome()["rule"].split("@")
    assert (rule[:12], step) == ("sample_loss<", "400")
    assert float(rule[12:]) == pytest.approx(max(values) + 3 * np.std(values, ddof=1), rel=2e-4)


def test_a_verdict_needs_both_lower_limits():
    good = {
        "early": 240,
        "kept": 240,
        "recall_low": 0.9702,
        "recall_high": 0.999,
        "saved_low": 1.7,
        "saved_high": 2,
    }
    assert early_fresh.said(good) == "certain"
    assert rate(238, 240).low > 0.97 > rate(237, 240).low
    assert early_fresh.said(good | {"early": 239, "kept": 239}) == "part"
    assert early_fresh.said(good | {"early": 104, "kept": 102}) == "part"
    assert (
        early_fresh.said(good | {"early": 104, "kept": 101}) == "cannot tell"
    )  # 237 of 240 at most
    for changed in ({"recall_low": 0.969}, {"saved_low": 1.59}):
        assert early_fresh.said(good | changed) == "cannot tell"
    for changed in (
        {"recall_low": 0.8, "recall_high": 0.96},
        {"saved_low": 1.2, "saved_high": 1.5},
    ):
        assert early_fresh.said(good | changed) == "no"


def test_the_rule_and_what_it_saves_are_those_of_the_plan():
    (row,) = pd.read_csv(RESULTS / "early" / "fresh.csv").to_dict("records")
    plan = (RESULTS.parent / "studies" / "plan.md").read_text()
    assert f"`{row['rule']}`" in plan
    assert (row["even_kept"], row["even_early"], round(row["saved"], 2)) == (23, 23, 1.82)
    assert "keeps all 23 of the even seeds and saves 1.82 there" in plan
