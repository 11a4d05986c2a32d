"""States of runs in training, a file each beside the store: a run that is stopped goes on from it.

A worker writes them every few minutes and when it is asked to end; they are deleted when their runs
are stored. A file that is damaged or belongs to another run counts as missing.
"""

from __future__ import annotations

import hashlib
import io
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import torch

from grokseed.records.provenance import how_they_differ
from grokseed.seeds import Seeds
from grokseed.training.run import State, changing_fields

FOLDER = "checkpoints"


class BadCheckpointError(ValueError):
    """A file that cannot be used; the message says why."""


class AskedToEndError(Exception):
    """The coordinator has asked the worker to end; its runs are saved."""


class Checkpoints(NamedTuple):
    """The checkpoints of a scan.

    Attributes:
        folder: where they are; made when the first is written, in a folder that exists.
        key: the config's.
        numerics: of the runs.
        seconds: between two checkpoints of a run.
        usable: whether a run goes on from a state; one from which it begins anew counts as missing.
    """

    folder: Path
    key: str
    numerics: str
    seconds: float
    usable: Callable[[Seeds, State], bool] | None = None

    def write(self, seeds: Seeds, state: State) -> None:
        """Replace a run's saved state by a new one, atomically.

        Raises:
            OSError: there is no room, or the folder is gone.
        """
        held = io.BytesIO()
        torch.save({**self._identity(seeds), "state": state}, held)
        content = held.getbuffer()
        self.folder.mkdir(exist_ok=True)
        path = self._path(seeds)
        part = path.with_suffix(".part")
        try:
            with part.open("wb") as file:
                file.write(hashlib.sha256(content).digest())
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise

    def read(self, seeds: Seeds) -> State | None:
        """The state of a run, or None where there is none, or none that is usable.

        Raises:
            BadCheckpointError: it is damaged, or not of this run, config and numerics.
        """
        try:
            found = self._path(seeds).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BadCheckpointError(error.strerror or str(error)) from None
        digest, content = found[:32], memoryview(found)[32:]
        if hashlib.sha256(content).digest() != digest:
            raise BadCheckpointError("damaged")
        try:
            held = torch.load(io.BytesIO(content), weights_only=True)
            state, wanted = held.pop("state"), self._identity(seeds)
        except Exception as error:  # the checksum is right: another program has written it
            raise BadCheckpointError(f"not readable ({type(error).__name__})") from None
        if held.get("numerics") != self.numerics:
            differ = how_they_differ(self.numerics, str(held.get("numerics", "")))
            raise BadCheckpointError(f"of other numerics ({differ})")
        for name, value in wanted.items():
            if held.get(name) != value:
                raise BadCheckpointError(f"of another {name}")
        return state if self.usable is None or self.usable(seeds, state) else None

    def remove(self, seeds: Seeds) -> None:
        """Delete the checkpoint of a run that is stored, if it has one."""
        with suppress(OSError):
            self._path(seeds).unlink(missing_ok=True)

    def clear(self, stored: Iterable[Seeds]) -> None:
        """Delete what is not needed: files of stored runs, half-written files, and an empty folder.

        Only while no worker writes.
        """
        if not self.folder.is_dir():
            return
        with suppress(OSError):
            there = {path.name for path in self.folder.iterdir()}
            of_no_use = {name for name in there if name.endswith(".part")}
            for seeds in stored if there else ():
                if (name := self._name(seeds)) in there:
                    of_no_use.add(name)
            for name in of_no_use:
                (self.folder / name).unlink()
            self.folder.rmdir()

    def look(self, missing: Iterable[Seeds]) -> tuple[dict[Seeds, int], list[str]]:
        """The steps at which missing runs can go on, and lines about files that cannot be used."""
        there = {path.name for path in self.folder.glob("*.pt")}
        steps: dict[Seeds, int] = {}
        useless: Counter[str] = Counter()
        for seeds in missing if there else ():
            if self._name(seeds) in there:
                try:
                    if (state := self.read(seeds)) is not None:
                        steps[seeds] = state["run"]["step"]
                except BadCheckpointError as error:
                    useless[str(error)] += 1
        return steps, [
            f"{self.folder}: {n:,} checkpoint{'s' * (n > 1)} ignored: {reason}"
            for reason, n in useless.items()
        ]

    def count(self) -> int:
        """How many runs are saved."""
        return sum(1 for _ in self.folder.glob("*.pt"))

    def _path(self, seeds: Seeds) -> Path:
        return self.folder / self._name(seeds)

    def _name(self, seeds: Seeds) -> str:
        name = f"{seeds.split}-{seeds.model}-{seeds.loader}-{seeds.val}"
        if seeds.graft:
            name += f"-{hashlib.sha256(seeds.graft.encode()).hexdigest()[:16]}"
        return f"{name}.pt"

    def _identity(self, seeds: Seeds) -> dict[str, object]:
        return {
            "form": changing_fields(),
            "config": self.key,
            "numerics": self.numerics,
            "run": [seeds.split, seeds.model, seeds.loader, seeds.val, seeds.graft],
        }


class Keeper:
    """Keeps the checkpoints of one chunk while a worker trains it.

    Args:
        runs: the chunk's.
        asked: whether the coordinator has asked the worker to end.
    """

    def __init__(
        self, checkpoints: Checkpoints, runs: Sequence[Seeds], asked: Callable[[], bool]
    ) -> None:
        self._checkpoints, self._runs, self._asked = checkpoints, runs, asked
        self._written, self._warned = time.monotonic(), False
        self._began: dict[int, int] = {}

    def saved(self, number: int) -> State | None:
        """The state that a run of the chunk can go on from, see `trainer.train`."""
        try:
            state = self._checkpoints.read(self._runs[number])
        except BadCheckpointError:  # the scan has reported it
            return None
        if state is not None:
            self._began[number] = state["run"]["step"]
        return state

    def steps_before(self, numbers: Iterable[int]) -> int:
        """The sum of the steps at which some runs went on; each run counts once."""
        return sum(self._began.pop(number, 0) for number in numbers)

    def on_pause(self, states: Callable[[], Iterator[tuple[int, State]]]) -> None:
        """Write the states of the runs in training whose last checkpoint is old enough.

        Raises:
            AskedToEndError: the worker has to end; the states are written.
        """
        asked = self._asked()
        if not asked and time.monotonic() - self._written < self._checkpoints.seconds:
            return
        try:
            for number, state in states():
                self._checkpoints.write(self._runs[number], state)
        except OSError as error:  # training goes on without, and tries again later
            gone = isinstance(error, FileNotFoundError)  # the scan notices, and says where to
            if not gone and not self._warned:
                with suppress(OSError, ValueError):  # stderr full or closed
                    print(f"no checkpoint could be written: {error}", file=sys.stderr, flush=True)
            self._warned = True
        self._written = time.monotonic()
        if asked:
            raise AskedToEndError
