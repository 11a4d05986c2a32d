"""A store in any order of its runs exports equal bytes: each run's record and thinned points."""

import json
import random
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from commands import everything
from filled_store import NUMERICS, RUNS, filled
from made_up import CONFIG, trajectory

from grokseed.records.export import export, write_atomically
from grokseed.records.measure import SCALARS, measure
from grokseed.records.store import Store
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds

SEEDS = ["split_seed", "model_seed", "loader_seed", "val_seed"]
HEADER = [*SEEDS, "status", *SCALARS, "numerics", "commit", "day", "digest", "seal"]


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
    assert list(table) == HEADER
    assert [Seeds(a, b, c, d) for a, b, c, d in table[SEEDS].to_numpy().tolist()] == [
        *sorted(RUNS),
        crashed,
    ]
    for row, name in zip(table.to_dict("records"), sorted(RUNS), strict=False):
        for scalar, value in measure(CONFIG, trajectory(CONFIG, name)).items():
            if value is None:
                assert pd.isna(row[scalar])
            else:
                assert float(row[scalar]) == pytest.approx(float(value), rel=1e-9)
    assert table.iloc[-1].drop([*SEEDS, "status", "numerics", "seal"]).isna().all()
    about = json.loads((tmp_path / "config.json").read_text())
    assert about["seeds"] == {"split": "0,9", "model": "0:6,9", "loader": "8:10", "val": "9:11"}
    assert (about["config_key"], about["numerics"]) == (CONFIG.key(), {NUMERICS: len(RUNS)})
    assert about["config"]["p"] == 11


def test_a_store_without_runs_exports_a_header_alone(tmp_path):
    with Store(tmp_path, CONFIG, NUMERICS) as store:
        export(store)
    table = pd.read_csv(tmp_path / "runs.csv")
    assert list(table) == HEADER
    assert len(table) == 0
    seeds = json.loads((tmp_path / "config.json").read_text())["seeds"]
    assert seeds == dict.fromkeys(("split", "model", "loader", "val"), "")


def test_a_part_of_crossed_splits_and_model_seeds_says_how_many_runs_were_asked_for(tmp_path):
    config = replace(CONFIG, scheme="diary")
    runs = [Seeds(split, model, 8, 9) for split in range(3) for model in range(3)]
    with Store(tmp_path, config, NUMERICS) as store:
        store.notes.ask(runs)
        for seeds in runs[:4]:
            store.add(seeds, trajectory(config, seeds))
        export(store)
    about = json.loads((tmp_path / "config.json").read_text())
    assert (about["runs"], about["asked"]["runs"]) == (4, 9)


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_nothing_else(tmp_path, monkeypatch):
    write_atomically(tmp_path / "file", b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(tmp_path / "file", b"new")
    assert everything(tmp_path) == {str(tmp_path / "file"): b"old"}


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
