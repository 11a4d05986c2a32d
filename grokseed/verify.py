"""Check every seal and digest of folders of results, and train some of their runs again.

examples:
  python -m grokseed.verify results/mini_screen
  python -m grokseed.verify results/mini_screen --rows 3
  python -m grokseed.verify results/mini_screen results/mini_generalise --rows 2

Without --rows nothing is trained. Then digests are checked only where `scan.db` has whole
trajectories, and `trajectories.npz` is compared with these; in a clone, which has none, only --rows
compares its points with anything.

The exit status is 0 if all is right, 1 if a run is damaged or does not come out the same, 2 for bad
input. It writes nothing.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from grokseed.cli.command import BAD_INPUT, FAILED, Prepare, reason, run_command, say, warn
from grokseed.texts import name_of

if TYPE_CHECKING:
    from grokseed.records.points import Points
    from grokseed.records.row import Row
    from grokseed.seeds import Seeds

COMMAND = "grokseed.verify"


@dataclass(frozen=True)
class VerifyOptions:
    """Which runs to train again.

    Args:
        rows: how many runs of each folder, drawn at random, to train again; all if there are fewer.
        seed: of the draw.
        jobs: worker processes; by default one a core, or one a GPU.
        text: for task rote, the text file, if the runs do not use the shipped one.
    """

    rows: int = 0
    seed: int = 0
    jobs: int | None = None
    text: str | None = None

    def __post_init__(self) -> None:
        if self.rows < 0:
            raise ValueError(f"rows must be at least 0, not {self.rows}")
        if self.jobs is not None and self.jobs < 1:
            raise ValueError(f"jobs must be at least 1, not {self.jobs}")
        if self.text is not None:
            name_of(self.text)  # and its content is kept


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is `run_command`'s."""
    return run_command(COMMAND, _command, argv)


def _command() -> Prepare:
    from grokseed.cli.folders import named_once, parse_folders
    from grokseed.cli.parser import take
    from grokseed.records.folder import check_holds_runs

    def prepare(argv: Sequence[str], command: Sequence[str]) -> Callable[[], int]:
        options = parse_folders(COMMAND, __doc__, "folders of results", VerifyOptions, argv)
        asked = take(VerifyOptions, options)
        named_once(options.folders)
        for folder in options.folders:
            check_holds_runs(folder)
        return partial(_verify_all, options.folders, asked)

    return prepare


def _verify_all(folders: Sequence[Path], asked: VerifyOptions) -> int:
    """Verify each folder, also after one that failed; return the worst exit status."""
    from grokseed.records.database import StoreError

    statuses = []
    for folder in folders:
        try:
            statuses.append(0 if verify(folder, asked) else FAILED)
        except (StoreError, OSError) as error:
            statuses.append(FAILED)
            warn(f"{COMMAND}: error: {reason(error)}")
        except ValueError as error:  # this machine cannot train such a config
            statuses.append(BAD_INPUT)
            warn(f"{COMMAND}: error: {folder}: {error}")
    if not asked.rows and not any(statuses):
        say("No run was trained again: --rows compares some with a training.")
    return max(statuses)


def verify(folder: Path, asked: VerifyOptions) -> bool:
    """Check a folder, print what was found, and say whether all is right.

    Raises:
        StoreError: a row does not match its seal, a trajectory does not match its digest, a run
            has two digests, or a file cannot be read.
        ValueError: this machine cannot train such a config.
    """
    from grokseed.execution.retrain import retrain
    from grokseed.records.folder import POINTS
    from grokseed.records.source import sources
    from grokseed.records.union import union
    from grokseed.reports.verification import compared, same_points, stored

    found = sources(folder)
    held, config = union(found), found[0].config
    rows: dict[Seeds, Row] = {}
    points: dict[tuple[Seeds, str], Points] = {}
    wrong: list[str] = []
    for place, source in reversed(list(enumerate(found))):  # first the table
        for row, some, trajectory in source.each():
            if held.place.get(row.seeds) == place:
                rows[row.seeds] = row
            # A run that went on has another digest than in a table that is older.
            one = row.seeds, row.digest
            if trajectory is None:
                points[one] = some
            elif one in points and not same_points(points[one], trajectory, config):
                wrong.append(f"{row.seeds}: {POINTS} holds other points than {source}")
    say("\n".join([stored(folder, found, list(rows.values()), held.whole), *wrong]))
    results = [row for _, row in sorted(rows.items()) if row.status != "crashed"]
    drawn = random.Random(asked.seed).sample(results, min(asked.rows, len(results)))
    if not drawn:
        return not wrong
    again = sorted(retrain(config, drawn, asked.jobs), key=lambda one: one.row.seeds)
    unlike, lines = compared(config, results, points, again)
    say("\n".join([*unlike, *lines]))
    return not wrong and not unlike


if __name__ == "__main__":
    sys.exit(main())
