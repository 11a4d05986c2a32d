"""The same decoder from `torch.nn`'s own layers: the judge of the engine's results.

It computes every position of every example, as one would write it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from grokseed.config import Config
from grokseed.model.layout import layer_names, layers_of
from grokseed.vocabulary import EOS, EQUALS, RESIDUE, operation_token, sequence, vocabulary_size

ACTIVATIONS = {"gelu": nn.GELU, "relu": nn.ReLU, "silu": nn.SiLU, "tanh": nn.Tanh}

ENGINE_NAMES = {
    "attention.in_proj_": "attention.qkv.",
    "attention.out_proj.": "attention.out.",
    "attention_norm.": "attention.norm.",
    "up.": "ffn.up.",
    "down.": "ffn.down.",
    "ffn_norm.": "ffn.norm.",
}
"""How a block's parameters here are called in `layout.parameter_shapes`."""


class Block(nn.Module):
    """Causal self-attention and a feed-forward layer, each followed by its layer norm."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        d, ffn = config.d_model, config.ffn_multiple * config.d_model
        self.attention = nn.MultiheadAttention(d, config.heads, batch_first=True)
        self.attention_norm = nn.LayerNorm(d)
        self.up, self.down = nn.Linear(d, ffn), nn.Linear(ffn, d)
        self.activation = ACTIVATIONS[config.activation]()
        self.ffn_norm = nn.LayerNorm(d)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x [B, T, d] and mask [T, T], true where a position may not look, give [B, T, d]."""
        mixed, _ = self.attention(x, x, x, attn_mask=mask, need_weights=False)
        x = self.attention_norm(x + mixed)
        return self.ffn_norm(x + self.down(self.activation(self.up(x))))


class PlainDecoder(nn.Module):
    """The decoder of a config. Built under `torch.manual_seed` it starts as the engine's does."""

    mask: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        vocabulary, d, length = vocabulary_size(config), config.d_model, len(sequence(config))
        self.token_embedding = nn.Embedding(vocabulary, d)
        self.position_embedding = nn.Embedding(length, d)
        self.layers = layer_names(config)
        self.order = [self.layers.index(name) for name in layers_of(config)]
        self.blocks = nn.ModuleList(Block(config) for _ in self.layers)
        self.norm = nn.LayerNorm(d)
        self.head = nn.Linear(d, vocabulary)
        mask = torch.ones(length, length, dtype=torch.bool).triu(1)
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """Tokens [B, 5] give the logits at `=`, [B, vocabulary]."""
        x = self.token_embedding(tokens) + self.position_embedding.weight
        for block in self.order:
            x = self.blocks[block](x, self.mask)
        return self.head(self.norm(x[:, -1]))

    def load(self, weights: Mapping[str, np.ndarray]) -> PlainDecoder:
        """Take over weights by the engine's names, as `records.weights.read_weights` gives them."""
        with torch.no_grad():
            for name, parameter in self.named().items():
                parameter.copy_(torch.from_numpy(weights[name]))
        return self

    def named(self) -> dict[str, nn.Parameter]:
        """The parameters under the engine's names."""
        return {_engine_name(self.layers, name): v for name, v in self.named_parameters()}


def tokens(config: Config, a: Tensor, b: Tensor) -> Tensor:
    """Sequences `[eos, a, op, b, =]`: residues [B] and [B] give [B, 5]."""
    one = torch.ones_like(a)
    op = operation_token(config)
    return torch.stack((one * EOS, a + RESIDUE, one * op, b + RESIDUE, one * EQUALS), -1)


def _engine_name(layers: Sequence[str], name: str) -> str:
    if not name.startswith("blocks."):
        return f"head.{name}" if name.startswith("norm.") else name
    _, index, rest = name.split(".", 2)
    for ours, engine in ENGINE_NAMES.items():
        if rest.startswith(ours):
            return f"{layers[int(index)]}.{engine}{rest.removeprefix(ours)}"
    raise KeyError(name)
