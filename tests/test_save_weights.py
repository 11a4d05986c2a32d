"""Weights that a scan saves, loaded into torch.nn's layers: they score what the records say."""

import json
import os
import pickle
import re
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from commands import everything
from inline import InlineExecutor
from safetensors import safe_open
from stopped import stopped_over_and_over
from tiny_runs import GROKS, RUNS, tiny

import grokseed
from grokseed.config import Config
from grokseed.execution import scanner
from grokseed.execution.estimate import seconds_left
from grokseed.execution.how import How, SaveWeights
from grokseed.execution.observer import Observer
from grokseed.execution.stored import Stored
from grokseed.execution.weights import WeightFiles, weight_files
from grokseed.model.graft import initial_weights
from grokseed.model.reference import PlainDecoder, tokens
from grokseed.records.measure import measure
from grokseed.records.provenance import recorded
from grokseed.records.weights import read_weights, weights_file, write_weights
from grokseed.seeds import Seeds
from grokseed.streams import generators
from grokseed.task import equations, split
from grokseed.training.run import State
from grokseed.training.trainer import train
from grokseed.vocabulary import RESIDUE

CONFIG = tiny(**GROKS)
SHORT = tiny(max_steps=5)


@pytest.fixture(autouse=True)
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "LocalExecutor", InlineExecutor)


class Listener(Observer):
    """Silent, but for what it was told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


def stored(out: Path, runs: list[Seeds], save: SaveWeights) -> tuple[list[str], list[str]]:
    """Digests of the runs that a folder holds after a scan, and what the scan said."""
    scan = scanner.Scanner(SHORT, runs, out, How(device="cpu", save_weights=save))
    listener = Listener()
    scan.run(scan.open(), recorded(["python", "-m", "grokseed.scan"]), listener)
    with scan.open() as store:
        return [row.digest for row in store.each_row()], listener.lines


def right(config: Config, seeds: Seeds, weights: dict[str, np.ndarray]) -> int:
    """Right answers of the validation set, by torch.nn's layers."""
    model = PlainDecoder(config).load(weights)
    streams = generators(seeds, config.scheme, config.n_examples)
    val = split(config, streams.split).val
    a, b, result = (of_all[val] for of_all in equations(config.operation, config.p))
    with torch.no_grad():
        return int((model(tokens(config, a, b)).argmax(-1) == result + RESIDUE).sum())


def test_saved_weights_score_what_is_recorded(tmp_path: Path) -> None:
    config = replace(CONFIG, activation="silu", operation="x*x+y*y", stop_when="completed")
    saving = as_sent(WeightFiles(tmp_path, config, "all"))
    trajectories = saving(config, RUNS, lanes=2)
    assert [t.digest() for t in trajectories] == [t.digest() for t in train(config, RUNS)]
    reached = 0
    for seeds, trajectory in zip(RUNS, trajectories, strict=True):
        held = read_weights(weights_file(tmp_path, seeds))
        assert right(config, seeds, held["last"]) == trajectory.columns["val_correct"][-1]
        start = initial_weights(
            config, seeds, generators(seeds, config.scheme, config.n_examples).model
        )
        assert held["initial"].keys() == start.keys()
        for name, value in start.items():
            assert np.array_equal(held["initial"][name], value.numpy())
            assert held["last"][name].dtype == np.float32
        t98 = measure(config, trajectory)["t98_step"]
        assert ("generalised" in held) == (t98 is not None)
        if t98 is not None:
            at = trajectory.columns["step"].tolist().index(t98)
            expected = trajectory.columns["val_correct"][at]
            assert right(config, seeds, held["generalised"]) == expected >= 0.98 * config.n_val
            reached += 1
    assert reached, "no run reaches t98: choose another config"


def as_sent(files: WeightFiles):
    """The trainer with what saves weights, as a worker gets it."""
    return pickle.loads(pickle.dumps(partial(train, on_weights=files)))


def test_a_run_that_goes_on_saves_what_it_would_have(tmp_path: Path) -> None:
    """Each time in a worker that has seen no moment of it before, also after its t98."""
    config, runs = replace(CONFIG, dropout=0.05), RUNS[:3]
    for part, drawn in (("whole", []), ("parts", [2, 3, 4, 6])):
        (tmp_path / part).mkdir()
        stopped_over_and_over(
            *(config, runs, drawn, 3),
            on_weights=partial(WeightFiles, tmp_path / part, config, "all"),
        )
    moments = set()
    for seeds in runs:
        whole, parts = (
            read_weights(weights_file(tmp_path / part, seeds)) for part in ("whole", "parts")
        )
        assert whole.keys() == parts.keys()
        moments |= whole.keys()
        for moment, weights in whole.items():
            for name, value in weights.items():
                assert np.array_equal(parts[moment][name], value), (moment, name)
    assert moments == {"initial", "generalised", "last"}


def test_a_state_without_the_weights_at_t98_is_not_gone_on_from(tmp_path: Path) -> None:
    """It was taken after t98, by a scan that saved none: the run begins again."""
    states: dict[int, State] = {}

    def on_pause(take) -> None:
        states.update({n: state for n, state in take() if state["run"]["generalised"]})

    (expected,) = train(CONFIG, RUNS[:1], on_pause=on_pause)
    assert states, "it ends at its t98: choose another config"
    files = WeightFiles(tmp_path, CONFIG, "all")
    (found,) = train(CONFIG, RUNS[:1], saved=states.get, on_weights=files)
    assert found.digest() == expected.digest()
    held = read_weights(weights_file(tmp_path, RUNS[0]))
    assert set(held) == {"initial", "generalised", "last"}


def test_one_file_a_run_and_the_header_says_whose(tmp_path: Path) -> None:
    stored(tmp_path, RUNS[:2], "last")
    files = [weights_file(tmp_path, seeds) for seeds in RUNS[:2]]
    assert sorted((tmp_path / "weights").iterdir()) == sorted(files)
    assert files[0].name == "split1_model2_loader3_val4.safetensors"
    with safe_open(files[0], "numpy") as file:
        about = {name: json.loads(text) for name, text in file.metadata().items()}
    assert about == {"config": asdict(SHORT), "seeds": asdict(RUNS[0]), "steps": {"last": 5}}
    assert list(read_weights(files[0])) == ["last"]


def test_a_run_that_never_generalises_leaves_no_file(tmp_path: Path) -> None:
    train(SHORT, RUNS[:1], on_weights=WeightFiles(tmp_path, SHORT, "generalised"))
    assert not everything(tmp_path)


def test_saving_changes_no_row(tmp_path: Path) -> None:
    assert stored(tmp_path / "with", RUNS, "all") == stored(tmp_path / "without", RUNS, "no")
    assert not (tmp_path / "without" / "weights").exists()


def test_runs_stored_without_weights_are_named_and_not_trained_again(tmp_path: Path) -> None:
    stored(tmp_path, RUNS[:2], "no")
    (line,) = stored(tmp_path, RUNS[:3], "last")[1]
    assert line.startswith("stored without these weights, and not trained again: 2 runs;")
    assert [path.name for path in (tmp_path / "weights").iterdir()] == [
        weights_file(tmp_path, RUNS[2]).name
    ]
    assert stored(tmp_path, RUNS[:2], "generalised")[1] == []  # none reached t98


def test_runs_stored_with_fewer_moments_are_named_too(tmp_path: Path) -> None:
    stored(tmp_path, RUNS[:2], "last")
    before = everything(tmp_path / "weights")
    assert stored(tmp_path, RUNS[:2], "last")[1] == []
    (line,) = stored(tmp_path, RUNS[:2], "all")[1]
    assert line.startswith("stored without these weights, and not trained again: 2 runs;")
    assert everything(tmp_path / "weights") == before
    stored(tmp_path / "all", RUNS[:2], "all")
    assert stored(tmp_path / "all", RUNS[:2], "last")[1] == []
    weights_file(tmp_path / "all", RUNS[0]).write_bytes(b"cut")
    (line,) = stored(tmp_path / "all", RUNS[:2], "last")[1]
    assert "not trained again: 1 run;" in line


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    scan = scanner.Scanner(SHORT, RUNS[:1], tmp_path, How(device="cpu", save_weights="all"))
    assert seconds_left(scan, Stored.of(RUNS[:1], [])) > 0
    assert not everything(tmp_path)


@pytest.mark.usefixtures("not_drawn")
def test_the_readmes_example_runs_as_it_stands_and_prints_one_number_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    (example,) = re.findall(r"```py\n(.*?)```", readme, re.S)
    monkeypatch.chdir(tmp_path)
    exec(
        example.replace(
            "operation", "p=11, batch_size=16, max_steps=50, screen_step=50, operation"
        ),
        {},
    )
    plain, stored = map(float, capsys.readouterr().out.split())
    assert plain == pytest.approx(stored, abs=1e-6)
    assert stored > 0


def test_unlike_grafts_have_unlike_files() -> None:
    grafts = ["", "head=2", "head=3", "head~0.5=2", "token_embedding+head=2"]
    files = {weights_file(Path(), Seeds(0, 1, 2, 3, graft)) for graft in grafts}
    assert len(files) == len(grafts)


def test_a_file_is_there_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = weights_file(tmp_path, RUNS[0])
    write_weights(path, SHORT, RUNS[0], {"last": (5, {"w": np.ones(3, np.float32)})})
    before = path.read_bytes()

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=f"No space left on device: '{path}'"):
        write_weights(path, SHORT, RUNS[0], {"last": (5, {"w": np.zeros(3, np.float32)})})
    assert everything(tmp_path) == {str(path): before}


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (How(executor="dask", scheduler="tcp://a:1", save_weights="all"), "a cluster's workers"),
    ],
)
def test_what_cannot_be_saved_is_one_line(how: How, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=reason):
        weight_files(how, SHORT, tmp_path)


def test_a_scan_in_memory_has_nowhere_to_save() -> None:
    with pytest.raises(ValueError, match="pass out"):
        grokseed.scan(SHORT, model_seeds=0, save_weights="last")
