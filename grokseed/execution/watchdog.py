"""A worker ends with its coordinator, however that one ends."""

from __future__ import annotations

import os
import signal
import threading
import time

LOOK_SECONDS = 1.0


def end_with(coordinator: int) -> None:
    """Begin to watch the process that started this one, and leave it alone with Ctrl-C.

    A killed coordinator tells nobody: its worker would wait for ever, or train for nobody. The
    thread runs while torch computes, and it is the same on every system. Ctrl-C in a terminal goes
    to all processes; the coordinator alone decides, and ends its workers.

    Args:
        coordinator: the process that should be this one's parent.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == coordinator:
            time.sleep(LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
