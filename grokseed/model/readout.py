"""The readouts: how logits come out of the last block's rows. Loads no torch.

Another readout is another class here, listed in `READOUTS`, with the same four things: the
positions that it reads, its parameters, how they are drawn, and what it makes of the rows. It also
says which layer has a row for each token.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from grokseed.config import Config, Readout
from grokseed.vocabulary import sequence, vocabulary_size

if TYPE_CHECKING:
    from torch import Tensor

    from grokseed.model.layers import Layers, Rows

Shapes = dict[str, tuple[int, ...]]


class Last:
    """Layer norm and a linear layer at the last position.

    Attributes:
        output: the layer whose rows are the logits' tokens.
    """

    output = "head"

    def reads(self, config: Config) -> tuple[str, ...]:
        """The positions whose rows it needs: some of the last of `vocabulary.sequence`."""
        return sequence(config)[-1:]

    def shapes(self, config: Config) -> Shapes:
        """The shape of each of its parameters of one run, in module order, by name."""
        return _norm(config) | _linear("head", config.d_model, vocabulary_size(config))

    def draw(self, draw_linear: Callable[[str], None]) -> None:
        """Draw its initial weights, after all others.

        Args:
            draw_linear: draws the linear layer of a name as `torch.nn.Linear` does.
        """
        draw_linear("head")

    def logits(self, layers: Layers, rows: Sequence[Rows]) -> Tensor:
        """Logits [L, B, vocabulary] from the rows at the positions it reads, first ones first."""
        return layers.linear(_at_last(layers, rows), "head")


class Tied(Last):
    """Layer norm at the last position, then the token embedding as output matrix, without a bias.

    As GPT-2 has it (Radford et al. 2019, and their code).
    """

    output = "token_embedding"

    def shapes(self, config: Config) -> Shapes:
        """The layer norm's alone."""
        return _norm(config)

    def draw(self, draw_linear: Callable[[str], None]) -> None:
        """Nothing: the token embedding is drawn already."""

    def logits(self, layers: Layers, rows: Sequence[Rows]) -> Tensor:
        """Dot products with each token's embedding."""
        return layers.tied(_at_last(layers, rows))


class Flatten:
    """Layer norm, then all positions of an example as one row into one linear layer."""

    output = "head"

    def reads(self, config: Config) -> tuple[str, ...]:
        """All positions."""
        return sequence(config)

    def shapes(self, config: Config) -> Shapes:
        """A layer norm and a layer."""
        return _norm(config) | _linear("head", _all(config), vocabulary_size(config))

    def draw(self, draw_linear: Callable[[str], None]) -> None:
        """As `Last`'s."""
        draw_linear("head")

    def logits(self, layers: Layers, rows: Sequence[Rows]) -> Tensor:
        """See `Last.logits`."""
        return layers.dense(layers.norm_rows(rows, "head"), "head")


class Bottleneck:
    """`Flatten` with a narrow linear layer of `bottleneck_width` in between."""

    output = "head.out"

    def reads(self, config: Config) -> tuple[str, ...]:
        """All positions."""
        return sequence(config)

    def shapes(self, config: Config) -> Shapes:
        """A layer norm and two layers."""
        width = config.bottleneck_width
        narrow = _linear("head.narrow", _all(config), width)
        return _norm(config) | narrow | _linear("head.out", width, vocabulary_size(config))

    def draw(self, draw_linear: Callable[[str], None]) -> None:
        """The narrow layer first."""
        draw_linear("head.narrow")
        draw_linear("head.out")

    def logits(self, layers: Layers, rows: Sequence[Rows]) -> Tensor:
        """See `Last.logits`."""
        narrow = layers.dense(layers.norm_rows(rows, "head"), "head.narrow")
        return layers.linear(narrow, "head.out")


class TimeDistributed(Bottleneck):
    """`Flatten` behind one linear layer, the same at all positions, from d to d/8."""

    def shapes(self, config: Config) -> Shapes:
        """A layer norm and two layers."""
        narrow = _linear("head.narrow", config.d_model, config.d_model // 8)
        out = _linear("head.out", _all(config) // 8, vocabulary_size(config))
        return _norm(config) | narrow | out

    def logits(self, layers: Layers, rows: Sequence[Rows]) -> Tensor:
        """See `Last.logits`."""
        narrow = layers.linear_rows(layers.norm_rows(rows, "head"), "head.narrow")
        return layers.dense(narrow, "head.out")


class Conv(TimeDistributed):
    """`TimeDistributed` by a convolution over positions, `conv_kernel` of them at a time.

    With a kernel of 1 it is the same function: only the shape of its weight is `torch.nn.Conv1d`'s.
    """

    def shapes(self, config: Config) -> Shapes:
        """A layer norm, a convolution and a layer."""
        shapes = super().shapes(config)
        weight = *shapes["head.narrow.weight"], config.conv_kernel
        return shapes | {"head.narrow.weight": weight}

    def logits(self, layers: Layers, rows: Sequence[Rows]) -> Tensor:
        """See `Last.logits`. A kernel above 1 needs all positions of an example in one table."""
        if layers.config.conv_kernel == 1:
            return super().logits(layers, rows)
        (every,) = layers.norm_rows(rows, "head")
        return layers.dense([layers.convolution(every, "head.narrow")], "head.out")


READOUTS: dict[Readout, Last | Flatten | Bottleneck] = {
    "last": Last(),
    "flatten": Flatten(),
    "bottleneck": Bottleneck(),
    "time-distributed": TimeDistributed(),
    "conv": Conv(),
    "tied": Tied(),
}


def readout_of(config: Config) -> Last | Flatten | Bottleneck:
    """The readout of a config."""
    return READOUTS[config.readout]


def reads_one(config: Config) -> bool:
    """Whether the readout reads the last position alone."""
    return len(readout_of(config).reads(config)) == 1


def _all(config: Config) -> int:
    """Width of all positions of an example as one row."""
    return len(sequence(config)) * config.d_model


def _norm(config: Config) -> Shapes:
    return {"head.norm.weight": (config.d_model,), "head.norm.bias": (config.d_model,)}


def _linear(name: str, inputs: int, outputs: int) -> Shapes:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def _at_last(layers: Layers, rows: Sequence[Rows]) -> Tensor:
    (last,) = rows
    return layers.norm(last.table.squeeze(2), "head")
