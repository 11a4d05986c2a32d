"""What an optimiser is to a step, and which one a config has.

Another optimiser is another class like `adamw.AdamW`. A gradient transform with a memory is an
optimiser that holds another, and keeps what it remembers in state buffers of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from grokseed.config import Config
from grokseed.training.adamw import AdamW


class Optimiser(Protocol):
    """An update of stacked runs in place, each lane's as if it were alone.

    Buffers are [L, width], a lane a row; those of the state start at zero. `clock` [L] counts the
    steps that each lane has taken before this one.

    Attributes:
        states: number of state buffers.
    """

    states: int

    def factors(self, clock: Tensor) -> Tensor:
        """What `update` needs to know of the clock, [factors, L, 1], without asking the host."""
        ...

    def update(
        self, factors: Tensor, weights: Tensor, gradients: Tensor, state: Sequence[Tensor]
    ) -> None:
        """One step of all lanes, the same operations at every step: it is compiled and captured."""
        ...

    def eager(
        self, clock: Tensor, weights: Tensor, gradients: Tensor, state: Sequence[Tensor]
    ) -> None:
        """One step of some lanes on the CPU, as fast as it goes. May be `update`."""
        ...


def optimiser_of(config: Config) -> Optimiser:
    """The optimiser of a config: AdamW for all."""
    return AdamW(config)
