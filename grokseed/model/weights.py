"""Initial weights drawn from a generator, and runs stacked on a lane axis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from grokseed.config import Config
from grokseed.model.layout import layer_names, layer_of, parameter_shapes, parts
from grokseed.model.readout import readout_of

Parameters = Mapping[str, Tensor]
"""Parameters by name: one run's, or stacked ones with a leading lane axis."""


def initial_parameters(config: Config, generator: torch.Generator) -> dict[str, Tensor]:
    """One run's initial parameters, float32 on the CPU, drawn in the order of `torch.nn`'s layers.

    Embeddings N(0, 1); then a set of layers at a time: attention's output projection as an
    `nn.Linear` (whose bias is drawn and then zeroed), the fused q, k, v weight Xavier-uniform, the
    two FFN layers as `nn.Linear`; then the readout's layers; all times `init_scale`. Layer norms
    start at 1 and 0. A bias that the config leaves out is not drawn.
    """
    drawn = {
        name: torch.ones(shape) if name.endswith("norm.weight") else torch.zeros(shape)
        for name, shape in parameter_shapes(config).items()
    }

    def draw_linear(name: str) -> None:
        weight, bias = drawn[f"{name}.weight"], drawn.get(f"{name}.bias")
        torch.nn.init.kaiming_uniform_(weight, a=math.sqrt(5), generator=generator)
        if bias is not None:
            bound = 1 / math.sqrt(weight[0].numel())
            bias.uniform_(-bound, bound, generator=generator)

    drawn["token_embedding.weight"].normal_(generator=generator)
    drawn["position_embedding.weight"].normal_(generator=generator)
    for layers in layer_names(config):
        draw_linear(f"{layers}.attention.out")
        if config.biases == "all":
            drawn[f"{layers}.attention.out.bias"].zero_()
        qkv = drawn[f"{layers}.attention.qkv.weight"]
        torch.nn.init.xavier_uniform_(qkv, generator=generator)
        draw_linear(f"{layers}.ffn.up")
        draw_linear(f"{layers}.ffn.down")
    readout_of(config).draw(draw_linear)
    for name, value in drawn.items():
        if layer_of(name) in parts(config):
            value *= config.init_scale
    return drawn


def stack(runs: Iterable[Parameters]) -> dict[str, Tensor]:
    """Parameters of several runs, stacked on a new leading lane axis."""
    runs = list(runs)
    return {name: torch.stack([run[name] for run in runs]) for name in runs[0]}
