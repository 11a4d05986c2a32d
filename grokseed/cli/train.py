"""What a command that trains does once its options are read: say what is left, or train it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tqdm import tqdm

from grokseed.cli.command import FAILED, say, warn
from grokseed.cli.options import HowOptions
from grokseed.cli.progress import Progress, resumes
from grokseed.cli.shard import Shard
from grokseed.config import Config
from grokseed.early import EarlyRule
from grokseed.execution.estimate import CannotTrainError, seconds_left
from grokseed.execution.memory import said
from grokseed.execution.scanner import Scanner
from grokseed.execution.stored import Stored
from grokseed.records.provenance import recorded
from grokseed.records.store import Store
from grokseed.seeds import Seeds


def prepared(
    config: Config,
    runs: list[Seeds],
    out: Path,
    how: HowOptions,
    command: Sequence[str],
    write: Callable[[Path], None],
    rule: EarlyRule | None = None,
) -> Callable[[], int | None]:
    """What is to be done, with the folder's store open; `write` makes its results at the end.

    Args:
        runs: of the whole command, of which `how` may name a shard.
        rule: an early verdict on the runs that it trains.

    Raises:
        ValueError: options that cannot be used together, or on this machine.
        StoreError: the folder cannot be used.
    """
    scanner = Scanner(config, Shard.read(how.shard).cut(runs), out, how, whole=runs, rule=rule)
    if how.dry_run:
        return partial(_say_what_is_left, scanner, scanner.stored())
    return partial(_train, scanner, scanner.open(), command, write)


def _train(
    scanner: Scanner, store: Store, command: Sequence[str], write: Callable[[Path], None]
) -> int:
    progress = Progress(scanner.out, len(scanner.runs), scanner.config.max_steps)
    try:
        errors = scanner.run(store, recorded(command), progress)
    except KeyboardInterrupt:
        progress.kept(scanner.checkpoints.count() if scanner.checkpoints else 0)
        raise
    write(scanner.out)
    return FAILED if errors else 0


def _say_what_is_left(scanner: Scanner, stored: Stored) -> int | None:
    """Print how many runs are done, missing and failed, and what the rest would take."""
    missing = stored.missing
    say(f"{scanner.out}: {stored.done:,} done, {len(missing):,} missing, {stored.failed:,} failed")
    if not missing:
        return None
    steps, ignored = scanner.resumed(missing)
    for line in ignored:
        warn(line)
    if steps:
        say(resumes(steps))
    plan = scanner.plan
    workers = f"{plan.jobs:,} workers" if plan.on_cluster else f"--jobs {plan.jobs}"
    where = f"{workers} on {','.join(plan.devices)}{', compiled' * plan.compiled}"
    try:
        seconds = seconds_left(scanner, stored, sum(steps.values()))
    except CannotTrainError as error:
        warn(f"the rest cannot be trained with {where}: a run that was tried crashed: {error}")
        return FAILED
    left = tqdm.format_interval(max(1, math.ceil(seconds)))
    memory = f"{said(plan.memory)} of memory{' a worker' * plan.on_cluster}"
    say(f"about {left} for the rest with {where}, in at most {memory}")
    return None
