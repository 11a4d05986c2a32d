"""Train many runs that differ in their seeds alone, and say which won and how sure that is.

    python -m grokseed.scan --model-seeds 0:2073 --loader-seed 8

The same command again does only what is missing. `--help` lists all options.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import joblib
import torch
from tqdm import tqdm

from grokseed import fleet
from grokseed.config import Config
from grokseed.estimate import seconds_a_run
from grokseed.folder import (
    check_covered,
    check_free,
    check_same,
    default_folder,
    say,
    write_results,
)
from grokseed.kernels import default_lanes, numerics
from grokseed.options import SeedOptions, given, parse, parser, take
from grokseed.progress import Progress
from grokseed.provenance import recorded
from grokseed.seeds import Seeds
from grokseed.store import DATABASE, Row, Store, StoreError
from grokseed.trainer import train

COMMAND = "grokseed.scan"
BAD_INPUT, FAILED, INTERRUPTED = 2, 1, 130


@dataclass(frozen=True)
class ScanOptions:
    """How and where a scan runs; but for rounding, none of it decides a result.

    Args:
        out: the scan's folder; by default results/ and a name made of the options.
        device: where to train; auto takes the GPU where there is one.
        jobs: worker processes; by default one a core, or one on a GPU.
        lanes: runs that one worker trains side by side at most; by default what is fastest.
        compile: fuse elementwise work with torch.compile, for long scans: a third faster after half
            a minute of compiling. Needs a C++ compiler.
        dry_run: write nothing; say what is done, missing and failed, and how long the rest takes.
        export: train nothing; write tables and figures again from what is stored.
    """

    out: str | None = None
    device: Literal["cpu", "cuda", "auto"] = "auto"
    jobs: int | None = None
    lanes: int | None = None
    compile: bool = False
    dry_run: bool = False
    export: bool = False


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        The exit status: 0; 1 where it failed once it had started, or a run crashed; 2 for bad
        input, with nothing written; 130 after Ctrl-C.
    """
    argv = sys.argv[1:] if argv is None else argv
    command = ["python", "-m", COMMAND, *argv]
    try:
        try:
            work = _prepare(argv, command)
        except (ValueError, StoreError, OSError) as error:
            return _fail(error, BAD_INPUT)
        return work()
    except (StoreError, OSError) as error:
        return _fail(error, FAILED)
    except KeyboardInterrupt:
        stopped = "Stopped; what is finished is stored, and --export writes what there is."
        print(f"\n{stopped} To go on: {shlex.join(command)}", file=sys.stderr)
        return INTERRUPTED


def _prepare(argv: Sequence[str], command: Sequence[str]) -> Callable[[], int]:
    """What a command line asks for, ready to start: whatever is wrong with it shows here."""
    made = parser(COMMAND, (__doc__ or "").splitlines()[0], ScanOptions)
    options = parse(made, argv)
    how, seeds = take(ScanOptions, options), take(SeedOptions, options)
    out = Path(how.out or default_folder(options.preset, take(Config, options), seeds))
    if how.export:  # with --out, a config is needed no more than it is given
        check_same(out, *given(made, argv))
        return partial(write_results, out)
    config = take(Config, options)
    scan = Scan(config, seeds.runs(config.scheme), out, how)
    if how.dry_run:
        work = partial(scan.dry_run, scan.stored())
    else:
        work = partial(scan.run, scan.open(), command)
    if config.max_steps < config.screen_step and not config.stop_when_generalised:
        print(
            f"{COMMAND}: warning: runs end at step {config.max_steps:,}, before the screen rule "
            f"reads them at --screen-step {config.screen_step}: all will be undecided",
            file=sys.stderr,
        )
    return work


class Scan:
    """The runs that a command asks for, and how to train those that are not stored yet.

    Raises:
        ValueError: jobs or lanes below 1, a device that is not there, or a precision it lacks.
    """

    def __init__(self, config: Config, runs: list[Seeds], out: Path, how: ScanOptions) -> None:
        self.config, self.runs, self.out = config, runs, out
        self.device = _device(how.device)
        alone = self.device != "cpu"  # one process fills a GPU with its lanes
        self.jobs = how.jobs if how.jobs is not None else 1 if alone else joblib.cpu_count()
        self.lanes = how.lanes if how.lanes is not None else default_lanes(config, self.device)
        for name, value in (("jobs", self.jobs), ("lanes", self.lanes)):
            if value < 1:
                raise ValueError(f"{name} must be at least 1, not {value}")
        if config.precision == "tf32" and not alone:
            raise ValueError("precision tf32 is a GPU's, and the device is cpu")
        self.train = partial(train, compiled=True) if how.compile else train
        self.numerics = numerics(config, self.device, how.compile)

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
        """Train what is missing, commit each chunk as it ends, and write the results.

        Returns:
            The exit status: 1 where a run of this command crashed.
        """
        with store:
            before, missing = self._split(store.rows())
            print(
                f"{self.out}: {len(before):,} of {len(self.runs):,} runs stored, "
                f"{len(missing):,} to train with --jobs {self.jobs} on {self.device}",
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
        write_results(self.out)
        return FAILED if crashed else 0

    def dry_run(self, rows: list[Row]) -> int:
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
            say(f"about {left} for the rest with --jobs {self.jobs} on {self.device}")
        return 0

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
            device=self.device,
            on_steps=on_steps,
        )


def _fail(error: Exception, status: int) -> int:
    with suppress(BrokenPipeError):
        line = " ".join(str(error).split())
        print(f"{COMMAND}: error: {line}", file=sys.stderr, flush=True)
    return status


def _commit(store: Store, outcome: fleet.Outcome) -> Row:
    if outcome.trajectory is None:
        return store.add_crashed(outcome.seeds, outcome.error, outcome.seconds)
    return store.add(outcome.seeds, outcome.trajectory, outcome.seconds)


def _device(name: str) -> str:
    there = torch.cuda.is_available()
    if name == "cuda" and not there:
        raise ValueError("device cuda is not there: torch sees no GPU")
    return ("cuda" if there else "cpu") if name == "auto" else name


if __name__ == "__main__":
    sys.exit(main())
