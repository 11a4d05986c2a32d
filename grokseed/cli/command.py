"""What every command line has in common: its exit statuses, and one line for whatever is wrong."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from grokseed.records.database import StoreError

BAD_INPUT, FAILED, INTERRUPTED = 2, 1, 130

Prepare = Callable[[Sequence[str], Sequence[str]], Callable[[], int | None]]


def run_command(name: str, prepare: Prepare, argv: Sequence[str]) -> int:
    """Run a command line.

    Args:
        name: the module's name, such as `grokseed.scan`.
        prepare: from the options and the whole command line makes what is to be done, which
            returns its exit status or None for 0; raises for bad input before anything is written.
        argv: the options.

    Returns:
        The exit status: 0; 1 where it failed once it had started, or a run crashed; 2 for bad
        input, with nothing written; 130 after Ctrl-C.
    """
    command = ["python", "-m", name, *argv]
    try:
        try:
            work = prepare(argv, command)
        except (ValueError, StoreError, OSError) as error:
            return _fail(name, error, BAD_INPUT)
        return work() or 0
    except (StoreError, OSError) as error:
        return _fail(name, error, FAILED)
    except KeyboardInterrupt:
        stopped = "Stopped; what is finished is stored, and --export writes what there is."
        print(f"\n{stopped} To go on: {shlex.join(command)}", file=sys.stderr)
        return INTERRUPTED


def _fail(name: str, error: Exception, status: int) -> int:
    with suppress(BrokenPipeError):
        line = " ".join(str(error).split())
        print(f"{name}: error: {line}", file=sys.stderr, flush=True)
    return status
