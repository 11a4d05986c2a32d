"""The time left counts this sitting's steps alone, on a terminal and in plain lines."""

import io

import pytest

from grokseed.cli import progress
from grokseed.cli.progress import Progress
from grokseed.records.measure import SCALARS
from grokseed.records.row import Row
from grokseed.seeds import Seeds


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("time.monotonic", clock)
    monkeypatch.setattr("tqdm.std.time", clock)
    return clock


def row(model: int, steps: int | None, accuracy: float | None = None, status: str = "done") -> Row:
    scalars = {**dict.fromkeys(SCALARS), "steps": steps, "screen_val_accuracy": accuracy}
    return Row(Seeds(0, model, 8, 9), status, scalars)


def begun(
    before: list[Row], missing: int, max_steps: int, steps: dict[Seeds, int] | None = None
) -> Progress:
    shown = Progress("out", len(before) + missing, max_steps)
    shown.stored(before)
    shown.begin(missing, 2, ["cpu"], steps or {})
    shown.steps(1)  # the rate counts from here
    return shown


def resumed(stderr, monkeypatch, clock) -> Progress:
    """900 of 1,000 runs stored; ten seconds later 2,000 of the 10,000 steps left are done."""
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setattr(progress, "LINE_SECONDS", 10.0)
    shown = begun([row(m, 100, 0.01) for m in range(900)], 100, 100)
    clock.now += 5
    shown.finish([row(m, 100, 0.99) for m in range(900, 910)])
    clock.now += 5
    shown.steps(1000)
    return shown


def test_lines_after_a_resume(monkeypatch, clock):
    stderr = io.StringIO()
    resumed(stderr, monkeypatch, clock)
    assert stderr.getvalue().splitlines() == [
        "out: 900 of 1,000 runs stored",
        "100 to train: starting 2 workers on cpu …",
        "92.0% 910/1,000 runs: 10 super 0 fast 900 normal, 00:40 left",
    ]


def test_a_new_scan_is_not_told_what_it_lacks(capsys, clock):
    begun([], 2, 100)
    assert capsys.readouterr().err == "out: 2 runs to train: starting 2 workers on cpu …\n"
    begun([], 1, 100)
    assert "out: 1 run to train: starting" in capsys.readouterr().err


def test_the_bar_after_a_resume(monkeypatch, clock):
    stderr = Terminal()
    monkeypatch.setenv("COLUMNS", "150")
    shown = resumed(stderr, monkeypatch, clock)
    last = stderr.getvalue().split("\r")[-1]
    assert "910/1,000 runs: 10 super 0 fast 900 normal, 00:40 left" in last
    shown.close()


def test_lines_are_rare(monkeypatch, clock):
    stderr = io.StringIO()
    monkeypatch.setattr("sys.stderr", stderr)
    shown = begun([], 10, 100)
    for _ in range(100):
        clock.now += 1
        shown.steps(0)
    assert stderr.getvalue().count("\n") == 1 + 100 // progress.LINE_SECONDS
    assert "left" not in stderr.getvalue()  # no rate is known yet


def test_a_run_that_ends_early_or_not_at_all_leaves_fewer_steps(monkeypatch, clock):
    stderr = io.StringIO()
    monkeypatch.setattr("sys.stderr", stderr)
    shown = begun([], 4, 100)
    shown.finish([row(0, 20, None), row(1, 30, None, "diverged"), row(2, None, None, "crashed")])
    clock.now += 30
    shown.steps(0)
    assert "66.7% 3/4 runs: " in stderr.getvalue()


def test_runs_to_come_are_taken_to_last_as_long_as_those_that_ended(monkeypatch, clock):
    stderr = io.StringIO()
    monkeypatch.setattr("sys.stderr", stderr)
    shown = begun([row(m, 300) for m in range(2)], 8, 1000)
    shown.finish([row(m, 500) for m in range(2, 4)])
    clock.now += 40
    shown.steps(200)  # 1,200 steps in 40 s; six runs of 450 on average to come, less the 200
    assert "4/10 runs" in stderr.getvalue()
    assert "01:23 left" in stderr.getvalue()
    shown.steps(10_000)
    clock.now += 40
    shown.steps(10_000)  # longer than expected: no time left below nought
    assert stderr.getvalue().splitlines()[-1].startswith("100.0% ")
    assert "00:00 left" in stderr.getvalue()


def test_steps_before_a_checkpoint_are_done_but_not_in_this_sitting(monkeypatch, clock):
    stderr = io.StringIO()
    monkeypatch.setattr("sys.stderr", stderr)
    shown = begun([], 4, 1000, {Seeds(0, 0, 8, 9): 800, Seeds(0, 1, 8, 9): 400})
    clock.now += 40
    shown.steps(400)  # of 4,000 - 1,200, 400 in 40 s
    assert "2 go on from checkpoints, at steps 400 to 800" in stderr.getvalue()
    assert stderr.getvalue().splitlines()[-1].startswith("40.0% 0/4 runs")
    assert "04:00 left" in stderr.getvalue()
    shown.finish([row(0, 1000)])
    clock.now += 40
    shown.steps(600)  # by now 800 in 80 s, those of the first run's last 200 among them
    assert stderr.getvalue().splitlines()[-1].startswith("50.0% 1/4 runs")
    assert "03:20 left" in stderr.getvalue()


def test_the_first_to_end_are_not_taken_for_all(monkeypatch, clock):
    """Side by side in 20 lanes, one run in ten ends at 100, the others at 1,000."""
    stderr = io.StringIO()
    monkeypatch.setattr("sys.stderr", stderr)
    shown = begun([], 20, 1000)
    shown.finish([row(m, 100) for m in range(2)])
    clock.now += 40
    shown.steps(18 * 100)
    assert "11.0% 2/20 runs" in stderr.getvalue()  # of 200 + 18 x 1,000
    clock.now += 40
    shown.steps(18 * 900)
    assert "90.1% " in stderr.getvalue()


def test_the_bars_total_follows_too(monkeypatch, clock):
    stderr = Terminal()
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setenv("COLUMNS", "150")
    shown = begun([], 4, 1000)
    shown.finish([row(0, 100), row(1, 300)])
    clock.now += 10
    shown.steps(0)
    assert " 50% 2/4 runs" in stderr.getvalue().split("\r")[-1]
    shown.close()


@pytest.mark.parametrize(("more", "has_best"), [(73, True), (2_000_000, False)])
def test_no_word_is_cut_at_80_columns(more: int, has_best: bool, monkeypatch, clock) -> None:
    stderr = Terminal()
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setenv("COLUMNS", "81")  # of which tqdm leaves one free
    monkeypatch.setenv("LINES", "24")
    before = [row(m, 1000, accuracy) for m, accuracy in enumerate([0.99] * 99 + [0.01] * 1901)]
    scalars = {**before[0].scalars, "t98_step": 12_345}
    before[0] = Row(before[0].seeds, "done", scalars)
    shown = begun(before, more, 1000)
    clock.now += 1000
    shown.steps(5_000 if more == 73 else 5_000_000)
    last = stderr.getvalue().split("\r")[-1].split("\x1b")[0]
    assert len(last.rstrip()) <= 80
    assert " left " in last
    assert ("best 12,345" in last) == has_best
    shown.close()


def test_a_scan_that_was_stopped_says_what_it_has_kept(monkeypatch, clock, capsys):
    shown = begun([row(0, 100)], 3, 100)
    capsys.readouterr()
    shown.kept(2)
    assert capsys.readouterr().err.strip() == (
        "out: 1 of 4 runs stored, 2 saved in the middle of training"
    )
    shown.kept(0)
    assert capsys.readouterr().err.strip() == "out: 1 of 4 runs stored"
    Progress("out", 4, 100).kept(0)  # nothing has been counted
    assert capsys.readouterr().err == ""
