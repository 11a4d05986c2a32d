"""What a scan chooses by itself: workers, the compiler, and how long the rest takes."""

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import loky
import pytest
from made_up import CONFIG

from grokseed.execution import plan as planned
from grokseed.execution.estimate import seconds_left
from grokseed.execution.how import How
from grokseed.execution.plan import plan
from grokseed.execution.scanner import Scanner
from grokseed.execution.stored import Stored
from grokseed.model.cost import rough_seconds
from grokseed.records.row import Row
from grokseed.seeds import Seeds

EAGER, COMPILED = "cpu fp32", "cpu fp32 compiled by g++ lanes 4"
RUNS = [Seeds(0, model, 8, 9) for model in range(9)]


def compiles(out: Path, runs: int, whole: int) -> bool:
    return plan(CONFIG, How(device="cpu", jobs=2), out, runs, whole).compiled


@pytest.fixture
def worth(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand runs on two cores are just worth compiling, and there is a compiler."""
    monkeypatch.setattr(planned, "WORTH_COMPILING", rough_seconds(CONFIG, 999, 2))
    monkeypatch.setattr(planned, "compiler", lambda: "g++")
    monkeypatch.setattr(planned, "numerics", lambda *of: COMPILED if of[2] else EAGER)


@pytest.mark.usefixtures("worth")
@pytest.mark.parametrize(
    ("there", "runs", "expected"),
    [
        ([], 998, False),
        ([], 1000, True),
        ([EAGER], 998, False),
        ([EAGER], 1000, False),
        ([COMPILED], 998, True),
        ([COMPILED], 1000, True),
        ([EAGER, COMPILED], 1000, False),
    ],
)
def test_a_scan_compiles_as_its_folder_was_made_or_if_it_saves_time(
    there: list[str],
    runs: int,
    expected: bool,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(planned, "numerics_there", lambda out: Counter(there))
    assert compiles(tmp_path, runs, runs) == expected


@pytest.mark.usefixtures("worth")
def test_a_shard_compiles_as_the_whole_would(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert compiles(tmp_path, 1, 1000)
    assert compiles(tmp_path, 500, 1000)
    assert not compiles(tmp_path, 1, 998)
    monkeypatch.setattr(planned, "compiler", lambda: None)
    assert not compiles(tmp_path, 1, 1000)


def test_a_core_has_a_worker_and_a_run_a_checkpoint_every_5_minutes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(loky, "cpu_count", lambda: 3)
    scanner = Scanner(CONFIG, RUNS, tmp_path, How(device="cpu", compile="no"))
    assert scanner.plan.jobs == 3
    assert scanner.checkpoints is not None
    assert scanner.checkpoints.seconds == 300


def test_a_scan_saves_nothing_in_the_middle_of_training_if_so_asked(tmp_path: Path) -> None:
    how = How(device="cpu", compile="no", checkpoints=False)
    assert Scanner(CONFIG, RUNS, tmp_path, how).checkpoints is None


@pytest.mark.parametrize(
    ("stored", "taken", "seconds"),
    [
        (3, 0, 30),
        (3, 600, 22.5),  # a run and a half of 400 steps
        (8, 0, 10),  # the second worker has nothing to do
        (8, 100, 7.5),
        (9, 0, 0),
    ],
)
def test_the_rest_takes_as_long_as_runs_did(stored: int, taken: int, seconds: float) -> None:
    """10 seconds each on average, on two workers. A row from a table says no time."""
    times = [0.0, 5.0, 15.0, *(10.0 for _ in RUNS)]
    rows = [Row(run, "done", {}, seconds=s) for run, s in zip(RUNS, times, strict=False)]
    scanner: Any = SimpleNamespace(config=CONFIG, plan=SimpleNamespace(jobs=2))
    found = seconds_left(scanner, Stored.of(RUNS, rows[:stored]), taken)
    assert found == pytest.approx(seconds)
