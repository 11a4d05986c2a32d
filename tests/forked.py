"""Workers that are forked from their coordinator, which has torch loaded already.

A worker is a new interpreter, and takes two seconds to load torch: in tests that start dozens of
workers, most of the time.
"""

import os
import resource
import runpy
import signal
import sys
import traceback
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

NAME = "forked-worker"


def fork_exec(
    command: Sequence[str], keep: Sequence[int], env: Mapping[str, str] | None = None
) -> int:
    """In place of `loky.backend.fork_exec.fork_exec`, with its arguments, but without the `exec`.

    Args:
        command: `python -m module`, and its arguments.
        keep: file descriptors that stay open, beside the three standard ones.
        env: what the worker's environment has in addition.

    Returns:
        The worker's process.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():  # of threads, by Python 3.12; ours wait, and hold no lock
        warnings.simplefilter("ignore", DeprecationWarning)
        process = os.fork()
    if process:
        return process
    status: object = 1
    try:
        _as_if_new(sorted({0, 1, 2, *map(int, keep)}), env or {})
        sys.argv = [*command[2:]]
        runpy.run_module(command[2], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        status = end.code
    except BaseException:
        traceback.print_exc()
    finally:  # nothing of the coordinator's may be finished here: no fixture, and no exit function
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status if isinstance(status, int) else 0)


def _as_if_new(keep: list[int], env: Mapping[str, str]) -> None:
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    for last, following in zip(keep, [*keep[1:], limit], strict=True):
        os.closerange(last + 1, following)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    warnings.simplefilter("ignore")  # the tests' own filter makes them errors
    os.environ.update(env)
    with suppress(OSError):  # as the command line is the coordinator's
        Path("/proc/self/comm").write_text(NAME)
