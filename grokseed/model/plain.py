"""The plain forward pass: every position of every example, 5B rows a lane.

The last block makes queries, output projection and FFN only at the positions that a readout reads.

It asks nothing of the model: any readout, and whatever a later position may see. Where the model
allows it, `prefix` computes the same function from fewer rows.

Shapes: L lanes, B examples, T positions, d = d_model.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from grokseed.model.layers import Layers
from grokseed.model.layout import layers_of
from grokseed.model.ops import attend, take
from grokseed.model.readout import readout_of
from grokseed.vocabulary import EOS, EQUALS, RESIDUE, VOCABULARY, sequence


def rows(layers: Layers, a: Tensor, b: Tensor) -> Tensor:
    """The last block's rows at the positions that the readout reads, [L, B, positions, d].

    Args:
        a: residues of the first operand, int64 [L, B].
        b: residues of the second operand, int64 [L, B].
    """
    names, reads = sequence(layers.config), readout_of(layers.config).reads
    *earlier, last = layers_of(layers.config)
    x = _embedded(layers, a, b)
    for block in earlier:
        x = _block(layers, block, x, range(len(names)))
    x = _block(layers, last, x, [names.index(at) for at in reads])
    return x.unflatten(1, (-1, len(reads)))


def _block(layers: Layers, block: str, x: Tensor, asked: Sequence[int]) -> Tensor:
    """A block's rows at R positions, [L, B·R, d], from the rows at all of them, [L, B·T, d].

    Args:
        asked: the R positions.
    """
    config, length = layers.config, len(sequence(layers.config))
    x_asked = x
    if len(asked) < length:
        # By slices: a list of indices would be copied to the device, which no CUDA graph can hold.
        by_position = x.unflatten(1, (-1, length)).unbind(2)
        x_asked = torch.stack([by_position[at] for at in asked], 2).flatten(1, 2)
    q, k, v = layers.qkv(block, x, x_asked)
    k, v = (rows.unflatten(1, (-1, length)).unbind(2) for rows in (k, v))
    seen = [at + 1 if config.attention == "causal" else length for at in asked]
    queries = q.unflatten(1, (-1, len(asked))).unbind(2)
    mixed = [attend(q, k[:n], v[:n], config.heads) for q, n in zip(queries, seen, strict=True)]
    return layers.rest(block, x_asked, torch.stack(mixed, 2).flatten(1, 2))


def _embedded(layers: Layers, a: Tensor, b: Tensor) -> Tensor:
    """Token and position embeddings of every example's positions, [L, B·T, d]."""
    one, op = torch.ones_like(a), VOCABULARY.index(layers.config.operation)
    tokens = torch.stack((one * EOS, a + RESIDUE, one * op, b + RESIDUE, one * EQUALS), -1)
    x = take(layers.p["token_embedding.weight"], tokens.flatten(1))
    x = x.unflatten(1, tokens.shape[1:]) + layers.p["position_embedding.weight"].unsqueeze(1)
    return x.flatten(1, 2)
