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
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import fields
from functools import partial
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from grokseed.cli.callable import make_callable
from grokseed.cli.command import KEPT_TO_EXPORT, Prepare, reason, run_command, warn

if TYPE_CHECKING:
    from jsonargparse import Namespace

    from grokseed.config import Config
    from grokseed.reports.result import Scan
    from grokseed.seeds import Seeds

COMMAND = "grokseed.scan"

Seed = int | str | Iterable[int]


def scan(
    config: Config,
    *,
    model_seeds: Seed | None = None,
    loader_seeds: Seed | None = None,
    split_seeds: Seed | None = None,
    val_seed: int | None = None,
    pairs: Literal["grid", "zip"] | None = None,
    runs: Sequence[Seeds] | None = None,
    screen_at: str | int = "",
    keep: str | Path = "",
    out: str | Path | None = None,
    progress: bool = True,
    **how: object,
) -> Scan:
    """Train the runs of some seeds, with the command's workers, store, resume and progress.

    Args:
        config: of all runs, from `grokseed.preset` or `grokseed.Config`.
        model_seeds, loader_seeds, split_seeds, val_seed, pairs: as the command's options of these
            names; a seed, several such as `range(8)`, or text such as `0:8`. None is the default of
            the command.
        runs: instead of these, which must then be left out, the seeds of each run, grafts included,
            in the order to train them.
        screen_at, keep: an early verdict, as the command's options of these names.
        out: the folder of results; if it exists, the scan is continued. None keeps nothing on disk.
        progress: show progress on stderr.
        how: `device`, `jobs`, `lanes`, `compile`, `checkpoints`, `mixed_numerics`, `executor`,
            `scheduler`, `save_weights`, as the command's options.

    Returns:
        All runs of the folder, which may hold more than this call asked for.

    Raises:
        TypeError: `config` is none, `runs` are no `Seeds`, there is no such option, or an option
            is of another type.
        ValueError: seeds, grafts or options that cannot be used, or a graft whose run has another
            name, such as head+token_embedding=2 for token_embedding+head=2.
        StoreError: the folder cannot be used; an ablation's is one of these.
        CrashedError: runs crashed. Its `scan` has the others, and `out` has its tables and figures.
    """
    from tempfile import TemporaryDirectory

    from grokseed.cli.again import again
    from grokseed.cli.folder import check_kind
    from grokseed.cli.options import SeedOptions
    from grokseed.cli.output import check_output, output_folder
    from grokseed.cli.progress import Progress
    from grokseed.cli.results import export_stored
    from grokseed.config import Config
    from grokseed.early import read_rule
    from grokseed.execution.how import How
    from grokseed.execution.observer import Observer
    from grokseed.execution.scanner import Scanner
    from grokseed.model.graft import check_name
    from grokseed.records.database import StoreError
    from grokseed.records.provenance import recorded
    from grokseed.reports.result import CrashedError, load
    from grokseed.reports.scan import check_readable, report

    if not isinstance(config, Config):
        raise TypeError(f"config must be a grokseed.Config, as of grokseed.preset, not {config!r}")
    if unknown := set(how) - {field.name for field in fields(How)}:
        raise TypeError(f"grokseed.scan has no option {', '.join(sorted(unknown))}")
    if not isinstance(keep, str | Path):
        raise TypeError(f"keep must be text, not {keep!r}")
    if not isinstance(screen_at, str | Integral):
        raise TypeError(f"screen_at must be a step or text such as '800,1200', not {screen_at!r}")
    if out is None and how.get("save_weights", "no") != "no":
        raise ValueError("save_weights needs a folder to save them in: pass out")
    streams = {"model_seeds": model_seeds, "loader_seeds": loader_seeds, "split_seeds": split_seeds}
    given: dict[str, Any] = {k: _spelled(k, of) for k, of in streams.items() if of is not None}
    given |= {} if val_seed is None else {"val_seed": val_seed}
    given |= {} if pairs is None else {"pairs": pairs}
    if runs is not None and given:
        raise ValueError(f"runs say all seeds of each run: leave out {', '.join(given)}")
    asked = SeedOptions(**given).runs(config.scheme) if runs is None else _named(runs)
    for model, graft in dict.fromkeys((run.model, run.graft) for run in asked if run.graft):
        check_name(config, model, graft)
    with TemporaryDirectory(prefix="grokseed-") as nowhere:
        folder = output_folder(nowhere if out is None else out)
        try:
            check_kind(folder, ablation=False)
            check_output(folder)
            check_readable(folder)
        except OSError as error:  # such as a folder that one may not look into
            raise StoreError(reason(error)) from None
        rule = read_rule(str(screen_at), str(keep))
        scanner = Scanner(config, asked, folder, How(**how), rule=rule)  # type: ignore[arg-type]
        watching = Progress(out or "in memory", len(asked), config.max_steps)
        command = recorded(["python", "-c", "import grokseed; grokseed.scan(...)"])
        errors = scanner.run(scanner.open(), command, watching if progress else Observer())
        commands = export_stored(folder)
        if out is not None:
            report(folder, commands, again=again(folder))
        found = load(folder)
        if errors:
            crashed, first = errors.total(), next(iter(errors))
            raise CrashedError(f"{crashed:,} of {len(asked):,} runs crashed: {first}", found)
        return found


def _named(runs: Iterable[object]) -> list[Seeds]:
    """The runs that a caller names, each once."""
    from grokseed.seeds import Seeds

    several = list(runs) if isinstance(runs, Iterable) else [None]
    named = [run for run in several if isinstance(run, Seeds)]
    if len(named) < len(several):
        raise TypeError(f"runs must be a list of grokseed.Seeds, not {runs!r:.200}")
    if not named:
        raise ValueError("runs is empty: there is nothing to train")
    return list(dict.fromkeys(named))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is `run_command`'s."""
    return run_command(COMMAND, _command, argv, KEPT_TO_EXPORT)


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
        from grokseed.reports.scan import check_readable

        check_readable(out)
        write = partial(write_results, formats=formats, rule=rule)
        if how.export:  # with --out, the folder's config counts, and only given options are checked
            check_same(out, *given(made, argv))
            if rule == "speedup":
                _check_enough(out, ())
            return partial(write, out)
        check_no_grafts(out)
        from grokseed.cli.train import prepared

        config = take(Config, options)
        runs = seeds.runs(config.scheme)
        if rule == "speedup":
            _check_enough(out, Shard.read(how.shard).cut(runs))
        early = take(EarlyOptions, options).rule()
        work = prepared(config, runs, out, how, command, write, early)
        if config.max_steps < config.screen_step and config.stop_when == "never":
            warn(
                f"{COMMAND}: warning: runs end at step {config.max_steps:,}, before the screen "
                f"rule reads them at --screen-step {config.screen_step}: all will be undecided"
            )
        return work

    return prepare


def _check_enough(out: Path, asked: Collection[Seeds]) -> None:
    """Raise ValueError if the folder, with the runs asked for, will be too small for the speedup
    rule."""
    from grokseed.analysis.classify import LEAST_RUNS
    from grokseed.records.folder import holds_runs
    from grokseed.records.source import sources
    from grokseed.reports.classes import check_enough

    there = set(asked)
    if len(there) < LEAST_RUNS and holds_runs(out):
        there |= {row.seeds for source in sources(out) for row, _, _ in source.each()}
    check_enough(len(there), "speedup")


def _spelled(name: str, seeds: Seed) -> str:
    from grokseed.seeds import whole

    if isinstance(seeds, str):
        return seeds
    # Bytes hold integers too: b"3" would be seed 51.
    several = seeds if isinstance(seeds, Iterable) and not isinstance(seeds, bytes) else [seeds]
    if not (spelled := ",".join(str(whole(f"a seed of {name}", seed)) for seed in several)):
        raise ValueError(f"{name} is empty")
    return spelled


make_callable(__name__, scan)

if __name__ == "__main__":
    sys.exit(main())
