"""How much memory runs take, from their sizes alone, and how much this machine has. No torch."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from pathlib import Path

from grokseed.config import Config
from grokseed.model.layout import groups, parameter_shapes
from grokseed.model.readout import reads_one
from grokseed.vocabulary import n_inputs, sequence, vocabulary_size

WORKER = 300 * 2**20
"""Bytes of a process that has loaded torch, before it trains."""

COPIES = 6
"""Copies of the parameters: weights, both moments, gradients before and after they are stored, and
an evaluation's copy."""

EVALUATED = 4096
"""Examples of five positions that an evaluation runs at a time in all default lanes together."""

CGROUP_LIMITS = "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"


class MemoryNeededError(ValueError):
    """The runs need more memory than this machine has."""


def training_bytes(config: Config, lanes: int) -> int:
    """Bytes that a process takes at most to train so many runs side by side, to the right order.

    Computed in Python's integers, so that even absurd configs do not overflow.

    Args:
        lanes: runs at a time.
    """
    c = config
    examples = 32 * n_inputs(c) * c.n_examples + lanes * 40 * c.n_examples  # and what makes them
    drawn = 16 * min(c.sample_every, c.max_steps) * c.batch_size
    points = 1 + c.max_steps // c.sample_every
    trajectories = points * (9 + len(groups(c))) * 48  # as Python's numbers, then as arrays
    a_run = 4 * COPIES * parameters(c) + _activations(c) + drawn + trajectories
    evaluated = EVALUATED * -(-lanes // 16) * 8 * _widest(c)
    return examples + lanes * a_run + evaluated


def parameters(config: Config) -> int:
    """Number of parameters of one run, as all sets of layers are equal in size."""
    own = replace(config, sharing="none", unique_layers=0)
    one, two = (
        sum(math.prod(shape) for shape in parameter_shapes(replace(own, layers=n)).values())
        for n in (1, 2)
    )
    return one + ((config.unique_layers or config.layers) - 1) * (two - one)


def needed_bytes(config: Config, lanes: int, jobs: int) -> int:
    """Bytes that so many workers and the coordinator take.

    Args:
        lanes: runs that each worker trains at a time.
    """
    return (1 + jobs) * WORKER + jobs * training_bytes(config, lanes)


def machine_bytes() -> int:
    """Total memory of this machine, or of the container this runs in, in bytes."""
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for path in map(Path, CGROUP_LIMITS):
        if path.exists() and (limit := path.read_text().strip()).isdigit():
            limits.append(int(limit))
    return min(limits)


def check_room(config: Config, lanes: int, jobs: int) -> None:
    """Refuse runs that need more memory than this machine has.

    Raises:
        MemoryNeededError: with one line that says what would help.
    """
    there = machine_bytes()
    fewer = "take fewer --jobs or --lanes" if jobs > 1 else "take fewer --lanes"
    for some_lanes, some_jobs, what, cure in (
        (1, 1, "one run of this config needs", "train a smaller one"),
        (lanes, jobs, f"{jobs:,} x {lanes:,} runs at a time need", fewer),
    ):
        needed = needed_bytes(config, some_lanes, some_jobs)
        if needed > there:
            has = f"and this machine has {said(there)}"
            raise MemoryNeededError(f"{what} about {said(needed)} of memory, {has}: {cure}")


def said(count: int) -> str:
    """Bytes as people read them: `1.5 GiB`."""
    units = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
    power = min(max(count.bit_length() - 1, 0) // 10, len(units) - 1)
    value = count / 1024**power
    return f"{value:,.1f} {units[power]}" if value < 1e6 else f"{value:.1e} {units[power]}"


def _activations(config: Config) -> int:
    """Bytes that one run's forward pass keeps for its backward pass, and half as much again.

    In an example the rows of `b` and `=` pass every block except the last; the last block computes
    `=` alone if the readout reads no other position. Each row keeps queries, keys and values, the
    outputs of attention and of both norms, and both sides of the feed-forward layer's nonlinearity.
    The rows of `a` are kept at most once for each residue that a batch holds. With full attention,
    with dropout and in task rote no rows are shared; dropout adds two masks and the numbers they
    were drawn from.
    """
    c = config
    own = c.d_model * (12 + 2 * c.ffn_multiple + 6 * bool(c.dropout))
    if c.attention == "full" or c.task == "rote" or c.dropout:
        return 6 * c.batch_size * (_of_a_window(c, own) + 4 * vocabulary_size(c))
    others = min(c.batch_size, c.p) * 2
    rows = (2 * c.layers - reads_one(c)) * c.batch_size + c.layers * others
    return 6 * (rows * (own + 5 * c.heads) + 4 * c.batch_size * vocabulary_size(c))


def _of_a_window(config: Config, own: int) -> int:
    """Floats that the blocks keep for a window: every row passes all blocks.

    If the readout reads one position, the last block makes only keys and values of the others, a
    quarter of what it keeps of a full row.

    Args:
        own: floats of a row, without attention's scores.
    """
    c, one, length = config, reads_one(config), len(sequence(config))
    whole = (c.layers - one) * length
    return own * (whole + one * (1 + length // 4)) + 2 * c.heads * length * (whole + one)


def _widest(config: Config) -> int:
    """Floats of the widest activation of an example, or of five of a window's positions."""
    c = config
    if c.attention == "full" or c.task == "rote":
        scores = len(sequence(c)) * c.heads
        return 5 * (c.d_model * (4 + 2 * c.ffn_multiple) + scores + vocabulary_size(c))
    return max(c.d_model * (4 + 2 * c.ffn_multiple), 3 * vocabulary_size(c))
