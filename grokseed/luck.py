"""Where one run stands among a scan's others: how lucky was it, and what would the best of n show?

examples:
  python -m grokseed.luck results/mini_generalise --run 75
  python -m grokseed.luck results/mini_generalise --at 4000
  python -m grokseed.luck results/mini_generalise --run 75 --landmark memorised
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import get_args

from grokseed.cli.command import Prepare, run_command, say

COMMAND = "grokseed.luck"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is `run_command`'s."""
    return run_command(COMMAND, _command, argv)


def _command() -> Prepare:
    from grokseed.analysis.survival import Landmark
    from grokseed.cli.plain import parsed, plain_parser
    from grokseed.reports.comparison import read
    from grokseed.reports.luck import told

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
        if options.at is not None and not (math.isfinite(options.at) and options.at > 0):
            raise ValueError(f"--at must be a positive number of steps, not {options.at:g}")
        folder = read(Path(options.folder), options.landmark)
        return partial(say, told(folder, options.run, options.at, options.landmark))

    return prepare


if __name__ == "__main__":
    sys.exit(main())
