"""What goes wrong around a scan: folders that go away, closed streams, odd words."""

import os
import random
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import made_up
import pytest
from commands import everything, small_scan
from inline import InlineExecutor

from grokseed.cli import results as cli_results
from grokseed.execution import commits, scanner
from grokseed.execution.local import LocalExecutor
from grokseed.records.store import Store

TABLES = ("runs.csv", "trajectories.npz")


@pytest.fixture
def inline(made_up_training, monkeypatch):
    """Runs are trained in this process; gives what sets a function to call after each."""

    def after(do) -> None:
        monkeypatch.setattr(scanner, "LocalExecutor", partial(InlineExecutor, after=do))

    after(lambda n: None)
    monkeypatch.setattr(commits, "MOMENT", 0.0)  # stored one by one
    monkeypatch.setattr(cli_results, "report", lambda *_: "figures are left out")
    return after


def same_tables(one: str | Path, other: str | Path) -> bool:
    return all((Path(one) / t).read_bytes() == (Path(other) / t).read_bytes() for t in TABLES)


def stored(folder: str) -> int:
    with Store(Path(folder), read_only=True) as store:
        return len(list(store.each_row()))


@pytest.mark.parametrize("where", ["elsewhere", "deep/down"])
def test_a_folder_that_is_moved_stops_the_scan_and_loses_nothing(inline, where, capsys):
    def move(n: int) -> None:
        if n == 3:
            Path(where).parent.mkdir(parents=True, exist_ok=True)
            Path("out").rename(where)

    inline(move)
    assert small_scan("--model-seeds=0:6") == 1
    *_, line = capsys.readouterr().err.splitlines()
    assert "out was moved to " in line
    assert f"{where} while it was written: what is finished is stored there" in line
    assert not Path("out").exists()
    assert stored(where) == 3
    inline(lambda n: None)
    assert small_scan("--model-seeds=0:6", f"--out={where}") == 0
    assert small_scan("--model-seeds=0:6", "--out=undisturbed") == 0
    assert same_tables(where, "undisturbed")


def remove_all(folder: Path) -> None:
    shutil.rmtree(folder)


def remove_database(folder: Path) -> None:
    (folder / "scan.db").unlink()


def replace_by_another(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "scan.db").write_text("another's")


@pytest.mark.parametrize("harm", [remove_all, remove_database, replace_by_another])
def test_a_folder_that_is_gone_stops_the_scan_and_loses_nothing(inline, harm, capsys):
    inline(lambda n: harm(Path("out")) if n == 3 else None)
    Path("out-saved").mkdir()
    assert small_scan("--model-seeds=0:6") == 1
    *_, line = capsys.readouterr().err.splitlines()
    assert "out was removed while it was written: what is finished was stored in" in line
    assert "out-saved-2" in line
    assert stored("out-saved-2") == 3
    inline(lambda n: None)
    assert small_scan("--model-seeds=0:6", "--out=out-saved-2") == 0
    assert small_scan("--model-seeds=0:6", "--out=undisturbed") == 0
    assert same_tables("out-saved-2", "undisturbed")


@pytest.mark.workers
def test_a_folder_that_goes_is_noticed_while_no_run_ends(made_up_training, monkeypatch, capsys):
    monkeypatch.setattr(scanner, "train", made_up.sleepy)
    monkeypatch.setattr(scanner, "LOOK_SECONDS", 0.5)
    steps = LocalExecutor.steps

    def gone_once_it_trains(executor, slot):
        if (count := steps(executor, slot)) and Path("out").exists():
            Path("out").rename("moved")
        return count

    monkeypatch.setattr(LocalExecutor, "steps", gone_once_it_trains)
    assert small_scan("--model-seeds=0:2") == 1
    assert "out was moved to " in capsys.readouterr().err


def test_closed_streams_are_as_good_as_empty_ones(scans, tmp_path):
    for closed in ((), (0,), (1,), (2,), (0, 1, 2)):
        folder = tmp_path / "".join(map(str, closed))
        folder.mkdir(exist_ok=True)
        scans.start(folder, "--model-seeds=0:2", closed=closed, inline=len(closed) < 3)
        assert scans.wait()[0] == 0
        assert same_tables(tmp_path / "out", folder / "out")


def test_workers_end_in_a_program_that_began_without_a_stderr():
    """As of a service: it uses the Python API, so that no command opens the null device."""
    code = "from grokseed.execution.local import LocalExecutor as Local; Local(1).close(True)"
    command = [sys.executable, "-c", f"{code}; print('ended')"]
    said = subprocess.check_output(command, preexec_fn=lambda: os.close(2))
    assert said == b"ended\n"


@pytest.mark.parametrize("name", ["caf\u00e9\u00a0x", "two\nlines", "\U0001f468\u200d\U0001f469"])
def test_a_folder_is_read_whatever_characters_its_name_has(inline, name, capsys):
    for how in ([], [], ["--export"]):
        assert small_scan("--model-seeds=0:2", f"--out={name}", *how) == 0, capsys.readouterr().err
    assert stored(name) == 2


def flip(content: bytearray, drawn: random.Random) -> None:
    for _ in range(drawn.choice((1, 8, 100))):
        content[drawn.randrange(len(content))] ^= 1 << drawn.randrange(8)


def cut(content: bytearray, drawn: random.Random) -> None:
    del content[drawn.randrange(len(content)) :]


def blank(content: bytearray, drawn: random.Random) -> None:
    start, size = drawn.randrange(len(content)), drawn.choice((1, 100, 4096))
    content[start : start + size] = bytes(len(content[start : start + size]))


def repeat(content: bytearray, drawn: random.Random) -> None:
    """A part lies twice, as where two programs wrote."""
    size, (here, there) = 512, (drawn.randrange(len(content)) for _ in range(2))
    content[there : there + size] = content[here : here + size]


def damaged(folder: Path, drawn: random.Random) -> str:
    """Damage one file of a scan; what was done."""
    path = folder / drawn.choice(["scan.db"] * 3 + ["runs.csv", "trajectories.npz", "config.json"])
    harm = drawn.choice([flip, flip, cut, blank, repeat])
    content = bytearray(path.read_bytes())
    harm(content, drawn)
    path.write_bytes(content)
    if drawn.random() < 0.3:  # as a clone is: without the working copy
        (folder / "scan.db").unlink()
    return f"{harm.__name__} {path.name}"


def harm_stores(n: int, seed: int, capsys) -> None:
    """Damage a finished scan in one way after another: it is refused, or nothing is lost by it."""
    assert small_scan("--model-seeds=0:12", "--out=whole") == 0
    refused = 0
    for number in range(n):
        drawn = random.Random(f"{seed} {number}")
        shutil.rmtree("out", ignore_errors=True)
        shutil.copytree("whole", "out")
        done = damaged(Path("out"), drawn)
        before = everything(Path("out"))
        capsys.readouterr()
        how = drawn.choice(([], ["--export"], ["--dry-run"]))
        status = small_scan("--model-seeds=0:12", *how)
        said = capsys.readouterr().err
        refused += status != 0
        if status:
            assert status in (1, 2), done
            assert said.splitlines()[-1].startswith("grokseed.scan: error: "), done
        elif how != ["--dry-run"]:
            assert same_tables("out", "whole"), f"{number}: {done} {how}"
        if status == 2:
            assert everything(Path("out")) == before, f"{number}: {done} {how}"
    assert n / 4 < refused < n


def test_damaged_stores(inline, capsys):
    harm_stores(20, 0, capsys)


@pytest.mark.slow
def test_200_damaged_stores(inline, capsys):
    harm_stores(200, 1, capsys)
