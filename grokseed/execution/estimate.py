"""How long runs would take, from training some of them for a few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from grokseed.execution.local import Outcome

TRIAL_SECONDS = 4.0


def seconds_a_run(
    train: Callable[[Callable[[int], None]], Iterator[Sequence[Outcome]]], max_steps: int, jobs: int
) -> float:
    """Seconds of a worker's time that a run takes at most.

    Args:
        train: starts the runs, given what to call with their steps so far; closed once enough was
            seen.
        max_steps: steps that a run takes at most.
        jobs: workers that train at once.
    """
    first: tuple[float, int] | None = None
    rate = 0.0

    def watch(steps: int) -> None:
        nonlocal first, rate
        now = time.monotonic()
        if first is None and steps:
            first = now, steps
        elif first is not None and steps > first[1]:
            rate = (steps - first[1]) / (now - first[0])
            if now - first[0] > TRIAL_SECONDS:
                raise _Enough

    seconds: list[float] = []
    started = time.monotonic()
    with suppress(_Enough):
        for outcomes in train(watch):
            seconds += (outcome.seconds for outcome in outcomes)
            if time.monotonic() - started > TRIAL_SECONDS:
                break
        return sum(seconds) / len(seconds)
    return max_steps * jobs / rate


class _Enough(Exception):  # noqa: N818 (no error: a trial has seen what it needs)
    pass
