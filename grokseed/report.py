"""All studies on two pages: `README.md`, an index, and `report.html`, to explore with a browser.

examples:
  python -m grokseed.report
  python -m grokseed.report results --lines 60
  python -m grokseed.report my_studies

Both are made from the tables that git keeps, without torch. The page is one file: it needs no
network. Altair makes its charts: `pip install .[report]`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from grokseed.cli.command import run_command, say
from grokseed.cli.plain import parsed, plain_parser

COMMAND = "grokseed.report"
README, PAGE = "README.md", "report.html"
MARKS = {
    README: "Written by `python -m grokseed.report`",
    PAGE: "<title>grokseed: all studies</title>",
}
"""What each file of this command has, in its template: any other is not replaced."""

LINES = 120


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is `run_command`'s."""
    return run_command(COMMAND, lambda: _prepare, argv)


def _prepare(argv: Sequence[str], command: Sequence[str]) -> Callable[[], None]:
    """Read all tables, and return the function that writes both files."""
    made = plain_parser(COMMAND, __doc__)
    made.add_argument(
        "folder", nargs="?", default="results", help="the folder that holds the studies' folders"
    )
    lines = "trajectories on the page of one study at most"
    made.add_argument("--lines", type=int, default=LINES, help=lines)
    options = parsed(made, argv)
    if options.lines < 1:
        raise ValueError(f"--lines must be at least 1, not {options.lines}")
    _check_extra()
    folder = Path(options.folder)
    for name, mark in MARKS.items():
        _check_own(folder / name, mark)
    return partial(_write, folder, *pages(folder, options.lines))


def _check_extra() -> None:
    """Raise ValueError if a package that makes the charts is missing."""
    try:
        import altair  # noqa: F401
        import vl_convert  # noqa: F401
    except ImportError as error:
        raise ValueError(f"needs {error.name}: pip install 'grokseed[report]'") from None


def _check_own(path: Path, mark: str) -> None:
    """Raise ValueError if there is a file without the mark: this command has not written it."""
    if path.exists() and mark not in path.read_text("utf-8", errors="replace"):
        raise ValueError(
            f"{path} was not written by {COMMAND}, which would replace it: move or rename it"
        )


def pages(folder: Path, lines: int = LINES) -> tuple[str, str]:
    """The index in Markdown and the page in HTML of a folder of studies; writes nothing.

    Args:
        folder: holds a folder a study, `claims.csv` where claims were judged, and `groups.csv`
            where the index has headings.
        lines: at most this many trajectories a study.

    Raises:
        StoreError: no study there has tables of runs, or a file is damaged.
    """
    from grokseed.model.cost import core_seconds
    from grokseed.reports.claims import read_claims
    from grokseed.reports.groups import read_groups
    from grokseed.reports.page import index, page
    from grokseed.reports.studies import read_studies

    studies, claims = read_studies(folder, core_seconds), read_claims(folder)
    return index(folder, studies, claims, read_groups(folder)), page(studies, claims, lines)


def _write(folder: Path, readme: str, html: str) -> None:
    from grokseed.records.export import write_atomically

    write_atomically(folder / PAGE, html.encode())
    write_atomically(folder / README, readme.encode())
    say(f"{folder / README} and {folder / PAGE} ({len(html.encode()) / 1e6:.1f} MB)")


if __name__ == "__main__":
    sys.exit(main())
