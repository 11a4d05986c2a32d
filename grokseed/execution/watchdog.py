"""A worker ends with its coordinator, however that one ends, and by no signal of its own."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOOK_SECONDS = 1.0

ENDING = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
"""The signals that ask a command to end."""


@contextmanager
def shielded() -> Iterator[None]:
    """Let no process that is started in this block ever get a signal of `ENDING`.

    Ctrl-C, or a terminal that closes, signals all processes of a group; the coordinator alone
    decides, and ends its workers. A blocked signal stays blocked in a new process from its first
    instruction on: there is no time in which it could die with a traceback of its own. A signal
    that comes to this process meanwhile is handled at the block's end.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_with(coordinator: int, folder: Path) -> None:
    """Begin to watch the process that started this one.

    A killed coordinator tells nobody: its worker would wait for ever, or train for nobody. The
    thread runs while torch computes, and it is the same on every system.

    Args:
        coordinator: the process that should be this one's parent.
        folder: the coordinator's own, of temporary files: removed where it can no longer do so.
    """

    def watch() -> None:
        while os.getppid() == coordinator:
            time.sleep(LOOK_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
