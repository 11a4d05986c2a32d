"""The learning-rate schedule: linear warm-up from 1e-8 of the rate, then constant or a decay."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from grokseed.config import Config
from grokseed.model.ops import whole_vectors


def learning_rates(config: Config, clock: Tensor) -> Tensor:
    """The learning rate of the step after `clock` [L] steps, float64 [L].

    The warm-up is that of `torch.optim.lr_scheduler.LinearLR` with start factor 1e-8. From its end
    a decay goes to 0 at max_steps, as in `CosineAnnealingLR` or `LinearLR`.
    """
    steps, warmup = clock.double(), config.warmup_steps
    warm = (steps / warmup).clamp(max=1) if warmup else torch.ones_like(steps)
    rates = config.lr * (1e-8 + (1 - 1e-8) * warm)
    return rates if config.schedule == "constant" else rates * _decay(config, steps)


def _decay(config: Config, steps: Tensor) -> Tensor:
    """The factor of the decay, 1 during the warm-up, float64 [L]."""
    length = max(1, config.max_steps - config.warmup_steps)
    part = ((steps - config.warmup_steps) / length).clamp(0, 1)
    if config.schedule == "linear":
        return 1 - part
    return (1 + whole_vectors(part * math.pi).cos()[: len(part)]) / 2
