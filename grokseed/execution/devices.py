"""Which devices a command trains on."""

from __future__ import annotations

import re

import torch


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
