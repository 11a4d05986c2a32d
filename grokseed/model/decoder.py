"""The decoder over stacked runs, and the one place that chooses its forward pass."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from grokseed.config import Config
from grokseed.model import plain, prefix
from grokseed.model.layers import Layers
from grokseed.model.readout import readout_of
from grokseed.model.weights import Parameters

Forward = Callable[[Layers, Tensor, Tensor], Tensor]
"""Rows of the last block where the readout reads, [L, B, positions, d], from operands [L, B]."""


def forward_of(config: Config) -> Forward:
    """Shared prefixes where the readout reads no more than these give, else all positions."""
    return prefix.rows if readout_of(config).reads == prefix.GIVES else plain.rows


class Decoder:
    """The function from two operands to logits.

    Args:
        forward: the forward pass; by default the fastest that the config allows.
    """

    def __init__(self, config: Config, forward: Forward | None = None) -> None:
        self.config, self.readout = config, readout_of(config)
        self.forward = forward or forward_of(config)

    def logits(self, p: Parameters, a: Tensor, b: Tensor, masks: Tensor | None = None) -> Tensor:
        """Logits over the vocabulary.

        Args:
            p: stacked parameters, each [L, ...], one lane a run.
            a: residues of the first operand, int64 [L, B].
            b: residues of the second operand, int64 [L, B].
            masks: see `Layers`. Examples that drop unlike elements share no rows: all are plain.

        Returns:
            Logits [L, B, vocabulary].
        """
        layers = Layers(self.config, p, masks)
        forward = self.forward if masks is None else plain.rows
        return self.readout.logits(layers, forward(layers, a, b))
