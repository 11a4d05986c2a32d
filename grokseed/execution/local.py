"""An executor of processes on this machine, of one thread each.

Each process is a pool of its own. In a shared pool the death of a process loses all chunks in
training, and does not show which one caused it.
"""

from __future__ import annotations

import os
import pickle
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from multiprocessing import resource_tracker
from pathlib import Path

import numpy as np
from loky import BrokenProcessPool, ProcessPoolExecutor  # its workers can be given an environment

from grokseed.execution.executor import Chunk, Ended, Stopped
from grokseed.execution.watchdog import end_with, shielded
from grokseed.execution.worker import ENVIRONMENT, STEPS, Handed, Rest, work
from grokseed.private import start_tracker

POLL_SECONDS = 0.2

TAKE_SECONDS = 2.0
"""At most, for the thread of a pool to take a chunk, which is a matter of milliseconds."""

SAVE_SECONDS, SAVE_SECONDS_A_LANE = 20.0, 0.2
"""Seconds for a worker that must end to reach the next pause and write its checkpoints: so many,
or so many a lane, whichever is more. A GPU's hundreds of lanes take 5 MiB each at `diary`."""


class LocalExecutor:
    """Worker processes on this machine, a slot each.

    A worker of a GPU is replaced after any error: after some errors every later GPU call of the
    process fails.

    Args:
        jobs: processes.
        devices: where they train, in turn.
    """

    def __init__(self, jobs: int, devices: Sequence[str] = ("cpu",)) -> None:
        self.slots, self._devices = jobs, devices
        self._pools: dict[int, ProcessPoolExecutor] = {}
        self._busy: dict[Future[Rest], int] = {}
        self._kept: dict[int, int] = {}  # the lanes of slots that write checkpoints
        self._made = tempfile.TemporaryDirectory(prefix="grokseed-")
        self._folder = Path(self._made.name)
        (self._folder / STEPS).write_bytes(bytes(8 * (jobs + 1)))  # takes its space on disk now
        self._steps = np.memmap(self._folder / STEPS, np.int64, "r+")
        with shielded():  # Python's tracker unblocks signals as it starts: not beside a worker
            resource_tracker.ensure_running()
            start_tracker()

    def submit(self, slot: int, chunk: Chunk) -> None:
        """Start a chunk in a new process, or in that of the chunk before if it still lives."""
        self._steps[slot] = 0
        self._kept.pop(slot, None)
        if chunk.checkpoints:
            self._kept[slot] = min(chunk.lanes, len(chunk.runs))
        device = self._devices[slot % len(self._devices)]
        args = chunk, device, self._folder, slot
        if slot in self._pools:
            try:
                with shielded():  # an interrupt would leave a chunk that `close` does not know of
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
        """The runs that workers have left in the folder, and which workers have finished."""
        finished, _ = wait(self._busy, POLL_SECONDS, FIRST_COMPLETED)
        for future, slot in list(self._busy.items()):
            rest = self._result(slot, future) if future in finished else None
            yield from self._read(slot)
            if rest:
                yield from _ended(slot, rest.ended)
                del self._busy[future]
                yield Stopped(slot, rest.error, rest.seconds)

    def steps(self, slot: int) -> int:
        """The steps that its worker has counted."""
        return int(self._steps[slot])

    def close(self, cancel: bool) -> list[Ended]:
        """End the workers. Busy ones are killed, after they have written their checkpoints if they
        keep any. Returns the runs that they have left meanwhile."""
        if cancel:
            self._steps[-1] = 1
            # A worker without a step, which may be loading torch or compiling, has nothing to save.
            kept = self._kept.keys() & self._begun()
            begun = [future for future, slot in self._busy.items() if slot in kept]
            lanes = max((self._kept[slot] for slot in kept), default=0)
            wait(begun, max(SAVE_SECONDS, SAVE_SECONDS_A_LANE * lanes))
            self._wait_until_taken()
        for pool in self._pools.values():
            pool.shutdown(kill_workers=cancel)
        self._pools.clear()
        left = [ended for slot in range(self.slots) for ended in self._read(slot)]
        for future, slot in self._busy.items():
            if future.done() and not future.cancelled() and not future.exception():
                left += _ended(slot, future.result().ended)
        self._made.cleanup()
        return left

    def _read(self, slot: int) -> Iterator[Ended]:
        """The runs that a slot's worker has left in the folder."""
        for path in sorted(self._folder.glob(f"{slot}-*.runs")):
            yield from _ended(slot, pickle.loads(path.read_bytes()))
            path.unlink()  # not before: an interrupt may come in between

    def _wait_until_taken(self) -> None:
        """Wait until each pool's thread has taken its chunk. If a pool is shut down before, this
        thread prints a traceback (KeyError in `add_call_item_to_queue`, loky 3.6)."""
        end = time.monotonic() + TAKE_SECONDS
        while time.monotonic() < end and not all(f.running() or f.done() for f in self._busy):
            time.sleep(0.01)

    def _begun(self) -> set[int]:
        return set(self._steps[:-1].nonzero()[0].tolist())

    def _result(self, slot: int, future: Future[Rest]) -> Rest:
        usable = self._devices[slot % len(self._devices)] == "cpu"
        try:
            rest = future.result()
        except Exception as raised:  # the process died, or data could not be sent
            rest = Rest(f"{type(raised).__name__}: {' '.join(str(raised).split())}", 0.0, None)
            usable = False
        if rest.error and not usable:
            self._end(slot)
        return rest

    def _end(self, slot: int) -> None:
        self._pools.pop(slot).shutdown(kill_workers=True)


def _ended(slot: int, handed: Handed | None) -> Iterator[Ended]:
    if handed:
        for number, trajectory in handed.ended:
            yield Ended(slot, number, trajectory, handed.seconds, handed.made)
