"""`--save-weights` into a folder that cannot be written: one line, and no run has crashed."""

import os
from pathlib import Path

import pytest
from commands import everything, small_scan

from grokseed.execution import scanner
from grokseed.records.store import Store
from grokseed.training.trainer import train

ASKED = ["--model-seeds=0:2", "--save-weights=last", "--max-steps=50", "--screen-step=50"]
ASKED += ["--d-model=16", "--heads=2", "--layers=1", "--lanes=1", "--compile=no"]


@pytest.fixture
def trains(made_up_training, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "train", train)


@pytest.mark.parametrize("how", [[], ["--dry-run"]])
@pytest.mark.parametrize("kind", ["a file", "a link to nothing"])
def test_what_is_no_folder_is_refused_before_training(kind, how, trains, capsys) -> None:
    Path("out").mkdir()
    if kind == "a file":
        Path("out/weights").touch()
    else:
        Path("out/weights").symlink_to("nowhere")
    before = everything(Path("out"))
    assert small_scan(*ASKED, *how) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("--save-weights: out/weights is no folder that can be written")
    assert everything(Path("out")) == before


@pytest.mark.parametrize("place", ["out/weights", "out"])
def test_a_folder_without_permission_is_refused(place, trains, monkeypatch, capsys) -> None:
    """To root every folder can be written."""
    Path(place).mkdir(parents=True)
    may = os.access
    monkeypatch.setattr(
        os, "access", lambda path, *how: Path(path) != Path(place) and may(path, *how)
    )
    assert small_scan(*ASKED) == 2
    assert f"--save-weights: {place} is no folder that can be" in capsys.readouterr().err


def in_the_way(config, runs, **how):
    """`train`, but something else takes the folder's place before the second run ends."""
    if runs[0].model:
        os.rename("out/weights", "out/moved")
        Path("out/weights").touch()
    return train(config, runs, **how)


@pytest.mark.workers
def test_weights_that_cannot_be_written_later_end_the_scan(trains, monkeypatch, capsys) -> None:
    monkeypatch.setattr(scanner, "train", in_the_way)
    assert small_scan(*ASKED) == 1
    *_, line = capsys.readouterr().err.splitlines()
    assert "a worker stopped: OSError: weights cannot be written: [Errno" in line
    with Store(Path("out"), read_only=True) as store:
        assert [(row.seeds.model, row.status) for row in store.each_row()] == [(0, "done")]
    os.remove("out/weights")
    monkeypatch.setattr(scanner, "train", train)
    assert small_scan(*ASKED) == 0
    assert len(list(Path("out/weights").iterdir())) == 1
