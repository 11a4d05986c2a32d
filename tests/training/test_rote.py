"""Task rote trains as a plain loop over a DataLoader. (More in model/test_plain.py.)"""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from plain_training import all_examples, assert_same, plain_training
from tiny_runs import SEVEN_RUNS, rote

from grokseed.model.decoder import Decoder
from grokseed.model.reference import PlainDecoder
from grokseed.training.step import Step
from grokseed.training.trainer import train


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
