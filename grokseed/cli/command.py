"""What every command line has in common: its exit statuses, and one line for whatever is wrong."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType

BAD_INPUT, FAILED, INTERRUPTED = 2, 1, 130

LONGEST_ECHO = 200
"""Characters of an error's line: what the user typed may be of any length."""

SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]

Prepare = Callable[[Sequence[str], Sequence[str]], Callable[[], int | None]]
"""From the options and the whole command line makes what is to be done, which returns its exit
status or None for 0; raises for bad input before anything is written."""


class Stopped(KeyboardInterrupt):
    """A signal asked the command to end, as Ctrl-C does."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def run_command(name: str, prepare: Callable[[], Prepare], argv: Sequence[str]) -> int:
    """Run a command line.

    Args:
        name: the module's name, such as `grokseed.scan`.
        prepare: imports what the command needs, and gives what prepares it. Imports take seconds:
            here Ctrl-C in the middle of them ends in a line, not in a traceback.
        argv: the options.

    Returns:
        The exit status: 0; 1 where it failed once it had started, or a run crashed; 2 for bad
        input, with nothing written; 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP.
    """
    command = ["python", "-m", name, *argv]
    before = {number: signal.signal(number, _stop) for number in _settable()}
    try:
        return _run(name, prepare, argv, command)
    except KeyboardInterrupt as stop:
        # A second one ends at once, whatever the first is still waiting for.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        with suppress(OSError):
            stopped = "Stopped; what is finished is stored, and --export writes what there is."
            print(f"\n{stopped} To go on: {shlex.join(command)}", file=sys.stderr)
        return 128 + stop.number if isinstance(stop, Stopped) else INTERRUPTED
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def say(text: str) -> None:
    """Print, and let nobody hear of it where the reader has gone, as `head` does."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(
    name: str, prepare: Callable[[], Prepare], argv: Sequence[str], command: Sequence[str]
) -> int:
    from grokseed.records.database import StoreError

    try:
        try:
            work = prepare()(argv, command)
        except (ValueError, StoreError, OSError) as error:
            return _fail(name, error, BAD_INPUT)
        return work() or 0
    except (StoreError, OSError) as error:
        return _fail(name, error, FAILED)


def _settable() -> list[signal.Signals]:
    """The signals that ask a command to end; none outside the main thread, which gets them."""
    return SIGNALS if threading.current_thread() is threading.main_thread() else []


def _stop(number: int, _: FrameType | None) -> None:
    raise Stopped(number)


def _fail(name: str, error: Exception, status: int) -> int:
    with suppress(BrokenPipeError):
        line = " ".join(str(error).split())
        if len(line) > LONGEST_ECHO:
            line = f"{line[: LONGEST_ECHO - 1]}…"
        print(f"{name}: error: {line}", file=sys.stderr, flush=True)
    return status
