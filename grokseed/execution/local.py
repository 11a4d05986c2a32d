"""An executor of processes on this machine, of one thread each.

Each process is a pool of its own: in a shared one a death takes all chunks in flight with it and
does not tell which of them was to blame.
"""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from multiprocessing import resource_tracker
from pathlib import Path

import numpy as np
from loky import BrokenProcessPool, ProcessPoolExecutor  # its workers can be given an environment

from grokseed.execution.executor import Chunk, Ended, Stopped
from grokseed.execution.watchdog import end_with, shielded
from grokseed.execution.worker import ENVIRONMENT, STEPS, Handed, Rest, work

POLL_SECONDS = 0.2

SAVE_SECONDS = 20.0
"""That a worker which is to end has for its checkpoints: to the next pause, and to write them."""


class LocalExecutor:
    """Worker processes on this machine, a slot each.

    A worker of a GPU is replaced after any error, as after some a GPU fails whatever its process
    asks of it.

    Args:
        jobs: processes.
        devices: where they train, in turn.
    """

    def __init__(self, jobs: int, devices: Sequence[str] = ("cpu",)) -> None:
        self.slots, self._devices = jobs, devices
        self._pools: dict[int, ProcessPoolExecutor] = {}
        self._busy: dict[Future[Rest], int] = {}
        self._kept: set[int] = set()
        self._made = tempfile.TemporaryDirectory(prefix="grokseed-")
        self._folder = Path(self._made.name)
        (self._folder / STEPS).write_bytes(bytes(8 * (jobs + 1)))  # room that a worker can count on
        self._steps = np.memmap(self._folder / STEPS, np.int64, "r+")
        with shielded():  # at the first worker's start it would let signals through to that one
            resource_tracker.ensure_running()

    def submit(self, slot: int, chunk: Chunk) -> None:
        """Start a chunk in a new process, or in that of the chunk before if it still lives."""
        self._steps[slot] = 0
        (self._kept.add if chunk.checkpoints else self._kept.discard)(slot)
        device = self._devices[slot % len(self._devices)]
        args = chunk, device, self._folder, slot
        if slot in self._pools:
            try:
                self._busy[self._pools[slot].submit(work, *args)] = slot
                return
            except BrokenProcessPool:  # it died while it was idle
                self._end(slot)
        watched = os.getpid(), self._folder
        with shielded():
            pool = ProcessPoolExecutor(1, env=ENVIRONMENT, initializer=end_with, initargs=watched)
            self._pools[slot] = pool
            self._busy[pool.submit(work, *args)] = slot

    def events(self) -> Iterator[Ended | Stopped]:
        """What the workers have left in the folder, and which of them have finished."""
        finished, _ = wait(self._busy, POLL_SECONDS, FIRST_COMPLETED)
        for future, slot in list(self._busy.items()):
            rest = self._result(slot, future) if future in finished else None
            for path in sorted(self._folder.glob(f"{slot}-*.runs")):
                handed = pickle.loads(path.read_bytes())
                path.unlink()
                yield from _ended(slot, handed)
            if rest:
                del self._busy[future]
                if rest.ended:
                    yield from _ended(slot, rest.ended)
                yield Stopped(slot, rest.error, rest.seconds)

    def steps(self, slot: int) -> int:
        """As its worker counts them."""
        return int(self._steps[slot])

    def close(self, cancel: bool) -> None:
        """Kill the workers if they are busy, those that keep checkpoints once these are written;
        else let them end."""
        if cancel:
            self._steps[-1] = 1
            # What has taken no step has nothing to keep: it may be loading torch, or compiling.
            begun = [f for f, slot in self._busy.items() if slot in self._kept & self._begun()]
            wait(begun, SAVE_SECONDS)
        for pool in self._pools.values():
            pool.shutdown(kill_workers=cancel)
        self._pools.clear()
        self._made.cleanup()

    def _begun(self) -> set[int]:
        return set(self._steps[:-1].nonzero()[0].tolist())

    def _result(self, slot: int, future: Future[Rest]) -> Rest:
        usable = self._devices[slot % len(self._devices)] == "cpu"
        try:
            rest = future.result()
        except Exception as raised:  # a dead process, or what could not be sent to or from it
            rest = Rest(f"{type(raised).__name__}: {' '.join(str(raised).split())}", 0.0, None)
            usable = False
        if rest.error and not usable:
            self._end(slot)
        return rest

    def _end(self, slot: int) -> None:
        self._pools.pop(slot).shutdown(kill_workers=True)


def _ended(slot: int, handed: Handed) -> Iterator[Ended]:
    for number, trajectory in handed.ended:
        yield Ended(slot, number, trajectory, handed.seconds, handed.made)
