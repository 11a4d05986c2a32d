"""Task rote trains: as a plain loop over a DataLoader, lane by lane, on a device, and compiled."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from plain_training import all_examples, assert_same, plain_training
from tiny_runs import SEVEN_RUNS, assert_lanes_do_not_touch
from watch import Watch

from grokseed.config import Config
from grokseed.model.decoder import Decoder
from grokseed.model.reference import PlainDecoder
from grokseed.training import compiled, lanes
from grokseed.training.step import Step
from grokseed.training.trainer import train

TINY = {"task": "rote", "examples": 60, "length": 12, "d_model": 16, "heads": 2, "batch_size": 16}
TINY |= {"max_steps": 12, "sample_every": 3, "val_every": 6, "screen_step": 6, "sample_size": 20}


def rote(**changes: object) -> Config:
    return Config(**{**TINY, **changes})  # type: ignore[arg-type]


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"length": 32, "layers": 1, "heads": 1, "ffn_multiple": 1, "readout": "flatten"},
        {"length": 1, "examples": 40, "layers": 3, "batch_size": 8},
        {"sharing": "cycle", "unique_layers": 1, "readout": "tied"},
    ],
    ids=str,
)
def test_logits_and_gradients_are_the_references(changes: dict[str, object]) -> None:
    config = rote(**changes)
    torch.manual_seed(0)
    models = [PlainDecoder(config) for _ in range(2)]
    named = [model.named() for model in models]
    p = {
        name: torch.stack([own[name].detach() for own in named]).requires_grad_()
        for name in named[0]
    }
    x, y = all_examples(config).tensors
    rows = torch.randperm(config.examples)[:18].view(2, 9)
    logits = Decoder(config).logits(p, *x[rows].permute(2, 0, 1))
    F.cross_entropy(logits.flatten(0, 1), y[rows].flatten(), reduction="sum").backward()
    for lane, model in enumerate(models):
        theirs = model(x[rows[lane]])
        torch.testing.assert_close(logits[lane], theirs, rtol=1e-12, atol=1e-12)
        F.cross_entropy(theirs, y[rows[lane]], reduction="sum").backward()
        for name, value in named[lane].items():
            own, gradient = value.grad, p[name].grad
            assert gradient is not None
            own = torch.zeros_like(value) if own is None else own
            torch.testing.assert_close(gradient[lane], own, rtol=1e-10, atol=1e-12, msg=name)


def test_the_examples_are_the_windows() -> None:
    config = rote()
    tokens, answers = all_examples(config).tensors
    assert Step(config, "cpu").examples.equal(torch.cat((tokens, answers[:, None]), 1).T)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(
    "changes",
    [
        {"scheme": "diary"},
        {"scheme": "shared", "val_shuffle": True, "test_fraction": 0.1},
        {"scheme": "diary", "layers": 1, "readout": "flatten", "train_fraction": 0.7},
    ],
    ids=str,
)
def test_a_run_is_a_plain_loops(changes: dict[str, object]) -> None:
    config = rote(**changes)
    seeds = [replace(s, split=s.model, loader=s.model, val=s.model) for s in SEVEN_RUNS[:2]]
    for one, ours in zip(seeds, train(config, seeds), strict=True):
        assert_same(ours, plain_training(config, one), 1e-9)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"precision": "bf16", "layers": 1, "batch_size": 29, "length": 32},
        {"d_model": 6, "heads": 1, "length": 3, "sample_size": 1, "examples": 44},
        {"heads": 1, "length": 33, "readout": "flatten", "layers": 1},
    ],
    ids=str,
)
def test_a_run_is_the_same_in_any_company(changes: dict[str, object]) -> None:
    assert_lanes_do_not_touch(rote(**changes))


def test_a_step_can_be_captured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "captured", lambda step, device: step)
    monkeypatch.setattr(lanes, "has_constant_width", lambda device: True)
    room = lanes.Lanes(rote(), 3, "meta", compiled=False)
    with Watch():
        room.replay()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler")
@pytest.mark.filterwarnings("ignore")  # torch's compiler warns about its own imports
def test_a_compiled_run_is_the_eager_one_but_for_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "compiled_lanes", lambda config: 2)
    compiled._compiled.cache_clear()
    config = rote(length=32)
    eager, ours = train(config, SEVEN_RUNS[:3]), train(config, SEVEN_RUNS[:3], compiled=True)
    assert [t.digest() for t in ours] != [t.digest() for t in eager]
    for one, other in zip(ours, eager, strict=True):
        for name, column in one.columns.items():
            assert np.allclose(column, other.columns[name], rtol=1e-4, equal_nan=True), name
