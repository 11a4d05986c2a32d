"""The study of early verdicts on a scan with a signal that was put in."""

import json
from itertools import count, islice
from pathlib import Path

import early
import early_fits
import early_page
import numpy as np
import pandas as pd
import pytest
from made_up import CONFIG, trajectory

from grokseed.analysis.verdicts import Whole
from grokseed.early import read_rule
from grokseed.records.export import export
from grokseed.records.store import Store
from grokseed.seeds import Seeds


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
    assert "**The diary's scan: cannot**" in readme
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
    found, fits = (pd.read_csv(RESULTS / "early" / name) for name in ("early.csv", "fits.csv"))
    some = {n: at for n, at in early.SCANS.items() if n.startswith("diary")}
    scans = {name: early.read(folder, end, RESULTS) for name, (folder, end) in some.items()}
    page = early_page.page(found, fits, scans)
    assert (RESULTS / "early" / "README.md").read_text() == page
