"""The command people run: bad input, resume, interruption, and what it leaves on disk."""

import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from commands import SMALL, everything, small_scan
from made_up import CONFIG, Failing, train

from grokseed import scan
from grokseed.cli.folder import default_folder
from grokseed.cli.options import HowOptions, SeedOptions
from grokseed.cli.parser import parse, parser, take
from grokseed.config import Config
from grokseed.execution import scanner
from grokseed.records.store import Store
from grokseed.seeds import Seeds
from grokseed.training.numerics import numerics
from grokseed.training.trainer import train as real_train

pytestmark = pytest.mark.usefixtures("made_up_training")

FIGURES = ["accuracy.png", "classes.png", "loss_and_norm.png", "peak_against_time.png"]
"""Of a small scan: of a few events there is no survival curve."""


def test_a_resumed_scan_trains_only_what_is_missing(tmp_path, monkeypatch, capsys):
    log = tmp_path / "log"
    monkeypatch.setattr(scanner, "train", Failing(log=log))
    assert small_scan("--model-seeds=3:6") == 0
    log.unlink()
    assert small_scan("--model-seeds=0:8") == 0
    trained = [int(word) for line in log.read_text().splitlines() for word in line.split()[:-1]]
    assert sorted(trained) == [0, 1, 2, 6, 7]
    assert "3 of 8 runs stored\n5 to train" in capsys.readouterr().err
    log.unlink()
    assert small_scan("--model-seeds=0:7") == 0
    assert not log.exists()
    readme = (tmp_path / "out" / "README.md").read_text()
    assert "--model-seeds=3:6" in readme
    assert "--model-seeds=0:8" in readme
    assert "--model-seeds=0:7" not in readme  # it found nothing to do


@pytest.mark.workers
def test_any_number_of_jobs_and_lanes_leaves_the_same_bytes(tmp_path):
    for jobs, lanes in ((1, 16), (3, 2)):
        how = ["--jobs", str(jobs), "--lanes", str(lanes), "--out", f"jobs{jobs}"]
        assert scan.main([*SMALL, "--model-seeds", "0:12", *how]) == 0
    for name in ("runs.csv", "trajectories.npz"):
        assert (tmp_path / "jobs1" / name).read_bytes() == (tmp_path / "jobs3" / name).read_bytes()
    about = [json.loads((tmp_path / f / "config.json").read_text()) for f in ("jobs1", "jobs3")]
    assert about[0].pop("commands") != about[1].pop("commands")
    assert about[0] == about[1]


@pytest.mark.workers
def test_crashed_runs_are_reported_and_tried_again(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(scanner, "train", Failing(raising={1}, dying={2}))
    assert small_scan("--model-seeds=0:4") == 1
    out, err = capsys.readouterr()
    assert "4 runs, 2 crashed" in out
    assert "1 crashed: RuntimeError: out of memory" in err
    assert pd.read_csv("out/runs.csv")["status"].tolist() == ["done", "crashed", "crashed", "done"]
    assert small_scan("--model-seeds=0:8", "--dry-run") == 0
    assert "2 done, 6 missing, 2 failed" in capsys.readouterr().out
    monkeypatch.setattr(scanner, "train", train)
    assert small_scan("--model-seeds=0:4") == 0
    assert pd.read_csv("out/runs.csv")["status"].tolist() == ["done"] * 4


def test_a_scan_in_which_nothing_works_still_reports(monkeypatch, capsys):
    monkeypatch.setattr(scanner, "train", Failing(raising={0, 1}))
    assert small_scan("--model-seeds=0:2") == 1
    out = capsys.readouterr().out
    assert "2 runs, 2 crashed" in out
    assert "nan" not in out


@pytest.mark.workers
def test_a_dry_run_writes_nothing(tmp_path, capsys):
    assert small_scan("--model-seeds=0:4", "--dry-run") == 0
    out = capsys.readouterr().out
    assert "0 done, 4 missing, 0 failed" in out
    assert "for the rest with --jobs 1 on cpu" in out
    assert everything(tmp_path) == {}


def test_small_scans_give_a_verdict_a_seed_and_large_ones_the_best(tmp_path, capsys):
    assert small_scan("--model-seeds=0:3", "--stop-when=completed") == 0
    out = capsys.readouterr().out
    assert "Every run (split 0, loader 0, " in out
    table = pd.read_csv("out/runs.csv")
    for model, generalised in zip(table["model_seed"], table["completed_step"], strict=True):
        (line,) = (x for x in out.splitlines() if x.startswith(f"| {model:>5} | "))
        assert pd.isna(generalised) or f" {generalised:,.0f} |" in line
    readme = (tmp_path / "out" / "README.md").read_text()
    assert out.split("\nFigures:")[0].strip() in readme
    assert [name for name in FIGURES if f"]({name})" in readme] == FIGURES
    assert "No survival curve: " in readme
    assert not (tmp_path / "out" / "survival.png").exists()
    assert scan.main([*SMALL, "--model-seeds=0:25", "--out=more", "--jobs=1"]) == 0
    assert "The best 10 runs by " in capsys.readouterr().out


def test_the_rule_of_the_classes_is_said_and_never_swapped(tmp_path, capsys):
    assert small_scan("--model-seeds=0:8", "--rule=speedup") == 2
    said = capsys.readouterr().err
    assert "the speedup rule needs at least 20 runs of one config to have a median, not 8" in said
    assert not (tmp_path / "out").exists()
    assert small_scan("--model-seeds=0:8", "--rule=screen") == 0
    assert "by the screen rule, as --rule asks for." in capsys.readouterr().out
    assert small_scan("--export", "--rule=speedup") == 2
    assert small_scan("--export") == 0
    assert "by the screen rule (--rule auto): the scan lacks" in capsys.readouterr().out
    assert small_scan("--model-seeds=0:20", "--rule=speedup") == 0
    assert small_scan("--export", "--rule=speedup") == 0
    assert "by the speedup rule, as --rule asks for." in capsys.readouterr().out


def test_export_draws_again_from_the_store_or_from_the_tables_alone(tmp_path, capsys):
    assert small_scan("--model-seeds=0:4") == 0
    wanted = {p: content for p, content in everything(tmp_path).items() if "scan.db" not in p}
    first = capsys.readouterr().out
    for name in FIGURES:
        (tmp_path / "out" / name).unlink()
    (tmp_path / "out" / "runs.csv").unlink()
    assert small_scan("--export") == 0
    assert capsys.readouterr().out == first
    assert wanted.items() <= everything(tmp_path).items()
    (tmp_path / "out" / "scan.db").unlink()
    (tmp_path / "out" / "accuracy.png").unlink()
    assert small_scan("--export") == 0
    assert wanted.items() <= everything(tmp_path).items()


def test_folders_are_named_after_what_is_scanned():
    def name(*argv: str) -> str:
        found = parse(parser("grokseed.scan", "", HowOptions, SeedOptions), argv, bool)
        return default_folder(found.preset, take(Config, found), take(SeedOptions, found))

    assert name("--model-seeds=0:2073", "--loader-seed=8") == "results/diary_model-0-2073_loader-8"
    assert (
        name("--preset=mini", "--weight-decay=0", "--pairs=zip")
        == "results/mini_weight-decay-0.0_model-0_loader-0_zip"
    )
    assert "/" not in name("--operation=(x//y)if(y%2==1)else(x-y)")[8:]
    long = [name("--model-seeds", ",".join(map(str, range(i, 200, 2)))) for i in (0, 1)]
    assert long[0] != long[1]
    assert len(long[0]) <= 110


def test_runs_that_end_before_they_are_judged_are_warned_of(capsys):
    def warned(*argv: str) -> bool:
        assert small_scan("--dry-run", *argv) == 0
        err = capsys.readouterr().err
        assert err.count("\n") == ("warning" in err)
        return "warning: runs end at step 100" in err and "--screen-step 200" in err

    assert warned("--max-steps=100")
    assert not warned()
    assert not warned("--max-steps=100", "--stop-when=completed")


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(scans, tmp_path):
    argv = ["--model-seeds=0:6", "--lanes=1", "--jobs=2"]
    started = scans.start(tmp_path, *argv, train="sleepy_but_first", fresh=False)
    # Until it has a log, a store is being made, and refuses to be read meanwhile.
    scans.wait_until((tmp_path / "out" / "scan.db-wal").exists)
    scans.wait_until(lambda: _stored(tmp_path / "out"))
    os.killpg(started, signal.SIGINT)  # as a terminal does: to the workers as well
    interrupted = time.monotonic()
    status, err = scans.wait()
    assert time.monotonic() - interrupted < 5
    assert scans.all_gone()
    assert status == 130
    assert "Traceback" not in err
    assert err.rstrip().endswith("--out=out --model-seeds=0:6 --lanes=1 --jobs=2")
    assert "--export writes what there is" in err
    assert _stored(tmp_path / "out") == 1


def _stored(folder: Path) -> int:
    if not (folder / "scan.db").exists():
        return 0
    with Store(folder, read_only=True) as store:
        return len(list(store.each_row()))


def test_real_runs_end_to_end(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(scanner, "train", real_train)
    tiny = replace(CONFIG, d_model=16, layers=1, max_steps=100, screen_step=100)
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in tiny.changes().items()]
    assert scan.main([*flags, "--model-seeds=0:3", "--loader-seed=8", "--out=out", "--jobs=2"]) == 0
    table = pd.read_csv(tmp_path / "out" / "runs.csv")
    assert table["steps"].tolist() == [100] * 3
    alone = real_train(tiny, [Seeds(0, 2, 8, 9)])[0]
    assert table["digest"].iloc[2] == alone.digest()
    assert json.loads((tmp_path / "out" / "config.json").read_text())["config"]["d_model"] == 16
    assert set(FIGURES) <= {p.name for p in (tmp_path / "out").iterdir()}
    assert "3 runs." in capsys.readouterr().out


def test_a_scan_stopped_before_its_first_run_ended_has_nothing_to_export(tmp_path, capsys):
    Store(tmp_path / "out", CONFIG, numerics(CONFIG, "cpu")).close()
    for argv in (["--model-seeds=0:3"], []):
        assert small_scan(*argv, "--export") == 2
        assert capsys.readouterr().err == "grokseed.scan: error: out holds no runs yet\n"
