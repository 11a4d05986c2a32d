"""Another optimiser in the place of AdamW: nothing else knows which one it is."""

from collections.abc import Sequence

import pytest
import torch
from plain_training import assert_same, plain_training
from plain_training import tiny as plain_tiny
from torch import Tensor

from grokseed.config import Config
from grokseed.seeds import Seeds
from grokseed.training import lanes, step, trainer
from grokseed.training.schedule import learning_rates
from grokseed.training.trainer import train

RUNS = [Seeds(3, 3, 0, 1), Seeds(3, 4, 0, 1)]


class Momentum:
    """SGD with momentum 0.9: one state buffer, one factor."""

    states = 1

    def __init__(self, config: Config) -> None:
        self.config = config

    def factors(self, clock: Tensor) -> Tensor:
        return learning_rates(self.config, clock).to(clock.dtype).view(1, -1, 1)

    def update(
        self, factors: Tensor, weights: Tensor, gradients: Tensor, state: Sequence[Tensor]
    ) -> None:
        (velocity,) = state
        velocity.mul_(0.9).add_(gradients)
        weights.sub_(factors[0] * velocity)

    def eager(
        self, clock: Tensor, weights: Tensor, gradients: Tensor, state: Sequence[Tensor]
    ) -> None:
        self.update(self.factors(clock), weights, gradients, state)


def sgd(parameters, lr: float, **adamw) -> torch.optim.SGD:
    return torch.optim.SGD(parameters, lr, momentum=0.9)


@pytest.mark.parametrize("constant", [False, True])
@pytest.mark.usefixtures("float64")
def test_runs_train_with_sgd(constant: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step, "optimiser_of", Momentum)
    monkeypatch.setattr(torch.optim, "AdamW", sgd)
    if constant:
        for module in (lanes, trainer):
            monkeypatch.setattr(module, "has_constant_width", lambda device: True)
    config = plain_tiny(lr=0.05)
    for seeds, ours in zip(RUNS, train(config, RUNS), strict=True):
        assert_same(ours, plain_training(config, seeds), 1e-9)
