"""AdamW over stacked parameters: one update of one buffer is that many independent AdamWs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

from grokseed.config import Config
from grokseed.layers import VECTOR


class StackedAdamW:
    """AdamW with linear warm-up, equal in every lane to `torch.optim.AdamW` on that lane alone.

    Parameters, gradients and both moments lie in one buffer each, a parameter's lanes side by
    side. Each lane's share is padded to whole vectors, so that its bits do not depend on its
    place; the padding stays zero. A lane counts steps of its own, from when it was entered; until
    then its parameters are zero.

    Args:
        shapes: the shape of each parameter of one lane.
        on_device: let a step ask the host nothing, so that a CUDA graph can hold it.
        compiled: fuse such a step.

    Attributes:
        parameters: views of the buffer under the same names, each [L, ...].
        clock: steps that each lane has taken, [L].
    """

    def __init__(
        self,
        config: Config,
        shapes: Mapping[str, Sequence[int]],
        lanes: int,
        device: str = "cpu",
        on_device: bool = False,
        compiled: bool = False,
    ) -> None:
        self.config, self.on_device = config, on_device
        self.update = torch.compile(_update, fullgraph=True) if compiled else _update
        self.shapes = {name: torch.Size(shape) for name, shape in shapes.items()}
        self._widths = [-(-s.numel() // VECTOR) * VECTOR for s in self.shapes.values()]
        self.clock = torch.zeros(lanes, device=device)
        self._place(lanes)

    def _place(self, lanes: int) -> None:
        """New buffers of zeros, and views of them: by parameter, and all rows that a lane has."""
        size, device = lanes * sum(self._widths), self.clock.device
        self._buffers = [torch.zeros(size, device=device) for _ in range(4)]
        self.parameters, self._gradients, *self._moments = map(self._views, self._buffers)
        self._all_rows = [list(self._rows(buffer)) for buffer in self._buffers]
        self._parts: dict[tuple[int, int], tuple[dict[str, Tensor], list[Tensor]]] = {}

    def _rows(self, buffer: Tensor) -> Iterator[Tensor]:
        """Each parameter's part of a buffer, [L, width]."""
        lanes = len(self.clock)
        parts = buffer.split([lanes * width for width in self._widths])
        return (part.view(lanes, -1) for part in parts)

    def _views(self, buffer: Tensor) -> dict[str, Tensor]:
        return {
            name: rows[:, : shape.numel()].unflatten(1, shape)
            for (name, shape), rows in zip(self.shapes.items(), self._rows(buffer), strict=True)
        }

    def enter(self, lane: int, parameters: Mapping[str, Tensor]) -> None:
        """Begin anew in one lane, from a run's parameters."""
        for name, value in parameters.items():
            self.parameters[name][lane] = value
            for moments in self._moments:
                moments[name][lane] = 0
        self.clock[lane] = 0

    def leaves(self, lanes: slice) -> dict[str, Tensor]:
        """The parameters of some neighbouring lanes, to differentiate by."""
        return self._part(lanes)[0]

    def take(self, lanes: slice, gradients: Sequence[Tensor], add: bool = False) -> None:
        """Keep those lanes' gradients, one a parameter in the order of `parameters`, for `step`.

        Args:
            add: add them to those taken before.
        """
        keep = torch.ops.aten._foreach_add_ if add else torch.ops.aten._foreach_copy_
        keep(self._part(lanes)[1], list(gradients))

    def _part(self, lanes: slice) -> tuple[dict[str, Tensor], list[Tensor]]:
        key = lanes.start, lanes.stop
        if key not in self._parts:
            leaves = {k: v[lanes].detach().requires_grad_() for k, v in self.parameters.items()}
            self._parts[key] = leaves, [v[lanes] for v in self._gradients.values()]
        return self._parts[key]

    def step(self) -> None:
        """Update all parameters in place by the gradients taken."""
        if self.on_device:
            self._step_on_device()
        else:
            self._step_from_host()

    def _step_on_device(self) -> None:
        c = self.config
        steps = self.clock.double()
        warm = (steps / c.warmup_steps).clamp(max=1) if c.warmup_steps else torch.ones_like(steps)
        rate = c.lr * (1e-8 + (1 - 1e-8) * warm)
        size = rate / (1 - c.beta1 ** (steps + 1))
        root = (1 - c.beta2 ** (steps + 1)).sqrt()
        kept = 1 - rate * c.weight_decay
        by_lane = [f.to(self._buffers[0].dtype).unsqueeze(1) for f in (kept, size, root)]
        self.update(self._all_rows, by_lane, c.beta1, c.beta2, c.eps)
        self.clock.add_(1)

    def _step_from_host(self) -> None:
        c = self.config
        steps = self.clock.tolist()
        self.clock.add_(1)
        for rate, tensors, clocks in self._shares(steps):
            torch.ops.aten._fused_adamw_(
                *tensors,
                [],
                clocks,
                lr=rate,
                beta1=c.beta1,
                beta2=c.beta2,
                weight_decay=c.weight_decay,
                eps=c.eps,
                amsgrad=False,
                maximize=False,
            )

    def _shares(self, steps: list[float]) -> Iterator[tuple[float, list[list[Tensor]], list]]:
        """What one learning rate applies to: the whole buffers at once where lanes are in step."""
        if len(set(steps)) == 1:
            yield self._rate(steps[0]), [[b] for b in self._buffers], [self.clock[0]]
            return
        rates = [self._rate(s) for s in steps]
        for rate in sorted(set(rates)):
            lanes = [lane for lane, r in enumerate(rates) if r == rate]
            tensors = [[r[lane] for lane in lanes for r in rows] for rows in self._all_rows]
            yield rate, tensors, [self.clock[lane] for lane in lanes for _ in self.shapes]

    def _rate(self, steps: float) -> float:
        """The learning rate of the step after so many."""
        c = self.config
        warm = min(steps / c.warmup_steps, 1.0) if c.warmup_steps else 1.0
        return c.lr * (1e-8 + (1 - 1e-8) * warm)

    def keep(self, index: Tensor) -> None:
        """Go on with some lanes alone: their int64 numbers, in the order to have from now on."""
        before = [self._views(buffer) for buffer in self._buffers]
        self.clock = self.clock[index]
        self._place(len(index))
        for old, buffer in zip(before, self._buffers, strict=True):
            for name, view in self._views(buffer).items():
                view[:] = old[name][index]


def _update(
    rows: list[list[Tensor]], by_lane: list[Tensor], beta1: float, beta2: float, eps: float
) -> None:
    """AdamW's update in place, in the form of `torch.optim.AdamW`.

    Args:
        rows: parameters, gradients, first and second moments; of each a list of [L, width].
        by_lane: what the decay leaves of a weight, the rate over the first moment's bias
            correction, and the root of the second's; each [L, 1].
    """
    kept, size, root = by_lane
    for p, g, m, v in zip(*rows, strict=True):
        m.lerp_(g, 1 - beta1)
        v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
        p.mul_(kept).sub_(m / (v.sqrt() / root + eps) * size)
