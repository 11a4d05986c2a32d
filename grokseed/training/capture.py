"""A step as one launch: recorded once in a CUDA graph and replayed from then on."""

from __future__ import annotations

import gc
from collections.abc import Callable

import torch

WARM_UPS = 3
"""Steps before recording, in which libraries initialise."""


def captured(step: Callable[[], None], device: str) -> Callable[[], None]:
    """A function that does a step at the cost of one launch. On a CPU it is the step itself.

    Args:
        step: reads and writes tensors at fixed addresses, and needs no value on the host. It is run
            a few times here, so call this before the tensors hold values that are needed.
    """
    if not device.startswith("cuda"):
        return step
    gc.collect()  # the memory of an earlier graph is freed only when nothing refers to it
    torch.cuda.empty_cache()
    aside = torch.cuda.Stream()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(WARM_UPS):
            step()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, stream=aside):  # torch's own is on the first device
        step()
    return graph.replay
