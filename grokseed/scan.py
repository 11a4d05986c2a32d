"""Train many runs that differ in their seeds alone, and say which won and how sure that is.

    python -m grokseed.scan --model-seeds 0:2073 --loader-seed 8

The same command again does only what is missing. `--help` lists all options.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from jsonargparse import Namespace

from grokseed.cli.command import FAILED, run_command
from grokseed.cli.folder import check_kind, check_same, default_folder, write_results
from grokseed.cli.options import SeedOptions, given, parse, parser, take
from grokseed.config import Config
from grokseed.execution.scanner import HowOptions, Scanner
from grokseed.records.store import Store

COMMAND = "grokseed.scan"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is `run_command`'s."""
    return run_command(COMMAND, _prepare, sys.argv[1:] if argv is None else argv)


def _prepare(argv: Sequence[str], command: Sequence[str]) -> Callable[[], int | None]:
    """What a command line asks for, ready to start: whatever is wrong with it shows here."""
    made = parser(COMMAND, (__doc__ or "").splitlines()[0], HowOptions, SeedOptions)
    options = parse(made, argv, _check)
    how, seeds = take(HowOptions, options), take(SeedOptions, options)
    out = Path(how.out or default_folder(options.preset, take(Config, options), seeds))
    check_kind(out, ablation=False)
    if how.export:  # with --out, a config is needed no more than it is given
        check_same(out, *given(made, argv))
        return partial(write_results, out)
    config = take(Config, options)
    scanner = Scanner(config, seeds.runs(config.scheme), out, how)
    if how.dry_run:
        work = partial(scanner.dry_run, scanner.stored())
    else:
        work = partial(_scan, scanner, scanner.open(), command)
    if config.max_steps < config.screen_step and config.stop_when == "never":
        print(
            f"{COMMAND}: warning: runs end at step {config.max_steps:,}, before the screen rule "
            f"reads them at --screen-step {config.screen_step}: all will be undecided",
            file=sys.stderr,
        )
    return work


def _check(options: Namespace) -> None:
    """Raise ValueError where the options stand for no runs."""
    take(SeedOptions, options).runs(take(Config, options).scheme)


def _scan(scanner: Scanner, store: Store, command: Sequence[str]) -> int:
    crashed = scanner.run(store, command)
    write_results(scanner.out)
    return FAILED if crashed else 0


if __name__ == "__main__":
    sys.exit(main())
