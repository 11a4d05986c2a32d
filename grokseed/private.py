"""The undocumented parts of torch and loky that are used here, each behind one function.

If a version of torch lacks one, a public function replaces it, which may round differently.
`numerics` names the replacements in use, so that stored runs are never mixed. A function that is
there but takes other arguments raises; it is not replaced in silence. `TRIED` has the versions
that were tried.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Literal

import torch
from torch import Tensor, fx

TRIED = "2.9.1", "2.11.0", "2.13.0", "2.15.0"
"""Versions of torch with which the tests passed, the compiled ones too, the oldest first.

2.6.0 was tried and is refused: it compiled the gradients of the last block's attention weights
wrongly, by 24 % in float64, without an error. It also lacks the setting of matmul precision that
`numerics` uses.
"""

Private = Literal["_softmax_backward_data", "_fused_adamw_", "_inductor.compile"]


def has(name: Private) -> bool:
    """Whether this torch has a private function."""
    if name == "_inductor.compile":
        from torch import _inductor  # here: it would slow every command's start

        return hasattr(_inductor, "compile")
    return hasattr(torch.ops.aten, name)


def softmax_gradient(grad: Tensor, weights: Tensor) -> Tensor:
    """The gradient of a softmax's input over the first axis, from its output's and its output."""
    if has("_softmax_backward_data"):  # one pass over memory, not four
        return torch.ops.aten._softmax_backward_data(grad, weights, 0, weights.dtype)
    return weights * (grad - (grad * weights).sum(0))


def fused_adamw(
    buffers: list[list[Tensor]],
    steps: list[Tensor],
    *,
    lr: float,
    betas: tuple[float, float],
    weight_decay: float,
    eps: float,
) -> None:
    """AdamW in place on the CPU in one pass over memory. Where it is lacking, `AdamW.update`.

    Args:
        buffers: weights, gradients, first and second moments, each a list of tensors.
        steps: for each weight, how many steps it has taken, this one included.
    """
    torch.ops.aten._fused_adamw_(
        *buffers,
        [],
        steps,
        lr=lr,
        beta1=betas[0],
        beta2=betas[1],
        weight_decay=weight_decay,
        eps=eps,
        amsgrad=False,
        maximize=False,
    )


def compile_graph(graph: fx.GraphModule, examples: list[Tensor]) -> Callable[..., None]:
    """A traced graph compiled for the shapes of some examples."""
    if has("_inductor.compile"):  # without a second trace, and without guards at every call
        from torch import _inductor

        return _inductor.compile(graph, examples)  # type: ignore[return-value]
    return torch.compile(graph, fullgraph=True, dynamic=False)


def start_tracker() -> None:
    """Start loky's process that removes the semaphores of killed processes, without a stderr.

    What it prints tells users nothing. After SIGKILL or a second Ctrl-C it lists the semaphores
    that it removed. If it is killed itself, loky starts another one that is not told which
    semaphores there are (loky 3.6), and that prints a traceback for each one given up. Without
    `_launch`, which loky has since 3.6, the second case is left as it is.
    """
    from loky.backend import resource_tracker  # here: models are made without loky

    tracker = resource_tracker._resource_tracker
    launch = getattr(tracker, "_launch", None)
    if launch is not None and not hasattr(launch, "__wrapped__"):

        @wraps(launch)
        def quietly() -> None:
            with _no_stderr():
                launch()

        tracker._launch = quietly
    with _no_stderr():
        resource_tracker.ensure_running()


@contextmanager
def _no_stderr() -> Iterator[None]:
    """Processes that are started in this block have the null device as their stderr."""
    try:
        kept = os.dup(2)
    except OSError:  # it is closed, as it may be in a program of others
        yield
        return
    try:
        with open(os.devnull, "w") as null:
            os.dup2(null.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
