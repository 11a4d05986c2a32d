"""What studies/on_gpu.sh does if a line is cut, fails or has no time. Python is a stand-in."""

import os
import shlex
import shutil
import signal
import subprocess
import tarfile
import time
from pathlib import Path

import pytest
from test_gpu import WIDE

SCRIPT = Path(__file__).parents[2] / "studies" / "on_gpu.sh"

PYTHON = """#!/bin/bash
printf '%s\\n' "$*" >>"$LOG"
for word; do
    [ "${before:-}" = --out ] && mkdir -p "$word" && echo run >"$word/runs.csv"
    before=$word
done
case "$*" in *$FAILS*) exit 3 ;; esac
case "$*" in *--export*) ;; *$SLOW*) exec sleep 30 ;; esac
case "$*" in *speed*) echo table ;; esac
"""
"""It notes its arguments, makes a scan's table, and fails or sleeps if they hold a word."""

NOTHING = "nothing that is asked for"
TABLES = "config.json", "runs.csv", "excluded.csv", "trajectories.npz"


class Card:
    """The script in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.root, self.log, self.out = root, root / "log", root / "out"
        (root / "studies").mkdir()
        shutil.copy(SCRIPT, root / "studies")
        python = root / "python"
        python.write_text(PYTHON)
        python.chmod(0o755)
        self.env = {"PATH": os.environ["PATH"], "PYTHON": str(python), "LOG": str(self.log)}
        self.env |= {"FAILS": NOTHING, "SLOW": NOTHING}

    def start(self, *lines: int, **env: object) -> subprocess.Popen[str]:
        given = self.env | {name: str(value) for name, value in env.items()}
        command = ["bash", "studies/on_gpu.sh", *map(str, lines)]
        return subprocess.Popen(
            command, cwd=self.root, env=given, stderr=subprocess.PIPE, text=True
        )

    def run(self, *lines: int, **env: object) -> tuple[int, list[str]]:
        """The exit status, and how each line went."""
        return ended(self.start(*lines, **env))

    def asked(self, *words: str) -> list[str]:
        """The calls whose arguments hold some words."""
        calls = self.log.read_text().splitlines() if self.log.exists() else []
        return [call for call in calls if all(word in call for word in words)]

    def kept(self, line: int) -> list[str]:
        with tarfile.open(self.out / f"line_{line}.tar.gz") as tar:
            return sorted(tar.getnames())


def ended(script: subprocess.Popen[str]) -> tuple[int, list[str]]:
    told = script.communicate()[1].splitlines()
    return script.returncode, [line.rpartition(",")[0] for line in told if line.startswith("line ")]


@pytest.fixture
def card(tmp_path: Path) -> Card:
    return Card(tmp_path)


def test_all_lines_run_in_order_and_leave_their_tables(card: Card) -> None:
    assert card.run(OUT=card.out) == (0, [f"line {n}: ok" for n in range(1, 10)])
    folders = [shlex.split(call)[-1] for call in card.asked("grokseed.scan")]
    assert folders[2:4] == ["results/diary_gpu", "results/models_gpu"]
    assert len(folders) == 7
    assert len(card.asked("grokseed.scan", "--no-checkpoints")) == 7
    assert len(card.asked(f"--lanes {WIDE} ")) == 4
    assert not (card.out / "line_1.tar.gz").exists()
    assert card.kept(2) == ["results/speed/gpu_512.md", "results/speed/gpu_64.md"]
    assert card.kept(4) == ["results/diary_gpu/runs.csv"]


def test_a_scan_that_is_cut_exports_and_is_kept(card: Card) -> None:
    (card.root / "results/diary_gpu").mkdir(parents=True)
    for name in (*TABLES, "scan.db"):
        (card.root / "results/diary_gpu" / name).write_text("something")
    begun = time.monotonic()
    assert card.run(4, LIMIT=1, SLOW="diary_gpu", OUT=card.out) == (124, ["line 4: cut"])
    assert time.monotonic() - begun < 20
    assert card.asked("--export") == ["-m grokseed.scan --export --out results/diary_gpu"]
    assert card.kept(4) == sorted(f"results/diary_gpu/{name}" for name in TABLES)


def test_after_a_failure_the_other_lines_run_and_the_status_says_so(card: Card) -> None:
    assert card.run(1, 3, 5, FAILS="tf32 --out results/models") == (
        1,
        ["line 1: ok", "line 3: ok", "line 5: failed"],
    )
    card.log.unlink()
    assert card.run(1, 2, FAILS="pytest") == (1, ["line 1: failed", "line 2: ok"])
    assert card.run(11)[0] == 1
    assert not card.asked("--no-checkpoints")


def test_a_line_that_has_too_little_time_is_left_out(card: Card) -> None:
    """A line ends three minutes before TOTAL, in which runs are saved and tables written."""
    assert card.run(2, 4, TOTAL=299) == (124, ["line 2: left out", "line 4: left out"])
    assert not card.log.exists()
    assert card.run(2, 4, TOTAL=310) == (0, ["line 2: ok", "line 4: ok"])
    taken = card.run(3, 4, TOTAL=184, LEAST=3, SLOW="oracle_tf32")
    assert taken == (124, ["line 3: cut", "line 4: left out"])
    assert not card.asked("oracle_fp32", "--lanes")  # its line's time was up


def test_a_table_of_the_benchmark_is_made_once_and_only_whole(card: Card) -> None:
    assert card.run(2, FAILS="--lanes 512") == (1, ["line 2: failed"])
    assert card.run(2) == (0, ["line 2: ok"])
    assert len(card.asked("--lanes 64")) == 1
    assert len(card.asked("--lanes 512")) == 2
    assert (card.root / "results/speed/gpu_512.md").read_text() == "table\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_script_that_is_asked_to_end_exports_first(card: Card, number: int) -> None:
    script = card.start(4, 5, SLOW="diary_gpu", LIMIT=4, OUT=card.out)
    while not card.asked("diary_gpu"):
        time.sleep(0.05)
    script.send_signal(number)
    assert ended(script) == (124, ["line 4: cut", "line 5: left out"])
    assert card.asked("--export")
    assert card.kept(4) == ["results/diary_gpu/runs.csv"]
