"""Scans that are killed or told to end: no process and no file stays, and no run is lost."""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from processes import Scans

from grokseed.records.store import Store

pytestmark = pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")

TABLES = ("runs.csv", "trajectories.npz")
RUNS = "--model-seeds=0:40"


def tables(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in TABLES]


@pytest.fixture(params=["loading", "training"])
def moment(request: pytest.FixtureRequest, scans: Scans) -> Callable[[], None]:
    """Wait, once workers are started, until they load torch or train."""

    def wait() -> None:
        scans.wait_until(scans.workers)
        if request.param == "training":
            scans.wait_until(scans.steps)

    return wait


def test_workers_end_with_a_killed_coordinator(scans, tmp_path, moment):
    scan = scans.start(tmp_path, "--jobs=1", RUNS, train="sleepy")
    moment()
    assert len(scans.processes()) > 2
    os.kill(scan, signal.SIGKILL)
    assert scans.wait()[0] == -signal.SIGKILL
    assert scans.all_gone()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_all_processes_ends_them_in_one_line(scans, tmp_path, moment, number):
    """As a terminal sends: the coordinator alone may take notice."""
    scan = scans.start(tmp_path, "--jobs=1", RUNS, train="sleepy")
    moment()
    os.killpg(scan, number)
    assert scans.wait()[0] == 128 + number
    assert scans.all_gone()
    said = scans.said()  # trackers are the last to say something
    assert said.rstrip().splitlines()[-1].startswith("Stopped; what is finished is stored")
    assert said.rstrip().splitlines()[-3].startswith("out: 0 of ")  # what is kept
    assert len(said.rstrip().splitlines()) == 5  # one of progress, empty ones, what is kept, this
    assert not scans.left()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_runs_that_end_while_their_workers_are_stopped_are_stored(scans, tmp_path, number):
    argv = ["--jobs=2", "--lanes=2", RUNS]
    scan = scans.start(tmp_path, *argv, train="ends_when_asked", fresh=False)
    scans.wait_until(lambda: scans.steps() > 8)
    os.kill(scan, number)
    status, said = scans.wait()
    assert status == 128 + number
    assert "Traceback" not in said
    assert said.rstrip().splitlines()[-3].startswith("out: 2 of 40 runs stored")
    assert scans.all_gone()
    assert not scans.left()
    with Store(tmp_path / "out", read_only=True) as store:
        assert [row.status for row in store.each_row()] == ["done"] * 2
        assert len(store.notes.commands()) == 1


def test_a_second_signal_ends_at_once(scans, tmp_path):
    scan = scans.start(tmp_path, "--jobs=1", RUNS, train="sleepy")
    scans.wait_until(scans.workers)
    os.kill(scan, signal.SIGINT)
    with suppress(ProcessLookupError):  # it may have ended by then
        os.kill(scan, signal.SIGHUP)  # a terminal that closes may send two
        time.sleep(0.01)
        os.kill(scan, signal.SIGINT)
    asked = time.monotonic()
    assert scans.wait()[0] == 130
    assert time.monotonic() - asked < 5  # the first alone waits for the workers to end
    assert scans.all_gone()
    assert "resource_tracker" not in scans.said()


def test_a_killed_tracker_loses_nothing(scans, tmp_path):
    """The one that is started instead does not know the semaphores there are."""
    scans.start(tmp_path, "--jobs=2", "--lanes=2", RUNS)
    scans.wait_until(scans.workers)
    for tracker in scans.trackers():
        os.kill(tracker, signal.SIGKILL)
    assert scans.wait()[0] == 0
    assert scans.all_gone()
    assert "process died unexpectedly" in scans.said()  # what happened, and no more
    assert "Traceback" not in scans.said()


def scan_through_kills(scans: Scans, folder: Path, kills: int, seed: int, fresh: bool) -> None:
    """Kill a scan over and over, then let it end: its tables are those of an undisturbed one."""
    drawn = random.Random(seed)
    argv = ["--jobs=2", "--lanes=2", RUNS]
    for name in ("undisturbed", "killed"):
        (folder / name).mkdir()
    began = time.monotonic()
    scans.start(folder / "undisturbed", *argv, fresh=fresh)
    assert scans.wait()[0] == 0
    whole = time.monotonic() - began
    for kill in range(kills):
        scan = scans.start(folder / "killed", *argv, *["--export"] * (kill % 5 == 4), fresh=fresh)
        time.sleep(drawn.random() * (0.3 if kill % 5 == 4 else whole))
        victim = ("coordinator", "group", "worker")[kill % 3]
        workers = [*scans.workers()]
        try:
            if victim == "group":
                os.killpg(scan, signal.SIGKILL)
            else:
                dies = scan if victim == "coordinator" or not workers else drawn.choice(workers)
                os.kill(dies, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it was over already
        status, said = scans.wait()
        assert status in (0, 1, 2, -signal.SIGKILL), said
        assert scans.all_gone()
        assert "Traceback" not in scans.said()
    scans.start(folder / "killed", *argv, fresh=fresh)
    status, said = scans.wait()
    assert status == 0, said
    assert tables(folder / "killed" / "out") == tables(folder / "undisturbed" / "out")


def test_a_scan_that_is_killed_over_and_over_ends_with_the_same_bytes(scans, tmp_path):
    scan_through_kills(scans, tmp_path, kills=6, seed=0, fresh=False)


@pytest.mark.slow
def test_a_hundred_kills(scans, tmp_path):
    scan_through_kills(scans, tmp_path, kills=100, seed=1, fresh=True)
