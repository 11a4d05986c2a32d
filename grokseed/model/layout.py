"""The decoder's layout: the names and shapes of its parameters, and which block uses which.

A set of layers (`block1`) is the attention and feed-forward layers that a block computes with. A
group, such as `block1.ffn`, is what weight norms are recorded for. A part, such as `block1.ffn.up`,
is a layer that draws initial weights, the smallest unit that can be grafted. Loads no torch.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from grokseed.config import Config
from grokseed.model.readout import readout_of
from grokseed.vocabulary import sequence, vocabulary_size

Shapes = dict[str, tuple[int, ...]]
"""The shape of each parameter of one run, by name."""

_PARTS = ("attention", "ffn")


def layers_of(config: Config) -> tuple[str, ...]:
    """The set of layers that each block uses, first block first.

    Sets are shared as in Takase and Kiyono 2021 (arXiv 2104.06022, algorithm 1); the number of sets
    divides the number of blocks.
    """
    n, m = config.layers, config.unique_layers or config.layers
    stack = list(range(1, m + 1))
    match config.sharing:
        case "none" | "cycle":
            order = stack * (n // m)
        case "sequence":
            order = [number for number in stack for _ in range(n // m)]
        case "cycle-rev":  # the first cycle is never reversed
            order = stack * (n // m - 1) + stack[::-1] if n > m else stack
    return tuple(f"block{number}" for number in order)


def layer_names(config: Config) -> tuple[str, ...]:
    """The sets of layers in module order, each once."""
    return tuple(dict.fromkeys(layers_of(config)))


def parameter_shapes(config: Config) -> Shapes:
    """The shape of every parameter of one run, in module order; names begin with their group."""
    d = config.d_model
    shapes: Shapes = {
        "token_embedding.weight": (vocabulary_size(config), d),
        "position_embedding.weight": (len(sequence(config)), d),
    }
    for layers in layer_names(config):
        shapes |= {f"{layers}.{name}": shape for name, shape in _block_shapes(config).items()}
    shapes |= readout_of(config).shapes(config)
    if config.biases == "all":
        return shapes
    return {name: shape for name, shape in shapes.items() if not _is_linear_bias(name)}


def _is_linear_bias(parameter: str) -> bool:
    return parameter.endswith(".bias") and not parameter.endswith("norm.bias")


def qkv_widths(config: Config) -> tuple[int, int, int]:
    """Widths of a block's queries, keys and values: the rows of its fused weight, in this order."""
    shared = config.d_model // config.heads * (config.kv_heads or config.heads)
    return config.d_model, shared, shared


def _block_shapes(config: Config) -> Shapes:
    d, ffn = config.d_model, config.ffn_multiple * config.d_model
    qkv = sum(qkv_widths(config))
    return {
        "attention.qkv.weight": (qkv, d),
        "attention.qkv.bias": (qkv,),
        "attention.out.weight": (d, d),
        "attention.out.bias": (d,),
        "attention.norm.weight": (d,),
        "attention.norm.bias": (d,),
        "ffn.up.weight": (ffn, d),
        "ffn.up.bias": (ffn,),
        "ffn.down.weight": (d, ffn),
        "ffn.down.bias": (d,),
        "ffn.norm.weight": (d,),
        "ffn.norm.bias": (d,),
    }


def layer_of(parameter: str) -> str:
    """The layer that a parameter belongs to: `block1.ffn.up` of `block1.ffn.up.weight`."""
    return parameter.rpartition(".")[0]


def group_of(parameter: str) -> str:
    """The group that a parameter belongs to: `block1.ffn` of `block1.ffn.up.weight`."""
    head, part, *_ = parameter.split(".")
    return f"{head}.{part}" if part in _PARTS else head


def groups(config: Config) -> list[str]:
    """The groups in module order: embeddings, each set's attention and FFN, the readout."""
    return list(dict.fromkeys(group_of(name) for name in parameter_shapes(config)))


@cache
def parts(config: Config) -> tuple[str, ...]:
    """The layers that draw initial weights, in module order: the smallest that can be grafted.

    Layer norms start at constants, which are the same in every run.
    """
    layers = dict.fromkeys(layer_of(name) for name in parameter_shapes(config))
    return tuple(layer for layer in layers if not layer.endswith(".norm"))


@cache
def select(config: Config, text: str) -> frozenset[str]:
    """The parts of a layer or group, or of a sum of them: `token_embedding+block2`.

    A name is a layer or a group that holds layers: `block1`, `block1.ffn`, `block1.ffn.up`. A layer
    norm is a layer without parts.

    Raises:
        ValueError: a name is unknown, or two names of the sum hold the same part.
    """
    known = {layer_of(name) for name in parameter_shapes(config)}
    known |= {layer.rpartition(".")[0] for layer in known} | set(groups(config))
    known |= {group.partition(".")[0] for group in groups(config)}
    chosen: set[str] = set()
    for name in text.split("+"):
        if not name or name not in known:
            names = ", ".join([*groups(config), *layer_names(config)])
            raise ValueError(f"no group {name!r}: groups are {names}, and the layers in them")
        held = {part for part in parts(config) if part == name or part.startswith(f"{name}.")}
        if both := held & chosen:
            raise ValueError(f"{text} holds {min(both)} twice")
        chosen |= held
    return frozenset(chosen)


def spell(config: Config, chosen: Collection[str]) -> str:
    """The shortest sum of names for which `select` gives these parts, in module order."""
    names: dict[str, None] = {}
    for part in parts(config):
        if part in chosen:
            words = part.split(".")
            holders = (".".join(words[:n]) for n in range(1, len(words) + 1))
            names[next(h for h in holders if select(config, h) <= set(chosen))] = None
    return "+".join(names)


def splice(config: Config, recipient: int, donor: int, chosen: Collection[str]) -> tuple[int, str]:
    """The model seed and graft of a run that has the weights of one seed, but some parts of
    another.

    The seed that gives more parts is the model seed; if both give as many, the one that gives the
    first part. So the same weights are the same run, whichever seed is called the recipient.

    Args:
        recipient: model seed of all other parts.
        donor: model seed of the parts chosen.
    """
    rest = [part for part in parts(config) if part not in chosen]
    given = [part for part in parts(config) if part in chosen]
    if (len(given), parts(config)[0] in given) > (len(rest), parts(config)[0] in rest):
        recipient, donor, given = donor, recipient, rest
    return recipient, f"{spell(config, given)}={donor}" if given else ""
