"""Folders of one config become one, in any order."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import everything, failing_after
from folder_tables import read_folder
from made_up import CONFIG, trajectory
from shared_folders import HERE, MADE, filled, merged, runs

from grokseed import merge
from grokseed.records.export import export
from grokseed.records.provenance import Made
from grokseed.records.store import Store
from grokseed.reports.scan import excluded

pytestmark = pytest.mark.usefixtures("made_up_training")


def test_any_order_gives_the_bytes_of_one_scan(capsys):
    later = Made(HERE, "def5678", "2026-03-04")
    filled("a", range(4))
    filled("b", range(2, 7), later)
    filled("c", range(3, 9), later, exported=True)
    with Store(filled("c", range(20, 21))) as store:  # a store that took a table's runs, and more
        assert len(list(store.each_row())) == 7
    with Store(Path("one"), CONFIG, HERE) as store:
        for seeds in runs(*range(9), 20):
            made = MADE if seeds.model in (*range(4), 20) else later
            store.add(seeds, trajectory(CONFIG, seeds), 2.0, made)
        export(store)
    wanted = tuple((Path("one") / name).read_bytes() for name in ("runs.csv", "trajectories.npz"))
    assert merged("a", "b", "c", "--out", "abc") == wanted
    assert merged("c", "a", "b", "--out", "cab") == wanted
    assert merged("b", "c", "--out", "rest") != wanted
    assert merged("rest", "a", "--out", "step") == wanted
    about = [json.loads((Path(f) / "config.json").read_text()) for f in ("abc", "cab", "step")]
    assert about[0] == about[1]
    assert {words["text"] for words in about[0]["commands"]} == {
        f"python -m grokseed.scan --model-seeds {span}" for span in ("0:4", "2:7", "3:9", "20:21")
    }
    assert [words["date"] for words in about[0]["commands"]] == sorted(
        words["date"] for words in about[0]["commands"]
    )
    later_last = sorted(about[2]["commands"], key=lambda words: (words["date"], words["text"]))
    assert about[0]["commands"] == later_last


def test_a_store_gives_its_whole_trajectories_and_a_table_its_points(capsys):
    filled("table", range(4), exported=True)
    filled("store", range(2, 6))
    merged("table", "store", "--out", "out")
    with Store(Path("out"), read_only=True) as store:
        whole = {row.seeds.model: back for row, back in store.trajectories()}
        assert len(list(store.each_row())) == 6
    assert set(whole) == {2, 3, 4, 5}
    for model, back in whole.items():
        assert back.digest() == trajectory(CONFIG, runs(model)[0]).digest()
    for points, run in zip(read_folder(Path("out")).points, runs(*range(6)), strict=True):
        steps = trajectory(CONFIG, run).columns["step"]
        assert np.isin(points["step"], steps).all()
        assert points["step"][-1] == steps[-1]


def test_a_folder_that_is_there_is_one_more_part_and_keeps_its_runs(capsys):
    filled("a", range(3))
    filled("b", range(2, 5), Made(HERE, "0000000", "2020-01-01"))
    before = read_folder_after_export("a")
    merged("b", "--out", "a")
    rows = read_folder(Path("a")).rows
    assert rows[:3] == before
    assert [row.made.day for row in rows] == ["2026-01-02"] * 3 + ["2020-01-01"] * 2
    once = everything(Path("a"))
    merged("a", "b", "--out", "a")
    again = everything(Path("a"))
    assert {k: v for k, v in again.items() if "scan.db" not in k} == {
        k: v for k, v in once.items() if "scan.db" not in k
    }


def read_folder_after_export(name: str):
    with Store(Path(name)) as store:
        export(store)
    return read_folder(Path(name)).rows


def test_a_result_takes_the_place_of_a_crash_in_any_order(capsys):
    filled("a", range(2))
    with Store(Path("b"), CONFIG, HERE) as store:
        store.add_crashed(runs(1)[0], "out of memory")
        store.add_crashed(runs(2)[0], "out of memory")
    wanted = merged("a", "b", "--out", "ab")
    assert merged("b", "a", "--out", "ba") == wanted
    assert merged("a", "--out", "b") == wanted
    assert pd.read_csv("ab/runs.csv")["status"].tolist() == ["done", "done", "crashed"]


def test_a_merge_that_is_stopped_leaves_nothing_of_it(capsys, monkeypatch):
    filled("a", range(3))
    filled("b", range(3, 6))
    take = Store.take
    monkeypatch.setattr(Store, "take", failing_after(2, take, KeyboardInterrupt()))
    assert merge.main(["b", "--out", "a"]) == 130
    with Store(Path("a"), read_only=True) as store:
        assert [row.seeds for row in store.each_row()] == runs(*range(3))
        assert store.notes.asked().runs == 3
    monkeypatch.setattr(Store, "take", take)
    assert merge.main(["b", "--out", "a"]) == 0
    assert len(read_folder(Path("a")).rows) == 6


def test_runs_that_were_chosen_by_hand_stay_out_of_rates(capsys):
    for name, models, text in (
        ("a", range(2), "model_seed,reason\n1,a's winner\n"),
        ("b", range(2, 4), 'model_seed,reason\n3,"picked, too"\n1,of b\n'),
    ):
        (filled(name, models) / "excluded.csv").write_text(text)
    merged("a", "b", "--out", "out")
    assert excluded(Path("out")) == {1: "a's winner", 3: "picked, too"}


def test_seeds_excluded_before_the_first_runs_stay_excluded(capsys):
    filled("a", range(2))
    (filled("b", range(2, 4)) / "excluded.csv").write_text("model_seed,reason\n1,b's\n3,b's\n")
    Path("out").mkdir()
    Path("out/excluded.csv").write_text("model_seed,reason\n0,mine\n1,mine\n")
    merged("a", "b", "--out", "out")
    assert excluded(Path("out")) == {0: "mine", 1: "mine", 3: "b's"}
