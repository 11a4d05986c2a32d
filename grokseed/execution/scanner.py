"""Train the runs that are asked for and not stored yet, and store them as they end."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

import joblib

from grokseed.config import Config
from grokseed.early import EarlyRule
from grokseed.execution import fleet
from grokseed.execution.checkpoints import FOLDER, Checkpoints
from grokseed.execution.commits import Commits
from grokseed.execution.devices import devices, lanes_of
from grokseed.execution.estimate import (
    PATIENCE,
    PATIENCE_COMPILING,
    rough_seconds,
    seconds_a_run,
)
from grokseed.execution.executor import Executor, Train
from grokseed.execution.how import How
from grokseed.execution.local import LocalExecutor
from grokseed.execution.memory import check_room, needed_bytes
from grokseed.execution.standing import Standing
from grokseed.execution.weights import WeightFiles, lacking, weight_files
from grokseed.model.layout import groups
from grokseed.records.database import StoreError
from grokseed.records.look import look, numerics_there
from grokseed.records.provenance import Command
from grokseed.records.row import Row
from grokseed.records.store import Store
from grokseed.seeds import Seeds
from grokseed.texts import content_of
from grokseed.training.numerics import compiler, numerics
from grokseed.training.trainer import train

GPU_ROUNDS = 16
"""Runs of a GPU's chunk in units of its lanes: at its end lanes stand empty, so let it be long."""

LOOK_SECONDS = 5.0
"""Between two looks whether the folder is still there."""

CHECKPOINT_SECONDS = 300.0
"""Between two checkpoints of a run: what a killed scan loses of it at most."""

JOBS_A_CORE = 4
"""More worker processes than this a core would only wait for one another."""

WORTH_COMPILING = 600.0
"""Seconds of training from which on a minute of compiling pays."""


class Observer(Protocol):
    """Who watches a scan."""

    def stored(self, rows: Sequence[Row]) -> None:
        """Runs asked for that were stored before; called with some of them at a time."""
        ...

    def begin(
        self, missing: int, jobs: int, devices: Sequence[str], steps: Mapping[Seeds, int]
    ) -> None:
        """Training starts, once all that were stored before have been told.

        Args:
            steps: at which some of the missing runs go on.
        """
        ...

    def steps(self, in_hand: int) -> None:
        """The run-steps done so far by the runs in hand, a few times a second."""
        ...

    def finish(self, rows: Sequence[Row]) -> None:
        """Runs that are stored now."""
        ...

    def say(self, line: str) -> None:
        """What the executor has to tell."""
        ...

    def close(self) -> None:
        """It ended, or was stopped."""
        ...


class Scanner:
    """The runs that are asked for, and how to train those that are not stored yet.

    Args:
        config: of all the runs.
        runs: each once.
        out: the folder of results.
        how: see there.
        whole: the runs that are noted as asked for, where `runs` are a shard of them.
        rule: an early verdict on the runs that it trains.

    Raises:
        ValueError: a rule that reads what no run has, jobs or lanes that cannot be, a device that
            is not there, a precision it lacks, a cluster that cannot train these runs, a text that
            is not here, or runs that memory has no room for.
        StoreError: the folder's tables cannot be read.
    """

    def __init__(
        self,
        config: Config,
        runs: list[Seeds],
        out: Path,
        how: How,
        whole: Sequence[Seeds] | None = None,
        rule: EarlyRule | None = None,
    ) -> None:
        self.config, self.runs, self.out, self._how = config, runs, out, how
        self._rule = rule
        if rule:
            rule.check(config, groups(config))
        self._whole = runs if whole is None else whole
        self._weights = weight_files(how, config, out)
        self.devices = devices(how.device)
        alone = self.devices != ["cpu"]  # one process fills a GPU with its lanes
        if how.executor == "dask":
            self.jobs = _workers(how, self.devices)
        elif how.scheduler is not None:
            raise ValueError("--scheduler is for --executor dask")
        else:
            by_default = len(self.devices) if alone else joblib.cpu_count()
            self.jobs = how.jobs if how.jobs is not None else by_default
        for name, value in (("jobs", self.jobs), ("lanes", how.lanes)):
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, not {value}")
        if self.jobs > (most := JOBS_A_CORE * joblib.cpu_count()) and how.scheduler is None:
            raise ValueError(f"jobs must be at most {most}, {JOBS_A_CORE} a core, not {self.jobs}")
        content_of(config.text)
        check_room(config, 1, 1)  # before anything is made of sizes that may be absurd
        processes = self.jobs if how.executor == "local" else 1  # of a device
        self.lanes = how.lanes or lanes_of(config, self.devices, processes)
        check_room(config, *self._at_once())
        self.rounds = GPU_ROUNDS if alone else 1
        if config.precision == "tf32" and not alone:
            raise ValueError("precision tf32 is a GPU's, and the device is cpu")
        self.compiled = self._compiled()
        named = {numerics(config, device, self.compiled, self.lanes) for device in self.devices}
        if len(named) > 1:
            raise ValueError(f"runs would differ between devices: {'; '.join(sorted(named))}")
        (self.numerics,) = named
        # A cluster's workers need not share a disk with the scan.
        local = how.executor == "local"
        kept = out.absolute() / FOLDER, config.key(), self.numerics, CHECKPOINT_SECONDS
        self.checkpoints = Checkpoints(*kept) if local else None
        if not local:  # ask while nothing is written
            self._executor().close(cancel=False)

    def open(self) -> Store:
        """The scan's store, made where it is missing.

        Raises:
            StoreError: it cannot be used.
        """
        return Store(self.out, self.config, self.numerics, mixed=self._how.mixed_numerics)

    def standing(self) -> Standing:
        """How far these runs are, without writing anything.

        Raises:
            StoreError: as `open` does.
        """
        nearest = next(p for p in (self.out, *self.out.absolute().parents) if p.exists())
        if not nearest.is_dir():
            raise StoreError(f"{self.out} cannot be written: not a folder")
        rows = look(self.out, self.config, self.numerics, self._how.mixed_numerics)
        return Standing.of(self.runs, rows, str(self._rule or ""))

    def run(self, store: Store, command: Command, observer: Observer) -> int:
        """Train what is missing, commit runs as they end, and close the store.

        Args:
            command: noted with the first runs that it trains.

        Returns:
            How many runs of this command crashed.

        Raises:
            StoreError: a run cannot be stored, or the folder was moved or removed meanwhile.
        """
        with store:
            store.notes.ask(self._whole)
            without = 0

            def stored(rows: list[Row]) -> None:
                nonlocal without
                observer.stored(rows)
                without += self._weights.missing(rows) if self._weights else 0

            rule = str(self._rule or "")
            missing = Standing.of(self.runs, store.each_row(), rule, stored).missing
            if self.checkpoints:
                done = (row.seeds for row in store.each_row() if row.status != "crashed")
                self.checkpoints.clear(done)
            looked, noted = time.monotonic(), False
            commits = Commits(store, self.checkpoints, observer.finish)

            def watch(steps: int) -> None:
                nonlocal looked
                commits.flush_if_due()
                if time.monotonic() - looked > LOOK_SECONDS:
                    store.check_place()
                    looked = time.monotonic()
                observer.steps(steps)

            steps, ignored = self.resumed(missing)
            for line in ignored:
                observer.say(line)
            observer.begin(len(missing), self.jobs, self.devices, steps)
            if without:
                observer.say(lacking(without))
            trained = self.train(missing, watch, observer.say, self.checkpoints, self._weights)
            try:
                for outcomes in trained:
                    if not noted:  # a command that trains nothing made nothing
                        store.notes.remember(command)
                        if self._rule:
                            store.notes.note_rule(self._rule)
                        noted = True
                    commits.add(outcomes)
            finally:
                commits.flush()
                trained.close()  # its workers end while the folder is still this scan's
                observer.close()
            if self.checkpoints:
                self.checkpoints.clear(())
        return commits.crashed

    def seconds_left(self, standing: Standing, taken: int = 0) -> float:
        """Seconds that the missing runs take: by the stored ones, else by training for a few.

        Where the trial sees too few steps, by the size of the runs.

        Args:
            taken: steps that the missing runs have taken already.

        Raises:
            CannotTrainError: the runs that were tried crashed.
        """
        missing = standing.missing
        if not missing:
            return 0.0
        jobs = min(self.jobs, len(missing))
        left = len(missing) - taken / self.config.max_steps
        each = standing.seconds
        if not each:
            patience = PATIENCE_COMPILING if self.compiled else PATIENCE
            trial = partial(self.train, missing)
            found = seconds_a_run(trial, self.config.max_steps, jobs, patience)
            if found is None:
                return rough_seconds(self.config, len(missing), jobs) * left / len(missing)
            each = found
        return each * left / jobs

    def resumed(self, missing: Sequence[Seeds]) -> tuple[dict[Seeds, int], list[str]]:
        """The steps at which missing runs go on, and lines about checkpoints that are ignored."""
        return self.checkpoints.look(missing) if self.checkpoints else ({}, [])

    def memory(self) -> int:
        """Bytes that training takes at most, on the host."""
        return needed_bytes(self.config, *self._at_once())

    def train(
        self,
        missing: Sequence[Seeds],
        on_steps: Callable[[int], None],
        say: Callable[[str], None] = lambda line: None,
        checkpoints: Checkpoints | None = None,
        weights: WeightFiles | None = None,
    ) -> Generator[list[fleet.Outcome]]:
        """Train some runs, as `fleet.run` does; a trial saves nothing.

        Args:
            say: gets what the executor has to tell.
            checkpoints: where runs in hand are saved.
            weights: saves the weights that are asked for.
        """
        return fleet.run(
            *(self.config, missing, self._train(weights), self._executor(say)),
            lanes=self.lanes,
            rounds=self.rounds,
            compiled=self.compiled,
            checkpoints=checkpoints,
            on_steps=on_steps,
        )

    def _train(self, weights: WeightFiles | None) -> Train:
        options = {"rule": self._rule, "on_weights": weights}
        given = {name: option for name, option in options.items() if option}
        return partial(train, **given) if given else train

    def _at_once(self) -> tuple[int, int]:
        """Runs that a worker trains at once in the host's memory, and such workers."""
        if self.devices != ["cpu"]:
            return 1, self.jobs
        jobs = min(self.jobs, len(self.runs))
        return min(self.lanes, -(-len(self.runs) // jobs)), jobs

    def _executor(self, say: Callable[[str], None] = lambda line: None) -> Executor:
        if self._how.scheduler is None:
            return LocalExecutor(self.jobs, self.devices)
        from grokseed.execution.cluster import ClusterExecutor

        (device,) = self.devices
        named = partial(numerics, self.config, device, self.compiled, self.lanes)
        expected = None if self._how.mixed_numerics else self.numerics
        return ClusterExecutor(self._how.scheduler, device, named, expected, say)

    def _compiled(self) -> bool:
        """Whether to compile: as asked, or as the folder was made, or where it pays."""
        if self._how.compile != "auto":
            return self._how.compile == "yes"
        there = numerics_there(self.out)
        if there:
            return all("compiled" in name for name in there)
        if self.config.dropout:
            return False
        # By the whole: shards of one command are to be of the same numerics.
        seconds = rough_seconds(self.config, len(self._whole), self.jobs)
        return self.devices == ["cpu"] and seconds > WORTH_COMPILING and compiler() is not None


def _workers(how: How, devices: Sequence[str]) -> int:
    """How many workers a cluster has."""
    if how.scheduler is None:
        raise ValueError("--executor dask needs --scheduler and its address")
    if how.jobs is not None:
        raise ValueError("--jobs is for this machine: with --executor dask all workers train")
    if len(devices) > 1:
        raise ValueError(f"--executor dask trains on one device a worker, not {','.join(devices)}")
    try:
        from grokseed.execution.cluster import count_workers
    except ModuleNotFoundError as error:
        raise ValueError(f"{error}: --executor dask needs pip install grokseed[dask]") from None
    return count_workers(how.scheduler)
