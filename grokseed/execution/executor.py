"""The interface of what trains chunks of runs: hand in a chunk, and get its runs back.

An executor has slots, each of which trains one chunk at a time. How it starts, watches and hears
its workers is known in its own file alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from grokseed.config import Config
from grokseed.execution.checkpoints import Checkpoints
from grokseed.records.provenance import Made
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds
from grokseed.training.run import State


class Train(Protocol):
    """The function that trains a chunk: `trainer.train`. It hands back runs by `on_end` as they
    end."""

    def __call__(
        self,
        config: Config,
        runs: Sequence[Seeds],
        *,
        device: str,
        compiled: bool,
        lanes: int,
        on_point: Callable[[int], None],
        on_end: Callable[[int, Trajectory], None],
        saved: Callable[[int], State | None] = ...,
        on_pause: Callable[[Callable[[], Iterator[tuple[int, State]]]], None] | None = None,
    ) -> object: ...


class Chunk(NamedTuple):
    """Runs for one worker, and how it trains them.

    Attributes:
        lanes: runs that train at a time; the others take over from those that end.
        compiled: whether the whole step is compiled.
        checkpoints: where its runs go on from and are saved; None to begin at step 0. They need
            workers that share a disk with the scan.
    """

    config: Config
    runs: Sequence[Seeds]
    train: Train
    lanes: int
    compiled: bool = False
    checkpoints: Checkpoints | None = None


class Ended(NamedTuple):
    """A run of a chunk that ended.

    Attributes:
        slot: where its chunk is trained.
        number: its place in the chunk's runs.
        seconds: its share of the time since its worker last handed runs back.
        made: the worker's numerics and commit.
    """

    slot: int
    number: int
    trajectory: Trajectory
    seconds: float
    made: Made


class Stopped(NamedTuple):
    """A chunk that is no longer trained, so that its slot is free.

    `error` says why runs are missing, if any are; `seconds` is the time since it handed back any.
    """

    slot: int
    error: str
    seconds: float


class Executor(Protocol):
    """Workers that train chunks, a chunk a slot.

    Attributes:
        slots: how many chunks train at once; it may change as workers come and go.
    """

    @property
    def slots(self) -> int: ...

    def submit(self, slot: int, chunk: Chunk) -> None:
        """Start a chunk in a slot that is free."""
        ...

    def events(self) -> Iterable[Ended | Stopped]:
        """What has happened since the last call; waits a fraction of a second if nothing has.

        All runs of a chunk that ended come before its `Stopped`.
        """
        ...

    def steps(self, slot: int) -> int:
        """Run-steps that the chunk in a slot has taken so far, those of its ended runs included."""
        ...

    def close(self, cancel: bool) -> Iterable[Ended] | None:
        """Release the workers; with `cancel` stop their training after writing its checkpoints.

        Returns:
            The runs that ended since the last call of `events`; None if it cannot tell.
        """
        ...
