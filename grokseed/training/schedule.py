"""The learning-rate schedule: linear warm-up from 1e-8 of the rate, then constant."""

from __future__ import annotations

import torch
from torch import Tensor

from grokseed.config import Config


def learning_rates(config: Config, clock: Tensor) -> Tensor:
    """The learning rate of the step after `clock` [L] steps, float64 [L].

    As `torch.optim.lr_scheduler.LinearLR` with start factor 1e-8 has it.
    """
    steps, warmup = clock.double(), config.warmup_steps
    warm = (steps / warmup).clamp(max=1) if warmup else torch.ones_like(steps)
    return config.lr * (1e-8 + (1 - 1e-8) * warm)
