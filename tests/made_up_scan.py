"""Scans as processes of their own, whose runs are made up and whose figures are left out.

    python made_up_scan.py

A server, as to load torch for each scan anew would take most of a test's time. It reads a line of
JSON for each scan, forks, answers with the process's number, and with its exit status at its end.
"""

import json
import os
import resource
import sys
from contextlib import suppress


def serve() -> None:
    from grokseed import scan
    from grokseed.cli import results, train  # noqa: F401 (loaded before the fork)

    results.report = lambda *_: "figures are left out"
    for line in sys.stdin:
        asked = json.loads(line)
        sys.stdout.flush()
        process = os.fork()
        if process == 0:
            os._exit(_scan(scan, **asked))
        print(process, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)


def _scan(scan, argv, train, cwd, errors, closed, file_bytes, inline, every, fresh) -> int:
    import forked
    import made_up
    from inline import InlineExecutor
    from loky.backend import fork_exec

    from grokseed.execution import scanner

    os.setsid()
    os.chdir(cwd)
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(0, 1)
    os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    if file_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, resource.RLIM_INFINITY))
    for number in closed:
        os.close(number)
        setattr(sys, ("stdin", "stdout", "stderr")[number], None)
    if train != "real":
        scanner.train = getattr(made_up, train)
    if every is not None:
        scanner.CHECKPOINT_SECONDS = every
    if inline:
        scanner.LocalExecutor = InlineExecutor
    if not fresh:
        fork_exec.fork_exec = forked.fork_exec
    status = 70
    with suppress(SystemExit):
        try:
            sys.argv[1:] = argv  # as a command, which keeps its handlers of signals to its end
            status = scan.main()
        except BaseException:
            import traceback

            traceback.print_exc()
    # What an interpreter does at its end: it joins threads, and lets the workers go.
    import atexit
    import threading

    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    return status


if __name__ == "__main__":
    serve()
