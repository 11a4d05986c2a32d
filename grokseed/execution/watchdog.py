"""A worker ends when its coordinator ends, for whatever reason, and ignores signals of its own."""

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
    """Processes that are started in this block never get a signal of `ENDING`.

    Ctrl-C, or a terminal that closes, signals all processes of a group. Only the coordinator must
    react, and end its workers. A blocked signal stays blocked in a new process from its first
    instruction on, so that it cannot die with a traceback of its own. A signal to this process is
    handled at the end of the block.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_with(coordinator: int, folder: Path) -> None:
    """Begin to watch the process that started this one.

    A coordinator that is killed cannot tell its workers, and they would go on forever. The
    watching thread runs while torch computes, and works alike on every system.

    Args:
        coordinator: the process that should be this one's parent.
        folder: the coordinator's temporary files, removed if the coordinator can no longer do so.
    """

    def watch() -> None:
        while os.getppid() == coordinator:
            time.sleep(LOOK_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
