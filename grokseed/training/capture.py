"""A step as one launch: recorded once in a CUDA graph and replayed from then on."""

from __future__ import annotations

import gc
from collections.abc import Callable

import torch

WARM_UPS = 3
"""Steps before recording, in which libraries set themselves up."""


def captured(step: Callable[[], None], device: str) -> Callable[[], None]:
    """What does a step's work when called, at the cost of one launch. On a CPU, the step itself.

    Args:
        step: reads and writes tensors that stay where they are, and asks the host nothing. It is
            run a few times here, so there must be nothing to spoil yet.
    """
    if not device.startswith("cuda"):
        return step
    gc.collect()  # an earlier step's graph keeps its memory as long as anything refers to it
    torch.cuda.empty_cache()
    aside = torch.cuda.Stream()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(WARM_UPS):
            step()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, stream=aside):  # torch's own stream is the first device's for ever
        step()
    return graph.replay
