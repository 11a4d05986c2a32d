"""A scan of very many runs: little work and memory for each, whatever else is stored."""

import shutil
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from made_up import CONFIG

from grokseed.execution import commits
from grokseed.execution.how import How
from grokseed.execution.observer import Observer
from grokseed.records import row
from grokseed.records.database import Database
from grokseed.records.export import export
from grokseed.records.folder import POINTS, TABLE, Tables
from grokseed.records.measure import measure
from grokseed.records.provenance import Command
from grokseed.records.store import Store
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds
from speed import million
from speed.instant import InstantScanner

RUNS = [Seeds(0, model, 8, 9) for model in range(3000)]
COMMAND = Command("python -m grokseed.scan", "2026-01-02", "abc1234")


def scanned(folder: Path, runs: list[Seeds]) -> None:
    scanner = InstantScanner(CONFIG, runs, folder, How(compile="no", jobs=2, device="cpu"))
    scanner.run(scanner.open(), COMMAND, Observer())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("million")
    scanned(folder, RUNS)
    return folder


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often trajectories are unpacked, rows sealed, and transactions begun."""
    counted: Counter[str] = Counter()

    def count(name: str, of: Callable) -> Callable:
        def counting(*args: object, **named: object) -> object:
            counted[name] += 1
            return of(*args, **named)

        return counting

    unpacking = classmethod(count("unpacked", Trajectory.from_bytes.__func__))
    monkeypatch.setattr(Trajectory, "from_bytes", unpacking)
    monkeypatch.setattr(row, "_seal", count("sealed", row._seal))
    monkeypatch.setattr(Database, "at_once", count("written", Database.at_once))
    return counted


def peak(work: Callable[[], object]) -> int:
    """Bytes that Python and numpy hold at most during some work, beyond what they held before."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_runs_that_end_fast_are_stored_together(tmp_path: Path, calls: Counter[str]) -> None:
    began = time.monotonic()
    scanned(tmp_path, RUNS[:2000])
    assert calls["written"] <= (time.monotonic() - began) / commits.MOMENT + 2
    assert calls["sealed"] == 2000


def test_a_resume_looks_into_no_stored_run(folder: Path, calls: Counter[str]) -> None:
    scanned(folder, RUNS)
    assert calls == {}


def test_an_export_unpacks_each_trajectory_once(folder: Path, calls: Counter[str]) -> None:
    with Store(folder) as store:
        export(store)
    assert calls["unpacked"] == calls["sealed"] == len(RUNS)


def test_memory_does_not_grow_with_what_is_stored(folder: Path) -> None:
    def resume() -> None:
        scanned(folder, RUNS)

    def write() -> None:
        with Store(folder) as store:
            export(store)

    def read() -> None:
        assert Tables(folder).check().runs == len(RUNS)

    resume()  # what is made once in a process
    write()
    # A list of these rows takes 7.9 MiB, one of rows and points 8.2.
    assert peak(resume) < 4 << 20
    assert peak(write) < 5 << 20
    assert peak(read) < 4 << 20


def test_what_is_exported_in_a_stream_is_what_was_trained(folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(folder, tmp_path / "copy")
    with Store(folder) as store:
        export(store)
        assert [run for run, _ in store.trajectories()] == list(store.each_row())
        made = [dict(run.scalars) == measure(CONFIG, t) for run, t in store.trajectories()]
    assert all(made)
    assert [found.seeds for found in Tables(folder).rows()] == RUNS
    (folder / "scan.db").unlink()
    before = [(folder / name).read_bytes() for name in (TABLE, POINTS)]
    with Store(folder) as store:  # from the tables alone
        export(store)
    assert [(folder / name).read_bytes() for name in (TABLE, POINTS)] == before


@pytest.mark.slow
def test_100_000_runs(tmp_path: Path) -> None:
    few, _ = million.costs(2000, 400, tmp_path / "few")
    many, _ = million.costs(100_000, 400, tmp_path / "many")
    assert many["train"].cpu / 99_000 < 1e-3
    assert many["resume"].cpu < 5
    for name, cost in many.items():
        # Of a run its seeds alone stay in memory.
        assert cost.memory - few[name].memory < 98_000 * 1000, name
