"""An overfit ladder's causes: faults that are planted get their name."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from small_ladder import SEEDS, config
from torch import Tensor

from grokseed.analysis import ladder as rules
from grokseed.model.decoder import Decoder
from grokseed.model.layers import Rows
from grokseed.overfit import examine
from grokseed.reports.overfit import Found, report
from grokseed.training.ladder import Setting, setting
from grokseed.training.step import Step


@pytest.fixture(autouse=True)
def fewer_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A level fails sooner; test_overfit_command has one that fails after all its epochs."""
    monkeypatch.setattr(rules, "MOST_EPOCHS", 60)


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


def test_shuffled_labels_are_memorised_by_a_width_that_is_large_enough_alone(monkeypatch):
    monkeypatch.setattr(rules, "MOST_EPOCHS", 100)  # it takes some 90
    of = found(shuffled_labels)
    assert of.memorises
    assert names(of) == []
    of = found(shuffled_labels, d_model=3, heads=1)
    assert not of.memorises
    assert names(of) == ["insufficient capacity"]


@pytest.mark.parametrize("lost", ["memory", "NaN"])
def test_a_ladder_without_numbers_is_reported_too(lost, tmp_path):
    of = found(no_memory) if lost == "memory" else found(lr=1e30)
    text = report(tmp_path, of, "python -m grokseed.overfit")
    assert "does not memorise" in text
    assert ("out of memory" if lost == "memory" else "diverged") in text
    assert (tmp_path / "gradients.png").exists() == (lost == "NaN")


def test_global_streams_stay_as_they_are(global_streams):
    examine(setting(config(max_steps=25), SEEDS), SEEDS)
