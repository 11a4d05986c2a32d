"""A scan of `made_up.CONFIG` as a command, what it left on disk, and calls that fail on the way."""

from collections.abc import Callable
from pathlib import Path

from made_up import CONFIG

from grokseed import scan

SMALL = [f"--{name.replace('_', '-')}={value}" for name, value in CONFIG.changes().items()]


def small_scan(*argv: str) -> int:
    """The exit status of a scan of `CONFIG` into `out`."""
    return scan.main([*SMALL, "--out=out", "--jobs=1", *argv])


def everything(folder: Path) -> dict[str, bytes]:
    """The content of every file below a folder."""
    return {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def failing_after(calls: int, function: Callable, error: BaseException) -> Callable:
    """The function, which fails from the call after so many on."""
    well = iter(range(calls))

    def tried(*given, **named):
        if next(well, None) is None:
            raise error
        return function(*given, **named)

    return tried
