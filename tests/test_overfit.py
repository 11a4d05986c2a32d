"""`python -m grokseed.overfit`: faults that are planted get their name, and bad input one line."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from commands import everything, small_scan
from torch import Tensor

from grokseed import overfit
from grokseed.config import preset
from grokseed.execution import memory
from grokseed.model.decoder import Decoder
from grokseed.model.layers import Rows
from grokseed.overfit import examine
from grokseed.reports.overfit import Found, report
from grokseed.seeds import Seeds
from grokseed.streams import generators
from grokseed.task import split
from grokseed.training.ladder import Setting, setting
from grokseed.training.step import Step

SMALL = {"p": 13, "batch_size": 32, "sample_size": 20, "lr": 5e-3}
FLAGS = ["--preset=mini", *(f"--{name.replace('_', '-')}={value}" for name, value in SMALL.items())]
SEEDS = Seeds(0, 0, 0, 1)


def config(**changes: object):
    return preset("mini", **{**SMALL, **changes})


def found(plant: Callable[[Setting], Setting] = lambda at: at, **changes: object) -> Found:
    return examine(plant(setting(config(**changes), SEEDS)), SEEDS)


def names(of: Found) -> list[str]:
    return [cause.name for cause in of.causes]


def dead_gelu(at: Setting) -> Setting:
    """Before the activation all is far below zero."""
    bias = at.initial["block1.ffn.up.bias"] - 100
    return replace(at, initial={**at.initial, "block1.ffn.up.bias": bias})


def cut_path(at: Setting) -> Setting:
    """The blocks' rows reach the readout without their gradients."""
    forward = at.step.decoder.forward

    def cut(*inputs):
        return [rows.mapped(torch.Tensor.detach) for rows in forward(*inputs)]

    at.step.decoder = Decoder(at.config, cut)
    return at


def faint_path(at: Setting) -> Setting:
    """The readout scales the blocks' gradients down to almost nothing."""
    forward = at.step.decoder.forward

    def faint(*inputs):
        return [
            rows.mapped(lambda x: x.detach() + 1e-9 * (x - x.detach())) for rows in forward(*inputs)
        ]

    at.step.decoder = Decoder(at.config, faint)
    return at


def shuffled_labels(at: Setting) -> Setting:
    a, b, token = at.step.examples
    order = torch.randperm(len(token), generator=torch.Generator().manual_seed(1))
    at.step.examples = torch.stack((a, b, token[order]))
    return at


class OtherLoss(Step):
    """Its loss is of the next token, its right answers are of the right one."""

    def losses(self, parameters, examples, counted=None) -> tuple[Tensor, Tensor]:
        a, b, token = examples
        loss, _ = super().losses(parameters, torch.stack((a, b, token - 1)), counted)
        return loss, super().losses(parameters, examples, counted)[1]


def other_loss(at: Setting) -> Setting:
    return replace(at, step=OtherLoss(at.config, "cpu"))


def no_memory(at: Setting) -> Setting:
    def forward(*_):
        return [Rows(torch.empty(2**50))]

    at.step.decoder = Decoder(at.config, forward)
    return at


@pytest.mark.parametrize(
    ("plant", "cause", "part"),
    [
        (dead_gelu, "dead activation", "block1.ffn.up.weight, block1.ffn.up.bias"),
        (cut_path, "no gradient", "token_embedding.weight, position_embedding.weight"),
        (faint_path, "vanishing gradients", "token_embedding.weight"),
        (other_loss, "loss does not match the task", "means at least"),
        (no_memory, "out of memory", "4 examples, train set"),
    ],
)
def test_a_planted_fault_gets_its_name(plant, cause, part):
    of = found(plant)
    assert names(of)[0] == cause
    assert part in of.causes[0].why
    assert plant is dead_gelu or not of.memorises


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"lr": 1e-9}, "learning rate too low"),
        ({"lr": 10.0}, "learning rate too high"),
        ({"lr": 1e30}, "numerical instability"),
        ({"d_model": 2, "heads": 2}, "insufficient capacity"),
    ],
)
def test_a_config_that_cannot_gets_its_cause(changes, cause):
    of = found(**changes)
    assert not of.memorises
    assert names(of)[0] == cause


def test_shuffled_labels_are_memorised_by_a_width_that_is_large_enough_alone():
    of = found(shuffled_labels)
    assert of.memorises
    assert names(of) == []
    of = found(shuffled_labels, d_model=3, heads=1)
    assert not of.memorises
    assert names(of) == ["insufficient capacity"]


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
    assert not np.any((result * b - a) % 13)  # x/y: a is x·y
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


def test_a_config_that_cannot_exits_with_1_and_says_why(tmp_path, capsys):
    assert overfit.main([*FLAGS, "--lr=1e-9", f"--out={tmp_path / 'out'}"]) == 1
    out, err = capsys.readouterr()
    assert "does not memorise" in out
    assert "Likely cause: **learning rate too low**" in out
    assert "- [ ] train loss below 0.1" in out
    assert "train set: 0 of 93 right after 200 epochs" in err


@pytest.mark.parametrize("lost", ["memory", "NaN"])
def test_a_ladder_without_numbers_is_reported_too(lost, tmp_path):
    of = found(no_memory) if lost == "memory" else found(lr=1e30)
    text = report(tmp_path, of, "python -m grokseed.overfit")
    assert "does not memorise" in text
    assert ("out of memory" if lost == "memory" else "diverged") in text
    assert (tmp_path / "gradients.png").exists() == (lost == "NaN")


def test_global_streams_stay_as_they_are(global_streams):
    examine(setting(config(max_steps=25), SEEDS), SEEDS)


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


@pytest.mark.usefixtures("made_up_training")
def test_a_folder_that_holds_a_scan_is_refused(tmp_path, capsys):
    assert small_scan("--model-seeds=0:2") == 0
    before = everything(tmp_path)
    capsys.readouterr()
    assert overfit.main([*FLAGS, "--out=out"]) == 2
    assert "out holds a scan: choose another --out" in capsys.readouterr().err
    assert everything(tmp_path) == before
