"""What training changes: the weights, optimiser state and clock of every lane."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from grokseed.training.buffer import Shapes, joined, row_width, views
from grokseed.training.optimiser import Optimiser


class TrainState:
    """Weights and optimiser state, a lane a row.

    A lane counts its own steps from the moment a run enters it; until then its parameters are zero.

    Attributes:
        weights: all parameters, [L, width]; the padding stays zero.
        buffers: the optimiser's state, each [L, width].
        clock: steps that each lane has taken, [L].
    """

    def __init__(
        self, optimiser: Optimiser, shapes: Shapes, lanes: int, device: str = "cpu"
    ) -> None:
        self.optimiser, self.shapes = optimiser, shapes
        self.clock = torch.zeros(lanes, device=device)
        size = lanes, row_width(shapes)
        self.weights = torch.zeros(size, device=device)
        self.buffers = [torch.zeros(size, device=device) for _ in range(optimiser.states)]

    @property
    def parameters(self) -> dict[str, Tensor]:
        """Views of the weights by name, each [L, ...]."""
        return views(self.weights, self.shapes)

    def enter(self, lane: int, parameters: Mapping[str, Tensor]) -> None:
        """Start a run in one lane from its initial parameters."""
        places = self.parameters
        for name, value in parameters.items():
            places[name][lane] = value
        for buffer in self.buffers:
            buffer[lane] = 0
        self.clock[lane] = 0

    def row(self, lane: int) -> dict[str, Any]:
        """A copy of a lane's state, on the host."""
        own = [tensor[lane].to("cpu", copy=True) for tensor in (self.weights, *self.buffers)]
        return {"weights": own[0], "buffers": own[1:], "clock": self.clock[lane].item()}

    def set_row(self, lane: int, row: Mapping[str, Any]) -> None:
        """Continue in a lane from a copy that `row` made of any lane."""
        self.weights[lane], self.clock[lane] = row["weights"], row["clock"]
        for buffer, values in zip(self.buffers, row["buffers"], strict=True):
            buffer[lane] = values

    def eager(self, lanes: slice, gradients: Iterable[Tensor]) -> None:
        """Update some neighbouring lanes in place, on the CPU.

        Args:
            gradients: of each parameter, [L, ...], in the order of `shapes`.
        """
        state, clock = [buffer[lanes] for buffer in self.buffers], self.clock[lanes]
        self.optimiser.eager(clock, self.weights[lanes], joined(gradients, self.shapes), state)
        clock.add_(1)

    def keep(self, index: Tensor) -> None:
        """Keep only some lanes: their int64 numbers, in their new order."""
        self.clock, self.weights = self.clock[index], self.weights[index]
        self.buffers = [buffer[index] for buffer in self.buffers]
