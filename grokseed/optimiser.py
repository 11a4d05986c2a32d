"""AdamW over stacked parameters: one update of one buffer is that many independent AdamWs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from grokseed.config import Config
from grokseed.layers import VECTOR


class StackedAdamW:
    """AdamW with linear warm-up, equal in every lane to `torch.optim.AdamW` on that lane alone.

    Parameters, gradients and both moments lie in one buffer each, a parameter's lanes side by
    side. Each lane's share is padded to whole vectors, so that its bits do not depend on its
    place; the padding stays zero.

    Args:
        parameters: stacked initial parameters, each [L, ...].
        group: lanes that are differentiated at a time, a divisor of L; 0 for all.

    Attributes:
        parameters: views of the buffer under the same names.
        groups: the same for each group of lanes, leaves that require gradients.
    """

    def __init__(self, config: Config, parameters: Mapping[str, Tensor], group: int = 0) -> None:
        self.config, self.group = config, group
        self.steps = 0
        self.shapes = {name: value.shape[1:] for name, value in parameters.items()}
        device = next(iter(parameters.values())).device
        self.clock = torch.zeros((), device=device)
        moments = [{k: torch.zeros_like(v) for k, v in parameters.items()} for _ in range(2)]
        self._place(parameters, *moments)

    def _place(self, parameters: Mapping[str, Tensor], *moments: Mapping[str, Tensor]) -> None:
        """Copy stacked values into new buffers, and lay named views over these."""
        buffers = [self._buffer(values) for values in (parameters, *moments)]
        self.buffer, *self.moments = buffers
        self.gradient = torch.zeros_like(self.buffer)
        lanes = len(next(iter(parameters.values())))
        self.parameters = self._views(self.buffer, lanes)
        group = self.group or lanes
        self.groups = [
            {k: v[low : low + group].detach().requires_grad_() for k, v in self.parameters.items()}
            for low in range(0, lanes, group)
        ]
        gradients = self._views(self.gradient, lanes).values()
        self._gradients = [
            [v[low : low + group] for v in gradients] for low in range(0, lanes, group)
        ]

    def _buffer(self, values: Mapping[str, Tensor]) -> Tensor:
        flat = (value.flatten(1) for value in values.values())
        return torch.cat([F.pad(part, (0, -part.shape[1] % VECTOR)).flatten() for part in flat])

    def _views(self, buffer: Tensor, lanes: int) -> dict[str, Tensor]:
        widths = [-(-shape.numel() // VECTOR) * VECTOR for shape in self.shapes.values()]
        parts = buffer.split([lanes * width for width in widths])
        return {
            name: part.view(lanes, width)[:, : shape.numel()].unflatten(1, shape)
            for (name, shape), part, width in zip(self.shapes.items(), parts, widths, strict=True)
        }

    def take(self, group: int, gradients: Sequence[Tensor]) -> None:
        """Keep a group's gradients, one a parameter in the order of `parameters`, for `step`."""
        torch.ops.aten._foreach_copy_(self._gradients[group], list(gradients))

    def step(self) -> None:
        """Update all parameters in place by the gradients taken."""
        c = self.config
        warm = min(self.steps / c.warmup_steps, 1.0) if c.warmup_steps else 1.0
        torch.ops.aten._fused_adamw_(
            [self.buffer],
            [self.gradient],
            [self.moments[0]],
            [self.moments[1]],
            [],
            [self.clock.add_(1)],
            lr=c.lr * (1e-8 + (1 - 1e-8) * warm),
            beta1=c.beta1,
            beta2=c.beta2,
            weight_decay=c.weight_decay,
            eps=c.eps,
            amsgrad=False,
            maximize=False,
        )
        self.steps += 1

    def keep(self, index: Tensor) -> None:
        """Go on with some lanes alone: their int64 numbers, in the order to have from now on."""
        count = len(next(iter(self.parameters.values())))
        values = [
            {name: view[index] for name, view in self._views(buffer, count).items()}
            for buffer in (self.buffer, *self.moments)
        ]
        self._place(*values)
