"""The readout: how logits come out of the last block's rows. Loads no torch.

Another readout is another class here, chosen by `readout_of`, with the same four things: the
positions that it reads, its parameters, how they are drawn, and what it makes of the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from grokseed.config import Config
from grokseed.vocabulary import vocabulary_size

if TYPE_CHECKING:
    from torch import Tensor

    from grokseed.model.layers import Layers


class Last:
    """Layer norm and a linear layer at `=`, the last position.

    Attributes:
        reads: the positions of `vocabulary.sequence` whose rows it needs.
    """

    reads = ("=",)

    def shapes(self, config: Config) -> dict[str, tuple[int, ...]]:
        """The shape of each of its parameters of one run, in module order, by name."""
        d, vocabulary = config.d_model, vocabulary_size(config)
        return {
            "head.norm.weight": (d,),
            "head.norm.bias": (d,),
            "head.weight": (vocabulary, d),
            "head.bias": (vocabulary,),
        }

    def draw(self, draw_linear: Callable[[str], None]) -> None:
        """Draw its initial weights, after all others.

        Args:
            draw_linear: draws the linear layer of a name as `torch.nn.Linear` does.
        """
        draw_linear("head")

    def logits(self, layers: Layers, rows: Tensor) -> Tensor:
        """Logits [L, B, vocabulary] from the rows at the positions it reads, [L, B, 1, d]."""
        return layers.linear(layers.norm(rows.squeeze(2), "head"), "head")


def readout_of(config: Config) -> Last:
    """The readout of a config: the same for all."""
    return Last()
