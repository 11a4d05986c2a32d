"""AdamW over stacked parameters: one update of one buffer is that many independent AdamWs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from grokseed.config import Config
from grokseed.model.ops import VECTOR

Shapes = Mapping[str, Sequence[int]]
"""The shape of each parameter of one lane."""


class StackedAdamW:
    """AdamW with linear warm-up, equal in every lane to `torch.optim.AdamW` on that lane alone.

    Parameters and both moments lie in one buffer each, a lane a row. In a row each parameter is
    padded to whole vectors, so that its bits do not depend on its place; the padding stays zero. A
    lane counts steps of its own, from when it was entered; until then its parameters are zero.

    Attributes:
        weights: all parameters, [L, width].
        moments: AdamW's first and second moment, each [L, width].
        clock: steps that each lane has taken, [L].
    """

    def __init__(self, config: Config, shapes: Shapes, lanes: int, device: str = "cpu") -> None:
        self.config, self.shapes = config, shapes
        self.clock = torch.zeros(lanes, device=device)
        width = sum(w for _, w in _places(shapes))
        self.weights, *self.moments = (torch.zeros(lanes, width, device=device) for _ in range(3))

    @property
    def parameters(self) -> dict[str, Tensor]:
        """Views of the weights by name, each [L, ...]."""
        return views(self.weights, self.shapes)

    def enter(self, lane: int, parameters: Mapping[str, Tensor]) -> None:
        """Begin anew in one lane, from a run's parameters."""
        places = self.parameters
        for name, value in parameters.items():
            places[name][lane] = value
        for moment in self.moments:
            moment[lane] = 0
        self.clock[lane] = 0

    def step(self, lanes: slice, gradients: Iterable[Tensor]) -> None:
        """Update some neighbouring lanes in place, on the CPU.

        Args:
            gradients: a parameter's each, [L, ...], in the order of `shapes`.
        """
        c = self.config
        buffers = (
            self.weights[lanes],
            joined(gradients, self.shapes),
            *(m[lanes] for m in self.moments),
        )
        clock = self.clock[lanes]
        rates = _rates(c, clock).tolist()
        clock.add_(1)
        for rate in sorted(set(rates)):
            rows = [row for row, r in enumerate(rates) if r == rate]
            torch.ops.aten._fused_adamw_(
                *([buffer[i] for i in rows] for buffer in buffers),
                [],
                [clock[i] for i in rows],
                lr=rate,
                beta1=c.beta1,
                beta2=c.beta2,
                weight_decay=c.weight_decay,
                eps=c.eps,
                amsgrad=False,
                maximize=False,
            )

    def keep(self, index: Tensor) -> None:
        """Go on with some lanes alone: their int64 numbers, in the order to have from now on."""
        self.clock, self.weights = self.clock[index], self.weights[index]
        self.moments = [moment[index] for moment in self.moments]


def factors(config: Config, clock: Tensor) -> Tensor:
    """What `update` needs of lanes that have taken `clock` [L] steps, [3, L, 1], without the host.

    What the decay leaves of a weight, the rate over the first moment's bias correction, and the
    root of the second's.
    """
    c, steps, rate = config, clock.double(), _rates(config, clock)
    size = rate / (1 - c.beta1 ** (steps + 1))
    root = (1 - c.beta2 ** (steps + 1)).sqrt()
    return torch.stack((1 - rate * c.weight_decay, size, root)).to(clock.dtype).unsqueeze(2)


def _rates(config: Config, clock: Tensor) -> Tensor:
    """The learning rate of the step after `clock` [L] steps, float64 [L]."""
    steps, warmup = clock.double(), config.warmup_steps
    warm = (steps / warmup).clamp(max=1) if warmup else torch.ones_like(steps)
    return config.lr * (1e-8 + (1 - 1e-8) * warm)


def update(
    config: Config,
    factors: Tensor,
    weights: Tensor,
    gradients: Tensor,
    first: Tensor,
    second: Tensor,
) -> None:
    """AdamW's update in place, in the form of `torch.optim.AdamW`.

    Args:
        factors: of each lane, from the function of that name.
        weights, gradients, first, second: buffers, each [L, width].
    """
    kept, size, root = factors
    first.lerp_(gradients, 1 - config.beta1)
    second.mul_(config.beta2).addcmul_(gradients, gradients, value=1 - config.beta2)
    weights.mul_(kept).sub_(first / (second.sqrt() / root + config.eps) * size)


def views(buffer: Tensor, shapes: Shapes) -> dict[str, Tensor]:
    """The parameters in a buffer [L, width], by name, each [L, ...]."""
    parts = buffer.split([width for _, width in _places(shapes)], 1)
    sizes = (size for size, _ in _places(shapes))
    return {
        name: part[:, :size].unflatten(1, tuple(shape))
        for (name, shape), part, size in zip(shapes.items(), parts, sizes, strict=True)
    }


def joined(values: Iterable[Tensor], shapes: Shapes) -> Tensor:
    """A buffer [L, width] made of parameters' values, each [L, ...], in the order of `shapes`."""
    return torch.cat(
        [
            F.pad(v.flatten(1), (0, width - size)) if width > size else v.flatten(1)
            for v, (size, width) in zip(values, _places(shapes), strict=True)
        ],
        1,
    )


def _places(shapes: Shapes) -> list[tuple[int, int]]:
    """The size of each parameter, and the width that it takes in a row."""
    sizes = [torch.Size(shape).numel() for shape in shapes.values()]
    return [(size, -(-size // VECTOR) * VECTOR) for size in sizes]
