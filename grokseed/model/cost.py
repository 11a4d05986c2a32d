"""About how long a core takes for a training step, from the sizes of the model. No torch."""

from __future__ import annotations

from grokseed.config import Config
from grokseed.model.layout import qkv_widths
from grokseed.model.readout import reads_one
from grokseed.vocabulary import sequence

FLOPS_A_CORE = 6e10
"""Operations a second of a core in a training step: 40 to 90 GFLOP/s were measured on three kinds
of processor."""


def core_seconds(config: Config, steps: float) -> float:
    """Seconds of one core for some steps of one run, to the right order of magnitude.

    A block computes two rows for each example, and the last block one if the readout reads one
    position. A row takes two operations a weight forward, and twice that backward. With full
    attention, with dropout and in task rote a block computes all positions. In the last block those
    that the readout does not read then need only keys and values, a sixth of the block's weights.
    """
    c, one = config, reads_one(config)
    block = c.d_model * (sum(qkv_widths(c)) + c.d_model * (1 + 2 * c.ffn_multiple))
    rows = 2 * c.layers - one
    if c.attention == "full" or c.task == "rote" or c.dropout:
        length = len(sequence(c))
        rows = (c.layers - one) * length + one * (length // 6 + 2)
    return 6.0 * block * rows * c.batch_size * steps / FLOPS_A_CORE


def rough_seconds(config: Config, runs: int, jobs: int) -> float:
    """Seconds that some runs take on a CPU at most, to the right order of magnitude."""
    return core_seconds(config, config.max_steps) * runs / jobs
