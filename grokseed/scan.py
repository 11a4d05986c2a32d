"""Train many runs that differ in their seeds alone, and say which won and how sure that is.

    python -m grokseed.scan --model-seeds 0:2073 --loader-seed 8

The same command again does only what is missing. `--help` lists all options.
"""

from __future__ import annotations

import hashlib
import re
import shlex
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import joblib
import torch
from tqdm import tqdm

from grokseed import fleet
from grokseed.config import Config, preset
from grokseed.export import export
from grokseed.kernels import default_lanes, numerics
from grokseed.options import SeedOptions, parse, parser, take
from grokseed.progress import Progress
from grokseed.seeds import Seeds
from grokseed.store import DATABASE, Row, Store, StoreError
from grokseed.summary import report
from grokseed.trainer import train

COMMAND = "grokseed.scan"
TRIAL_SECONDS = 4.0
LONGEST_NAME = 100


@dataclass(frozen=True)
class ScanOptions:
    """How and where a scan runs; none of it decides a result.

    Args:
        out: the scan's folder; by default results/ and a name made of the options.
        device: where to train; auto takes the GPU where there is one.
        jobs: worker processes; by default one a core, or one on a GPU.
        lanes: runs that one worker trains side by side at most; by default what is fastest.
        dry_run: write nothing; say what is done, missing and failed, and how long the rest takes.
        export: train nothing; write tables and figures again from what is stored.
    """

    out: str | None = None
    device: Literal["cpu", "cuda", "auto"] = "auto"
    jobs: int | None = None
    lanes: int | None = None
    dry_run: bool = False
    export: bool = False


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status: 0, 2 for bad input, 130 after Ctrl-C."""
    argv = sys.argv[1:] if argv is None else argv
    command = f"python -m {COMMAND} {shlex.join(argv)}"
    try:
        options = parse(parser(COMMAND, (__doc__ or "").splitlines()[0], ScanOptions), argv)
        config, seeds = take(Config, options), take(SeedOptions, options)
        how = take(ScanOptions, options)
        out = Path(how.out or default_folder(options.preset, config, seeds))
        scan = Scan(config, seeds.runs(config.scheme), out, how)
    except ValueError as error:
        return _refuse(error)
    try:
        if how.export:
            return write_results(out)
        return scan.dry_run() if how.dry_run else scan.run(command)
    except (StoreError, OSError) as error:
        return _refuse(error)
    except KeyboardInterrupt:
        print(f"\nStopped; what is finished is stored. To go on: {command}", file=sys.stderr)
        return 130


class Scan:
    """The runs that a command asks for, and how to train those that are not stored yet.

    Raises:
        ValueError: jobs or lanes below 1, or a device that is not there.
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
        self.numerics = numerics(config, self.device)

    def run(self, command: str) -> int:
        """Train what is missing, commit each chunk as it ends, and write the results."""
        with Store(self.out, self.config, self.numerics) as store:
            store.remember(command)
            before, missing = self._split(store.rows())
            print(
                f"{self.out}: {len(before):,} of {len(self.runs):,} runs stored, "
                f"{len(missing):,} to train with --jobs {self.jobs} on {self.device}",
                file=sys.stderr,
            )
            progress = Progress(before, len(missing), self.config.max_steps)
            try:
                for outcomes in self._train(missing, progress.steps):
                    progress.finish([_commit(store, outcome) for outcome in outcomes])
            finally:
                progress.close()
        return write_results(self.out)

    def dry_run(self) -> int:
        """Print how many runs are done, missing and failed, and how long the rest would take."""
        rows: list[Row] = []
        if (self.out / DATABASE).exists():
            with Store(self.out, self.config, self.numerics, read_only=True) as store:
                rows = store.rows()
        before, missing = self._split(rows)
        failed = {row.seeds for row in rows if row.status == "crashed"} & set(missing)
        print(f"{self.out}: {len(before):,} done, {len(missing):,} missing, {len(failed):,} failed")
        seconds = sum(row.seconds for row in before) / len(before) if before else None
        if missing:
            if seconds is None:
                seconds = self._trial(missing)
            left = tqdm.format_interval(seconds * len(missing) / min(self.jobs, len(missing)))
            print(f"about {left} for the rest with --jobs {self.jobs} on {self.device}")
        return 0

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
            *(self.config, missing, train),
            jobs=self.jobs,
            lanes=self.lanes,
            device=self.device,
            on_steps=on_steps,
        )

    def _trial(self, missing: list[Seeds]) -> float:
        """Seconds of a worker's time that a run takes at most, from training for a few seconds."""
        first: tuple[float, int] | None = None
        rate = 0.0

        def watch(steps: int) -> None:
            nonlocal first, rate
            now = time.monotonic()
            if first is None and steps:
                first = now, steps
            elif first is not None and steps > first[1]:
                rate = (steps - first[1]) / (now - first[0])
                if now - first[0] > TRIAL_SECONDS:
                    raise _Enough

        with suppress(_Enough):
            for outcomes in self._train(missing, watch):
                return sum(outcome.seconds for outcome in outcomes) / len(outcomes)
        return self.config.max_steps * min(self.jobs, len(missing)) / rate


class _Enough(Exception):  # noqa: N818 (no error: a trial has seen what it needs)
    pass


def write_results(out: Path) -> int:
    """Write a scan's tables and figures from its store, or redraw from its tables alone."""
    if (out / DATABASE).exists() or not (out / "runs.csv").exists():
        with Store(out) as store:
            commands, rows = store.commands(), store.rows()
            if not rows:
                raise StoreError(f"{out} holds no runs yet")
            export(store)
        for error, n in Counter(row.error for row in rows if row.error).items():
            print(f"{COMMAND}: {n:,} crashed: {error}", file=sys.stderr)
    else:
        commands = []
    print(report(out, commands))
    return 0


def default_folder(preset_name: str, config: Config, seeds: SeedOptions) -> str:
    """`results/` and a name made of the preset, what differs from it, and the seeds."""
    base, own = asdict(preset(preset_name)), asdict(config)
    parts = [preset_name]
    parts += [f"{name.replace('_', '-')}-{v}" for name, v in own.items() if v != base[name]]
    parts += [f"model-{seeds.model_seeds}", f"loader-{seeds.loader_seeds}"]
    parts += [f"split-{seeds.split_seeds}"] * (seeds.split_seeds is not None)
    parts += [f"val-{seeds.val_seed}"] * (seeds.val_seed is not None)
    parts += ["zip"] * (seeds.pairs == "zip")
    name = re.sub(r"[^\w.,+-]+", "-", "_".join(parts))
    if len(name) > LONGEST_NAME:
        name = f"{name[: LONGEST_NAME - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return f"results/{name}"


def _refuse(error: Exception) -> int:
    print(f"{COMMAND}: error: {' '.join(str(error).split())}", file=sys.stderr)
    return 2


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
