"""Put a winner's initial weights into a loser, a layer group at a time, and see which carry luck.

examples:
  python -m grokseed.ablate --donor 42 --recipient 56 --loader-seed 8 --scheme diary
  python -m grokseed.ablate --preset mini --donors 556,588 --recipients 0:4 --loader-seed 8
  python -m grokseed.ablate --preset mini --donor 556 --recipient 0 --loader-seed 8 --groups head

The same command again trains only what is missing. Other commands add cells to the folder of
`--out`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import astuple
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from grokseed.cli.command import KEPT_TO_EXPORT, Prepare, run_command, say, warn

if TYPE_CHECKING:
    from jsonargparse import Namespace

COMMAND = "grokseed.ablate"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is `run_command`'s."""
    return run_command(COMMAND, _command, argv, KEPT_TO_EXPORT)


def _command() -> Prepare:
    from grokseed.cli.cells import AblateOptions, default_ablation_folder
    from grokseed.cli.folder import check_kind, check_same
    from grokseed.cli.options import HowOptions
    from grokseed.cli.output import check_output, output_folder
    from grokseed.cli.parser import given, parse, parser, take
    from grokseed.cli.shard import Shard
    from grokseed.config import Config

    def check(options: Namespace) -> None:
        """Raise ValueError if the options name no cells."""
        found = take(AblateOptions, options).cells(take(Config, options))
        Shard.read(take(HowOptions, options).shard).cut([cell.seeds for cell in found])

    def prepare(argv: Sequence[str], command: Sequence[str]) -> Callable[[], int | None]:
        made = parser(COMMAND, __doc__, HowOptions, AblateOptions)
        options = parse(made, argv, check)
        how, asked = take(HowOptions, options), take(AblateOptions, options)
        config = take(Config, options)
        named = default_ablation_folder(options.preset, config, asked)
        usual = Shard.read(how.shard).folder(named)
        out = output_folder(usual if how.out is None else how.out)
        check_kind(out, ablation=True)
        check_output(out)
        import pandas as pd  # slow: not for --help

        from grokseed.reports import cells
        from grokseed.reports.scan import check_readable

        write = partial(write_ablation, formats=how.formats())
        there = cells.stored(out)  # fails before anything is trained if a table cannot be read
        check_readable(out)
        if how.export:
            check_same(out, *given(made, argv), splits=set(there["split"]))
            return partial(write, out)
        from grokseed.cli.train import prepared

        found = asked.cells(config)
        runs = list(dict.fromkeys(cell.seeds for cell in found))
        work = prepared(config, runs, out, how, command, write)
        rows = [
            (*(c.kind, c.groups, c.parts, c.recipient, c.donor, c.split), *astuple(c.seeds))
            for c in found
        ]

        def ablate() -> int | None:
            if not how.dry_run:
                cells.remember(out, pd.DataFrame(rows, columns=cells.DESIGN))
            return work()

        return ablate

    return prepare


def write_ablation(
    folder: Path, answer: str | None = None, formats: Sequence[str] = ("png",)
) -> None:
    """Write an ablation's tables, figures and README from its store, or from its tables alone.

    Prints what it found.

    Args:
        answer: what a study asked and found, for the README; None keeps the present answer.
        formats: of the figures, some of png, pdf, svg.

    Raises:
        StoreError: as `cli.results.export_stored` does.
        OSError: a file cannot be written.
    """
    from grokseed.cli.again import again
    from grokseed.cli.results import export_stored
    from grokseed.records.export import write_atomically
    from grokseed.records.folder import CELLS
    from grokseed.reports import ablation
    from grokseed.reports.cells import without_cell
    from grokseed.reports.scan import ANSWER

    commands = export_stored(folder)
    if answer is not None:
        write_atomically(folder / ANSWER, f"{answer}\n".encode())
    say(ablation.report(folder, commands, formats, again(folder)))
    if lacking := without_cell(folder):
        warn(
            f"{COMMAND}: warning: grafted runs of {folder} are of no cell of {CELLS}: {lacking:,}; "
            "if that file has lost rows, the commands that made them add them again"
        )


if __name__ == "__main__":
    sys.exit(main())
