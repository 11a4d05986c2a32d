"""Chunks of runs over an executor's slots, in any order. If a worker dies, only the runs that it
was training are lost, and they are tried again."""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

from grokseed.config import Config
from grokseed.execution.checkpoints import Checkpoints
from grokseed.execution.chunks import cut
from grokseed.execution.executor import Chunk, Ended, Executor, Train
from grokseed.execution.weights import NOT_WRITTEN
from grokseed.records.provenance import Made
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds

NO_ROOM = (
    *(os.strerror(number) for number in (errno.ENOSPC, errno.EDQUOT)),
    "No usable temporary directory",  # Python's own words where none has room for a byte
)
"""In a worker's error: it says nothing about the run, which would train once there is room."""


class Outcome(NamedTuple):
    """The outcome of one run: a trajectory, or the reason why it crashed.

    `seconds` is the run's share of the time since its worker last handed back runs.
    """

    seeds: Seeds
    trajectory: Trajectory | None
    error: str
    seconds: float
    made: Made = Made()


class _Task(NamedTuple):
    runs: Sequence[Seeds]
    failures: int = 0


@dataclass
class _Job:
    """A task in a slot: the runs still to come, by number, and the steps of the others."""

    task: _Task
    owed: dict[int, Seeds] = field(init=False)
    steps: int = 0

    def __post_init__(self) -> None:
        self.owed = dict(enumerate(self.task.runs))

    def take(self, ended: Ended) -> Outcome:
        self.steps += int(ended.trajectory.columns["step"][-1])
        seeds = self.owed.pop(ended.number)
        return Outcome(seeds, ended.trajectory, "", ended.seconds, ended.made)


def run(
    config: Config,
    runs: Sequence[Seeds],
    train: Train,
    executor: Executor,
    *,
    lanes: int,
    rounds: int = 1,
    compiled: bool = False,
    checkpoints: Checkpoints | None = None,
    on_steps: Callable[[int], None] = lambda steps: None,
    on_gpu: bool = False,
    say: Callable[[str], None] = lambda line: None,
    on_left: Callable[[list[Outcome]], None] = lambda outcomes: None,
) -> Generator[list[Outcome]]:
    """Train all runs in an executor's workers, and yield them as they end.

    If a worker dies or raises, the runs that are missing from its chunk are tried once more
    together, then one at a time; a run that still fails comes back without a trajectory. Closing
    the generator, or an exception at a yield, stops the workers' training.

    On a GPU the missing runs are always tried again together: a run alone takes as long there as
    all lanes do. The first error is said at once. If the runs fail again and none of them came
    back, all training ends: most likely none of them can be trained.

    Args:
        executor: closed at the end.
        lanes: runs that a worker trains at a time.
        rounds: runs of a chunk, in units of `lanes`; in a chunk a run takes over the lane of one
            that ended.
        checkpoints: where runs go on from, also after a worker was lost, and where they are saved.
        on_steps: called a few times a second with the run-steps done so far by the runs in
            training.
        on_gpu: whether the workers train on GPUs.
        say: gets the line about a GPU's first error.
        on_left: gets the runs that ended while the workers were stopped, which no yield can give.

    Raises:
        OSError: a worker had no room for files that it needs, or could not write weights, or a
            GPU's runs failed twice; what had ended came back before.
    """
    tasks = deque(_Task(chunk) for chunk in cut(runs, executor.slots, lanes * rounds))
    jobs: dict[int, _Job] = {}
    told = not on_gpu
    outcomes: list[Outcome] = []
    try:
        while tasks or jobs:
            while tasks and len(jobs) < executor.slots:  # numbers may have gaps: slots come and go
                slot = next(slot for slot in count() if slot not in jobs)
                jobs[slot] = _Job(tasks.popleft())
                runs_of = jobs[slot].task.runs
                chunk = Chunk(config, runs_of, train, lanes, compiled, checkpoints)
                executor.submit(slot, chunk)
            fatal = ""
            for event in executor.events():
                job = jobs[event.slot]
                if isinstance(event, Ended):
                    outcomes.append(job.take(event))
                    continue
                del jobs[event.slot]
                owed = list(job.owed.values())
                if any(reason in event.error for reason in NO_ROOM):
                    fatal = f"a worker had no room for temporary files or weights: {event.error}"
                elif NOT_WRITTEN in event.error:
                    fatal = f"a worker stopped: {event.error}"
                elif owed and on_gpu:
                    if job.task.failures and len(owed) == len(job.task.runs):
                        fatal = f"{len(owed):,} runs failed twice on a GPU: {event.error}"
                    elif not told:
                        say(f"a worker failed, {len(owed):,} runs are tried again: {event.error}")
                        told = True
                    tasks.appendleft(_Task(owed, 1))
                elif len(owed) == 1 and job.task.failures:
                    outcomes.append(Outcome(owed[0], None, event.error, event.seconds))
                elif job.task.failures:
                    tasks.extendleft(_Task([seeds], 1) for seeds in reversed(owed))
                elif owed:
                    tasks.appendleft(_Task(owed, 1))
            if outcomes:
                given, outcomes = outcomes, []
                yield given
            if fatal:
                raise OSError(fatal)
            on_steps(sum(executor.steps(slot) - job.steps for slot, job in jobs.items()))
    finally:
        for event in executor.close(cancel=bool(jobs)) or ():
            if event.slot in jobs and event.number in jobs[event.slot].owed:
                outcomes.append(jobs[event.slot].take(event))
        if outcomes:
            on_left(outcomes)
