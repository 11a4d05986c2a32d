"""Train many runs that differ in their seeds alone, and say which won and how sure that is.

examples:
  python -m grokseed.scan --preset mini --model-seeds 0:8 --loader-seed 8
  python -m grokseed.scan --model-seeds 0:2073 --loader-seed 8 --scheme diary --dry-run
  python -m grokseed.scan --preset mini --operation x+y --split-seeds 0:4 --loader-seeds 0:4

The same command again trains only what is missing. From Python it is
`grokseed.scan(config, model_seeds=range(8), loader_seeds=8)`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal

from grokseed.cli.command import Prepare, run_command, warn

if TYPE_CHECKING:
    from jsonargparse import Namespace

    from grokseed.config import Config
    from grokseed.reports.classes import Choice
    from grokseed.reports.result import Scan
    from grokseed.seeds import Seeds

COMMAND = "grokseed.scan"

Seed = int | Iterable[int]


def scan(
    config: Config,
    *,
    model_seeds: Seed = 0,
    loader_seeds: Seed = 0,
    split_seeds: Seed | None = None,
    val_seed: int | None = None,
    pairs: Literal["grid", "zip"] = "grid",
    runs: Sequence[Seeds] | None = None,
    screen_at: str | int = "",
    keep: str = "",
    out: str | Path | None = None,
    progress: bool = True,
    **how: object,
) -> Scan:
    """Train the runs of some seeds, with the command's workers, store, resume and progress.

    Args:
        config: of all runs, from `grokseed.preset` or `grokseed.Config`.
        model_seeds, loader_seeds, split_seeds, val_seed, pairs: as the command's options of these
            names; a seed, or several such as `range(8)`.
        runs: instead of these, the seeds of each run, grafts included, in the order to train them.
        screen_at, keep: an early verdict, as the command's options of these names.
        out: the folder of results; if it exists, the scan is continued. None keeps nothing on disk.
        progress: show progress on stderr.
        how: `device`, `jobs`, `lanes`, `compile`, `mixed_numerics`, `executor`, `scheduler`,
            `save_weights`, as the command's options.

    Returns:
        All runs of the folder, which may hold more than this call asked for.

    Raises:
        ValueError: seeds or options that cannot be used.
        StoreError: the folder cannot be used.
        RuntimeError: runs crashed; the others are stored.
    """
    from tempfile import TemporaryDirectory

    from grokseed.cli.options import SeedOptions
    from grokseed.cli.output import check_output, output_folder
    from grokseed.cli.progress import Progress, Silent
    from grokseed.cli.results import export_stored
    from grokseed.early import read_rule
    from grokseed.execution.how import How
    from grokseed.execution.scanner import Scanner
    from grokseed.records.provenance import recorded
    from grokseed.reports.result import load
    from grokseed.reports.scan import report

    if out is None and how.get("save_weights", "no") != "no":
        raise ValueError("save_weights needs a folder to save them in: pass out")
    seeds = SeedOptions(
        model_seeds=_spelled(model_seeds),
        loader_seeds=_spelled(loader_seeds),
        split_seeds=None if split_seeds is None else _spelled(split_seeds),
        val_seed=val_seed,
        pairs=pairs,
    )
    asked = list(seeds.runs(config.scheme) if runs is None else runs)
    with TemporaryDirectory(prefix="grokseed-") as nowhere:
        folder = output_folder(nowhere if out is None else out)
        check_output(folder)
        rule = read_rule(str(screen_at), keep)
        scanner = Scanner(config, asked, folder, How(**how), rule=rule)  # type: ignore[arg-type]
        watching = Progress(out or "in memory", len(asked), config.max_steps)
        command = recorded(["python", "-c", "import grokseed; grokseed.scan(...)"])
        if crashed := scanner.run(scanner.open(), command, watching if progress else Silent()):
            raise RuntimeError(f"{crashed} of {len(asked)} runs crashed")
        commands = export_stored(folder)
        if out is not None:
            report(folder, commands)
        return load(folder)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is `run_command`'s."""
    return run_command(COMMAND, _command, sys.argv[1:] if argv is None else argv)


def _command() -> Prepare:
    from grokseed.cli.folder import check_kind, check_no_grafts, check_same, default_folder
    from grokseed.cli.options import ClassOptions, EarlyOptions, HowOptions, SeedOptions
    from grokseed.cli.output import check_output, output_folder
    from grokseed.cli.parser import given, parse, parser, take
    from grokseed.cli.shard import Shard
    from grokseed.config import Config

    def check(options: Namespace) -> None:
        """Raise ValueError if the options name no runs."""
        runs = take(SeedOptions, options).runs(take(Config, options).scheme)
        Shard.read(take(HowOptions, options).shard).cut(runs)
        take(EarlyOptions, options)

    def prepare(argv: Sequence[str], command: Sequence[str]) -> Callable[[], int | None]:
        made = parser(COMMAND, __doc__, SeedOptions, ClassOptions, EarlyOptions, HowOptions)
        options = parse(made, argv, check)
        how, seeds = take(HowOptions, options), take(SeedOptions, options)
        formats, rule = how.formats(), take(ClassOptions, options).rule
        if how.out is None:
            named = default_folder(options.preset, take(Config, options), seeds)
            out = Path(Shard.read(how.shard).folder(named))
        else:
            out = output_folder(how.out)
        check_kind(out, ablation=False)
        check_output(out)
        from grokseed.cli.results import write_results  # slow: not for --help

        write = partial(write_results, formats=formats, rule=rule)
        if how.export:  # with --out, the folder's config counts, and only given options are checked
            check_same(out, *given(made, argv))
            _check_rule(rule, out, 0)
            return partial(write, out)
        check_no_grafts(out)
        from grokseed.cli.train import prepared

        config = take(Config, options)
        runs = seeds.runs(config.scheme)
        _check_rule(rule, out, len(runs))
        early = take(EarlyOptions, options).rule()
        work = prepared(config, runs, out, how, command, write, early)
        if config.max_steps < config.screen_step and config.stop_when == "never":
            warn(
                f"{COMMAND}: warning: runs end at step {config.max_steps:,}, before the screen "
                f"rule reads them at --screen-step {config.screen_step}: all will be undecided"
            )
        return work

    return prepare


def _check_rule(rule: Choice, out: Path, asked: int) -> None:
    """Raise ValueError if the folder, with the runs asked for, will be too small for the rule."""
    from grokseed.analysis.classify import LEAST_RUNS
    from grokseed.cli.folders import holds_runs
    from grokseed.records.source import sources
    from grokseed.reports.classes import check_enough

    if rule == "speedup" and asked < LEAST_RUNS and holds_runs(out):
        asked = max(asked, *(sum(1 for _ in source.each()) for source in sources(out)))
    check_enough(asked, rule)


def _spelled(seeds: Seed) -> str:
    return ",".join(map(str, [seeds] if isinstance(seeds, int) else seeds))


class _Callable(ModuleType):
    """This module is the command `python -m grokseed.scan` and the function `grokseed.scan`."""

    def __call__(self, *args: object, **named: object) -> object:
        return scan(*args, **named)  # type: ignore[arg-type]


sys.modules[__name__].__class__ = _Callable

if __name__ == "__main__":
    sys.exit(main())
