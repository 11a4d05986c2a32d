"""The decoder over stacked runs, and the one place that chooses its forward pass."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from grokseed.config import Config
from grokseed.model import plain, prefix
from grokseed.model.layers import Layers, Rows
from grokseed.model.readout import readout_of
from grokseed.model.weights import Parameters

Forward = Callable[..., list[Rows]]
"""Rows of the last block where the readout reads, first positions first, from the layers and, each
[L, B], the inputs of examples as `task.examples` has them: two operands, or all bytes."""


def forward_of(config: Config) -> Forward:
    """Shared prefixes where there are any and the readout reads no more than these give.

    Else all positions: windows of a text have no first bytes in common, and with full attention no
    position is a prefix's alone. Nor has a convolution over several positions rows in common.
    """
    reads = readout_of(config).reads(config)
    causal = config.task == "modular" and config.attention == "causal"
    shared = causal and config.conv_kernel == 1 and prefix.gives(config, reads)
    return prefix.rows if shared else plain.rows


class Decoder:
    """The function from an example's inputs to logits.

    Args:
        forward: the forward pass; by default the fastest that the config allows.
    """

    def __init__(self, config: Config, forward: Forward | None = None) -> None:
        self.config, self.readout = config, readout_of(config)
        self.forward = forward or forward_of(config)

    def logits(self, p: Parameters, *inputs: Tensor, masks: Tensor | None = None) -> Tensor:
        """Logits over the vocabulary.

        Args:
            p: stacked parameters, each [L, ...], one lane a run.
            inputs: residues of the first operand and of the second, or a byte of each position,
                int64 [L, B] each.
            masks: see `Layers`. Examples that drop unlike elements share no rows: all are plain.

        Returns:
            Logits [L, B, vocabulary].
        """
        layers = Layers(self.config, p, masks)
        forward = self.forward if masks is None else plain.rows
        return self.readout.logits(layers, forward(layers, *inputs))
