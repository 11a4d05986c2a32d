"""What a scan's own work costs where training costs nothing: python studies/speed/million.py.

Question: can one process store, resume and export a million runs? Design: runs that end as soon as
they are begun, with made-up trajectories of 17 points, go through a scan's coordinator, its store
and its export as real ones do, each part in a process of its own. All but the last thousand are
trained first; then the same command resumes, and trains these. The last lines estimate
from the largest scan what ten times as many runs would take.
"""

import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from jsonargparse import auto_cli

sys.path.insert(0, str(Path(__file__).parents[1]))  # python studies/speed/... puts its folder alone
from grokseed.cli.command import BAD_INPUT
from grokseed.cli.options import SeedOptions
from grokseed.cli.progress import Progress
from grokseed.config import preset
from grokseed.execution.how import How
from grokseed.records.database import DATABASE
from grokseed.records.export import export
from grokseed.records.folder import POINTS, TABLE, Tables
from grokseed.records.provenance import recorded
from grokseed.records.store import Store
from speed.instant import InstantScanner

LAST = 1000
"""Runs that are left for the resume."""

PARTS = ("train", "resume", "export", "read")

HEAD = """\
| runs | ms a run | s to resume | s to export | s to read the tables | MiB in memory at most: \
training, resuming, exporting, reading | MiB on disk: store, tables |
|---:|---:|---:|---:|---:|---:|---:|"""


NOTE = """\
Times are by the clock and, in brackets, of processor time in one process: other programs were
running. Each part is a process of its own; most of its memory are libraries. Resuming ends where
the first missing run is handed to a worker."""


class Cost(NamedTuple):
    """What a part took: seconds by the clock, of them at work, and bytes of memory at most.

    What other programs take of a busy machine is in the first alone; the libraries' memory counts.
    """

    seconds: float
    cpu: float
    memory: int


def part(name: str, folder: Path, runs: int, max_steps: int) -> Cost:
    """Do one part of a scan's work. Resuming is timed up to its first run's start."""
    config = preset("mini", max_steps=max_steps, screen_step=max_steps)
    began, cpu = time.perf_counter(), time.process_time()
    ended = None
    if name in ("train", "resume"):
        seeds = SeedOptions(model_seeds=f"0:{runs - LAST * (name == 'train')}")
        how = How(compile="no", jobs=2)
        scanner = InstantScanner(config, seeds.runs(config.scheme), folder, how)
        progress = Progress(folder, len(scanner.runs), config.max_steps)
        scanner.run(scanner.open(), recorded(["python", "-m", "grokseed.scan"]), progress)
        ended = scanner.instant.began if name == "resume" else None
    elif name == "export":
        with Store(folder) as store:
            export(store)
    elif (found := Tables(folder).check().runs) != runs:
        raise ValueError(f"{found} runs, not {runs}")
    now = ended or (time.perf_counter(), time.process_time())
    return Cost(now[0] - began, now[1] - cpu, peak())


def peak() -> int:
    """Bytes of memory that this process has had at most."""
    status = Path("/proc/self/status")
    if not status.exists():  # of bytes on a Mac
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) << 10


def costs(runs: int, max_steps: int, folder: Path) -> tuple[dict[str, Cost], list[int]]:
    """What each part of a scan costs, and the bytes of its store and its tables."""
    found = {}
    for name in PARTS:
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            found[name] = process.submit(part, name, folder, runs, max_steps).result()
    sizes = [(folder / file).stat().st_size for file in (DATABASE, TABLE, POINTS)]
    return found, [sizes[0], sizes[1] + sizes[2]]


def line(runs: int, found: dict[str, Cost], sizes: list[int]) -> str:
    """A row of the table."""
    memory = ", ".join(f"{cost.memory >> 20:,}" for cost in found.values())
    disk = ", ".join(f"{size / 2**20:,.1f}" for size in sizes)
    a_run = [1e3 * took / (runs - LAST) for took in found["train"][:2]]
    others = [f"{cost.seconds:.1f} ({cost.cpu:.1f})" for cost in list(found.values())[1:]]
    times = [f"{a_run[0]:.2f} ({a_run[1]:.2f})", *others]
    return f"| {runs:,} | {' | '.join(times)} | {memory} | {disk} |"


def estimated(runs: int, found: dict[str, Cost], sizes: list[int], more: int) -> str:
    """What more runs would take: all but the libraries' memory grows with them."""
    times = more / runs
    hours = found["train"].cpu * times / 3600
    resume, write, read = (found[name].cpu * times / 60 for name in PARTS[1:])
    disk = [size * times / 2**30 for size in sizes]
    return (
        f"At the same cost a run, {more:,} runs take {hours:.1f} hours of the coordinator's work "
        f"while they train; after that {resume:.0f} minutes to resume, {write:.0f} to export and "
        f"{read:.0f} to read the tables; and {disk[0]:.0f} GiB of disk for the store and "
        f"{disk[1]:.1f} for the tables."
    )


def main(runs: list[int] = [20_000, 1_000_000], max_steps: int = 400) -> None:  # noqa: B006
    """Print a row for each number of runs, and what ten times the most would take.

    Args:
        runs: how many to simulate, more than 1,000 each.
        max_steps: of a run, whose trajectory has a point every 25 steps.
    """
    if min(runs) <= LAST:
        print(f"million: error: runs must be more than {LAST:,}", file=sys.stderr)
        sys.exit(BAD_INPUT)
    command = recorded(["python", "studies/speed/million.py", *sys.argv[1:]]).shown()
    print(f"# Runs that cost nothing to train\n\n`{command}`\n\n{NOTE}\n\n{HEAD}", flush=True)
    for n in sorted(runs):
        with TemporaryDirectory(prefix="million-") as folder:
            found, sizes = costs(n, max_steps, Path(folder))
        print(line(n, found, sizes), flush=True)
    print(f"\n{estimated(n, found, sizes, 10 * n)}")


if __name__ == "__main__":
    auto_cli(main)
