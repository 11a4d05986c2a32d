"""Which devices a command trains on, and how many runs go side by side on each."""

from __future__ import annotations

import re

import torch
import torch.nn.functional as F
from torch import Tensor

from grokseed.config import Config
from grokseed.model.decoder import Decoder
from grokseed.model.layout import parameter_shapes
from grokseed.training.numerics import default_lanes
from grokseed.vocabulary import n_inputs

MOST_LANES = 512
"""More lanes take no less time a run-step: a GPU has long been full."""

SHARE, SPARE = 0.8, 1.5
"""Of the free memory, what lanes may fill; and what a step holds at its peak, in units of what its
forward pass keeps."""


def devices(name: str) -> list[str]:
    """The devices that `--device` names: cpu, auto, cuda, cuda:1 or cuda:0,1.

    Raises:
        ValueError: a name that is none of these, or a GPU that torch does not see.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cpu":
        return ["cpu"]
    if not re.fullmatch(r"cuda(:\d+(,\d+)*)?", name):
        raise ValueError(f"device must be cpu, cuda, auto, or like cuda:0,1, not {name!r}")
    there = torch.cuda.device_count() if torch.cuda.is_available() else 0
    numbers = [int(number) for number in re.findall(r"\d+", name)] or [0]
    if there == 0:
        raise ValueError(f"device {name} is not there: torch sees no GPU")
    if max(numbers) >= there or len(set(numbers)) < len(numbers):
        raise ValueError(f"device {name}: torch sees {there} GPUs, numbered from 0; name each once")
    return [f"cuda:{number}" for number in numbers]


def lanes_of(config: Config, devices: list[str], jobs: int) -> int:
    """Lanes of each of so many workers: what trains fastest on a CPU, what every GPU has room for.

    A GPU's lanes are part of a run's numerics.
    """
    if devices == ["cpu"]:
        return default_lanes(config)
    free = (torch.cuda.mem_get_info(torch.device(device))[0] for device in devices)
    return lanes_that_fit(config, min(free) // -(-jobs // len(devices)))


def lane_bytes(config: Config) -> int:
    """Bytes that one more lane takes in a training step.

    Its parameters six times over (with both moments, gradients as they come and as they are kept,
    and an evaluation's copy), and what the forward pass keeps for the backward pass.
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


def has_room(config: Config, lanes: int, device: str) -> bool:
    """Whether so many lanes fit the free memory of a GPU."""
    return lanes * lane_bytes(config) <= SHARE * torch.cuda.mem_get_info(torch.device(device))[0]


def lanes_that_fit(config: Config, free: int) -> int:
    """A power of two, so that it is the same again when a little more or less is free.

    Args:
        free: bytes of the device's memory that nothing holds.
    """
    fit = int(SHARE * free / lane_bytes(config))
    return min(MOST_LANES, 1 << max(0, fit.bit_length() - 1))
