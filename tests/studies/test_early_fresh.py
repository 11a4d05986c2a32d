"""Rules that are judged once, on the first fresh seeds of which enough are not normal."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import grokseed
from common.study import render
from common.verdict import FAILS
from diary_claims import early_verdicts
from grokseed.analysis.rates import rate
from grokseed.analysis.verdicts import Whole
from grokseed.early import read_rule
from predictors import early_fresh
from predictors.early_trials import FOLDER, KNOWN, SCAN, TRIALS, Trial

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


def table(model: np.ndarray, t98: np.ndarray, loss: np.ndarray) -> SimpleNamespace:
    """A scan with one point a run; a run without t98 ends at step 625."""
    runs = pd.DataFrame({"split_seed": 0, "model_seed": model, "loader_seed": 8, "val_seed": 9})
    runs = runs.assign(t98_step=t98, steps=np.where(np.isnan(t98), 625, t98))
    points = pd.DataFrame({"run": runs.index, "step": 400, "sample_loss": loss})
    survival = SimpleNamespace(median=MEDIAN)
    return SimpleNamespace(runs=runs, trajectories=points, survival=lambda: survival)


FITTED = replace(TRIALS[0], needed=5)
BY_HAND = Trial("by hand", "by_hand.json", "one,two", 310, 320, 3, 0.9, rule="sample_loss<5@400")


def fresh(monkeypatch: pytest.MonkeyPatch, seeds: list[int], lost: tuple[int, ...] = ()) -> None:
    """Fresh runs of which every second has t98 500, with a low loss but for those of `lost`."""
    model, known = np.array(seeds), fitted_on()
    t98 = np.where(model % 2 == 0, 500.0, np.nan)
    loss = np.where((model % 2 == 0) & ~np.isin(model, lost), 1.0, 9.0)
    late = np.where(known.early, 500.0, 1000.0)
    own = table(known.model, late, known.signals["sample_loss"][400])
    folders = {FOLDER: table(model, t98, loss), KNOWN: own}
    monkeypatch.setattr(early_fresh, "begun", lambda _: True)
    monkeypatch.setattr(early_fresh.grokseed, "load", lambda path: folders[path.name])
    monkeypatch.setattr(early_fresh, "TRIALS", (FITTED, BY_HAND))
    monkeypatch.setattr(early_fresh, "RECALL", 0.3)  # 5 of 5 are enough for it, and 4 are not


def outcomes() -> list[dict]:
    return early_fresh.outcome(Path(), {SCAN: fitted_on()}).to_dict("records")


def outcome() -> dict:
    return outcomes()[0]


def test_the_first_seeds_in_rising_order_count_up_to_the_last_that_is_needed(monkeypatch):
    fresh(monkeypatch, [*range(319, 299, -1)], lost=(304, 312))
    row = outcome()
    assert (row["n"], row["early"], row["kept"]) == (9, 5, 4)  # 300 to 308; not 312
    assert row["recall_low"] == rate(4, 5).low


def test_seeds_after_a_gap_do_not_count_and_nothing_is_judged_before_all_are_there(monkeypatch):
    fresh(monkeypatch, [*range(300, 307), *range(308, 320)])
    row = outcome()
    assert (row["n"], row["early"], row["said"]) == (7, 4, "part")


def test_a_rule_by_hand_has_its_own_seeds_level_and_all_known_runs(monkeypatch):
    fresh(monkeypatch, [*range(300, 320)], lost=(304, 312))
    fitted, by_hand = outcomes()
    assert (by_hand["n"], by_hand["early"], by_hand["kept"]) == (5, 3, 2)  # 310 to 314
    assert by_hand["recall_low"] == rate(2, 3, 0.9).low
    assert by_hand["rule"] == BY_HAND.rule
    assert (fitted["known_n"], by_hand["known_n"]) == (50, 100)
    assert (fitted["known_kept"], by_hand["known_kept"]) == (10, 20)
    assert (by_hand["late"], fitted["late"]) == (3, 5)  # at t98 by step 500, after the check


def test_a_plain_cap_on_steps_is_the_baseline_of_what_a_rule_saves(monkeypatch):
    """Of 100 known runs 80 take 1,000 steps. No run is not normal after step 600, the cap; at step
    400 the rule stops these 80 but for a tenth."""
    fresh(monkeypatch, [*range(300, 320)])
    _, by_hand = outcomes()
    assert by_hand["cap_step"] == 600
    alone, capped, both = 20 * 500 + 80 * 1000, 20 * 500 + 80 * 600, 20 * 500 + 80 * (360 + 60)
    assert by_hand["cap_saved"] == pytest.approx(alone / capped)
    assert by_hand["over_cap"] == pytest.approx(capped / both)
    for name in ("cap_saved", "over_cap"):
        assert by_hand[f"{name}_low"] < by_hand[name] < by_hand[f"{name}_high"]
    said = render("early_fresh", rows=[by_hand])
    assert (
        "limit of steps (the cap) at 600, two thirds of the median, after which a run can" in said
    )
    assert "by itself saves a factor of 1.55 (" in said
    assert "in any case, the rule saves a further factor of 1.33 (" in said
    assert "Both together save 2.06, the rule alone 1.92." in said


def test_only_runs_that_are_not_at_t98_at_the_check_can_be_lost(monkeypatch):
    fresh(monkeypatch, [*range(300, 320)], lost=(312,))
    _, by_hand = outcomes()
    found = rate(2, 3, 0.9)
    assert (by_hand["late"], by_hand["late_low"]) == (3, found.low)
    assert by_hand["late_high"] == found.high
    after = replace(BY_HAND, rule="sample_loss<5@500")  # all are at t98 by then
    monkeypatch.setattr(early_fresh, "TRIALS", (after,))
    (row,) = outcomes()
    assert (row["kept"], row["early"]) == (3, 3)
    assert (row["late"], row["late_low"], row["late_high"]) == (0, 0, 1)
    said = render("early_fresh", rows=[row])
    assert "Of the 3, 3 were at t98 before the check, and could not be lost; of the 0" in said


def test_a_seed_whose_end_was_known_is_left_out_and_leaves_no_gap(monkeypatch):
    fresh(monkeypatch, [*range(300, 320)])
    monkeypatch.setattr(early_fresh, "TRIALS", (replace(BY_HAND, known=frozenset({312})),))
    (row,) = outcomes()
    assert (row["n"], row["early"], row["said"]) == (6, 3, "certain")  # 310, 311, 313 to 316


def test_a_rule_for_keep_names_all_seeds_that_it_is_from(tmp_path, monkeypatch):
    fresh(monkeypatch, [*range(300, 320)])
    monkeypatch.setattr(early_fresh, "begun", lambda _: False)
    (tmp_path / "early").mkdir()
    early_fresh.report(tmp_path, outcomes())
    fitted, by_hand = (read_rule("", str(tmp_path / "early" / t.file)) for t in (FITTED, BY_HAND))
    assert fitted is not None
    assert by_hand is not None
    assert (fitted.fitted, by_hand.fitted) == (set(range(1, 300, 2)), set(range(310)))
    assert by_hand.folder == "results/one,results/two"


def test_no_run_whose_end_was_known_judges_the_second_rule():
    """When it was made, these were on file: the 300 of `KNOWN`, and 510 of the first check."""
    known = {*range(809), 834}
    _, second = TRIALS
    assert second.looked_at == known
    model = [one.model for one in second.design]
    assert not known & set(model)
    assert model[:3] + model[-1:] == [809, 810, 811, 1999]
    assert model.index(835) == model.index(833) + 1


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
        "needed": 240,
        "level": 0.95,
        "recall_low": 0.9702,
        "recall_high": 0.999,
        "saved_low": 1.7,
        "saved_high": 2,
    }
    assert early_fresh.said(good) == "certain"
    assert rate(238, 240).low > 0.97 > rate(237, 240).low
    assert early_fresh.said(good | {"early": 239, "kept": 239}) == "part"
    assert early_fresh.said(good | {"early": 104, "kept": 102}) == "part"
    lost = {"early": 104, "kept": 101}  # 237 of 240 at most
    assert early_fresh.said(good | lost) == "cannot tell"
    for changed in ({"recall_low": 0.969}, {"saved_low": 1.59}):
        assert early_fresh.said(good | changed) == "cannot tell"
    for changed in (
        {"recall_low": 0.8, "recall_high": 0.96},
        {"saved_low": 1.2, "saved_high": 1.5},
    ):
        assert early_fresh.said(good | changed) == "no"


def test_the_second_check_allows_one_run_to_be_lost():
    second = TRIALS[1]
    assert rate(209, second.needed, second.level).low >= 0.97 > rate(208, second.needed, 0.975).low
    row = {"early": 100, "kept": 99, "needed": second.needed, "level": second.level}
    assert early_fresh.said(row) == "part"
    assert early_fresh.said(row | {"kept": 98}) == "cannot tell"


def test_the_rules_and_what_they_save_are_those_of_the_plan():
    first, second = pd.read_csv(RESULTS / "early" / "fresh.csv").to_dict("records")
    plan = (RESULTS.parent / "studies" / "plan.md").read_text()
    for row in (first, second):
        assert f"`{row['rule']}`" in plan
    shown = [(r["known_kept"], r["known_early"], round(r["saved"], 2)) for r in (first, second)]
    assert shown == [(23, 23, 1.82), (58, 58, 1.67)]
    assert "keeps all 23 of the even seeds and saves 1.82 there" in plan
    assert "1/1.67 (1.60 to 1.74) of the steps on the 300 seeds" in plan


def test_the_claim_against_a_plain_cap_is_that_of_the_known_runs_read_plainly():
    words = (
        "an early verdict takes 1.6 times fewer steps, mini until decided, at step 5,000 (against"
    )
    rows = {str(row["claim"]): dict(row) for row in early_verdicts.on_fresh_seeds(RESULTS)}
    (claim,) = (claim for claim in rows if claim.startswith(words))
    assert claim.endswith("[found by looking]")
    scan = grokseed.load(RESULTS / KNOWN)
    t98, points = scan.runs["t98_step"].fillna(1e9), scan.trajectories.groupby("run")
    steps = t98.clip(upper=int(np.median(t98) / 1.5))
    loss = pd.Series({i: np.interp(5000, p["step"], p["sample_loss"]) for i, p in points})
    under = steps.mask((loss >= 2.9) & (steps > 5000), 0.9 * 5000 + 0.1 * steps)
    row: dict = rows[claim]
    assert row["ours"] == pytest.approx(steps.sum() / under.sum(), rel=1e-4)
    assert (row["n"], row["verdict"]) == (300, FAILS)
