"""Scans in processes of their own, from `made_up_scan.py`'s server, and what is left of them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from commands import SMALL
from forked import NAME

HERE = Path(__file__).parent


class Scans:
    """The server, and one scan at a time.

    Attributes:
        tmp: the scans' folder of temporary files.
    """

    def __init__(self, tmp: Path) -> None:
        self.tmp = tmp
        env = {"TMPDIR": str(tmp), "GROKSEED_TEST": str(tmp)}
        paths = [str(HERE.parent), str(HERE)]
        env |= {"PYTHONPATH": os.pathsep.join(paths)}
        self._server = subprocess.Popen(
            [sys.executable, HERE / "made_up_scan.py"],
            env=os.environ | env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._errors = tmp / "stderr"

    def start(
        self,
        cwd: Path,
        *argv: str,
        train: str = "train",
        closed: tuple[int, ...] = (),
        file_bytes: int | None = None,
        inline: bool = False,
        every: float | None = None,
        fresh: bool = True,
    ) -> int:
        """Start a scan of `CONFIG`, in a process group of its own; its process.

        Args:
            train: its name in `made_up`, or `real`.
            closed: standard streams that are.
            file_bytes: the largest file that it may write.
            inline: train in the scan's own process, as workers take their time to start.
            every: seconds between checkpoints, if not as usual.
            fresh: workers are new interpreters, and not forked.
        """
        asked = {
            "argv": [*SMALL, "--out=out", *argv],
            "train": train,
            "cwd": str(cwd),
            "errors": str(self._errors),
            "closed": closed,
            "file_bytes": file_bytes,
            "inline": inline,
            "every": every,
            "fresh": fresh,
        }
        self._errors.unlink(missing_ok=True)
        for name in self.left():  # by a scan that was killed: its steps would count as this one's
            shutil.rmtree(self.tmp / name, ignore_errors=True)
        assert self._server.stdin is not None
        self._server.stdin.write(f"{json.dumps(asked)}\n")
        self._server.stdin.flush()
        return int(self._answer())

    def wait(self) -> tuple[int, str]:
        """The exit status of the scan, and what it and its workers said on stderr."""
        status = int(self._answer())
        return status, self.said()

    def said(self) -> str:
        """What the scan has said on stderr so far."""
        return self._errors.read_text() if self._errors.exists() else ""

    def wait_for(self, text: str, seconds: float = 60) -> None:
        """Wait until the scan has said something."""
        self.wait_until(lambda: text in self.said(), seconds)

    def wait_until(self, holds: Callable[[], object], seconds: float = 60) -> None:
        """Wait until something holds, and fail if it never does."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, self.said()
            time.sleep(0.02)

    def processes(self) -> set[int]:
        """The processes of scans that live: coordinators, workers and loky's trackers."""
        found = set()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if f"GROKSEED_TEST={self.tmp}".encode() in (folder / "environ").read_bytes():
                    found.add(int(folder.name))
            except OSError:
                continue
        return found - {self._server.pid}

    def workers(self) -> set[int]:
        """Those of them that train."""
        return self._running("loky.backend.popen_loky_posix") | self._running(NAME, "comm")

    def trackers(self) -> set[int]:
        """Those of them that remove the semaphores of killed processes."""
        return self._running("resource_tracker")

    def _running(self, name: str, file: str = "cmdline") -> set[int]:
        found = set()
        for process in self.processes():
            with suppress(OSError):  # it has ended
                said = Path(f"/proc/{process}/{file}").read_text()
                found |= {process} if name in said else set()
        return found

    def steps(self) -> int:
        """Run-steps that the workers say they have taken."""
        files = list(self.tmp.glob("grokseed-*/steps"))
        return sum(int(n) for file in files for n in np.fromfile(file, np.int64)[:-1])

    def all_gone(self, seconds: float = 8) -> bool:
        """Whether the scan and its workers all end within a few seconds."""
        end = time.monotonic() + seconds
        while self.processes():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def left(self) -> list[str]:
        """What scans have left in the folder of temporary files."""
        return sorted(path.name for path in self.tmp.glob("grokseed-*"))

    def close(self) -> None:
        with self._server as server:  # closes its pipes, and waits
            assert server.stdin is not None
            server.stdin.close()
        for process in self.processes():
            os.kill(process, signal.SIGKILL)

    def _answer(self) -> str:
        assert self._server.stdout is not None
        return self._server.stdout.readline()


def scans_in(parent: Path) -> Scans:
    return Scans(Path(tempfile.mkdtemp(dir=parent)))
