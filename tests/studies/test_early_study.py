"""The study of early verdicts on a scan with a signal that was put in."""

import json
from itertools import count, islice
from pathlib import Path

import early
import numpy as np
import pytest
from made_up import CONFIG, trajectory

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
