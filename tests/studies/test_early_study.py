"""The study of early verdicts on a scan with a signal that was put in."""

import json
from itertools import count, islice
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from made_up import CONFIG, trajectory

import early
from grokseed.analysis.verdicts import Whole
from grokseed.early import read_rule
from grokseed.records.export import export
from grokseed.records.store import Store
from grokseed.seeds import Seeds
from predictors import early_elsewhere, early_fits, early_page
from predictors.early_figure import areas


def fill(folder: Path, least: float, n: int = 60) -> None:
    """The first runs of which so large a share of the validation set is right at the end."""
    runs = ((seeds, trajectory(CONFIG, seeds)) for seeds in (Seeds(0, m, 8, 9) for m in count()))
    some = (one for one in runs if one[1].columns["val_correct"][-1] >= least * CONFIG.n_val)
    with Store(folder, CONFIG, "made up") as store:
        for seeds, made in islice(some, n):
            store.add(seeds, made)
        export(store)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    fill(tmp_path / "made", 0)
    monkeypatch.setattr(early, "RESULTS", tmp_path)
    monkeypatch.setattr(early, "OUT", tmp_path / "early")
    return tmp_path


def test_rules_are_fitted_on_odd_seeds_and_written_for_keep(folder, monkeypatch):
    monkeypatch.setattr(early, "SCANS", {"made up": ("made", 200), "few": ("made", 50)})
    monkeypatch.setattr(early_page, "RECALL", 0.0)
    monkeypatch.setattr(early_page, "SAVED", 1.0)
    early.main()
    rule = read_rule("", str(folder / "early" / "made_up.json"))
    assert rule is not None
    assert rule.fitted <= set(range(1, 60, 2))
    assert len(rule.fitted) > 25
    about = json.loads((folder / "early" / "made_up.json").read_text())
    readme = (folder / "early" / "README.md").read_text()
    assert (
        f"`{about['rule']}` for made up, keeps {about['kept']} of {about['early']} runs" in readme
    )
    assert "Cannot tell: few, where " in readme


def test_the_half_that_checks_has_no_say_in_the_rule(folder):
    runs = early.read("made", 200)
    odd, even = runs.of(runs.model % 2 == 1), runs.of(runs.model % 2 == 0)
    other = runs.of((runs.model % 2 == 0) & (runs.model < 40))
    one, two = early.candidates("a", odd, even), early.candidates("a", odd, other)
    assert list(one["rule"]) == list(two["rule"])
    assert one["chosen"].equals(two["chosen"])
    assert np.sum(one["chosen"]) == 1


def test_the_goals_need_both_recall_and_saving():
    good = {"recall": 1.0, "recall_low": 0.98, "saved": 1.7}
    assert early.verdict(good) == "certain"
    assert early.verdict(good | {"recall_low": 0.9}) == "yes, not certain"
    assert early.verdict(good | {"saved": 1.5}) == "no"
    assert early.verdict(good | {"recall": 0.96}) == "no"


def test_where_a_run_ends_decides_what_is_saved(folder):
    fill(folder / "reached", 0.98)
    t98, decided = early.read("reached", "t98"), early.read("reached", "decided")
    assert np.array_equal(t98.early, decided.early)
    assert decided.steps.max() < t98.steps.max() <= 400
    assert np.all(decided.steps[decided.early] == t98.steps[decided.early])


RESULTS = Path(__file__).parents[2] / "results"


def test_a_seed_chosen_by_hand_is_in_neither_half(folder):
    chosen = early.read("made", 200).model[3]
    (folder / "made" / "excluded.csv").write_text(f"model_seed,reason\n{chosen},by hand\n")
    assert chosen not in early.read("made", 200).model
    assert 42 not in early.read("diary_loader8", 3000, RESULTS).model


def test_a_rule_of_the_diary_is_written_only_if_it_is_certain(folder, monkeypatch):
    row = {"scan": "diary", "recall": 1.0, "recall_low": 0.96, "saved": 1.7}
    assert not early.writes(row)
    assert early.writes(row | {"recall_low": 0.97})
    assert early.writes(row | {"scan": "mini to t98"})
    monkeypatch.setattr(early, "SCANS", {"diary": ("made", 200)})
    earlier = folder / "early" / "diary.json"
    earlier.parent.mkdir()
    earlier.write_text("{}")
    early.main()
    assert not earlier.exists()
    readme = (earlier.parent / "README.md").read_text()
    assert "- The diary's scan runs without an early verdict." in readme
    assert "Of the rules that meet the goals" not in readme  # none does


def noise(runs: int, signals: int) -> Whole:
    """Runs of which a tenth is early, and signals of which each tells it by as little."""
    random, early_runs = np.random.default_rng(1), np.arange(runs) % 10 == 0
    values = {f"s{k}": {100: 2 * early_runs + random.normal(size=runs)} for k in range(signals)}
    return Whole(np.arange(runs), np.full(runs, 1000.0), early_runs, values)


def test_a_fit_on_few_early_runs_keeps_as_many_as_order_statistics_say(monkeypatch):
    """One check just below the lowest of n misses 1 / (n + 1); the best of many misses more, and a
    margin brings some back."""
    monkeypatch.setattr(early_fits, "SIZES", (100,))
    one = early_fits.table({"one": noise(1000, 1)}, 0.97).set_index("margin")
    n = one.loc[0, "early"]
    assert n == pytest.approx(10, abs=0.5)
    assert one.loc[0, "recall"] == pytest.approx(1 - 1 / (n + 1), abs=0.02)
    many = early_fits.table({"many": noise(1000, 30)}, 0.97).set_index("margin")
    assert many.loc[0, "recall"] < one.loc[0, "recall"] - 0.05
    assert many.loc[0, "saved"] > one.loc[0, "saved"]
    assert np.all(np.diff(many["recall"]) > 0)
    assert np.all(np.diff(many["saved"]) < 0)


def test_what_a_check_can_be_certain_of():
    assert early_page.certain_from(0.97) == 122  # 0.025 ** (1 / 122) is 0.970, and of 121 is 0.9699
    assert 0.025 ** (1 / 121) < 0.97 < 0.025 ** (1 / 122)
    found = early_page.needs(noise(1000, 1), 0.97)
    assert (found["share"], found["half"], found["seeds"]) == (0.1, 15, 1220)
    assert found["limit"] == pytest.approx(0.025 ** (1 / 15))


def test_the_page_on_file_is_what_the_tables_say():
    tables = [pd.read_csv(RESULTS / "early" / f"{name}.csv") for name in early.WRITTEN]
    some = {n: at for n, at in early.SCANS.items() if n.startswith("diary")}
    scans = {name: early.read(folder, end, RESULTS) for name, (folder, end) in some.items()}
    page = early_page.page(*tables, scans=scans)
    assert (RESULTS / "early" / "README.md").read_text() == page


def test_norms_are_read_late_where_runs_end_at_different_steps(folder):
    """Points of longer runs lie further apart, so an early norm between them tells the outcome."""
    whole = early.read("mini_generalise", "t98", RESULTS)
    first = {name: min(by_step) for name, by_step in whole.signals.items()}
    assert first["norm"] >= 1000 > first["sample_accuracy"]
    same = early.read("made", 200)  # all its runs have 400 steps
    assert min(same.signals["norm"]) == min(same.signals["sample_accuracy"]) < 1000


def test_a_rule_is_judged_on_other_splits_by_their_own_medians(monkeypatch, tmp_path):
    """Split 1 takes 10 times the steps of split 2; the rule keeps 3 of 4 early runs on each."""
    rows, points = [], []
    for split, scale in ((1, 10_000), (2, 1000)):
        for number in range(40):
            t98 = scale * (0.5 if number < 4 else 1 + number / 100)
            signal = 0.9 if number in (0, 1, 2, 20) else 0.1
            seeds = {"split_seed": split, "model_seed": 100 * split + number, "loader_seed": 100}
            rows.append({**seeds, "val_seed": 101, "t98_step": t98, "steps": t98, "status": "done"})
            points.append({"run": len(rows) - 1, "step": 0, "sample_accuracy": signal})
            points.append({"run": len(rows) - 1, "step": 20_000, "sample_accuracy": signal})
    runs = pd.DataFrame(rows).assign(screen_val_accuracy=np.nan)
    scan = SimpleNamespace(runs=runs, trajectories=pd.DataFrame(points))
    design = [Seeds(r["split_seed"], r["model_seed"], 100, 101) for r in rows]
    monkeypatch.setattr(early_elsewhere, "FOLDERS", {"other": design})
    monkeypatch.setattr(early_elsewhere, "begun", lambda _: True)
    monkeypatch.setattr(early_elsewhere.grokseed, "load", lambda _: scan)
    names = "mini to t98", "mini until decided"
    rules: dict[str, str] = dict.fromkeys(names, "sample_accuracy>0.5@400")
    ends: dict[str, int | str] = dict(zip(names, ("t98", "decided"), strict=True))
    table = early_elsewhere.elsewhere(tmp_path, rules, ends)
    assert table[["splits", "n", "early", "kept"]].to_numpy().tolist() == [[2, 80, 8, 6]] * 2
    assert table["lowest"].tolist() == [0.75] * 2
    whole, decided = table["saved"]
    assert 1 < decided < whole
    assert np.all(table["low"] < 0.4)  # two splits
    assert early_elsewhere.elsewhere(tmp_path, {}, ends).empty


def test_the_rules_on_other_splits_are_those_of_the_runs_read_plainly():
    table = pd.read_csv(RESULTS / "early" / "elsewhere.csv")
    parts = []
    for name in ("base_scan", "readable"):
        scan = early.grokseed.load(RESULTS / name)
        points = scan.trajectories.groupby("run")
        value = {i: np.interp(2200, p["step"], p["sample_accuracy"]) for i, p in points}
        parts.append(scan.runs.assign(value=pd.Series(value)))
    runs = pd.concat(parts)
    early_runs = runs.loc[runs["screen_val_accuracy"].ge(0.25) | runs["t98_step"].lt(3100)]
    kept = early_runs["value"].gt(0.051915) | early_runs["t98_step"].le(2200)
    (row,) = table.loc[table["scan"] == "mini, screen at 3,100"].to_dict("records")
    assert row["rule"] == "sample_accuracy>0.051915@2200"
    assert (row["early"], row["kept"]) == (len(early_runs), kept.sum())


def test_the_figure_draws_the_signals_that_every_scan_has():
    found = pd.read_csv(RESULTS / "early" / "early.csv").query("scan == 'mini to t98'")
    one = found.loc[found["signal"] == "norm"].assign(signal="norm.head", chosen=False)
    both = pd.concat([found, found.assign(scan="another", n=9), one], ignore_index=True)
    figure = areas(both)
    named = [text.get_text() for text in figure.legends[0].get_texts()]
    drawn = [
        "high validation accuracy",
        "low validation loss",
        "low norm",
        "the chosen rule's step",
    ]
    assert named == drawn


def test_readme_says_no_rule_of_the_diary_is_certain_while_none_is() -> None:
    said = "diary's sizes no rule for stopping slow runs is certain"
    rules = pd.read_csv(RESULTS / "early" / "early.csv").query("chosen")
    own = rules.loc[rules["scan"].isin(early.LASTING)].to_dict("records")
    none = all(early.verdict(rule) != "certain" for rule in own)
    assert (said in " ".join((RESULTS.parent / "README.md").read_text().split())) == none
    assert own
