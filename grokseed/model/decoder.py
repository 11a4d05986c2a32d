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
"""A forward pass: from the layers and the inputs of examples, int64 [L, B] each (two operands, or
all bytes), to the last block's rows that the readout reads, in the order of positions."""


def forward_of(config: Config) -> Forward:
    """The prefix-shared forward pass if the model allows it and it gives the rows the readout
    reads.

    Else the plain one. Windows of a text do not begin with the same bytes. With full attention,
    every row depends on the whole example. A convolution over several positions needs them all.
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
            inputs: residues of the first and of the second operand, or the bytes by position, int64
                [L, B] each.
            masks: see `Layers`. Examples with different dropout share no rows, so the pass is
                plain.

        Returns:
            Logits [L, B, vocabulary].
        """
        layers = Layers(self.config, p, masks)
        forward = self.forward if masks is None else plain.rows
        return self.readout.logits(layers, forward(layers, *inputs))
