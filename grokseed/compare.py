"""Is B sooner than A, or is it luck? Two scans, or two lists of options to train, on matched seeds.

examples:
  python -m grokseed.compare results/a results/b
  python -m grokseed.compare --trend results/a results/b results/c
  python -m grokseed.compare "--preset mini --lr 1e-3" "--preset mini --lr 2e-3" \\
      --model-seeds 0:20 --out results/lr

Put each list of options in quotes, with a space in it. They are those of `grokseed.scan --help`,
and so are options after the two lists, which apply to both.
From Python it is `grokseed.compare("results/a", "results/b")`.
"""

from __future__ import annotations

import shlex
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from grokseed.cli.callable import make_callable
from grokseed.cli.command import KEPT, STOPPED, Prepare, run_command, say

if TYPE_CHECKING:
    import pandas as pd

    from grokseed.analysis.survival import Landmark
    from grokseed.config import Config
    from grokseed.reports.compared import Folder
    from grokseed.reports.comparison import Report
    from grokseed.reports.result import Scan
    from grokseed.seeds import Seeds

COMMAND = "grokseed.compare"
OWN = ("comparison.csv",)
"""The file by which a comparison's folder is known."""


def compare(a: Scan | str | Path, b: Scan | str | Path, landmark: Landmark = "t98") -> pd.DataFrame:
    """Is B sooner than A, or is it luck? The command's table, from Python.

    Args:
        a, b: scans, or folders of scans. Seeds that both have are matched.
        landmark: the event whose time is compared.

    Returns:
        A row a quantity, such as `time ratio, B over A`, with columns `estimate`, `low` and `high`
        (of the 95 % interval; NaN where there is none), `n` and `method`. Its `attrs["answer"]` is
        the verdict in words.

    Raises:
        TypeError: one is no scan and no folder.
        StoreError: a folder holds no scan's tables, or damaged ones.
        ValueError: runs that cannot be compared, or none reached the landmark.
    """
    from grokseed.reports.compared import taken

    return _found(taken(a, "a", landmark), taken(b, "b", landmark), landmark).frame()


def _found(a: Folder, b: Folder, landmark: Landmark) -> Report:
    from grokseed.reports.compare import compare, report

    return report((a, b), compare(a, b, landmark), landmark, _shared(a, b))


def _shared(*folders: Folder) -> str:
    from grokseed.config import Config
    from grokseed.model.same_draws import shared_by_equal_seeds

    return shared_by_equal_seeds(*(Config(**folder.config) for folder in folders))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is `run_command`'s."""
    words = sys.argv[1:] if argv is None else argv
    trains = any(_is_list(word) and not _is_option(word) for word in words)
    return run_command(COMMAND, _command, argv, KEPT if trains else STOPPED)


def _command() -> Prepare:
    from grokseed.cli.folders import named_once
    from grokseed.cli.output import check_output, output_folder
    from grokseed.cli.plain import unrecognized
    from grokseed.records.folder import holds_runs
    from grokseed.records.provenance import portable, recorded
    from grokseed.reports import trend as trend_report
    from grokseed.reports.compared import read

    def prepare(argv: Sequence[str], command: Sequence[str]) -> Callable[[], int | None]:
        """The work of a command line. Bad input raises here, before anything is written."""
        options, words, further = _parse(argv)
        out = None if options.out is None else output_folder(options.out)
        if out and (out.is_file() or holds_runs(out)):
            raise ValueError(
                f"{out} is a file or holds a scan: name another folder for the comparison"
            )
        if out:
            check_output(out, OWN)
        if len(words) < 2 or (len(words) > 2 and not options.trend):
            raise ValueError(
                f"name two folders or lists of options, or more with --trend, not {len(words)}"
            )
        line = [portably(word) if word in words else word for word in command]
        work = partial(compared, options=options, out=out, command=line)
        if any(_is_list(word) for word in words):
            return _prepare_training(words, further, options, out, work)
        if further:
            raise unrecognized(further, _parser())
        folders = [Path(word) for word in words]
        named_once(folders)
        return work(folders)

    def compared(
        paths: Sequence[Path], options: Namespace, out: Path | None, command: Sequence[str]
    ) -> Callable[[], None]:
        """Read and compare; the work that is left is to write the results, and to print them."""
        folders = [read(path, options.landmark) for path in paths]
        if options.trend:
            found = trend_report.report(folders, options.landmark, _shared(*folders))
        else:
            found = _found(folders[0], folders[1], options.landmark)

        def tell() -> None:
            if out:
                names = [portably(str(path)) for path in paths]
                found.write(out, recorded(command).shown(), names)
            say(found.text([str(path) for path in paths]))

        return tell

    def portably(folder: str) -> str:
        """A folder without a machine's path, as that of --out is shown."""
        return portable(["--out", folder], Path.cwd())[1]

    return prepare


def _parse(argv: Sequence[str]) -> tuple[Namespace, list[str], list[str]]:
    """The command's own options, the folders or lists to compare, and options for both scans."""
    from grokseed.cli.plain import known

    options, rest = known(_parser(), argv)
    first = next((i for i, word in enumerate(rest) if _is_option(word)), len(rest))
    return options, rest[:first], rest[first:]


def _parser() -> ArgumentParser:
    from grokseed.analysis.survival import Landmark
    from grokseed.cli.plain import plain_parser

    made = plain_parser(COMMAND, __doc__, "A B [options]")
    when, trend = "the event whose time is compared", "test for a trend over the folders in order"
    made.add_argument("--landmark", choices=get_args(Landmark), default="t98", help=when)
    made.add_argument("--trend", action="store_true", help=trend)
    made.add_argument("--out", help="folder for README.md, comparison.csv and comparison.png")
    return made


def _is_list(word: str) -> bool:
    return word.startswith("-")


def _is_option(word: str) -> bool:
    return word.startswith("-") and not any(letter.isspace() for letter in word)


def _prepare_training(
    words: Sequence[str],
    further: Sequence[str],
    options: Namespace,
    out: Path | None,
    compared: Callable[[Sequence[Path]], Callable[[], None]],
) -> Callable[[], int | None]:
    """Check both lists as a scan would, before either is trained and their folders compared."""
    from grokseed.analysis.survival import UNKNOWN
    from grokseed.cli.folder import check_kind, check_no_grafts
    from grokseed.cli.output import check_output
    from grokseed.records.database import StoreError

    if not all(map(_is_list, words)) or options.trend or out is None:
        raise ValueError("give exactly two lists of options, and --out")
    folders, scans = [out / "a", out / "b"], []
    for name, folder in zip(words, folders, strict=True):
        check_kind(folder, ablation=False)
        check_output(folder)
        check_no_grafts(folder)
        try:
            scans.append(_scan([*shlex.split(name), *further], folder))
        except (ValueError, StoreError) as error:
            raise ValueError(f"{name!r}: {error}") from None
        if options.landmark == "completed" and scans[-1][0].stop_when == "t98":
            raise ValueError(f"{name!r}: {UNKNOWN}")
    (one, seeds, _), (other, others, _) = scans
    if one == other:
        raise ValueError("the two lists name the same config: there is nothing to compare")
    if set(seeds) != set(others):
        raise ValueError("the two lists train different seeds: no runs would match")

    def work() -> int | None:
        try:
            for *_, train in scans:
                if status := train():
                    return status
            compared(folders)()
        except ValueError as error:
            raise StoreError(str(error)) from None
        return None

    return work


def _scan(
    argv: Sequence[str], folder: Path
) -> tuple[Config, list[Seeds], Callable[[], int | None]]:
    """The config and the runs that a list of options names, and what trains them into a folder.

    Raises:
        ValueError, StoreError: a scan would refuse the options or the folder; nothing is written.
    """
    from grokseed import scan  # loads torch, which nothing else here does
    from grokseed.cli.options import HowOptions, SeedOptions
    from grokseed.cli.parser import parse, parser, take
    from grokseed.cli.results import write_results
    from grokseed.cli.train import prepared
    from grokseed.config import Config

    found = parse(parser(scan.COMMAND, None, HowOptions, SeedOptions), argv, bool)
    config, how = take(Config, found), take(HowOptions, found)
    if how.out is not None or how.export or how.dry_run or how.shard != "1/1":
        raise ValueError("--out, --export, --dry-run and --shard cannot be in a list")
    runs = take(SeedOptions, found).runs(config.scheme)
    command = ["python", "-m", scan.COMMAND, *argv, "--out", str(folder)]
    write = partial(write_results, formats=how.formats())

    def prepare(how: HowOptions) -> Callable[[], int | None]:
        return prepared(config, runs, folder, how, command, write)

    prepare(replace(how, dry_run=True))
    return config, runs, lambda: prepare(how)()


make_callable(__name__, compare)

if __name__ == "__main__":
    sys.exit(main())
