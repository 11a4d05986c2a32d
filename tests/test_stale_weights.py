"""Files of weights beside runs that are trained anew: a file is of the run that is stored."""

import json
from pathlib import Path

import pytest
from commands import everything
from safetensors import safe_open
from tiny_runs import EXPLODES, GROKS, RUNS, tiny

from grokseed import scan
from grokseed.execution import scanner
from grokseed.execution.weights import WeightFiles
from grokseed.records.measure import measure
from grokseed.records.row import Row
from grokseed.records.weights import steps_of, weights_file
from grokseed.seeds import Seeds
from grokseed.training.trainer import train

SEEDS = Seeds(0, 0, 0, 1)
CONFIG = tiny(max_steps=20)
OPTIONS = [f"--{name.replace('_', '-')}={value}" for name, value in CONFIG.changes().items()]
STOPPED = ["--screen-at=5", "--keep=norm<0"]
SAVED = "--save-weights=last"
LACKING = "stored without these weights, and not trained again: 1 run;"


@pytest.fixture
def trains(made_up_training, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "train", train)


def scanned(*argv: str) -> dict:
    """The steps in the header of the run's file of weights after a scan."""
    assert scan.main([*OPTIONS, "--out=out", "--jobs=1", *argv]) == 0
    path = weights_file("out", SEEDS)
    if not path.exists():
        return {}
    with safe_open(path, "numpy") as file:
        return json.loads(file.metadata()["steps"])


def test_weights_of_a_stopped_run_go_with_it(trains, capsys) -> None:
    assert scanned(*STOPPED, SAVED) == {"last": 5}
    assert scanned(*STOPPED) == {"last": 5}  # it trains nothing
    assert LACKING not in capsys.readouterr().err
    assert scanned() == {}
    assert scanned(SAVED) == {}
    assert LACKING in capsys.readouterr().err


def test_a_stopped_run_that_is_trained_to_its_end_saves_its_last_weights(trains, capsys) -> None:
    assert scanned(*STOPPED, SAVED) == {"last": 5}
    assert scanned(SAVED) == {"last": 20}
    assert scanned(SAVED) == {"last": 20}
    assert LACKING not in capsys.readouterr().err


def test_weights_at_another_step_than_the_rows_are_named(trains, capsys) -> None:
    """As an earlier version left them."""
    scanned(*STOPPED, SAVED)
    old = everything(Path("out/weights"))
    scanned()
    for path, content in old.items():
        Path(path).write_bytes(content)
    assert scanned(SAVED) == {"last": 5}
    assert LACKING in capsys.readouterr().err


@pytest.mark.parametrize("kind", [GROKS, EXPLODES])
def test_the_steps_of_a_file_are_those_of_the_row(kind: dict, tmp_path: Path) -> None:
    config = tiny(**{**kind, "screen_step": 5})
    files = WeightFiles(tmp_path, config, "all")
    for seeds, trajectory in zip(RUNS, train(config, RUNS, on_weights=files), strict=True):
        scalars = measure(config, trajectory)
        held = steps_of(weights_file(tmp_path, seeds))
        assert (held["initial"], held["last"]) == (0, scalars["steps"])
        assert held.get("generalised") == scalars["t98_step"]
        assert files.missing([Row(seeds, trajectory.status, scalars)]) == 0
