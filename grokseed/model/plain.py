"""The plain forward pass: every position of every example, T·B rows a lane.

It asks nothing of the model: any task, any readout, and whatever a later position may see. Where
the model allows it, `prefix` computes the same function from fewer rows.

Shapes: L lanes, B examples, T positions, d = d_model.
"""

from __future__ import annotations

from torch import Tensor

from grokseed.model.layers import Layers, Rows
from grokseed.model.layout import layers_of
from grokseed.model.ops import self_attention, take
from grokseed.model.readout import readout_of
from grokseed.task import tokens
from grokseed.vocabulary import sequence


def rows(layers: Layers, *inputs: Tensor) -> list[Rows]:
    """The last block's rows at the positions that the readout reads, a row an example.

    Args:
        inputs: of the examples, as `task.examples` has them, int64 [L, B] each.
    """
    config, names = layers.config, sequence(layers.config)
    shape = inputs[0].shape[1], len(names)
    x = _embedded(layers, tokens(config, inputs))
    for block in layers_of(config):
        q, k, v = layers.qkv(block, x, x)
        x = layers.rest(block, x, self_attention(q, k, v, len(names), config.heads, True))
    reads = readout_of(config).reads(config)
    return [Rows(x.unflatten(1, shape)[:, :, -len(reads) :])]


def _embedded(layers: Layers, tokens: Tensor) -> Tensor:
    """Token and position embeddings of every example's tokens [L, B, T]: [L, B·T, d]."""
    x = take(layers.p["token_embedding.weight"], tokens.flatten(1))
    x = x.unflatten(1, tokens.shape[1:]) + layers.p["position_embedding.weight"].unsqueeze(1)
    return x.flatten(1, 2)
