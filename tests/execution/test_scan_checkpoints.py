"""A scan that was stopped goes on from its checkpoints, says so, and deletes what it has stored."""

import os
import re
import signal
import time
from pathlib import Path

import pytest
from commands import small_scan
from inline import InlineExecutor
from made_up import CONFIG
from processes import Scans
from short_runs import RUNS, SMALLER, damage, empty, state_of

from grokseed.cli import results as cli_results
from grokseed.cli import train as cli_train
from grokseed.execution import scanner
from grokseed.execution.checkpoints import Checkpoints
from grokseed.records.store import Store
from grokseed.seeds import Seeds
from grokseed.training.numerics import numerics
from grokseed.training.trainer import train


@pytest.fixture(scope="module")
def state() -> dict:
    return state_of(RUNS[0])


@pytest.fixture
def inline(made_up_training, monkeypatch):
    monkeypatch.setattr(scanner, "LocalExecutor", InlineExecutor)
    monkeypatch.setattr(cli_results, "report", lambda *_: "figures are left out")


def of_scan(state: dict, *runs: Seeds) -> Path:
    """Checkpoints of `small_scan`'s runs in its folder."""
    folder = Path("out/checkpoints")
    folder.parent.mkdir(exist_ok=True)
    for seeds in runs:
        Checkpoints(folder, CONFIG.key(), numerics(CONFIG, "cpu"), 0.0).write(seeds, state)
    return folder


SEEDS = ("--model-seeds=0:3", "--loader-seeds=8", "--val-seed=9")


def test_a_scan_says_what_it_ignores_and_deletes_what_it_has_stored(inline, state, capsys):
    folder = of_scan(state, *RUNS[:2])
    damage(folder / "0-0-8-9.pt")
    (folder / "0-2-8-9.part").touch()
    assert small_scan(*SEEDS, "--split-seeds=0") == 0
    said = capsys.readouterr().err
    assert "checkpoints: 1 checkpoint ignored: damaged" in said
    assert "1 goes on from checkpoints, at step 25" in said
    assert not folder.exists()
    of_scan(state, RUNS[0], Seeds(0, 7, 8, 9))  # one is stored, and one another command's
    assert small_scan(*SEEDS, "--split-seeds=0") == 0
    assert [path.name for path in folder.iterdir()] == ["0-7-8-9.pt"]


def test_without_checkpoints_none_is_read_or_deleted(inline, state, capsys):
    folder = of_scan(state, *RUNS[:2])
    assert small_scan(*SEEDS, "--split-seeds=0", "--no-checkpoints") == 0
    assert "checkpoints" not in capsys.readouterr().err
    assert len(list(folder.iterdir())) == 2


def test_a_dry_run_says_what_goes_on_and_changes_nothing(inline, state, monkeypatch, capsys):
    folder, taken = of_scan(state, *RUNS[:2]), []
    empty(folder / "0-1-8-9.pt")
    monkeypatch.setattr(cli_train, "seconds_left", lambda *of: taken.append(of[2]) or 61.0)
    assert small_scan(*SEEDS, "--split-seeds=0", "--dry-run") == 0
    assert taken == [25]
    printed, said = capsys.readouterr()
    assert "1 goes on from checkpoints, at step 25" in printed
    assert "about 01:01 for the rest" in printed
    assert "1 checkpoint ignored: damaged" in said
    assert len(list(folder.iterdir())) == 2


def test_a_run_that_a_rule_has_stopped_keeps_its_checkpoint(inline, state, capsys):
    """It is stored, but what is stored is no result of the command without the rule."""
    asked = [*SEEDS, "--split-seeds=0"]
    judged = [*asked, "--screen-at=100", "--keep=sample_loss<0"]
    assert small_scan(*judged) == 0
    folder = of_scan(state, RUNS[0])
    assert small_scan(*judged) == 0  # trains nothing, and deletes nothing
    assert len(list(folder.iterdir())) == 1
    capsys.readouterr()
    assert small_scan(*asked) == 0
    assert "1 goes on from checkpoints, at step 25" in capsys.readouterr().err
    assert not folder.exists()


def test_a_run_that_begins_anew_under_a_rule_does_not_count_as_going_on(inline, state, capsys):
    """The rule stops it at a point that its checkpoint has passed."""
    folder = of_scan(state, *RUNS[:2])
    asked = [*SEEDS, "--split-seeds=0", "--dry-run"]
    for keep, said in (("sample_loss<0", ""), ("sample_loss>0", "2 go on from checkpoints")):
        capsys.readouterr()
        assert small_scan(*asked, "--screen-at=25", f"--keep={keep}") == 0
        printed, err = capsys.readouterr()
        assert said in printed
        assert bool(said) == ("checkpoints" in printed)
        assert err == ""
    assert len(list(folder.iterdir())) == 2


SIZE = {**SMALLER, "max_steps": 400}
LONG = ["--jobs=1", "--model-seeds=0:2", "--lanes=2", "--compile=no"]
LONG += [f"--{name.replace('_', '-')}={value}" for name, value in SIZE.items()]


def steps_of(said: str) -> int:
    """The first step at which a run went on."""
    found = re.search(r"2 go on from checkpoints, at steps? ([\d,]+)", said)
    assert found, said
    return int(found[1].replace(",", ""))


def assert_ends_as_undisturbed(scans: Scans, folder: Path) -> None:
    scans.start(folder, *LONG, train="real", fresh=False)
    status, said = scans.wait()
    assert status == 0, said
    assert steps_of(said) > 0
    assert not (folder / "out" / "checkpoints").exists()
    with Store(folder / "out", read_only=True) as store:
        stored = {row.seeds: row.digest for row in store.each_row()}
        config = store.config
    alone = {run: t.digest() for run, t in zip(stored, train(config, [*stored]), strict=True)}
    assert stored == alone


def test_a_scan_that_is_asked_to_end_goes_on_where_it_was(scans, tmp_path):
    """No checkpoint is due by the clock: what it goes on from was written at the end."""
    scan = scans.start(tmp_path, *LONG, train="real", fresh=False)
    scans.wait_until(lambda: scans.steps() > 60)
    os.kill(scan, signal.SIGTERM)
    status, said = scans.wait()
    assert status == 128 + signal.SIGTERM
    assert said.rstrip().splitlines()[-1].startswith("Stopped; what is finished is stored")
    assert len(list(tmp_path.glob("out/checkpoints/*"))) == 2
    assert scans.all_gone()
    assert not scans.left()
    assert_ends_as_undisturbed(scans, tmp_path)


@pytest.mark.slow
def test_a_scan_that_is_killed_goes_on_from_its_last_checkpoints(scans, tmp_path):
    for _ in range(2):
        before = time.time_ns()

        def two_are_new(before=before) -> bool:
            made = [path.stat().st_mtime_ns for path in tmp_path.glob("out/checkpoints/*.pt")]
            return sum(at > before for at in made) == 2

        scan = scans.start(tmp_path, *LONG, train="real", every=0.3, fresh=False)
        scans.wait_until(two_are_new)
        os.killpg(scan, signal.SIGKILL)
        assert scans.wait()[0] == -signal.SIGKILL
        assert scans.all_gone()
    assert_ends_as_undisturbed(scans, tmp_path)
