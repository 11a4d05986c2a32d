"""Dropout's masks, drawn from a stream of each run's own, so that other streams stay as they
are."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from grokseed.config import Config
from grokseed.training.run import Run
from grokseed.vocabulary import sequence


def draw_masks(config: Config, runs: Sequence[Run | None]) -> Tensor | None:
    """What each element that a step may drop is multiplied by: 0, or 1 / (1 - rate).

    Every block drops twice, after attention's output projection and after its feed-forward layer.
    Each run draws the same number of elements at every step, whatever its batch; an empty lane gets
    0.

    Returns:
        [L, 2 · blocks, B · T, d] for T positions; None if the config has no dropout.
    """
    if not config.dropout:
        return None
    rows = config.batch_size * len(sequence(config))
    masks = torch.zeros(len(runs), 2 * config.layers, rows, config.d_model)
    for mask, run in zip(masks, runs, strict=True):
        if run is not None:
            # Always float32: the same draws in any precision.
            drawn = torch.rand(
                mask.shape, generator=run.generators.dropout, dtype=torch.float32, device="cpu"
            )
            mask.copy_(drawn >= config.dropout).div_(1 - config.dropout)
    return masks
