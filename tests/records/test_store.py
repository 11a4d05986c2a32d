"""A store keeps what it was given, and refuses what it must."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from commands import everything, failing_after
from earlier_store import make_earlier
from filled_store import NUMERICS, RUNS, filled
from folder_tables import read_folder
from made_up import CONFIG, trajectory

from grokseed.records.database import NondeterminismError, StoreError
from grokseed.records.export import export
from grokseed.records.measure import measure
from grokseed.records.store import Store
from grokseed.seeds import Seeds


def test_runs_come_back_after_a_restart(tmp_path):
    filled(tmp_path)
    with Store(tmp_path, CONFIG, NUMERICS) as store:
        rows = list(store.each_row())
        assert [row.seeds for row in rows] == sorted(RUNS)
        for row, (same, back) in zip(rows, store.trajectories(), strict=True):
            made = trajectory(CONFIG, row.seeds)
            assert same == row
            assert row.digest == made.digest() == back.digest()
            assert row.status == made.status
            assert dict(row.scalars) == measure(CONFIG, made)


def test_a_run_outlives_the_process_that_stored_it(tmp_path):
    code = f"""
import os, sys
sys.path[:0] = {[str(p) for p in Path(__file__).parents[:2]]!r}
from test_store import *
store = Store(Path({str(tmp_path)!r}), CONFIG, NUMERICS)
store.add(RUNS[0], trajectory(CONFIG, RUNS[0]))
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    with Store(tmp_path, CONFIG, NUMERICS) as store:  # the dead writer's lock is gone too
        assert [row.seeds for row in store.each_row()] == RUNS[:1]


def test_the_same_run_again_must_give_the_same_numbers(tmp_path):
    with Store(filled(tmp_path), CONFIG, NUMERICS) as store:
        store.add(RUNS[0], trajectory(CONFIG, RUNS[0]))
        assert len(list(store.each_row())) == len(RUNS)
        with pytest.raises(NondeterminismError, match="other numbers"):
            store.add(RUNS[0], trajectory(CONFIG, RUNS[1]))
        (_, kept), *_ = store.trajectories()
        assert kept.digest() == trajectory(CONFIG, RUNS[0]).digest()


def test_a_result_takes_the_place_of_a_crash_and_never_the_reverse(tmp_path):
    with Store(tmp_path, CONFIG, NUMERICS) as store:
        store.add_crashed(RUNS[0], "out of memory")
        store.add_crashed(RUNS[0], "killed")
        assert [(row.status, row.error) for row in store.each_row()] == [("crashed", "killed")]
        store.add(RUNS[0], trajectory(CONFIG, RUNS[0]))
        store.add_crashed(RUNS[0], "killed")
        assert [(row.status, row.error) for row in store.each_row()] == [("done", None)]


@pytest.mark.parametrize(
    ("config", "numerics", "words"),
    [
        (replace(CONFIG, p=13), NUMERICS, "another config's scan: p: 11, not 13"),
        (replace(CONFIG, weight_decay=0), NUMERICS, "weight_decay: 0.1, not 0"),
        (CONFIG, "cpu bf16", "holds runs of other numerics: fp32, not bf16; --mixed-numerics"),
    ],
)
def test_a_folder_belongs_to_one_config_and_numerics(tmp_path, config, numerics, words):
    before = everything(filled(tmp_path))
    with pytest.raises(StoreError, match=words):
        Store(tmp_path, config, numerics)
    assert everything(tmp_path) == before


def test_a_second_writer_is_refused_and_a_reader_is_not(tmp_path):
    with Store(tmp_path, CONFIG, NUMERICS) as store:
        store.add(RUNS[0], trajectory(CONFIG, RUNS[0]))
        with pytest.raises(StoreError, match="is being written by another scan"):
            Store(tmp_path, CONFIG, NUMERICS)
        with Store(tmp_path, read_only=True) as reader:
            assert [row.seeds for row in reader.each_row()] == RUNS[:1]
    Store(tmp_path, CONFIG, NUMERICS).close()


def test_reading_leaves_the_folder_as_it_is(tmp_path):
    before = everything(filled(tmp_path))
    with Store(tmp_path, CONFIG, NUMERICS, read_only=True) as store:
        assert len(list(store.each_row())) == len(RUNS)
        with pytest.raises(StoreError, match="cannot be written"):
            store.add_crashed(Seeds(7, 7, 7, 7), "")
    assert everything(tmp_path) == before
    with pytest.raises(StoreError, match="holds no scan"):
        Store(tmp_path / "nothing", read_only=True)
    assert not (tmp_path / "nothing").exists()


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StoreError, match="cannot be written"):
            Store(folder, CONFIG, NUMERICS)


def test_grafts_are_part_of_what_names_a_run(tmp_path):
    grafted = [replace(RUNS[0], graft=graft) for graft in ("", "head=3", "block1=3")]
    with Store(tmp_path, CONFIG, NUMERICS) as store:
        for seeds in grafted:
            store.add(seeds, trajectory(CONFIG, seeds))
        assert [row.seeds for row in store.each_row()] == sorted(grafted)
        export(store)
    table = pd.read_csv(tmp_path / "runs.csv", keep_default_na=False)
    assert table["graft"].tolist() == ["", "block1=3", "head=3"]
    assert [row.seeds for row in read_folder(tmp_path).rows] == sorted(grafted)


def test_a_store_from_before_there_were_grafts_is_read_and_gone_on_with(tmp_path):
    filled(tmp_path)
    lacking = ("graft", "points", "numerics", "code", "day", "seal", "early")
    make_earlier(tmp_path / "scan.db", keyed_by="split, model, loader, val", without=lacking)
    with closing(sqlite3.connect(tmp_path / "scan.db")) as db, db:
        db.execute("ALTER TABLE runs RENAME COLUMN loader TO train")
        db.execute("INSERT INTO scan VALUES ('numerics', 'cpu fp32')")
    before = (tmp_path / "scan.db").read_bytes()
    with Store(tmp_path, read_only=True) as store:
        assert [row.seeds for row in store.each_row()] == sorted(RUNS)
        assert len(list(store.trajectories())) == len(RUNS)
    assert (tmp_path / "scan.db").read_bytes() == before
    grafted = replace(RUNS[0], graft="head=3")
    with Store(tmp_path, CONFIG, NUMERICS) as store:
        store.add(RUNS[0], trajectory(CONFIG, RUNS[0]))  # the same numbers as those stored
        store.add(grafted, trajectory(CONFIG, grafted))
        assert [row.seeds for row in store.each_row()] == sorted([*RUNS, grafted])


def test_a_table_is_taken_whole_or_not_at_all(tmp_path, monkeypatch):
    folder = filled(tmp_path / "out")
    with Store(folder) as store:
        export(store)
    (folder / "scan.db").unlink()
    monkeypatch.setattr(Store, "take", failing_after(2, Store.take, KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        Store(folder)
    with Store(folder, read_only=True) as store:
        assert list(store.each_row()) == []
