"""The plain forward pass: every position of every example, 5B rows a lane.

It asks nothing of the model: any readout, and whatever a later position may see. Where the model
allows it, `prefix` computes the same function from fewer rows.

Shapes: L lanes, B examples, T positions, d = d_model.
"""

from __future__ import annotations

import torch
from torch import Tensor

from grokseed.model.layers import Layers
from grokseed.model.layout import layers_of
from grokseed.model.ops import attend, take
from grokseed.model.readout import readout_of
from grokseed.vocabulary import EOS, EQUALS, RESIDUE, operation_token, sequence


def rows(layers: Layers, a: Tensor, b: Tensor) -> Tensor:
    """The last block's rows at the positions that the readout reads, [L, B, positions, d].

    Args:
        a: residues of the first operand, int64 [L, B].
        b: residues of the second operand, int64 [L, B].
    """
    config, names = layers.config, sequence(layers.config)
    shape = a.shape[1], len(names)
    x = _embedded(layers, a, b)
    for block in layers_of(config):
        q, k, v = (part.unflatten(1, shape).unbind(2) for part in layers.qkv(block, x, x))
        mixed = [attend(q[at], k[: at + 1], v[: at + 1], config.heads) for at in range(len(names))]
        x = layers.rest(block, x, torch.stack(mixed, 2).flatten(1, 2))
    x = x.unflatten(1, shape)
    # By slices: a list of indices would be copied to the device, which no CUDA graph can hold.
    return torch.stack([x[:, :, names.index(at)] for at in readout_of(config).reads], 2)


def _embedded(layers: Layers, a: Tensor, b: Tensor) -> Tensor:
    """Token and position embeddings of every example's positions, [L, B·T, d]."""
    one, op = torch.ones_like(a), operation_token(layers.config)
    tokens = torch.stack((one * EOS, a + RESIDUE, one * op, b + RESIDUE, one * EQUALS), -1)
    x = take(layers.p["token_embedding.weight"], tokens.flatten(1))
    x = x.unflatten(1, tokens.shape[1:]) + layers.p["position_embedding.weight"].unsqueeze(1)
    return x.flatten(1, 2)
