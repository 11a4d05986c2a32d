"""The step of stacked runs compiled: forward pass, backward pass and update as one graph."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor
from torch.fx.experimental.proxy_tensor import make_fx

from grokseed.config import Config
from grokseed.private import compile_graph
from grokseed.training.step import Step


def compiled(config: Config, device: str, tensors: list[Tensor]) -> Callable[..., None]:
    """`Step.static` compiled for tensors of these shapes, once in a process.

    Forward pass, backward pass and update become one graph before they are compiled: a compiler
    that sees only the forward pass leaves autograd's Python code between the two.
    """
    return _compiled(config, device, tuple((t.shape, t.dtype) for t in tensors))


@cache
def _compiled(
    config: Config, device: str, kinds: tuple[tuple[torch.Size, torch.dtype], ...]
) -> Callable[..., None]:
    step = Step(config, device).static
    examples = [torch.empty(shape, dtype=dtype, device=device) for shape, dtype in kinds]
    # A GPU's backward pass runs in a thread of autograd's own, which the tracer does not see.
    with torch.autograd.set_multithreading_enabled(False):
        graph = make_fx(lambda *inputs: step(*inputs), tracing_mode="fake")(*examples)
    return compile_graph(graph, [*examples])
