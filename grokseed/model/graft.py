"""A run's initial weights with its graft in place.

A run's `Seeds.graft` names the parts whose initial weights another model seed drew, such as
`token_embedding+head=42`. Both seeds first draw all their weights from their own streams. Then
parts are exchanged, so that a graft shifts no stream.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import torch
from torch import Tensor

from grokseed.config import Config
from grokseed.grafts import parse_graft
from grokseed.model.edits import (
    blend,
    characters,
    move_one_ulp,
    relabel,
    relabelling,
    scale_characters,
)
from grokseed.model.layout import layer_of, parts, select, spell, splice
from grokseed.model.weights import initial_parameters
from grokseed.seeds import Seeds
from grokseed.streams import generators


@cache
def check_graft(config: Config, text: str) -> None:
    """Refuse a graft that no run of a config can have.

    Raises:
        ValueError: it cannot be read; the scheme is shared, where weights have no stream of their
            own; the decoder has no such part; the task has no such symmetry or character; or it
            branches within an epoch.
    """
    graft = parse_graft(text)
    if config.scheme == "shared":
        raise ValueError("scheme shared has one stream: weights cannot be grafted")
    if graft.kind == "parts":
        select(config, graft.names)
    elif graft.kind == "relabel":
        relabelling(config, graft.seed)
    elif graft.kind == "characters":
        characters(config, int(graft.names))
    elif graft.kind == "branch" and graft.step % config.steps_per_epoch:
        raise ValueError(
            f"a branch must be at the end of an epoch, a multiple of {config.steps_per_epoch} "
            f"steps, not at {graft.step}"
        )


def check_name(config: Config, model: int, text: str) -> None:
    """Refuse a graft whose run has another name: under two names it would be trained, stored and
    counted twice. Three kinds are not found, as studies have such runs: branch-0=N, which is the
    run with loader seed N, relabel-weights-split=1, which changes nothing, and order-of-all=N with
    another loader seed, which without dropout is the same run.

    Args:
        model: the run's model seed.

    Raises:
        ValueError: such a graft, or one that `check_graft` refuses.
    """
    check_graft(config, text)
    own, name = _one_name(config, model, text)
    if (own, name) == (model, ""):
        raise ValueError(f"graft {text} of model seed {model} changes nothing: leave it out")
    if (own, name) != (model, text):
        run = f"model seed {own} with graft {name}" if name else f"model seed {own} without a graft"
        raise ValueError(f"graft {text} of model seed {model} is the same run as {run}: name that")


def _one_name(config: Config, model: int, text: str) -> tuple[int, str]:
    """The model seed and graft by which a run is named; no graft if it changes nothing."""
    graft = parse_graft(text)
    name, nothing = graft, False
    if graft.kind == "parts":
        chosen = select(config, graft.names)
        nothing = not chosen or graft.share == 0 or (graft.share == 1 and graft.seed == model)
        if graft.share == 1 and not nothing:
            return splice(config, model, graft.seed, chosen)
        name = replace(graft, names=spell(config, chosen))
    elif graft.kind == "characters":
        name, nothing = replace(graft, seed=0), graft.share == 1  # no seed is drawn from
    elif graft.kind == "branch":
        nothing = graft.step >= config.max_steps
    elif graft.kind == "relabel":
        nothing = str(graft) == "relabel-weights=1"
    return model, "" if nothing else str(name)


def initial_weights(config: Config, seeds: Seeds, generator: torch.Generator) -> dict[str, Tensor]:
    """One run's initial parameters, float32 on the CPU, with its graft in place.

    Args:
        generator: the run's model stream, from which its weights are drawn.

    Raises:
        ValueError: as `check_graft` does.
    """
    weights = initial_parameters(config, generator)
    if not seeds.graft:
        return weights
    check_graft(config, seeds.graft)
    graft = parse_graft(seeds.graft)
    if graft.kind == "ulp":
        drawn = [name for name in weights if layer_of(name) in parts(config)]
        return move_one_ulp(weights, drawn, graft.seed)
    if graft.kind == "relabel":
        return relabel(config, weights, graft.seed)
    if graft.kind == "characters":
        return scale_characters(config, weights, int(graft.names), graft.share)
    if graft.kind in ("branch", "order"):
        return weights
    chosen = select(config, graft.names)
    theirs = replace(seeds, model=graft.seed, graft="")
    stream = generators(theirs, config.scheme, config.n_examples).model
    given = initial_parameters(config, stream)
    return {
        name: blend(value, given[name], graft.share) if layer_of(name) in chosen else value
        for name, value in weights.items()
    }
