"""The same decoder from `torch.nn`'s own layers: what the engine's results are compared with.

It computes every position of every example, as one would write it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
import torch.nn.functional as F
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


class GroupedAttention(nn.Module):
    """`nn.MultiheadAttention` where several heads of queries share a head of keys and values.

    Its fused weight is drawn as that module draws its own, which has as many rows where no heads
    share.
    """

    def __init__(self, d: int, heads: int, kv_heads: int, bias: bool) -> None:
        super().__init__()
        self.heads, self.kv_heads = heads, kv_heads
        rows = (heads + 2 * kv_heads) * (d // heads)
        self.out_proj = nn.Linear(d, d, bias=bias)
        self.in_proj_weight = nn.Parameter(nn.init.xavier_uniform_(torch.empty(rows, d)))
        self.in_proj_bias = nn.Parameter(torch.zeros(rows)) if bias else None
        if bias:
            nn.init.zeros_(self.out_proj.bias)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """x [B, T, d] and mask [T, T], as `Block`'s, give [B, T, d]."""
        by_head = F.linear(x, self.in_proj_weight, self.in_proj_bias)
        by_head = by_head.unflatten(-1, (self.heads + 2 * self.kv_heads, -1)).transpose(1, 2)
        q, k, v = by_head.split((self.heads, self.kv_heads, self.kv_heads), 1)
        seen = None if mask is None else ~mask
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=seen, enable_gqa=True)
        return self.out_proj(mixed.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """Self-attention and a feed-forward layer, each followed by its layer norm."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        d, ffn = config.d_model, config.ffn_multiple * config.d_model
        heads, kv_heads, bias = config.heads, config.kv_heads, config.biases == "all"
        if kv_heads:
            self.attention = GroupedAttention(d, heads, kv_heads, bias)
        else:
            self.attention = nn.MultiheadAttention(d, heads, bias=bias, batch_first=True)
        self.attention_norm = nn.LayerNorm(d)
        self.up, self.down = nn.Linear(d, ffn, bias=bias), nn.Linear(ffn, d, bias=bias)
        self.activation = ACTIVATIONS[config.activation]()
        self.ffn_norm = nn.LayerNorm(d)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """x [B, T, d] and mask [T, T], true where a position may not look, give [B, T, d]."""
        if isinstance(self.attention, GroupedAttention):
            mixed = self.attention(x, mask)
        else:
            mixed, _ = self.attention(x, x, x, attn_mask=mask, need_weights=False)
        x = self.attention_norm(x + mixed)
        return self.ffn_norm(x + self.down(self.activation(self.up(x))))


class PlainDecoder(nn.Module):
    """The decoder of a config. Built under `torch.manual_seed` it starts as the engine's does."""

    mask: Tensor | None

    def __init__(self, config: Config) -> None:
        super().__init__()
        vocabulary, d, length = vocabulary_size(config), config.d_model, len(sequence(config))
        self.token_embedding = nn.Embedding(vocabulary, d)
        self.position_embedding = nn.Embedding(length, d)
        self.layers = layer_names(config)
        self.order = [self.layers.index(name) for name in layers_of(config)]
        self.blocks = nn.ModuleList(Block(config) for _ in self.layers)
        self.norm = nn.LayerNorm(d)
        bias = config.biases == "all"
        self.readout, self.flatten = config.readout, nn.Flatten()
        match config.readout:
            case "last":
                self.head = nn.Linear(d, vocabulary, bias=bias)
            case "flatten":
                self.head = nn.Linear(length * d, vocabulary, bias=bias)
            case "bottleneck":
                self.narrow = nn.Linear(length * d, config.bottleneck_width, bias=bias)
                self.head = nn.Linear(config.bottleneck_width, vocabulary, bias=bias)
            case "time-distributed":
                self.narrow = nn.Linear(d, d // 8, bias=bias)
                self.head = nn.Linear(length * d // 8, vocabulary, bias=bias)
            case "conv":
                kernel = config.conv_kernel
                self.narrow = nn.Conv1d(d, d // 8, kernel, padding=kernel // 2, bias=bias)
                self.head = nn.Linear(length * d // 8, vocabulary, bias=bias)
        later = torch.ones(length, length, dtype=torch.bool).triu(1)
        mask = later if config.attention == "causal" else None
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """Tokens [B, T] give logits [B, vocabulary]."""
        x = self.token_embedding(tokens) + self.position_embedding.weight
        for block in self.order:
            x = self.blocks[block](x, self.mask)
        x = self.norm(x)
        match self.readout:
            case "last":
                return self.head(x[:, -1])
            case "flatten":
                return self.head(self.flatten(x))
            case "bottleneck":
                return self.head(self.narrow(self.flatten(x)))
            case "time-distributed":
                return self.head(self.flatten(self.narrow(x)))
            case "conv":  # torch has channels before positions
                return self.head(self.flatten(self.narrow(x.mT).mT))
        return F.linear(x[:, -1], self.token_embedding.weight)  # tied

    def load(self, weights: Mapping[str, np.ndarray]) -> PlainDecoder:
        """Take over weights by the engine's names, as `records.weights.read_weights` gives them."""
        with torch.no_grad():
            for name, parameter in self.named().items():
                parameter.copy_(torch.from_numpy(weights[name]))
        return self

    def named(self) -> dict[str, nn.Parameter]:
        """The parameters under the engine's names."""
        return {_engine_name(self, name): v for name, v in self.named_parameters()}


def tokens(config: Config, *inputs: Tensor) -> Tensor:
    """Sequences `[eos, a, op, b, =]`: residues [B] and [B] give [B, 5]; byte b is token b."""
    if config.task == "rote":
        return torch.stack(inputs, 1)
    a, b = inputs
    one = torch.ones_like(a)
    op = operation_token(config)
    return torch.stack((one * EOS, a + RESIDUE, one * op, b + RESIDUE, one * EQUALS), -1)


def _engine_name(decoder: PlainDecoder, name: str) -> str:
    if name.startswith(("norm.", "narrow.")):
        return f"head.{name}"
    if name.startswith("head."):
        return name.replace("head.", "head.out.") if hasattr(decoder, "narrow") else name
    if not name.startswith("blocks."):
        return name
    _, index, rest = name.split(".", 2)
    for ours, engine in ENGINE_NAMES.items():
        if rest.startswith(ours):
            return f"{decoder.layers[int(index)]}.{engine}{rest.removeprefix(ours)}"
    raise KeyError(name)
