"""Train the runs that a command asks for and that are not stored yet, and say how far it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import joblib
from tqdm import tqdm

from grokseed.cli.folder import check_covered, check_free, say
from grokseed.cli.progress import Progress
from grokseed.config import Config
from grokseed.execution import local as fleet
from grokseed.execution.devices import devices, lanes_of
from grokseed.execution.estimate import seconds_a_run
from grokseed.records.provenance import recorded
from grokseed.records.store import DATABASE, Row, Store, StoreError
from grokseed.seeds import Seeds
from grokseed.training.numerics import numerics
from grokseed.training.trainer import train

GPU_ROUNDS = 16
"""Runs of a GPU's chunk in units of its lanes: at its end lanes stand empty, so let it be long."""


@dataclass(frozen=True)
class HowOptions:
    """How and where runs are trained; but for rounding, none of it decides a result.

    Args:
        out: the folder of results; by default results/ and a name made of the options.
        device: where to train: cpu, cuda, several GPUs like cuda:0,1, or auto, which takes the GPU
            where there is one.
        jobs: worker processes; by default one a core, or one a GPU.
        lanes: runs that one worker trains side by side at most; by default what is fastest. On a
            GPU runs with other lanes are other numerics; by default what its memory holds.
        compile: compile the whole step, for long scans: a quarter to a half faster after about a
            minute of compiling. Needs a C++ compiler.
        dry_run: write nothing; say what is done, missing and failed, and how long the rest takes.
        export: train nothing; write tables and figures again from what is stored.
    """

    out: str | None = None
    device: str = "auto"
    jobs: int | None = None
    lanes: int | None = None
    compile: bool = False
    dry_run: bool = False
    export: bool = False


class Scanner:
    """The runs that a command asks for, and how to train those that are not stored yet.

    Args:
        config: of all the runs.
        runs: each once.
        out: the folder of results.
        how: see there.

    Raises:
        ValueError: jobs or lanes below 1, a device that is not there, or a precision it lacks.
    """

    def __init__(self, config: Config, runs: list[Seeds], out: Path, how: HowOptions) -> None:
        self.config, self.runs, self.out = config, runs, out
        self.devices = devices(how.device)
        alone = self.devices != ["cpu"]  # one process fills a GPU with its lanes
        by_default = len(self.devices) if alone else joblib.cpu_count()
        self.jobs = how.jobs if how.jobs is not None else by_default
        for name, value in (("jobs", self.jobs), ("lanes", how.lanes)):
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, not {value}")
        self.lanes = how.lanes or lanes_of(config, self.devices, self.jobs)
        self.rounds = GPU_ROUNDS if alone else 1
        if config.precision == "tf32" and not alone:
            raise ValueError("precision tf32 is a GPU's, and the device is cpu")
        self.train = partial(train, compiled=True) if how.compile else train
        named = {numerics(config, device, how.compile, self.lanes) for device in self.devices}
        if len(named) > 1:
            raise ValueError(f"runs would differ between devices: {'; '.join(sorted(named))}")
        (self.numerics,) = named

    def open(self) -> Store:
        """The scan's store, made where it is missing.

        Raises:
            StoreError: it cannot be used, or results that lie there would be lost.
        """
        self._check_free()
        store = Store(self.out, self.config, self.numerics)
        try:
            check_covered(self.out, [*self.runs, *(row.seeds for row in store.rows())])
        except StoreError:
            store.close()
            raise
        return store

    def stored(self) -> list[Row]:
        """The runs stored already, without writing anything.

        Raises:
            StoreError: as `open` does.
        """
        self._check_free()
        if not (self.out / DATABASE).exists():
            return []
        with Store(self.out, self.config, self.numerics, read_only=True) as store:
            rows = store.rows()
        check_covered(self.out, [*self.runs, *(row.seeds for row in rows)])
        return rows

    def run(self, store: Store, command: Sequence[str]) -> int:
        """Train what is missing, commit each chunk as it ends, and close the store.

        Returns:
            How many runs of this command crashed.
        """
        with store:
            before, missing = self._split(store.rows())
            print(
                f"{self.out}: {len(before):,} of {len(self.runs):,} runs stored, "
                f"{len(missing):,} to train with --jobs {self.jobs} on {','.join(self.devices)}",
                file=sys.stderr,
            )
            progress = Progress(before, len(missing), self.config.max_steps)
            crashed = 0
            try:
                for i, outcomes in enumerate(self._train(missing, progress.steps)):
                    if i == 0:  # a command that trains nothing made nothing
                        store.remember(recorded(command))
                    rows = [_commit(store, outcome) for outcome in outcomes]
                    crashed += sum(row.status == "crashed" for row in rows)
                    progress.finish(rows)
            finally:
                progress.close()
        return crashed

    def dry_run(self, rows: list[Row]) -> None:
        """Print how many runs are done, missing and failed, and how long the rest would take."""
        before, missing = self._split(rows)
        failed = {row.seeds for row in rows if row.status == "crashed"} & set(missing)
        say(f"{self.out}: {len(before):,} done, {len(missing):,} missing, {len(failed):,} failed")
        seconds = sum(row.seconds for row in before) / len(before) if before else None
        if missing:
            jobs = min(self.jobs, len(missing))
            if seconds is None:
                seconds = seconds_a_run(partial(self._train, missing), self.config.max_steps, jobs)
            left = tqdm.format_interval(seconds * len(missing) / jobs)
            say(f"about {left} for the rest with --jobs {self.jobs} on {','.join(self.devices)}")

    def _check_free(self) -> None:
        if not (self.out / DATABASE).exists():
            check_free(self.out, self.config, self.numerics, self.runs)

    def _split(self, rows: list[Row]) -> tuple[list[Row], list[Seeds]]:
        """The rows of this command's runs that have a result, and the runs that have none."""
        asked = set(self.runs)
        before = [row for row in rows if row.seeds in asked and row.status != "crashed"]
        stored = {row.seeds for row in before}
        return before, [seeds for seeds in self.runs if seeds not in stored]

    def _train(
        self, missing: list[Seeds], on_steps: Callable[[int], None]
    ) -> Iterator[list[fleet.Outcome]]:
        return fleet.run(
            *(self.config, missing, self.train),
            jobs=self.jobs,
            lanes=self.lanes,
            rounds=self.rounds,
            devices=self.devices,
            on_steps=on_steps,
        )


def _commit(store: Store, outcome: fleet.Outcome) -> Row:
    if outcome.trajectory is None:
        return store.add_crashed(outcome.seeds, outcome.error, outcome.seconds)
    return store.add(outcome.seeds, outcome.trajectory, outcome.seconds)
