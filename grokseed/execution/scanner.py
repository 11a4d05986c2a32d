"""Train the runs that are asked for and not stored yet, and store them as they end."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from grokseed.config import Config
from grokseed.early import EarlyRule
from grokseed.execution import fleet
from grokseed.execution.checkpoints import FOLDER, Checkpoints
from grokseed.execution.commits import Commits
from grokseed.execution.executor import Executor, Train
from grokseed.execution.how import How
from grokseed.execution.local import LocalExecutor
from grokseed.execution.observer import Observer
from grokseed.execution.plan import plan
from grokseed.execution.stored import Stored
from grokseed.execution.weights import WeightFiles, lacking, weight_files
from grokseed.model.layout import groups
from grokseed.records.database import StoreError
from grokseed.records.look import look
from grokseed.records.provenance import Command
from grokseed.records.row import Row
from grokseed.records.store import Store
from grokseed.seeds import Seeds
from grokseed.training.numerics import numerics
from grokseed.training.run import goes_on
from grokseed.training.trainer import train

LOOK_SECONDS = 5.0
"""Seconds between checks that the folder still exists."""

CHECKPOINT_SECONDS = 300.0
"""Seconds between checkpoints of a run: the most that a killed scan loses of it."""


class Scanner:
    """The runs that are asked for, and how to train those that are not stored yet.

    Args:
        config: of all the runs.
        runs: each once.
        out: the folder of results.
        how: see there.
        whole: all runs asked for, which are noted, if `runs` are a shard of them.
        rule: an early verdict on the runs that it trains.

    Raises:
        ValueError: the rule reads what no run has, jobs or lanes are out of range, a device is
            missing or lacks the precision, the cluster cannot train these runs, the text has not
            been read, or the runs need too much memory.
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
        self.plan = plan(config, how, out, len(runs), len(self._whole))
        local = how.executor == "local"
        # A cluster's workers need not share a disk with the scan.
        saves = local and how.checkpoints
        kept = out.absolute() / FOLDER, config.key(), self.plan.numerics, CHECKPOINT_SECONDS
        usable = None
        if rule or self._weights:  # which may have a run begin anew
            usable = partial(goes_on, config, rule, self._weights is not None)
        self.checkpoints = Checkpoints(*kept, usable) if saves else None
        if not local:  # ask before anything is written
            self._executor().close(cancel=False)

    def open(self) -> Store:
        """The scan's store, made where it is missing.

        Raises:
            StoreError: it cannot be used.
        """
        return Store(self.out, self.config, self.plan.numerics, mixed=self._how.mixed_numerics)

    def stored(self) -> Stored:
        """The progress of these runs, without writing anything.

        Raises:
            StoreError: as `open` does.
        """
        # A link that leads nowhere, or in a loop, does not exist, and no folder can be made there.
        nearest = next(p for p in (self.out, *self.out.absolute().parents) if os.path.lexists(p))
        if not nearest.is_dir():
            raise StoreError(f"{self.out} cannot be written: not a folder")
        rows = look(self.out, self.config, self.plan.numerics, self._how.mixed_numerics)
        return Stored.of(self.runs, rows, self._rule)

    def run(self, store: Store, command: Command, observer: Observer) -> Counter[str]:
        """Train what is missing, commit runs as they end, and close the store.

        Args:
            command: noted with the first runs that it trains.

        Returns:
            Why runs of this command crashed, the first reason first, and how many did for it.

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

            missing = Stored.of(self.runs, store.each_row(), self._rule, stored).missing
            if self.checkpoints:
                # Those of stopped runs are kept: without the rule they go on.
                done = (row.seeds for row in store.each_row() if row.is_result())
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
            observer.begin(len(missing), self.plan.jobs, self.plan.devices, steps)
            if without:
                observer.say(lacking(without))
            left: list[fleet.Outcome] = []
            saving = self.checkpoints, self._weights
            trained = self.train(missing, watch, observer.say, *saving, left.extend)

            def add(outcomes: list[fleet.Outcome]) -> None:
                nonlocal noted
                if not noted:  # a command is noted only if it trains something
                    store.notes.remember(command)
                    if self._rule:
                        store.notes.note_rule(self._rule)
                    noted = True
                commits.add(outcomes)

            usable = True
            try:
                for outcomes in trained:
                    add(outcomes)
            except StoreError:
                usable = False
                raise
            finally:
                with closing(observer):
                    with closing(trained):  # its workers end while this scan still has the folder
                        commits.flush()
                    if usable and left:
                        add(left)
                        commits.flush()
            if self.checkpoints:
                self.checkpoints.clear(())
            if commits.errors:  # the tables do not name those of runs that keep a result
                named = {row.error for row in store.each_row()}
                for error, n in commits.errors.items():
                    if error not in named:
                        observer.say(f"{n:,} crashed, and keep an earlier result: {error}")
        return commits.errors

    def resumed(self, missing: Sequence[Seeds]) -> tuple[dict[Seeds, int], list[str]]:
        """The steps at which missing runs go on, and lines about checkpoints that are ignored."""
        return self.checkpoints.look(missing) if self.checkpoints else ({}, [])

    def train(
        self,
        missing: Sequence[Seeds],
        on_steps: Callable[[int], None],
        say: Callable[[str], None] = lambda line: None,
        checkpoints: Checkpoints | None = None,
        weights: WeightFiles | None = None,
        on_left: Callable[[list[fleet.Outcome]], None] = lambda outcomes: None,
    ) -> Generator[list[fleet.Outcome]]:
        """Train some runs, as `fleet.run` does; a trial saves nothing.

        Args:
            say: gets messages of the executor, and a GPU's first error.
            checkpoints: where runs in training are saved.
            weights: saves the weights asked for.
            on_left: gets runs that ended while the workers were stopped.
        """
        return fleet.run(
            *(self.config, missing, self._train(weights), self._executor(say)),
            lanes=self.plan.lanes,
            rounds=self.plan.rounds,
            compiled=self.plan.compiled,
            checkpoints=checkpoints,
            on_steps=on_steps,
            on_gpu=self.plan.devices != ["cpu"],
            say=say,
            on_left=on_left,
        )

    def _train(self, weights: WeightFiles | None) -> Train:
        options = {"rule": self._rule, "on_weights": weights}
        given = {name: option for name, option in options.items() if option}
        return partial(train, **given) if given else train

    def _executor(self, say: Callable[[str], None] = lambda line: None) -> Executor:
        if self._how.scheduler is None:
            return LocalExecutor(self.plan.jobs, self.plan.devices)
        from grokseed.execution.cluster import ClusterExecutor

        (device,) = self.plan.devices
        named = partial(numerics, self.config, device, self.plan.compiled, self.plan.lanes)
        expected = None if self._how.mixed_numerics else self.plan.numerics
        return ClusterExecutor(self._how.scheduler, device, named, expected, say)
