"""Study F finds a correlation and a dose's effect that were put in, and none where none was."""

from pathlib import Path

import made_studies as made
import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import spearmanr

import grokseed
import readable
from common.between_points import at_step
from experiments import base_runs, readable_correlations, readable_tables
from experiments.bases import OWN, SPLITS
from experiments.readable_answer import said, verdicts
from grokseed.grafts import parse_graft
from grokseed.model.edits import scale_characters
from grokseed.model.graft import initial_weights
from grokseed.streams import generators

RESULTS = Path(__file__).parents[2] / "results"
RUNS = [base_runs.run(split, number) for split in SPLITS for number in range(readable.EACH)]


def fresh(rho: float, sign: int = 1) -> pd.DataFrame:
    """Made-up runs whose log t98 has a correlation with order 3, and none with order 2."""
    random = np.random.default_rng(0)
    x = random.normal(size=(len(RUNS), 2))
    noise = random.normal(size=len(RUNS))
    log = 9.1 + 0.4 * (sign * rho * x[:, 1] + (1 - rho**2) ** 0.5 * noise)
    runs = made.scan(RUNS, lambda number: 1.0, 22_000)
    time = np.exp(log)
    runs = runs.assign(t98_step=np.where(time < 22_000, time, np.nan), steps=22_000)
    runs = runs.assign(early_accuracy=random.uniform(size=len(runs)))
    return runs.assign(order_2=x[:, 0], order_3=x[:, 1])


def dosed(runs: pd.DataFrame, factor: float, seeds: int = 200) -> pd.DataFrame:
    """Doses that multiply times by a factor a unit, with noise of their own."""
    random = np.random.default_rng(1)
    plan = readable.dosed_design(3, seeds)
    own = runs.set_index("model_seed")["t98_step"]
    times = [
        own[run.model] * factor ** (parse_graft(run.graft).share - 1) for run in plan
    ] * np.exp(random.normal(0, 0.2, len(plan)))
    table = made.scan(plan, lambda number: 1.0, 22_000)
    return table.assign(t98_step=times, steps=22_000)


def answer(runs: pd.DataFrame, seen: pd.DataFrame, doses: pd.DataFrame | None) -> str:
    """The answer of doses of order 3, the order that was kept when they began."""
    new, old = readable_correlations.correlations(runs), readable_correlations.lead(screened(seen))
    times = pd.DataFrame() if doses is None else readable_tables.by_dose(runs, doses, 3)
    again = readable_correlations.lead(runs.assign(screen_val_accuracy=runs["early_accuracy"]))
    found = readable_tables.table(new, again, old, times)
    n = len(runs), 0 if doses is None else len(doses)
    return said(found, 3, times, n, len(RUNS))


def screened(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs with a screen's accuracy, which is the higher the earlier a run is; both orders have
    the lead of order 3."""
    late = runs["t98_step"].fillna(22_000)
    accuracy = 1 - late / 30_000
    return runs.assign(screen_val_accuracy=accuracy, split_seed=0, order_2=runs["order_3"])


def test_the_design_is_the_plans() -> None:
    new = readable.design()
    assert len({*new, *base_runs.design()}) == 1024
    assert not set(new) & set(base_runs.design())
    plan = readable.dosed_design(2, 1024)
    assert len(plan) == len(set(plan)) == 5 * 1024
    assert {(run.split, run.model) for run in plan} == {(run.split, run.model) for run in RUNS}
    first = readable.dosed_design(2, 10)
    assert plan[: len(first)] == first
    assert len({run.model for run in first}) == 10
    assert {parse_graft(run.graft).share for run in first} == set(readable_tables.DOSES)
    assert 1.0 not in readable_tables.DOSES


def test_shares_are_those_that_a_dose_changes() -> None:
    config, run = grokseed.preset("mini"), base_runs.run(1, 70)
    runs = made.scan([run], made.even, 22_000)
    found = readable_correlations.shares(config, runs)
    stream = generators(run, config.scheme, config.n_examples).model
    weights = initial_weights(config, run, stream)
    for order in readable_correlations.ORDERS:
        without = scale_characters(config, weights, order, 0.0)["token_embedding.weight"]
        own = weights["token_embedding.weight"]
        lost = (own - without).double().square().sum()
        residues = (own != without).any(1)
        assert residues.sum() == 96  # all but 0
        zero = torch.nonzero(~residues).ravel()
        whole = own.double().square().sum() - own[zero].double().square().sum()
        # The tokens that are no residues are left out of the whole, and 0 is a residue.
        share = found[f"order_{order}"].iloc[0]
        assert share == pytest.approx(float(lost / whole), rel=0.05)
        assert 0.3 * (order - 1) / 96 < share < 3 * (order - 1) / 96


def test_a_correlation_of_the_same_sign_and_a_dose_are_found() -> None:
    runs = fresh(0.3)
    assert readable_correlations.stronger(readable_correlations.correlations(runs)) == 3
    text = answer(runs, fresh(0.3).iloc[:300], dosed(runs, 1.2))
    assert "predict it: **yes, order 3**" in text
    assert "order 3 a cause: **yes**" in text
    found = readable_tables.slope(readable_tables.by_dose(runs, dosed(runs, 1.2), 3))
    assert np.exp([found.low, found.mean, found.high]) == pytest.approx([1.2] * 3, rel=0.05)
    assert "(all 1,024 runs are there; with a dose 1,000 of 5,120 runs" in text


def test_a_correlation_of_the_other_sign_than_before_confirms_nothing() -> None:
    text = answer(fresh(0.3), fresh(0.3, sign=-1), None)
    assert "predict it: **no**" in text
    assert "a cause: **cannot tell**" in text
    assert "nan" not in text


def test_no_correlation_and_no_effect_are_negatives_with_what_would_have_been_found() -> None:
    runs = fresh(0.0)
    text = answer(runs, fresh(0.3), dosed(runs, 1.0, seeds=1024))
    assert "predict it: **no**" in text
    assert "order 3 a cause: **no**" in text
    assert "By a later rule" not in text  # it is the only one for all seeds
    assert "a correlation of 0.09" in text


def test_a_part_of_the_seeds_cannot_say_no_whatever_a_later_rule_says() -> None:
    runs = fresh(0.0)
    text = answer(runs, fresh(0.3), dosed(runs, 1.0, seeds=500))
    assert "order 3 a cause: **cannot tell**" in text
    assert "however many seeds there are, it would be **no** (found by looking: rule made" in text


@pytest.mark.parametrize("runs", [1, 100])
@pytest.mark.parametrize("doses", [None, 1, 3])
def test_part_of_the_runs_cannot_tell_a_negative(runs: int, doses: int | None) -> None:
    some = fresh(0.0).iloc[:runs]
    dose = None if doses is None else dosed(fresh(0.0), 1.0, doses)
    text = answer(some, fresh(0.1), dose)
    assert "predict it: **cannot tell**" in text
    assert "a cause: **cannot tell**" in text
    assert f"({runs} of 1,024 runs count so far" in text
    assert "nan" not in text


def test_the_lead_on_file_is_negative_with_times_and_found_by_looking_at_the_screen() -> None:
    seen = grokseed.load(RESULTS / readable.SEEN.name)
    runs = seen.runs.join(readable_correlations.shares(seen.config, seen.runs))
    led = readable_correlations.lead(runs)
    table = pd.read_csv(RESULTS / "readable" / "found.csv")
    found = table["seen"].tolist()
    assert table["seen_n"].tolist()[:2] == [2073, 2073]
    for i, order in enumerate(readable_correlations.ORDERS):
        theirs = spearmanr(runs[f"order_{order}"], runs["screen_val_accuracy"])
        assert led[order].rho == pytest.approx(-np.asarray(theirs)[0])
        assert found[i] == pytest.approx(led[order].rho, abs=1e-4)
        assert led[order].high < 0
    assert led[2].rho == pytest.approx(-0.10, abs=0.005)
    on_file = pd.read_csv(RESULTS / "readable" / "verdicts.csv")
    assert on_file["figure"].tolist()[:2] == pytest.approx(found[:2], abs=1e-4)


def test_doses_whose_scan_died_before_its_first_run_do_not_hide_the_correlations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OUT", "DOSED"):
        monkeypatch.setattr(readable, name, tmp_path / name.lower())
    monkeypatch.setattr(readable, "OWN", OWN._replace(scan=RESULTS / "base_scan"))
    monkeypatch.setattr(readable, "SEEN", RESULTS / readable.SEEN.name)
    runs = fresh(0.0)
    monkeypatch.setattr(readable, "trained", lambda folder: None)
    monkeypatch.setattr(readable, "observed", lambda config: runs)
    monkeypatch.setattr(readable, "finish", lambda folder, text, figures: answers.append(text))
    answers: list[str] = []
    readable.OUT.mkdir()
    assert readable.kept_order(readable_correlations.correlations(runs.assign(order_3=0.0))) == 2
    readable.analyse(grokseed.preset("mini"))
    (text,) = answers
    assert "order 2 a cause: **cannot tell**; fewer than two seeds have doses yet" in text
    assert len(pd.read_csv(readable.OUT / "found.csv")) == 5


def test_a_lead_that_is_there_with_its_own_outcome_alone_is_found_there_alone() -> None:
    """Order 2 decides the accuracy at an early step, and nothing decides t98."""
    runs = fresh(0.0)
    noise = np.random.default_rng(3).normal(size=len(runs))
    runs = runs.assign(early_accuracy=0.2 * runs["order_2"] + noise)
    text = answer(runs, fresh(-0.2), None)
    assert "by the rule below: order 2 yes, order 3 no." in text
    assert (
        grokseed.load(RESULTS / "mini_screen").config.screen_step
        == readable_correlations.EARLY_STEP
    )
    again = readable_correlations.lead(runs.assign(screen_val_accuracy=runs["early_accuracy"]))
    assert again[2].high < 0
    fresh_of = readable_correlations.correlations(runs)
    found = readable_tables.table(fresh_of, again, again, pd.DataFrame())
    kept = {
        v.claim.split(" ")[0]: v for v in verdicts(found, 2, 0, 1024) if "accurate early" in v.claim
    }
    assert kept["order-2"].verdict == "yes"
    assert "[found by looking]" in kept["order-2"].claim


def test_an_early_accuracy_lies_between_points_and_is_the_last_one_of_a_run_that_ended() -> None:
    points = pd.DataFrame({"run": [4, 4, 4, 7, 7], "step": [0, 1000, 3000, 0, 900]})
    points = points.assign(sample_accuracy=[0.0, 0.1, 0.5, 0.0, 0.98])
    runs = pd.DataFrame({"model_seed": [1, 2]}, index=[7, 4])
    assert at_step("sample_accuracy", 2000, runs, points) == pytest.approx([0.98, 0.3])


def test_a_ratio_is_of_the_same_seed_and_runs_that_never_got_there_count_as_their_last() -> None:
    runs = fresh(0.0).iloc[:3].assign(t98_step=[1000.0, 2000.0, np.nan])
    doses = made.scan(
        [
            base_runs.run(r.split, r.model % 10_000, readable_tables.graft_of(3, 2))
            for r in RUNS[:3]
        ],
        lambda number: 1.0,
        22_000,
    ).assign(t98_step=[2000.0, 4000.0, 11_000.0], steps=22_000)
    times = readable_tables.by_dose(runs, doses, 3)
    assert np.exp(times[2.0] - times[1.0]).tolist() == pytest.approx([2, 2, 0.5])


def test_a_run_that_crashed_has_no_time() -> None:
    steps = {"t98_step": [1000.0, np.nan, np.nan], "steps": [1000, 22_000, np.nan]}
    times = readable_correlations.log_time(fresh(0.0).iloc[:3].assign(**steps))
    assert np.exp(times).tolist() == pytest.approx([1000, 22_000, np.nan], nan_ok=True)


def test_a_slope_needs_three_doses_of_a_seed() -> None:
    rows = [(9.0, 9.1, 9.2), (9.0, 9.2, 9.4), (9.0, np.nan, 8.0)]
    found = readable_tables.slope(pd.DataFrame(rows, columns=[0.0, 1.0, 2.0]))
    assert (found.mean, found.n) == (pytest.approx(0.15), 2)
