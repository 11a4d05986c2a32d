"""The plain forward pass: every position of every example, T·B rows a lane.

The last block makes queries, output projection and FFN only at the positions that a readout reads.

It works for every task, readout and kind of attention. If the model allows it, `prefix` computes
the same function from fewer rows.

Shapes: L lanes, B examples, T positions, d = d_model.
"""

from __future__ import annotations

from torch import Tensor

from grokseed.model.attention import self_attention
from grokseed.model.layers import Layers, Rows
from grokseed.model.layout import layers_of
from grokseed.model.ops import take
from grokseed.model.readout import readout_of
from grokseed.task import tokens
from grokseed.vocabulary import sequence


def rows(layers: Layers, *inputs: Tensor) -> list[Rows]:
    """The last block's rows at the positions that the readout reads, a row an example.

    Args:
        inputs: of the examples, as `task.examples` has them, int64 [L, B] each.
    """
    config, length = layers.config, len(sequence(layers.config))
    read = len(readout_of(config).reads(config))
    *earlier, last = layers_of(config)
    x = _embedded(layers, tokens(config, inputs))
    for block in earlier:
        x = _block(layers, block, x, length)
    return [Rows(_block(layers, last, x, read).unflatten(1, (-1, read)))]


def _block(layers: Layers, block: str, x: Tensor, asked: int) -> Tensor:
    """A block's rows at the last R positions, [L, B·R, d], from all positions, [L, B·T, d].

    Args:
        asked: R.
    """
    config, length = layers.config, len(sequence(layers.config))
    x_asked = x
    if asked < length:
        x_asked = x.unflatten(1, (-1, length))[:, :, -asked:].flatten(1, 2)
    q, k, v = layers.qkv(block, x, x_asked)
    mixed = self_attention(q, k, v, length, config.heads, config.attention == "causal")
    return layers.rest(block, x_asked, mixed)


def _embedded(layers: Layers, tokens: Tensor) -> Tensor:
    """Token and position embeddings of every example's tokens [L, B, T]: [L, B·T, d]."""
    x = take(layers.p["token_embedding.weight"], tokens.flatten(1))
    x = x.unflatten(1, tokens.shape[1:]) + layers.p["position_embedding.weight"].unsqueeze(1)
    return x.flatten(1, 2)
