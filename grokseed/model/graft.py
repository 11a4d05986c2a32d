"""A run's initial weights with its graft in place.

A run's `Seeds.graft` names the parts whose initial weights another model seed drew, such as
`token_embedding+head=42`. Both seeds first draw all their weights from their own streams. Then
parts are exchanged, so that a graft shifts no stream.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from grokseed.config import Config
from grokseed.grafts import parse_graft
from grokseed.model.edits import blend, move_one_ulp, relabel, scale_characters
from grokseed.model.layout import layer_of, parts, select
from grokseed.model.weights import initial_parameters
from grokseed.seeds import Seeds
from grokseed.streams import generators


def initial_weights(config: Config, seeds: Seeds, generator: torch.Generator) -> dict[str, Tensor]:
    """One run's initial parameters, float32 on the CPU, with its graft in place.

    Args:
        generator: the run's model stream, from which its weights are drawn.

    Raises:
        ValueError: the graft cannot be read, or the scheme is shared, where weights have no stream
            of their own.
    """
    weights = initial_parameters(config, generator)
    if not seeds.graft:
        return weights
    graft = parse_graft(seeds.graft)
    if config.scheme == "shared":
        raise ValueError("scheme shared has one stream: weights cannot be grafted")
    if graft.kind == "ulp":
        drawn = [name for name in weights if layer_of(name) in parts(config)]
        return move_one_ulp(weights, drawn, graft.seed)
    if graft.kind == "relabel":
        return relabel(config, weights, graft.seed)
    if graft.kind == "characters":
        return scale_characters(config, weights, int(graft.names), graft.share)
    if graft.kind == "branch":
        return weights
    chosen = select(config, graft.names)
    theirs = replace(seeds, model=graft.seed, graft="")
    stream = generators(theirs, config.scheme, config.n_examples).model
    given = initial_parameters(config, stream)
    return {
        name: blend(value, given[name], graft.share) if layer_of(name) in chosen else value
        for name, value in weights.items()
    }
