"""The interface of an optimiser, and the choice of one for a config.

To add an optimiser, write a class like `adamw.AdamW`. A gradient transform with a state is an
optimiser that wraps another one and has state buffers of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from grokseed.config import Config
from grokseed.training.adamw import AdamW


class Optimiser(Protocol):
    """An update of stacked runs in place, in which each lane is independent.

    Buffers are [L, width], a lane a row; those of the state start at zero. `clock` [L] counts the
    steps that each lane has taken before this one.

    Attributes:
        states: number of state buffers.
    """

    states: int

    def factors(self, clock: Tensor) -> Tensor:
        """The numbers that `update` needs from the clock, [factors, L, 1], computed on the
        device."""
        ...

    def update(
        self, factors: Tensor, weights: Tensor, gradients: Tensor, state: Sequence[Tensor]
    ) -> None:
        """One step of all lanes. It can be compiled and captured: its operations are always the
        same."""
        ...

    def eager(
        self, clock: Tensor, weights: Tensor, gradients: Tensor, state: Sequence[Tensor]
    ) -> None:
        """One step of some lanes on the CPU, as fast as possible. May be `update`."""
        ...


def optimiser_of(config: Config) -> Optimiser:
    """The optimiser of a config: AdamW for all."""
    return AdamW(config)
