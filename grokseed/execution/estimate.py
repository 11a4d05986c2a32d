"""How long runs would take: by those stored already, or by training some for a few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial

from grokseed.execution.fleet import Outcome
from grokseed.execution.scanner import Scanner
from grokseed.execution.stored import Stored
from grokseed.model.cost import rough_seconds

TRIAL_SECONDS = 4.0

PATIENCE, PATIENCE_COMPILING = 12.0, 120.0
"""Seconds within which a trial must see some steps."""


class CannotTrainError(Exception):
    """The runs of a trial crashed; the message is their reason."""


def seconds_left(scanner: Scanner, stored: Stored, taken: int = 0) -> float:
    """Seconds that the missing runs take: by the stored runs, else by a trial of a few seconds.

    If the trial sees too few steps, by the size of the runs.

    Args:
        taken: steps already taken by the missing runs.

    Raises:
        CannotTrainError: the runs that were tried crashed.
    """
    missing = stored.missing
    if not missing:
        return 0.0
    steps = scanner.config.max_steps
    jobs = min(scanner.plan.jobs, len(missing))
    left = len(missing) - taken / steps
    each = stored.seconds
    if not each:
        patience = PATIENCE_COMPILING if scanner.plan.compiled else PATIENCE
        found = seconds_a_run(partial(scanner.train, missing), steps, jobs, patience)
        if found is None:
            return rough_seconds(scanner.config, len(missing), jobs) * left / len(missing)
        each = found
    return each * left / jobs


def seconds_a_run(
    train: Callable[[Callable[[int], None]], Iterator[Sequence[Outcome]]],
    max_steps: int,
    jobs: int,
    patience: float = PATIENCE,
) -> float | None:
    """Seconds of a worker's time that a run takes at most.

    Args:
        train: starts the runs, and calls its argument with their steps so far; closed when enough
            was seen.
        max_steps: steps that a run takes at most.
        jobs: workers that train at once.
        patience: seconds after which a trial that saw too few steps ends.

    Returns:
        None if the trial ended before it saw enough.

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
