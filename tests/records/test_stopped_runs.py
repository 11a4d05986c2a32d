"""Runs that an early verdict stopped: stored, exported, given way to, merged."""

import json
from dataclasses import replace

import pandas as pd
import pytest
from earlier_store import make_earlier
from folder_tables import read_folder
from made_up import CONFIG, judged, trajectory

from grokseed.early import is_spared, spelled_rule
from grokseed.records.database import NondeterminismError, StoreError
from grokseed.records.export import export
from grokseed.records.measure import SCALARS
from grokseed.records.row import Row
from grokseed.records.source import sources
from grokseed.records.store import Store
from grokseed.records.union import union
from grokseed.seeds import Seeds

RULE, LATER = spelled_rule("sample_loss<0@100"), spelled_rule("sample_loss<0@150")
RUNS = [seeds for seeds in (Seeds(0, m, 8, 9) for m in range(9)) if not is_spared(seeds)][:4]
NUMERICS = "made up"


def filled(out, rule=RULE, **fitted_on):
    with Store(out, CONFIG, NUMERICS) as store:
        store.notes.note_rule(replace(rule, **fitted_on))
        for seeds in RUNS:
            store.add(seeds, judged(CONFIG, seeds, rule))
        export(store)
    return out


def early(folder):
    with Store(folder, read_only=True) as store:
        return {(row.status, row.early) for row in store.each_row()}


def test_a_stopped_run_is_censored_where_it_stopped(tmp_path):
    filled(tmp_path)
    table = pd.read_csv(tmp_path / "runs.csv")
    assert set(table["status"]) == {"stopped"}
    assert set(table["steps"]) == {100}
    assert set(table["early"]) == {f"stopped {RULE}"}
    rows = read_folder(tmp_path).rows
    assert not any(row.is_result() or row.is_result(str(LATER)) for row in rows)
    assert all(row.is_result(str(RULE)) for row in rows)


def test_a_folder_keeps_what_its_rule_was_fitted_on(tmp_path):
    filled(tmp_path, folder="results/x", model_seeds="1,3")
    noted = {str(RULE): {"folder": "results/x", "model": "1,3"}}
    assert json.loads((tmp_path / "config.json").read_text())["early"] == noted
    (tmp_path / "scan.db").unlink()
    with Store(tmp_path) as store:  # from the tables alone
        assert store.notes.rules() == noted
        assert early(tmp_path) == {("stopped", f"stopped {RULE}")}


def test_without_stopped_runs_no_table_has_the_column(tmp_path):
    with Store(tmp_path, CONFIG, NUMERICS) as store:
        store.add(RUNS[0], trajectory(CONFIG, RUNS[0]))
        export(store)
    assert "early" not in pd.read_csv(tmp_path / "runs.csv")
    assert "early" not in json.loads((tmp_path / "config.json").read_text())


@pytest.mark.parametrize("from_tables", [False, True])
def test_a_run_that_goes_on_takes_a_stopped_ones_place_and_stays(tmp_path, from_tables):
    filled(tmp_path)
    if from_tables:
        (tmp_path / "scan.db").unlink()
    with Store(tmp_path, CONFIG, NUMERICS) as store:
        for seeds in RUNS:
            store.add(seeds, trajectory(CONFIG, seeds))
        for seeds in RUNS:  # a shorter one takes no full one's
            store.add(seeds, judged(CONFIG, seeds, RULE))
        export(store)
        assert [t.digest() for _, t in store.trajectories()] == [
            trajectory(CONFIG, seeds).digest() for seeds in RUNS
        ]
    assert early(tmp_path) == {("done", "")}


def test_a_run_that_begins_unlike_the_stopped_one_stops_the_scan(tmp_path):
    filled(tmp_path)
    other = trajectory(CONFIG, RUNS[0])
    other.columns["norm"][2] += 1e-9
    for of in (other, replace(other.stopped_at(150), early=f"stopped {LATER}")):
        with (
            Store(tmp_path, CONFIG, NUMERICS) as store,
            pytest.raises(NondeterminismError, match="other numbers"),
        ):
            store.add(RUNS[0], of)
    other.columns["norm"][2] -= 1e-9
    other.columns["norm"][5] += 1e-9  # after the step at which it was stopped
    with Store(tmp_path, CONFIG, NUMERICS) as store:
        store.add(RUNS[0], other)


@pytest.mark.parametrize("swapped", [False, True])
def test_of_two_folders_the_fuller_run_is_taken(tmp_path, swapped):
    short, long, whole = (tmp_path / name for name in ("short", "long", "whole"))
    filled(short)
    filled(long, LATER)
    with Store(whole, CONFIG, NUMERICS) as store:
        store.add(RUNS[0], trajectory(CONFIG, RUNS[0]))
    folders = [whole, long, short] if swapped else [short, long, whole]
    found = [source for folder in folders for source in sources(folder)]
    place = union(found).place
    assert [found[place[seeds]].folder.name for seeds in RUNS] == ["whole", *["long"] * 3]
    with Store(tmp_path / "out", CONFIG, NUMERICS) as store:
        for source in found:
            for row, points, t in source.each():
                store.take(row, points, t)
        kept = {row.seeds: row.early for row in store.each_row()}
    assert kept == dict.fromkeys(RUNS, f"stopped {LATER}") | {RUNS[0]: ""}


def test_a_crash_takes_no_stopped_runs_place(tmp_path):
    with Store(filled(tmp_path), CONFIG, NUMERICS) as store:
        for row in store.each_row():
            store.take(Row(row.seeds, "crashed", dict.fromkeys(SCALARS), row.made), {})
            store.add_crashed(row.seeds, "killed")
    assert early(tmp_path) == {("stopped", f"stopped {RULE}")}


def test_what_a_rule_was_fitted_on_is_noted_though_it_was_first_given_without(tmp_path):
    known = {str(RULE): {"folder": "results/x", "model": "1,3"}}
    unknown = {str(RULE): {"folder": "", "model": ""}}
    for first, second in ((unknown, known), (known, unknown)):
        with Store(tmp_path / str(first is known), CONFIG) as store:
            store.notes.note_rules(first)
            store.notes.note_rules(second)
            assert store.notes.rules() == known


def test_a_stopped_run_under_other_numerics_gives_way_though_it_began_otherwise(tmp_path):
    whole = trajectory(CONFIG, RUNS[0])
    whole.columns["norm"][2] += 1e-9
    with Store(filled(tmp_path), CONFIG, "others", mixed=True) as store:
        store.add(RUNS[0], whole)
        assert next(store.each_row()).digest == whole.digest()


def test_a_store_from_before_there_were_verdicts_is_read_and_continued(tmp_path):
    with Store(tmp_path, CONFIG, NUMERICS) as store:
        store.add(RUNS[0], trajectory(CONFIG, RUNS[0]))
    make_earlier(tmp_path / "scan.db", without=("early",))
    before = (tmp_path / "scan.db").read_bytes()
    assert early(tmp_path) == {("done", "")}
    assert (tmp_path / "scan.db").read_bytes() == before
    with Store(tmp_path, CONFIG, NUMERICS) as store:
        store.add(RUNS[1], judged(CONFIG, RUNS[1], RULE))
    assert early(tmp_path) == {("done", ""), ("stopped", f"stopped {RULE}")}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("stopped sample", "kept sample"),
        ("<0@100", "<0@soon"),
        ("<0@", "<1@"),
        (",stopped,", ",done,"),
    ],
)
def test_a_table_whose_verdict_was_changed_is_damaged(tmp_path, old, new):
    table = filled(tmp_path) / "runs.csv"
    assert old in table.read_text()
    table.write_text(table.read_text().replace(old, new))
    with pytest.raises(StoreError, match=r"runs.csv cannot be read"):
        read_folder(tmp_path)
