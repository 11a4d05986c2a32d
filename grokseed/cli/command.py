"""What every command line has in common: exit statuses, and one line for every error."""

from __future__ import annotations

import io
import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType
from typing import TextIO

BAD_INPUT, FAILED = 2, 1
"""Exit statuses besides 0 and those of signals, which are 128 and the signal's number."""

LONGEST_ECHO, LONGEST_LINE = 200, 1000
"""Longest error line, in characters: about bad input, which may be of any length, and about
anything else."""

SIGNALS = [getattr(signal, n) for n in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, n)]

STOPPED = "Stopped. To start again:"
KEPT = "Stopped; what is finished is stored. To go on:"
KEPT_TO_EXPORT = "Stopped; what is finished is stored, and --export writes what there is. To go on:"
"""What a command says, before its own line, when a signal ends it: one that stores nothing on its
way, one that stores the runs it trains, and one that has --export as well."""

DRY = "--dry-run"
"""The flag with which no command stores anything."""

Prepare = Callable[[Sequence[str], Sequence[str]], Callable[[], int | None]]
"""Makes the command's work from its options and the whole command line. The work returns its exit
status, or None for 0. Bad input raises before anything is written."""


class Stopped(KeyboardInterrupt):
    """A signal asked the command to end."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class _Signals:
    """What Ctrl-C, SIGTERM and SIGHUP do.

    While modules load they end the process at once: there is nothing to save yet, and an exception
    in the middle of an import may be swallowed or turn into another one. Later the first signal
    raises `Stopped`, and the next one ends the process at once. A terminal that closes may send
    SIGHUP twice; the second one does nothing. While the process ends, there is nothing left to
    save, and an exception would only be printed: a signal ends it at once then too.
    """

    def __init__(self, line: str) -> None:
        self.loading, self.ending, self._asked, self._line = True, False, False, line

    def __call__(self, number: int, _: FrameType | None) -> None:
        if self.loading:
            with suppress(OSError):
                os.write(2, f"{self._line}\n".encode())
        again = self._asked or self.ending
        if self.loading or (again and number != signal.SIGHUP):
            os._exit(128 + number)
        if not again:
            self._asked = True
            raise Stopped(number)


def run_command(
    name: str,
    prepare: Callable[[], Prepare],
    given: Sequence[str] | None,
    stopped: str = STOPPED,
) -> int:
    """Run a command line.

    Args:
        name: the module's name, such as `grokseed.scan`.
        prepare: imports what the command needs, and returns the function that prepares it. Imports
            take seconds; called from here, Ctrl-C during them gives one line, not a traceback.
        given: the options; None for the process's own, which ends then, so that signals stay as
            they are here.
        stopped: what a signal that ends it leaves, for a line that ends with the command.

    Returns:
        The exit status: 0; 1 if it failed after it had started, or a run crashed; 2 for bad input,
        with nothing written; 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP.
    """
    argv = sys.argv[1:] if given is None else given
    command = ["python", "-m", name, *argv]
    line = f"{STOPPED if DRY in argv else stopped} {_again(command)}"
    signals = _Signals(line)
    before = {number: signal.signal(number, signals) for number in _settable()}
    _open_closed_streams()
    try:
        return _run(name, prepare, argv, command, signals)
    except KeyboardInterrupt as stop:
        warn(f"\n{line}")
        return 128 + (stop.number if isinstance(stop, Stopped) else signal.SIGINT)
    finally:
        if given is None:
            signals.ending = True
        else:
            for number, handler in before.items():
                signal.signal(number, handler)


def say(text: str) -> None:
    """Print on stdout. If the reader has closed the pipe, as `head` does, nothing is reported.

    Raises:
        OSError: it cannot be written for another reason.
    """
    error = _print(text, sys.stdout)
    if error and not isinstance(error, BrokenPipeError):
        raise error


def warn(text: str) -> None:
    """Print on stderr, if that is open: a warning that cannot be shown is no error."""
    _print(text, sys.stderr)


def reason(error: BaseException) -> str:
    """What an error says, without the number that the system has for it."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    return error.strerror if error.filename is None else f"{error.filename}: {error.strerror}"


def _print(text: str, stream: TextIO) -> OSError | None:
    try:
        print(text, file=stream, flush=True)
    except OSError as error:
        with open(os.devnull, "w") as null:  # takes the rest of the buffer, and later output
            os.dup2(null.fileno(), stream.fileno())
        return error
    return None


def _run(
    name: str,
    prepare: Callable[[], Prepare],
    argv: Sequence[str],
    command: Sequence[str],
    signals: _Signals,
) -> int:
    from grokseed.records.database import StoreError
    from grokseed.records.provenance import named_commit

    try:
        try:
            _check_text(argv)
            named_commit()
            made = prepare()
            signals.loading = False
            work = made(argv, command)
        except (ValueError, StoreError, OSError, RecursionError) as error:
            return _fail(name, error, BAD_INPUT, LONGEST_ECHO)
        return work() or 0
    except (StoreError, OSError, MemoryError) as error:
        return _fail(name, error, FAILED, LONGEST_LINE)


def _check_text(argv: Sequence[str]) -> None:
    """Refuse bytes that are not text: neither tables nor a README could hold them."""
    for word in argv:
        try:
            word.encode()
        except UnicodeEncodeError:
            raise ValueError(f"not readable as {sys.getfilesystemencoding()}: {word!r}") from None


def _settable() -> list[signal.Signals]:
    """The signals to handle: none outside the main thread, as only that one gets them, and none
    that the caller set to be ignored, as `nohup` does."""
    if threading.current_thread() is not threading.main_thread():
        return []
    return [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]


def _open_closed_streams() -> None:
    """Open the null device in the place of a standard stream that is closed.

    Otherwise the next file opened would take its number, and get what libraries write to stderr.
    Characters that the terminal's encoding lacks are printed as escapes.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest number is free
        if getattr(sys, name) is None:
            mode = "w" if number else "r"
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _again(command: Sequence[str]) -> str:
    again = shlex.join(command)
    return again if len(again) <= LONGEST_LINE else "the same command again"


def _fail(name: str, error: BaseException, status: int, longest: int) -> int:
    line = " ".join(reason(error).split()) or type(error).__name__
    if len(line) > longest:  # the input is at one end, what is wrong with it at the other
        line = f"{line[: longest // 2]}…{line[-(longest - longest // 2 - 1) :]}"
    warn(f"{name}: error: {line}")
    return status
