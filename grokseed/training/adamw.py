"""AdamW over stacked parameters: one update of a buffer acts as an independent AdamW per lane.

Loshchilov and Hutter 2019, arXiv 1711.05101, in the form of `torch.optim.AdamW`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from grokseed.config import Config
from grokseed.private import fused_adamw, has
from grokseed.training.schedule import learning_rates


class AdamW:
    """AdamW, equal in every lane to `torch.optim.AdamW` on that lane alone: see `Optimiser`.

    Its state is the first and second moment.
    """

    states = 2

    def __init__(self, config: Config) -> None:
        self.config = config

    def factors(self, clock: Tensor) -> Tensor:
        """Factors [3, L, 1] of the step after `clock` [L] steps.

        These are: the factor of weight decay, the rate over the first moment's bias correction, and
        the root of the second moment's bias correction.
        """
        c, steps, rate = self.config, clock.double(), learning_rates(self.config, clock)
        size = rate / (1 - c.beta1 ** (steps + 1))
        root = (1 - c.beta2 ** (steps + 1)).sqrt()
        return torch.stack((1 - rate * c.weight_decay, size, root)).to(clock.dtype).unsqueeze(2)

    def update(
        self, factors: Tensor, weights: Tensor, gradients: Tensor, state: Sequence[Tensor]
    ) -> None:
        """See `Optimiser.update`."""
        c, (kept, size, root), (first, second) = self.config, factors, state
        first.lerp_(gradients, 1 - c.beta1)
        second.mul_(c.beta2).addcmul_(gradients, gradients, value=1 - c.beta2)
        weights.mul_(kept).sub_(first / (second.sqrt() / root + c.eps) * size)

    def eager(
        self, clock: Tensor, weights: Tensor, gradients: Tensor, state: Sequence[Tensor]
    ) -> None:
        """See `Optimiser.eager`. Calls torch's fused kernel once for all lanes of one rate.

        A kernel call takes one rate, and lanes that entered at different times warm up differently.
        """
        if not has("_fused_adamw_"):
            self.update(self.factors(clock), weights, gradients, state)
            return
        c, rates = self.config, learning_rates(self.config, clock).tolist()
        buffers, steps = (weights, gradients, *state), clock + 1
        for rate in sorted(set(rates)):
            rows = [row for row, r in enumerate(rates) if r == rate]
            fused_adamw(
                [[buffer[i] for i in rows] for buffer in buffers],
                [steps[i] for i in rows],
                lr=rate,
                betas=(c.beta1, c.beta2),
                weight_decay=c.weight_decay,
                eps=c.eps,
            )
