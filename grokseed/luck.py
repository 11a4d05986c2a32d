"""Where one run stands among a scan's others: how lucky was it, and what would the best of n show?

examples:
  python -m grokseed.luck results/mini_generalise --run 75
  python -m grokseed.luck results/mini_generalise --at 4000
  python -m grokseed.luck results/mini_generalise --run 75 --landmark memorised

From Python it is `grokseed.luck("results/mini_generalise", run=75)`.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from functools import partial
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from grokseed.cli.callable import make_callable
from grokseed.cli.command import Prepare, run_command, say

if TYPE_CHECKING:
    import pandas as pd

    from grokseed.analysis.survival import Landmark
    from grokseed.reports.result import Scan

COMMAND = "grokseed.luck"


def luck(
    scan: Scan | str | Path,
    *,
    run: int | Sequence[int] | None = None,
    at: float | None = None,
    landmark: Landmark = "t98",
) -> pd.DataFrame:
    """Where one run stands among a scan's others. The command's tables as one, from Python.

    Args:
        scan: a scan, or the folder of one.
        run: the run's model seed, or its split, model, loader and val seeds.
        at: a step instead, as if a run had reached the landmark there.
        landmark: the event whose time is ranked.

    Returns:
        A row a quantity, such as `best of 10, median`, with columns `estimate`, `low` and `high`
        (of the 95 % interval) and `n`, the other runs. Of a step, 0 is before the first run that
        reached the landmark, and infinity after the last. Where runs share seeds, steps have no
        limits (NaN). Nor is the share known (NaN) if runs ended before `at`; it lies within its
        limits.

    Raises:
        TypeError: `scan` is no scan and no folder.
        StoreError: the folder holds no scan's tables, or damaged ones.
        ValueError: not one of `run` and `at`, no such run, or runs that cannot be ranked.
    """
    from grokseed.reports.compared import taken
    from grokseed.reports.luck import place, table

    if (run is None) == (at is None):
        raise ValueError("name either run or at")
    _check_step("at", at)
    several = run if isinstance(run, Sequence) and not isinstance(run, bytes) else [run]
    named = None if run is None else ",".join(map(str, several))
    return table(place(taken(scan, "scan", landmark), named, at, landmark))


def _check_step(name: str, at: object) -> None:
    if at is None:
        return
    try:
        fits = isinstance(at, Real) and not isinstance(at, bool) and 0 < float(at) < math.inf
    except OverflowError:  # an integer that is larger than any float
        fits = False
    if not fits:
        raise ValueError(f"{name} must be a positive number of steps, not {at!r}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is `run_command`'s."""
    return run_command(COMMAND, _command, argv)


def _command() -> Prepare:
    from grokseed.analysis.survival import Landmark
    from grokseed.cli.plain import parsed, plain_parser
    from grokseed.reports.compared import read
    from grokseed.reports.luck import place, told

    def prepare(argv: Sequence[str], command: Sequence[str]) -> Callable[[], int | None]:
        """The work that a command line asks for: printing. Bad input raises here."""
        made = plain_parser(COMMAND, __doc__, "FOLDER (--run SEEDS | --at STEP) [options]")
        made.add_argument("folder", nargs="?", help="a scan's folder")
        made.add_argument("--run", help="the run's model seed, or its split,model,loader,val")
        made.add_argument(
            "--at", type=float, help="a step instead, as if a run had reached the landmark there"
        )
        landmarks = get_args(Landmark)
        made.add_argument(
            "--landmark", choices=landmarks, default="t98", help="the event whose time is ranked"
        )
        options = parsed(made, argv)
        if options.folder is None or (options.run is None) == (options.at is None):
            raise ValueError("name a folder, and either --run or --at")
        _check_step("--at", options.at)
        folder = read(Path(options.folder), options.landmark)
        found = place(folder, options.run, options.at, options.landmark)
        return partial(say, told(folder, found, options.landmark))

    return prepare


make_callable(__name__, luck)

if __name__ == "__main__":
    sys.exit(main())
