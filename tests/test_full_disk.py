"""A disk without room: no finished run is lost or counted as crashed, and all goes on later."""

import errno
import os
import re
import resource
import sqlite3
from pathlib import Path

import made_up
import pytest
from commands import everything, failing_after, small_scan
from made_up import Failing

from grokseed.cli import results as cli_results
from grokseed.execution import fleet, scanner
from grokseed.execution.executor import Ended, Stopped
from grokseed.execution.local import LocalExecutor
from grokseed.records import database
from grokseed.records.provenance import Made
from grokseed.records.store import Store
from grokseed.seeds import Seeds

FILES = ("runs.csv", "trajectories.npz", "config.json")
NO_SPACE = os.strerror(errno.ENOSPC)


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, NO_SPACE)


def statuses(folder: Path) -> list[str]:
    with Store(folder, read_only=True) as store:
        return [row.status for row in store.each_row()]


def same_tables(one: Path, other: Path) -> bool:
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in FILES[:2])


@pytest.fixture
def no_figures(made_up_training, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_results, "report", lambda *_: "figures are left out")


@pytest.mark.usefixtures("no_figures")
def test_a_full_disk_at_a_commit(monkeypatch, capsys):
    """SQLite itself says that its database has no room, as a disk's end would have it say."""
    connect = database.connect

    def with_few_pages(path: Path, mode: str) -> sqlite3.Connection:
        db = connect(path, mode)
        ((pages,),) = db.execute("PRAGMA page_count")
        db.execute(f"PRAGMA max_page_count = {pages + 4}")
        return db

    with monkeypatch.context() as patch:
        patch.setattr(database, "connect", with_few_pages)
        assert small_scan("--model-seeds=0:30") == 1
    *_, line = capsys.readouterr().err.splitlines()
    assert line.endswith("out/scan.db cannot be written: database or disk is full")
    assert set(statuses(Path("out"))) <= {"done"}
    assert small_scan("--model-seeds=0:30") == 0
    assert small_scan("--model-seeds=0:30", "--out=undisturbed") == 0
    assert same_tables(Path("out"), Path("undisturbed"))


@pytest.mark.usefixtures("no_figures")
@pytest.mark.parametrize(
    ("name", "number", "replaced"),
    [*(("fsync", number, 0) for number in range(3)), *(("replace", n, n) for n in range(3))],
)
def test_a_full_disk_at_the_export(name, number, replaced, tmp_path, monkeypatch, capsys):
    """No table is replaced before all are on the disk; renaming them may fail in between."""
    assert small_scan("--model-seeds=0:3") == 0
    before = everything(Path("out"))
    with monkeypatch.context() as patch:
        no_room = OSError(errno.ENOSPC, NO_SPACE)
        patch.setattr(os, name, failing_after(number, getattr(os, name), no_room))
        assert small_scan("--model-seeds=0:6") == 1
    *_, line = capsys.readouterr().err.splitlines()
    assert re.fullmatch(f"grokseed.scan: error: out[^:]*: {NO_SPACE}", line)
    assert statuses(Path("out")) == ["done"] * 6
    after = everything(Path("out"))
    assert sum(after[f"out/{file}"] != before[f"out/{file}"] for file in FILES) == replaced
    assert not any(file.endswith(".new") for file in after)
    log = tmp_path / "log"
    monkeypatch.setattr(scanner, "train", Failing(log=log))
    assert small_scan("--model-seeds=0:6") == 0
    assert not log.exists()  # nothing is trained again
    assert small_scan("--model-seeds=0:6", "--out=undisturbed") == 0
    assert same_tables(Path("out"), Path("undisturbed"))


def test_a_full_disk_at_a_figure(made_up_training, monkeypatch, capsys):
    monkeypatch.setattr(cli_results, "report", full)
    assert small_scan("--model-seeds=0:3") == 1
    assert capsys.readouterr().err.splitlines()[-1].endswith(NO_SPACE)
    assert statuses(Path("out")) == ["done"] * 3


class WithoutRoom:
    """An executor whose worker hands two runs of its chunk back, and then has no room.

    Args:
        error: what its worker says.
    """

    slots = 1

    def __init__(self, error: str) -> None:
        self.error, self.tried = error, 0

    def submit(self, slot, chunk):
        self.chunk, self.tried = chunk, self.tried + 1

    def events(self):
        for number, seeds in enumerate(self.chunk.runs[:2]):
            yield Ended(0, number, made_up.trajectory(made_up.CONFIG, seeds), 1.0, Made())
        yield Stopped(0, self.error, 1.0)

    def steps(self, slot):
        return 0

    def close(self, cancel):
        assert not cancel


@pytest.mark.parametrize(
    "error",
    [
        f"OSError: [Errno 28] {NO_SPACE}: '/out/weights/split0_model2_loader8_val9.safetensors'",
        f"InductorError: g++: fatal error: {NO_SPACE}",
        f"OSError: [Errno 122] {os.strerror(errno.EDQUOT)}",
        "FileNotFoundError: [Errno 2] No usable temporary directory found in ['/tmp', '/var/tmp']",
    ],
)
def test_whoever_trains_a_worker_without_room_has_no_run_crash(error):
    executor, runs = WithoutRoom(error), [Seeds(0, model, 8, 9) for model in range(4)]
    found: list[fleet.Outcome] = []
    chunks = fleet.run(made_up.CONFIG, runs, made_up.train, executor, lanes=4)
    with pytest.raises(OSError, match="a worker had no room for temporary files or weights: "):
        found.extend(outcome for some in chunks for outcome in some)
    assert [outcome.seeds for outcome in found if outcome.trajectory] == runs[:2]
    assert (len(found), executor.tried) == (2, 1)


def without_room(config, runs, **how):
    """`made_up.train` in a worker that can write no more to files: as on a full disk."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    return made_up.train(config, runs, **how)


def compiler_without_room(config, runs, *, on_end, **how):
    if runs[0].model:
        raise RuntimeError("g++: fatal error: No space left on device")
    return made_up.train(config, runs, on_end=on_end, **how)


@pytest.mark.workers
def test_a_worker_without_room_stops_the_scan_and_no_run_has_crashed(
    made_up_training, monkeypatch, capsys
):
    monkeypatch.setattr(scanner, "train", compiler_without_room)
    assert small_scan("--model-seeds=0:4", "--lanes=1") == 1
    *_, line = capsys.readouterr().err.splitlines()
    assert "a worker had no room for temporary files or weights: RuntimeError: g++" in line
    assert statuses(Path("out")) == ["done"]


def test_runs_come_back_though_temporary_files_have_no_room():
    runs = [Seeds(0, model, 8, 9) for model in range(6)]
    trained = fleet.run(made_up.CONFIG, runs, without_room, LocalExecutor(1), lanes=4)
    found = {o.seeds: o for some in trained for o in some}
    assert sorted(found) == runs
    for seeds, outcome in found.items():
        assert outcome.trajectory is not None, outcome.error
        assert outcome.trajectory.digest() == made_up.trajectory(made_up.CONFIG, seeds).digest()


def test_a_full_results_disk_is_one_line_and_all_goes_on_later(scans, tmp_path):
    """Whatever the commits, each page of the database passes its log: half of them have no room."""
    runs = "--model-seeds=0:100"
    whole, short = tmp_path / "whole", tmp_path / "short"
    for folder in (whole, short):
        folder.mkdir()
    scans.start(whole, runs, inline=True)
    assert scans.wait()[0] == 0
    scans.start(short, runs, inline=True, file_bytes=(whole / "out/scan.db").stat().st_size // 2)
    status, said = scans.wait()
    assert (status, "Traceback" in said) == (1, False)
    assert "out/scan.db cannot be written" in said.splitlines()[-1]
    with Store(short / "out", read_only=True) as store:
        assert {row.status for row in store.each_row()} <= {"done", "diverged"}
    scans.start(short, runs, inline=True)
    assert scans.wait()[0] == 0
    assert same_tables(short / "out", whole / "out")


def test_a_disk_without_room_for_a_store_is_not_called_damage(scans, tmp_path):
    """SQLite's own file of shared memory has 32 kB; an empty store is smaller."""
    scans.start(tmp_path, "--model-seeds=0:3", inline=True, file_bytes=30_000)
    status, said = scans.wait()
    assert status == 2
    assert re.search("out/scan.db cannot be (read or )?written: disk I/O error$", said.rstrip())
    scans.start(tmp_path, "--model-seeds=0:3", inline=True)
    assert scans.wait()[0] == 0
