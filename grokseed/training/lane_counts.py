"""How many runs train side by side: what the caches of a CPU, or the memory of a GPU, can hold."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from grokseed.config import Config
from grokseed.model.decoder import Decoder
from grokseed.model.layout import parameter_shapes
from grokseed.vocabulary import n_inputs, sequence

GIB = 2**30

MOST_LANES = 512
"""Most lanes: with more, a run-step gets no faster, as the GPU is fully used."""

SHARE, SPARE = 0.8, 1.5
"""The share of a GPU's memory that lanes may fill, and the peak memory of a step in units of what
its forward pass keeps."""


def lanes_of(config: Config, devices: list[str], jobs: int) -> int:
    """Lanes of each worker: what is fastest on a CPU, or what fits every GPU.

    On a GPU lanes are part of a run's numerics, so they depend on its total memory. By free memory,
    the same command would give other bits if another program used the GPU.

    Raises:
        ValueError: a GPU has too little free memory for them now.
    """
    if devices == ["cpu"]:
        return default_lanes(config)
    workers = -(-jobs // len(devices))
    there = [torch.cuda.mem_get_info(torch.device(device)) for device in devices]
    lanes = lanes_that_fit(config, min(total for _, total in there) // workers)
    needed = workers * lanes * lane_bytes(config)
    for device, (free, total) in zip(devices, there, strict=True):
        if needed > free:
            raise ValueError(
                f"{device}: {workers * lanes:,} lanes need {needed / GIB:.1f} GiB, and "
                f"{free / GIB:.1f} of its {total / GIB:.1f} GiB are free: wait for room, or give "
                "fewer --lanes, which changes rounding"
            )
    return lanes


def default_lanes(config: Config) -> int:
    """Lanes of a chunk that are fastest on a CPU: by measurement, as many as its caches hold.

    A lane's largest activation is about batch x d_model x ffn_multiple floats, for each five
    positions of an example. A dozen small lanes share the cost of dispatching an operation; one
    large lane fills a core's cache alone.
    """
    activation = config.batch_size * config.d_model * config.ffn_multiple * config.layers
    return max(1, min(16, 2**20 * 5 // (activation * len(sequence(config)))))


def compiled_lanes(config: Config) -> int:
    """Lanes of one compiled step: constant, so that its shapes and bits are constant.

    It is all lanes of a chunk, or half of them if runs end early, as a group goes on until all of
    its runs have ended.
    """
    return max(1, default_lanes(config) // (1 + (config.stop_when != "never")))


def lanes_that_fit(config: Config, memory: int) -> int:
    """Lanes of a GPU: a power of two, so that cards that differ slightly have the same number.

    Args:
        memory: bytes of a GPU that a worker may fill.
    """
    fit = int(SHARE * memory / lane_bytes(config))
    return min(MOST_LANES, 1 << max(0, fit.bit_length() - 1))


def has_room(config: Config, lanes: int, device: str) -> bool:
    """Whether this many lanes fit the free memory of a GPU."""
    return lanes * lane_bytes(config) <= SHARE * torch.cuda.mem_get_info(torch.device(device))[0]


def lane_bytes(config: Config) -> int:
    """Bytes that one more lane takes in a training step.

    These are six copies of its parameters (weights, both moments, gradients before and after they
    are stored, and an evaluation's copy), and what the forward pass keeps for the backward pass.
    """
    shapes = parameter_shapes(config)
    p = {
        name: torch.empty(1, *shape, device="meta", requires_grad=True)
        for name, shape in shapes.items()
    }
    kept: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage()._cdata] = tensor
        return tensor

    batch = torch.zeros(1, config.batch_size, dtype=torch.int64, device="meta")
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        F.cross_entropy(Decoder(config).logits(p, *[batch] * n_inputs(config))[0], batch[0])
    mine = {value.untyped_storage()._cdata for value in p.values()}
    activations = sum(t.untyped_storage().nbytes() for k, t in kept.items() if k not in mine)
    return 6 * sum(v.nbytes for v in p.values()) + round(SPARE * activations)
