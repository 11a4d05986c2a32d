"""An executor of a dask.distributed cluster: each worker process trains a chunk at a time.

All messages of workers go through one queue on the scheduler, and reach it before a chunk's task
ends. No result is fetched from a worker: if the worker died, the result would be lost and dask
would wait for it forever.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from distributed import Client, Future, Queue, Security, rpc
from distributed.client import ClosedClientError  # after seconds without its scheduler

from grokseed.execution.executor import Chunk, Ended, Stopped
from grokseed.execution.remote import START, About, Report, about, work_remotely

CONNECT_SECONDS = 4.0
POLL_SECONDS = 0.2


class ClusterError(OSError):
    """The scheduler does not answer any more."""


@dataclass
class _Job:
    slot: int
    worker: str
    future: Future
    steps: int = 0


class ClusterExecutor:
    """The workers of a cluster that can train some runs, a slot each; workers may join and leave.

    A worker of a GPU is replaced after any error, as in `LocalExecutor`.

    Args:
        address: the scheduler's, like tcp://10.0.0.5:8786.
        device: where each worker trains.
        numerics: called on a worker, gives its numerics for these runs.
        expected: the numerics that a worker must have; None allows all.
        say: called with a line about each worker that gets no runs, and if no worker is left.

    Raises:
        ValueError: no scheduler answers, or none of its workers can train these runs.
    """

    def __init__(
        self,
        address: str,
        device: str,
        numerics: Callable[[], str],
        expected: str | None,
        say: Callable[[str], None],
    ) -> None:
        self._address, self._device = address, device
        self._numerics, self._expected, self._say = numerics, expected, say
        self._usable: dict[str, str] = {}  # process by address
        self._refused: dict[str, str] = {}  # reason by address
        self._spent: set[str] = set()
        self._jobs: dict[str, _Job] = {}
        self._client = _client(address)
        self._queue: Any = Queue(client=self._client)
        try:
            with self._connection():
                self._meet(self._client.nthreads())
            if not self._usable:
                reasons = [*self._refused.values(), "they left"]
                raise ValueError(f"no worker of {address} can train these runs: {reasons[0]}")
        except BaseException:
            self.close(cancel=True)
            raise

    @property
    def slots(self) -> int:
        """Workers that can train these runs now."""
        return len(self._usable)

    def submit(self, slot: int, chunk: Chunk) -> None:
        """Start a chunk on a worker that is free; it never moves to another."""
        busy = {job.worker for job in self._jobs.values()}
        worker = next(address for address in self._usable if address not in busy)
        arguments = chunk, self._device, self._usable[worker], self._queue.name
        with self._connection():
            pinned = {"workers": [worker], "allow_other_workers": False}
            future = self._client.submit(work_remotely, *arguments, **pinned, pure=False, retries=0)
        self._jobs[future.key] = _Job(slot, worker, future)

    def events(self) -> Iterator[Ended | Stopped]:
        """The messages in the queue, and the chunks whose task or worker is gone."""
        time.sleep(POLL_SECONDS)
        with self._connection():
            there = self._client.nthreads()
            over = [k for k, j in self._jobs.items() if j.future.done() or j.worker not in there]
            reports = [pickle.loads(report) for report in self._queue.get(batch=True)]
            before = self.slots
            self._meet(there)
        if before and not self.slots:
            self._say(f"no worker is left on {self._address}: waiting for others")
        yield from self._told(reports)
        for key in over:
            if key in self._jobs:
                job = self._jobs[key]
                error = _error(job.future) if job.worker in there else "its worker is gone"
                # Ask again what runs at this address: it may be a new process.
                self._usable.pop(job.worker, None)
                yield self._stop(key, f"LostWorker: {error}", 0.0)

    def steps(self, slot: int) -> int:
        """The number its worker reported last, about a second ago."""
        return next(job.steps for job in self._jobs.values() if job.slot == slot)

    def close(self, cancel: bool) -> None:
        """Let the workers go; with `cancel` they stop at their next evaluation point."""
        with suppress(OSError, ClosedClientError):
            if cancel:
                self._client.cancel([job.future for job in self._jobs.values()], force=True)
            self._jobs.clear()
            self._queue.close()
        self._client.close(timeout=CONNECT_SECONDS)

    def _told(self, reports: Iterable[Report]) -> Iterator[Ended | Stopped]:
        for report in reports:
            job = self._jobs.get(report.key)
            if job is None:  # a live worker was given up: its runs were handed to another
                continue
            job.steps = report.steps
            for number, trajectory in report.ended:
                yield Ended(job.slot, number, trajectory, report.seconds, report.made)
            if report.error is not None:
                if report.error and self._device != "cpu":
                    self._spent.add(self._usable.pop(job.worker, ""))
                yield self._stop(report.key, report.error, report.seconds)

    def _stop(self, key: str, error: str, seconds: float) -> Stopped:
        job = self._jobs.pop(key)
        job.future.release()
        return Stopped(job.slot, error, seconds)

    def _meet(self, there: Iterable[str]) -> None:
        """Forget the workers that left, and ask new ones for their numerics."""
        for known in self._usable, self._refused:
            for address in set(known) - set(there):
                del known[address]
        new = [a for a in there if a not in self._usable and a not in self._refused]
        if not new:
            return
        asked = self._client.run(about, self._numerics, workers=new, on_error="return")
        for address, answer in asked.items():
            if isinstance(answer, OSError):  # it has left, or will answer next time
                continue
            if isinstance(answer, Exception):  # it has no grokseed, or another version
                answer = About("", error=str(answer))
            if answer.process in self._spent:
                continue
            if not answer.error and self._expected in (None, answer.numerics):
                self._usable[address] = answer.process
                continue
            differ = f"its numerics are {answer.numerics}, not {self._expected}"
            reason = " ".join((answer.error or differ).split())
            self._refused[address] = reason
            self._say(f"worker {address} gets no runs: {reason}")

    @contextmanager
    def _connection(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ClosedClientError) as error:
            raise ClusterError(f"the scheduler at {self._address} is gone ({error})") from None


def count_workers(address: str) -> int:
    """How many workers a cluster has now.

    Raises:
        ValueError: no scheduler answers, or there are none.
    """
    client = _client(address)
    try:
        n = len(client.nthreads())
    finally:
        client.close()
    if n == 0:
        raise ValueError(f"the scheduler at {address} has no workers; start {START}")
    return n


def _client(address: str) -> Any:
    """A dask `Client`, whose methods are typed as if they were all asynchronous."""
    # dask's own log is off: errors are reported in one line, here and in `ClusterError`.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        with ThreadPoolExecutor(1) as thread:  # a notebook has a loop in this thread
            kind = thread.submit(asyncio.run, _kind(address)).result()
        if kind != "Scheduler":
            raise ValueError(f"it is a dask {kind}'s address")
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except TimeoutError:
        error = f"nothing in {CONNECT_SECONDS:g} seconds"
    except Exception as raised:  # not an address, or an answer of some other service
        error = " ".join(str(raised).split())
    raise ValueError(f"no scheduler answers at {address}: {error}")


async def _kind(address: str) -> str:
    """What kind of server answers at an address. A client would wait forever for a silent one."""
    how = Security().get_connection_args("client")
    async with asyncio.timeout(CONNECT_SECONDS), rpc(address, connection_args=how) as there:
        identity: Any = await there.identity()
        return identity["type"]


def _error(future: Future) -> str:
    if future.status != "error":
        return "its task is gone"
    raised = future.exception()
    return f"{type(raised).__name__}: {' '.join(str(raised).split())}"
