"""Train many runs that differ in their seeds alone, and say which won and how sure that is.

    python -m grokseed.scan --model-seeds 0:2073 --loader-seed 8

The same command again does only what is missing. `--help` lists all options. From Python it is
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
    out: str | Path | None = None,
    progress: bool = True,
    **how: object,
) -> Scan:
    """Train the runs of some seeds, with the command's workers, store, resume and progress.

    Args:
        config: of all the runs, from `grokseed.preset` or `grokseed.Config`.
        model_seeds, loader_seeds, split_seeds, val_seed, pairs: as the command's options of these
            names; a seed, or several such as `range(8)`.
        runs: the seeds of each run instead, grafts among them, in the order to train them.
        out: the folder of results, gone on with where it exists; None keeps nothing on disk.
        progress: say on stderr how far it is.
        how: `device`, `jobs`, `lanes`, `compile`, `mixed_numerics`, `executor`, `scheduler`,
            `save_weights`, as the command's options.

    Returns:
        The runs of the whole folder, which may hold more than was asked for now.

    Raises:
        ValueError: seeds or options that cannot be used.
        StoreError: the folder cannot be used.
        RuntimeError: runs crashed; the others are stored.
    """
    from tempfile import TemporaryDirectory

    from grokseed.cli.options import SeedOptions
    from grokseed.cli.progress import Progress, Silent
    from grokseed.cli.results import export_stored
    from grokseed.execution.how import How
    from grokseed.execution.scanner import Scanner
    from grokseed.records.provenance import recorded
    from grokseed.reports.result import load
    from grokseed.reports.scan import report

    if out is None and how.get("save_weights", "no") != "no":
        raise ValueError("save_weights needs a folder to save them in: give out")
    seeds = SeedOptions(
        model_seeds=_spelled(model_seeds),
        loader_seeds=_spelled(loader_seeds),
        split_seeds=None if split_seeds is None else _spelled(split_seeds),
        val_seed=val_seed,
        pairs=pairs,
    )
    asked = list(seeds.runs(config.scheme) if runs is None else runs)
    with TemporaryDirectory(prefix="grokseed-") as nowhere:
        folder = Path(nowhere if out is None else out)
        scanner = Scanner(config, asked, folder, How(**how))  # type: ignore[arg-type]
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
    from grokseed.cli.folder import check_kind, check_same, default_folder
    from grokseed.cli.options import HowOptions, SeedOptions
    from grokseed.cli.parser import given, parse, parser, take
    from grokseed.cli.shard import Shard
    from grokseed.config import Config

    def check(options: Namespace) -> None:
        """Raise ValueError where the options stand for no runs."""
        runs = take(SeedOptions, options).runs(take(Config, options).scheme)
        Shard.read(take(HowOptions, options).shard).cut(runs)

    def prepare(argv: Sequence[str], command: Sequence[str]) -> Callable[[], int | None]:
        made = parser(COMMAND, (__doc__ or "").splitlines()[0], HowOptions, SeedOptions)
        options = parse(made, argv, check)
        how, seeds = take(HowOptions, options), take(SeedOptions, options)
        formats = how.formats()
        if how.out is None:
            named = default_folder(options.preset, take(Config, options), seeds)
            out = Path(Shard.read(how.shard).folder(named))
        else:
            out = Path(how.out)
        check_kind(out, ablation=False)
        from grokseed.cli.results import write_results  # as figures and torch: not for --help

        write = partial(write_results, formats=formats)
        if how.export:  # with --out, a config is needed no more than it is given
            check_same(out, *given(made, argv))
            return partial(write, out)
        from grokseed.cli.train import prepared

        config = take(Config, options)
        work = prepared(config, seeds.runs(config.scheme), out, how, command, write)
        if config.max_steps < config.screen_step and config.stop_when == "never":
            warn(
                f"{COMMAND}: warning: runs end at step {config.max_steps:,}, before the screen "
                f"rule reads them at --screen-step {config.screen_step}: all will be undecided"
            )
        return work

    return prepare


def _spelled(seeds: Seed) -> str:
    return ",".join(map(str, [seeds] if isinstance(seeds, int) else seeds))


class _Callable(ModuleType):
    """This module is the command `python -m grokseed.scan` and the function `grokseed.scan`."""

    def __call__(self, *args: object, **named: object) -> object:
        return scan(*args, **named)  # type: ignore[arg-type]


sys.modules[__name__].__class__ = _Callable

if __name__ == "__main__":
    sys.exit(main())
