"""Layer groups of the initial weights by name, and a donor's weights in a recipient's place.

A run's `Seeds.graft` names the parts whose initial weights another model seed drew, such as
`token_embedding+head=42`. Both seeds draw all their weights from their own streams before any is
put in the other's place, so that a graft shifts no stream.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import cache

import torch
from torch import Tensor

from grokseed.config import Config
from grokseed.grafts import parse_graft
from grokseed.model.decoder import initial_parameters, parameter_shapes
from grokseed.model.edits import blend, move_one_ulp, relabel, scale_characters
from grokseed.seeds import Seeds
from grokseed.streams import generators

_PARTS = ("attention", "ffn")


def groups(config: Config) -> list[str]:
    """The layer groups in module order: embeddings, each block's attention and FFN, the head."""
    blocks = (f"block{i}.{part}" for i in range(1, config.layers + 1) for part in _PARTS)
    return ["token_embedding", "position_embedding", *blocks, "head"]


def group_of(parameter: str) -> str:
    """The layer group that a parameter belongs to."""
    head, part, *_ = parameter.split(".")
    return f"{head}.{part}" if part in _PARTS else head


@cache
def parts(config: Config) -> tuple[str, ...]:
    """The layers that draw initial weights, in module order: the smallest that can be grafted.

    Layer norms start at constants, and are the same in every run.
    """
    layers = dict.fromkeys(name.rpartition(".")[0] for name in parameter_shapes(config))
    return tuple(layer for layer in layers if not layer.endswith(".norm"))


@cache
def select(config: Config, text: str) -> frozenset[str]:
    """The parts of a layer or group, or of a sum of them: `token_embedding+block2`.

    A name is that of a layer or of what holds it: `block1`, `block1.ffn`, `block1.ffn.up`. A layer
    norm is one too, and has no parts.

    Raises:
        ValueError: a name that is unknown, or a part that two names of the sum hold.
    """
    known = {name.rpartition(".")[0] for name in parameter_shapes(config)}
    known |= {layer.rpartition(".")[0] for layer in known} | set(groups(config))
    known |= {group.partition(".")[0] for group in groups(config)}
    chosen: set[str] = set()
    for name in text.split("+"):
        if not name or name not in known:
            blocks = (f"block{i}" for i in range(1, config.layers + 1))
            names = ", ".join([*groups(config), *blocks])
            raise ValueError(f"no group {name!r}: groups are {names}, and the layers in them")
        held = {part for part in parts(config) if part == name or part.startswith(f"{name}.")}
        if both := held & chosen:
            raise ValueError(f"{text} holds {min(both)} twice")
        chosen |= held
    return frozenset(chosen)


def spell(config: Config, chosen: Collection[str]) -> str:
    """The shortest sum of names that `select` gives these parts for, in module order."""
    names: dict[str, None] = {}
    for part in parts(config):
        if part in chosen:
            words = part.split(".")
            holders = (".".join(words[:n]) for n in range(1, len(words) + 1))
            names[next(h for h in holders if select(config, h) <= set(chosen))] = None
    return "+".join(names)


def splice(config: Config, recipient: int, donor: int, chosen: Collection[str]) -> tuple[int, str]:
    """The model seed and the graft of a run with one seed's weights, but some parts of another's.

    Whichever seed gives more parts is the model seed, so that the same weights are the same run,
    whoever is called the recipient. The number of parts is odd.

    Args:
        recipient: model seed of all other parts.
        donor: model seed of the parts chosen.
    """
    rest = [part for part in parts(config) if part not in chosen]
    given = [part for part in parts(config) if part in chosen]
    if len(given) > len(rest):
        recipient, donor, given = donor, recipient, rest
    return recipient, f"{spell(config, given)}={donor}" if given else ""


def initial_weights(config: Config, seeds: Seeds, generator: torch.Generator) -> dict[str, Tensor]:
    """One run's initial parameters, float32 on the CPU: its model stream's, its graft's in place.

    Args:
        generator: the run's model stream, from which all weights are drawn.

    Raises:
        ValueError: a graft that cannot be read, or in scheme shared, where weights have no stream
            of their own.
    """
    weights = initial_parameters(config, generator)
    if not seeds.graft:
        return weights
    graft = parse_graft(seeds.graft)
    if config.scheme == "shared":
        raise ValueError("scheme shared has one stream: no weights can be grafted alone")
    if graft.kind == "ulp":
        drawn = [name for name in weights if name.rpartition(".")[0] in parts(config)]
        return move_one_ulp(weights, drawn, graft.seed)
    if graft.kind == "relabel":
        return relabel(config, weights, graft.seed)
    if graft.kind == "characters":
        return scale_characters(config, weights, int(graft.names), graft.share)
    if graft.kind == "branch":
        return weights
    chosen = select(config, graft.names)
    theirs = replace(seeds, model=graft.seed, graft="")
    stream = generators(theirs, config.scheme, config.n_equations).model
    given = initial_parameters(config, stream)
    return {
        name: blend(value, given[name], graft.share) if name.rpartition(".")[0] in chosen else value
        for name, value in weights.items()
    }
