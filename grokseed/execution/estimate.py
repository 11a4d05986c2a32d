"""How long runs would take: from training some of them for a few seconds, or from their size."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from grokseed.config import Config
from grokseed.execution.fleet import Outcome
from grokseed.vocabulary import sequence

TRIAL_SECONDS = 4.0

PATIENCE, PATIENCE_COMPILING = 12.0, 120.0
"""Seconds in which a trial must have seen some steps."""

FLOPS_A_CORE = 6e10
"""Operations a second that a core of today does of a training step: 40 to 90 GFLOP/s were measured
on three kinds of processor."""


def rough_seconds(config: Config, runs: int, jobs: int) -> float:
    """Seconds that so many runs take on a CPU at most, to the right order, without training any.

    Of each example one row passes the last block and two the others, with dropout all rows pass
    all, at twice as many operations as weights forward and twice that backward.
    """
    c = config
    block = c.d_model**2 * (4 + 2 * c.ffn_multiple)
    rows = c.layers * len(sequence(c)) if c.dropout else 2 * c.layers - 1
    operations = 6.0 * block * rows * c.batch_size * c.max_steps
    return operations * runs / (FLOPS_A_CORE * jobs)


class CannotTrainError(Exception):
    """Runs that were tried gave no result; the reason that they gave."""


def seconds_a_run(
    train: Callable[[Callable[[int], None]], Iterator[Sequence[Outcome]]],
    max_steps: int,
    jobs: int,
    patience: float = PATIENCE,
) -> float | None:
    """Seconds of a worker's time that a run takes at most.

    Args:
        train: starts the runs, given what to call with their steps so far; closed once enough was
            seen.
        max_steps: steps that a run takes at most.
        jobs: workers that train at once.
        patience: seconds after which a trial that saw too few steps ends.

    Returns:
        None where the trial ended before it saw enough.

    Raises:
        CannotTrainError: no run of the trial has a result.
    """
    first: tuple[float, int] | None = None
    rate = 0.0
    started = time.monotonic()

    def watch(steps: int) -> None:
        nonlocal first, rate
        now = time.monotonic()
        if first is None and steps:
            first = now, steps
        elif first is not None and steps > first[1]:
            rate = (steps - first[1]) / (now - first[0])
            if now - first[0] > TRIAL_SECONDS:
                raise _Enough
        if now - started > patience:
            raise _Enough

    outcomes: list[Outcome] = []
    with suppress(_Enough):
        for some in train(watch):
            outcomes += some
            if time.monotonic() - started > TRIAL_SECONDS:
                break
        ended = [outcome.seconds for outcome in outcomes if outcome.trajectory is not None]
        if not ended:
            raise CannotTrainError(outcomes[0].error)
        return sum(ended) / len(ended)
    return max_steps * jobs / rate if rate else None


class _Enough(Exception):  # noqa: N818 (no error: a trial has seen what it needs)
    pass
