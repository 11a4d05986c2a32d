"""About how long a core takes for a training step, from the sizes of the model. No torch."""

from __future__ import annotations

from grokseed.config import Config

FLOPS_A_CORE = 6e10
"""Operations a second that a core of today does of a training step: 40 to 90 GFLOP/s were measured
on three kinds of processor."""


def core_seconds(config: Config, steps: float) -> float:
    """Seconds of one core that so many steps of one run take, to the right order.

    Of each example one row passes the last block and two the others, at twice as many operations
    as weights forward and twice that backward.
    """
    c = config
    block = c.d_model**2 * (4 + 2 * c.ffn_multiple)
    rows = 2 * c.layers - 1
    return 6.0 * block * rows * c.batch_size * steps / FLOPS_A_CORE
