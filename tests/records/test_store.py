"""A store keeps what it was given, refuses what it must, and exports any order to equal bytes."""

import json
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from earlier_store import make_earlier
from made_up import CONFIG, trajectory

from grokseed.records.database import NondeterminismError, StoreError
from grokseed.records.export import export, write_atomically
from grokseed.records.folder import read_folder
from grokseed.records.measure import SCALARS, measure
from grokseed.records.provenance import Command
from grokseed.records.store import Store
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds

NUMERICS = "cpu fp32"
RUNS = [Seeds(0, model, train, train + 1) for model in range(6) for train in (8, 9)]


def filled(folder: Path, runs=RUNS) -> Path:
    with Store(folder, CONFIG, NUMERICS) as store:
        for seeds in runs:
            store.add(seeds, trajectory(CONFIG, seeds), seconds=random.random())
        store.notes.remember(Command("python -m grokseed.scan", "2026-01-02", "abc1234"))
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_runs_come_back_after_a_restart(tmp_path):
    filled(tmp_path)
    with Store(tmp_path, CONFIG, NUMERICS) as store:
        rows = store.rows()
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
        assert [row.seeds for row in store.rows()] == RUNS[:1]


def test_the_same_run_again_must_give_the_same_numbers(tmp_path):
    with Store(filled(tmp_path), CONFIG, NUMERICS) as store:
        store.add(RUNS[0], trajectory(CONFIG, RUNS[0]))
        assert len(store.rows()) == len(RUNS)
        with pytest.raises(NondeterminismError, match="other numbers"):
            store.add(RUNS[0], trajectory(CONFIG, RUNS[1]))
        (_, kept), *_ = store.trajectories()
        assert kept.digest() == trajectory(CONFIG, RUNS[0]).digest()


def test_a_result_takes_the_place_of_a_crash_and_never_the_reverse(tmp_path):
    with Store(tmp_path, CONFIG, NUMERICS) as store:
        store.add_crashed(RUNS[0], "out of memory")
        store.add_crashed(RUNS[0], "killed")
        assert [(row.status, row.error) for row in store.rows()] == [("crashed", "killed")]
        store.add(RUNS[0], trajectory(CONFIG, RUNS[0]))
        store.add_crashed(RUNS[0], "killed")
        assert [(row.status, row.error) for row in store.rows()] == [("done", None)]


def test_any_order_of_finishing_exports_the_same_bytes(tmp_path):
    shuffled = random.Random(1).sample(RUNS, len(RUNS))
    exported = []
    for name, runs in (("a", RUNS), ("b", shuffled)):
        filled(tmp_path / name, runs)
        with Store(tmp_path / name) as store:
            store.add_crashed(Seeds(9, 9, 9, 10), f"the reason of {name}")
            export(store)
        exported.append(
            [
                (tmp_path / name / file).read_bytes()
                for file in ("runs.csv", "trajectories.npz", "config.json")
            ]
        )
    assert exported[0] == exported[1]


def test_the_exported_table_is_the_record_of_each_run(tmp_path):
    filled(tmp_path)
    crashed = Seeds(9, 9, 9, 10)
    with Store(tmp_path) as store:
        store.add_crashed(crashed, "killed")
        export(store)
    table = pd.read_csv(tmp_path / "runs.csv")
    seeds = ["split_seed", "model_seed", "loader_seed", "val_seed"]
    assert list(table) == [
        *seeds,
        "status",
        *SCALARS,
        "numerics",
        "commit",
        "day",
        "digest",
        "seal",
    ]
    assert [Seeds(a, b, c, d) for a, b, c, d in table[seeds].to_numpy().tolist()] == [
        *sorted(RUNS),
        crashed,
    ]
    for row, name in zip(table.to_dict("records"), sorted(RUNS), strict=False):
        for scalar, value in measure(CONFIG, trajectory(CONFIG, name)).items():
            if value is None:
                assert pd.isna(row[scalar])
            else:
                assert float(row[scalar]) == pytest.approx(float(value), rel=1e-9)
    assert table.iloc[-1].drop([*seeds, "status", "numerics", "seal"]).isna().all()
    about = json.loads((tmp_path / "config.json").read_text())
    assert about["seeds"] == {"split": "0,9", "model": "0:6,9", "loader": "8:10", "val": "9:11"}
    assert (about["config_key"], about["numerics"]) == (CONFIG.key(), {NUMERICS: len(RUNS)})
    assert about["config"]["p"] == 11


def test_a_store_without_runs_exports_a_header_alone(tmp_path):
    with Store(tmp_path, CONFIG, NUMERICS) as store:
        export(store)
    table = pd.read_csv(tmp_path / "runs.csv")
    seeds = ["split_seed", "model_seed", "loader_seed", "val_seed"]
    assert list(table) == [
        *seeds,
        "status",
        *SCALARS,
        "numerics",
        "commit",
        "day",
        "digest",
        "seal",
    ]
    assert len(table) == 0
    seeds = json.loads((tmp_path / "config.json").read_text())["seeds"]
    assert seeds == dict.fromkeys(("split", "model", "loader", "val"), "")


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_nothing_else(tmp_path, monkeypatch):
    write_atomically(tmp_path / "file", b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(tmp_path / "file", b"new")
    assert files(tmp_path) == {str(tmp_path / "file"): b"old"}


def test_thinned_trajectories_keep_both_ends(tmp_path):
    config = replace(CONFIG, max_steps=5000)
    long = trajectory(config, RUNS[0])
    short = Trajectory("diverged", {k: v[:3] for k, v in long.columns.items()})
    with Store(tmp_path, config, NUMERICS) as store:
        store.add_crashed(RUNS[1], "killed")
        store.add(RUNS[0], long)
        store.add(RUNS[2], short)
        export(store)
    points = pd.DataFrame(dict(np.load(tmp_path / "trajectories.npz")))
    assert points.groupby("run").size().to_dict() == {0: 40, 2: 3}
    first = {name: column.to_numpy() for name, column in points.query("run == 0").items()}
    assert (first["step"][0], first["step"][-1]) == (0, 5000)
    assert set(np.diff(first["step"])) <= {100, 125, 150}
    kept = np.searchsorted(long.columns["step"], first["step"])
    assert np.allclose(long.columns["norm"][kept], first["norm"], rtol=1e-4)
    assert np.allclose(long.columns["sample_loss"][kept], first["sample_loss"], rtol=1e-4)
    accuracy = long.columns["sample_correct"][kept] / config.n_sample
    assert np.allclose(accuracy, first["sample_accuracy"])


@pytest.mark.parametrize(
    ("config", "numerics", "words"),
    [
        (replace(CONFIG, p=13), NUMERICS, "another config's scan: p: 11, not 13"),
        (replace(CONFIG, weight_decay=0), NUMERICS, "weight_decay: 0.1, not 0"),
        (CONFIG, "cpu bf16", "holds runs of cpu fp32, not of cpu bf16; --mixed-numerics"),
    ],
)
def test_a_folder_belongs_to_one_config_and_numerics(tmp_path, config, numerics, words):
    before = files(filled(tmp_path))
    with pytest.raises(StoreError, match=words):
        Store(tmp_path, config, numerics)
    assert files(tmp_path) == before


def test_a_second_writer_is_refused_and_a_reader_is_not(tmp_path):
    with Store(tmp_path, CONFIG, NUMERICS) as store:
        store.add(RUNS[0], trajectory(CONFIG, RUNS[0]))
        with pytest.raises(StoreError, match="is being written by another scan"):
            Store(tmp_path, CONFIG, NUMERICS)
        with Store(tmp_path, read_only=True) as reader:
            assert [row.seeds for row in reader.rows()] == RUNS[:1]
    Store(tmp_path, CONFIG, NUMERICS).close()


def test_reading_leaves_the_folder_as_it_is(tmp_path):
    before = files(filled(tmp_path))
    with Store(tmp_path, CONFIG, NUMERICS, read_only=True) as store:
        assert len(store.rows()) == len(RUNS)
        with pytest.raises(StoreError, match="cannot be written"):
            store.add_crashed(Seeds(7, 7, 7, 7), "")
    assert files(tmp_path) == before
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
        assert [row.seeds for row in store.rows()] == sorted(grafted)
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
        assert [row.seeds for row in store.rows()] == sorted(RUNS)
        assert len(list(store.trajectories())) == len(RUNS)
    assert (tmp_path / "scan.db").read_bytes() == before
    grafted = replace(RUNS[0], graft="head=3")
    with Store(tmp_path, CONFIG, NUMERICS) as store:
        store.add(RUNS[0], trajectory(CONFIG, RUNS[0]))  # the same numbers as those stored
        store.add(grafted, trajectory(CONFIG, grafted))
        assert [row.seeds for row in store.rows()] == sorted([*RUNS, grafted])


def test_a_table_is_taken_whole_or_not_at_all(tmp_path, monkeypatch):
    folder = filled(tmp_path / "out")
    with Store(folder) as store:
        export(store)
    (folder / "scan.db").unlink()
    take, taken = Store.take, []

    def take_two(*run):
        if len(taken) == 2:
            raise KeyboardInterrupt
        taken.append(run)
        take(*run)

    monkeypatch.setattr(Store, "take", take_two)
    with pytest.raises(KeyboardInterrupt):
        Store(folder)
    with Store(folder, read_only=True) as store:
        assert store.rows() == []
