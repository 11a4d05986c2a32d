"""`python -m grokseed.overfit`: the folder that it leaves, and bad input in one line."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import everything, small_scan
from small_ladder import FLAGS, SEEDS, config

from grokseed import overfit
from grokseed.execution import memory
from grokseed.streams import generators
from grokseed.task import split


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results") / "ladder"
    assert overfit.main([*FLAGS, f"--out={out}"]) == 0
    return out


def test_a_config_that_can_leaves_a_folder_with_ticks(folder):
    assert {path.name for path in folder.iterdir()} == {
        *("README.md", "overfit.json", "ladder.png", "rates.png", "gradients.png"),
        *("levels.csv", "sweep.csv", "epochs.csv", "gradients.csv", "examples.csv"),
    }
    about = json.loads((folder / "overfit.json").read_text())
    assert about["memorises"]
    assert about["causes"] == []
    assert about["config"]["weight_decay"] == 0
    readme = (folder / "README.md").read_text()
    assert "- [ ]" not in readme
    assert readme.count("- [x]") == 2 + 4
    assert "unseen by the softmax" in readme
    assert len(pd.read_csv(folder / "sweep.csv")) == 7


def test_the_examples_are_the_head_of_the_train_set(folder):
    c = config()
    rows = split(c, generators(SEEDS, c.scheme, c.n_examples).split).train.tolist()
    table = pd.read_csv(folder / "examples.csv")
    assert table["equation"].tolist() == rows
    a, b, result = (table[name].to_numpy() for name in ("a", "b", "result"))
    assert not np.any((result * b - a) % 11)  # x/y: a is x·y
    readme = (folder / "README.md").read_text()
    assert ", ".join(map(str, rows)) in readme


def test_no_gradient_of_a_sound_config_is_flagged(folder):
    table = pd.read_csv(folder / "gradients.csv", keep_default_na=False)
    unseen = table["flag"] == "unseen"
    assert set(table.loc[unseen, "parameter"]) == {"block1.attention.k.bias"}
    assert set(table.loc[~unseen, "flag"]) == {""}


def test_the_same_command_writes_the_same_bytes(folder, tmp_path):
    again = tmp_path / "ladder"
    assert overfit.main([*FLAGS, f"--out={again}"]) == 0
    files = sorted(path.name for path in folder.iterdir())
    assert sorted(path.name for path in again.iterdir()) == files
    for name in files:
        assert (again / name).read_bytes() == (folder / name).read_bytes(), name


@pytest.mark.usefixtures("not_drawn")
def test_a_config_that_cannot_exits_with_1_and_says_why(tmp_path, capsys):
    assert overfit.main([*FLAGS, "--lr=1e-9", f"--out={tmp_path / 'out'}"]) == 1
    out, err = capsys.readouterr()
    assert "does not memorise" in out
    assert "Likely cause: **learning rate too low**" in out
    assert "- [ ] train loss below 0.1" in out
    assert "train set: 0 of 66 right after 200 epochs" in err


BAD = {
    "--p 10": "p must be prime",
    "--model-seeds 0:2": "examines one run, and these options name 2",
    "--precision tf32": "precision tf32 needs a GPU",
    "--preset maxi": "preset must be one of",
    "--loader-seed=-1": "seeds must not be negative",
    "--scheme shared --loader-seed 8": "takes --model-seeds alone",
    "--out file": "file cannot be written: not a folder",
    "--out file/below": "file/below cannot be written: not a folder",
    "--jobs 2": "unrecognized arguments: --jobs 2",
    "--print-config --model-seeds 0:2": "examines one run",
    "--p 9999991": "one run of this config needs about",
    "--d-model 400000": "one run of this config needs about",
}


@pytest.mark.parametrize("words", BAD)
def test_bad_input_is_one_line_and_writes_nothing(words, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    before = everything(tmp_path)
    assert overfit.main(words.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("grokseed.overfit: error: ")
    assert err.count("\n") == 1
    assert BAD[words] in err
    assert everything(tmp_path) == before


def test_a_ladder_that_needs_too_much_memory_is_refused(tmp_path, capsys, monkeypatch):
    """One run has room here, its trainings side by side have not."""
    monkeypatch.setattr(memory, "machine_bytes", lambda: memory.needed_bytes(config(), 1, 1))
    assert overfit.main([*FLAGS, f"--out={tmp_path / 'out'}"]) == 2
    assert "trainings side by side need about" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("about", ['{"config": []}', "[]", "{}", "x", '{"config": "x"}'])
def test_a_verdict_that_cannot_be_read_is_one_line(about, tmp_path, capsys):
    (tmp_path / "overfit.json").write_text(about)
    assert overfit.main([*FLAGS, f"--out={tmp_path}"]) == 2
    err = capsys.readouterr().err
    assert "overfit.json cannot be read: " in err
    assert err.count("\n") == 1


@pytest.mark.usefixtures("made_up_training")
def test_a_folder_that_holds_a_scan_is_refused(tmp_path, capsys):
    assert small_scan("--model-seeds=0:2") == 0
    before = everything(tmp_path)
    capsys.readouterr()
    assert overfit.main([*FLAGS, "--out=out"]) == 2
    assert "out holds a scan: choose another --out" in capsys.readouterr().err
    assert everything(tmp_path) == before
