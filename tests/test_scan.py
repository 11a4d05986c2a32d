"""The command people run: bad input, resume, interruption, and what it leaves on disk."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from made_up import CONFIG, Failing, train

from grokseed import scan
from grokseed.config import Config
from grokseed.options import SeedOptions, parse, parser, take
from grokseed.seeds import Seeds
from grokseed.store import Store
from grokseed.trainer import train as real_train

SMALL = [f"--{name.replace('_', '-')}={value}" for name, value in CONFIG.changes().items()]
FIGURES = ["accuracy.png", "loss_and_norm.png", "peak_against_time.png", "survival.png"]


@pytest.fixture(autouse=True)
def made_up_training(monkeypatch, tmp_path):
    monkeypatch.setattr(scan, "train", train)
    monkeypatch.chdir(tmp_path)


def small_scan(*argv: str) -> int:
    return scan.main([*SMALL, "--out", "out", "--jobs", "1", *argv])


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


BAD = {
    "--p 10": "p must be prime",
    "--p x": "--p: expected int",
    "--p": "--p: expected one argument",
    "--train-fraction 1": "train_fraction must lie between 0 and 1",
    "--train-fraction 0": "train_fraction must lie between 0 and 1",
    "--test-fraction -0.1": "test_fraction must be 0 or lie between 0 and 1",
    "--train-fraction nan": "--train-fraction: expected float",
    "--p 11 --batch-size 100": "batch_size must be at most the train set",
    "--model-seeds 5:5": "the range 5:5 is empty",
    "--model-seeds 8:5": "the range 8:5 is reversed",
    "--model-seeds 3,1:5": "seed 3 is given twice",
    "--model-seeds=-1": "seeds must not be negative",
    "--loader-seeds=-3:2": "seeds must not be negative",
    "--val-seed=-1": "val seed must lie in",
    "--model-seeds a": "seeds are written like",
    "--model-seeds 1:2:3": "seeds are written like",
    "--model-seeds 0:10000000000": "more than 10,000,000 seeds",
    f"--model-seeds {2**63}": "model seed must lie in",
    "--model-seeds 0:2 --loader-seeds 0:3 --pairs zip": "lists of one length",
    "--scheme shared --loader-seed 8": "takes --model-seeds alone",
    "--operation x*y": "--operation: expected one of",
    "--scheme none": "--scheme: expected one of",
    "--preset maxi": "preset must be one of diary, mini, not 'maxi'",
    "--device cuda": "device cuda is not there",
    "--device tpu": "--device: expected one of",
    "--jobs 0": "jobs must be at least 1",
    "--lanes 0": "lanes must be at least 1",
    "--no-such-option": "unrecognized arguments: --no-such-option",
    "--max-step 9": "unrecognized arguments: --max-step 9",
    "--config nowhere.yaml": "File does not exist",
    "--config bad.yaml": "expected str. Got value: 192; in YAML, put seeds in quotes",
    "--config worse.yaml": "expected ',' or ']'",
    "--config other.yaml": "Option 'pp' is not accepted",
    "--out file/below": "cannot be written",
    "--out file": "cannot be written",
    "--preset": "expected one argument",
    "--out nothing --export": "holds no scan",
}


@pytest.mark.parametrize("words", BAD)
def test_bad_input_is_one_line_and_writes_nothing(words, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    (tmp_path / "file").touch()
    (tmp_path / "bad.yaml").write_text("model_seeds: 3:12\n")
    (tmp_path / "worse.yaml").write_text("p: [1\n")
    (tmp_path / "other.yaml").write_text("pp: 1\n")
    before = everything(tmp_path)
    assert scan.main(words.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("grokseed.scan: error: ")
    assert err.count("\n") == 1
    assert BAD[words] in err
    assert everything(tmp_path) == before


def test_a_folder_of_another_scan_or_a_damaged_one(tmp_path, capsys):
    assert small_scan("--model-seeds=0:2") == 0
    before = everything(tmp_path)
    for how in ([], ["--dry-run"]):
        capsys.readouterr()
        assert small_scan("--weight-decay=0", *how) == 2
        assert "another config's scan: weight_decay: 0.1, not 0.0" in capsys.readouterr().err
    assert everything(tmp_path) == before
    (tmp_path / "out" / "scan.db").write_bytes(b"garbage" * 1000)
    before = everything(tmp_path)
    for how in ([], ["--dry-run"], ["--export"]):
        capsys.readouterr()
        assert small_scan(*how) == 2
        err = capsys.readouterr().err
        assert "is damaged" in err
        assert err.count("\n") == 1
    assert everything(tmp_path) == before


def test_a_bad_command_line_from_a_shell():
    command = [sys.executable, "-m", "grokseed.scan", "--p", "10"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "grokseed.scan: error: p must be prime, not 10\n"


def test_a_resumed_scan_trains_only_what_is_missing(tmp_path, monkeypatch, capsys):
    log = tmp_path / "log"
    monkeypatch.setattr(scan, "train", Failing(log=log))
    assert small_scan("--model-seeds=3:6") == 0
    log.unlink()
    assert small_scan("--model-seeds=0:8") == 0
    trained = [int(word) for line in log.read_text().splitlines() for word in line.split()[:-1]]
    assert sorted(trained) == [0, 1, 2, 6, 7]
    assert "3 of 8 runs stored, 5 to train" in capsys.readouterr().err
    log.unlink()
    assert small_scan("--model-seeds=0:8") == 0
    assert not log.exists()
    readme = (tmp_path / "out" / "README.md").read_text()
    assert "--model-seeds=3:6" in readme
    assert "--model-seeds=0:8" in readme


def test_any_number_of_jobs_and_lanes_leaves_the_same_bytes(tmp_path):
    for jobs, lanes in ((1, 16), (3, 2)):
        how = ["--jobs", str(jobs), "--lanes", str(lanes), "--out", f"jobs{jobs}"]
        assert scan.main([*SMALL, "--model-seeds", "0:12", *how]) == 0
    for name in ("runs.csv", "trajectories.npz", "config.json", *FIGURES):
        assert (tmp_path / "jobs1" / name).read_bytes() == (tmp_path / "jobs3" / name).read_bytes()


def test_crashed_runs_are_reported_and_tried_again(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(scan, "train", Failing(raising={1}, dying={2}))
    assert small_scan("--model-seeds=0:4") == 0
    out, err = capsys.readouterr()
    assert "4 runs, 2 crashed" in out
    assert "grokseed.scan: 1 crashed: RuntimeError: out of memory" in err
    assert pd.read_csv("out/runs.csv")["status"].tolist() == ["done", "crashed", "crashed", "done"]
    assert small_scan("--model-seeds=0:8", "--dry-run") == 0
    assert "2 done, 6 missing, 2 failed" in capsys.readouterr().out
    monkeypatch.setattr(scan, "train", train)
    assert small_scan("--model-seeds=0:4") == 0
    assert pd.read_csv("out/runs.csv")["status"].tolist() == ["done"] * 4


def test_a_scan_in_which_nothing_works_still_reports(monkeypatch, capsys):
    monkeypatch.setattr(scan, "train", Failing(raising={0, 1}))
    assert small_scan("--model-seeds=0:2") == 0
    assert "2 runs, 2 crashed" in capsys.readouterr().out


def test_a_dry_run_writes_nothing(tmp_path, capsys):
    assert small_scan("--model-seeds=0:4", "--dry-run") == 0
    out = capsys.readouterr().out
    assert "0 done, 4 missing, 0 failed" in out
    assert "for the rest with --jobs 1 on cpu" in out
    assert everything(tmp_path) == {}


def test_small_scans_give_a_verdict_a_seed_and_large_ones_the_best(tmp_path, capsys):
    assert small_scan("--model-seeds=0:3", "--stop-when-generalised") == 0
    out = capsys.readouterr().out
    assert "Every run:" in out
    assert out.count("|     8 |") == 0
    table = pd.read_csv("out/runs.csv")
    for model, generalised in zip(table["model_seed"], table["generalised_step"], strict=True):
        (line,) = (x for x in out.splitlines() if x.startswith(f"|     0 | {model:>5} |"))
        assert pd.isna(generalised) or f" {generalised:,.0f} |" in line
    readme = (tmp_path / "out" / "README.md").read_text()
    assert out.split("\nFigures:")[0].strip() in readme
    assert [name for name in FIGURES if f"]({name})" in readme] == FIGURES
    assert scan.main([*SMALL, "--model-seeds=0:25", "--out=more", "--jobs=1"]) == 0
    assert "The best 10 runs:" in capsys.readouterr().out


def test_export_draws_again_from_the_store_or_from_the_tables_alone(tmp_path, capsys):
    assert small_scan("--model-seeds=0:4") == 0
    wanted = {p: content for p, content in everything(tmp_path).items() if "scan.db" not in p}
    first = capsys.readouterr().out
    for name in FIGURES:
        (tmp_path / "out" / name).unlink()
    (tmp_path / "out" / "runs.csv").write_text("gone")
    assert small_scan("--export") == 0
    assert capsys.readouterr().out == first
    assert wanted.items() <= everything(tmp_path).items()
    (tmp_path / "out" / "scan.db").unlink()
    (tmp_path / "out" / "survival.png").unlink()
    assert small_scan("--export") == 0
    assert wanted.items() <= everything(tmp_path).items()


def test_folders_are_named_after_what_is_scanned():
    def name(*argv: str) -> str:
        found = parse(parser("grokseed.scan", "", scan.ScanOptions), argv)
        return scan.default_folder(found.preset, take(Config, found), take(SeedOptions, found))

    assert name("--model-seeds=0:2073", "--loader-seed=8") == "results/diary_model-0-2073_loader-8"
    assert (
        name("--preset=mini", "--weight-decay=0", "--pairs=zip")
        == "results/mini_weight-decay-0.0_model-0_loader-0_zip"
    )
    assert "/" not in name("--operation=(x//y)if(y%2==1)else(x-y)")[8:]
    long = [name("--model-seeds", ",".join(map(str, range(i, 200, 2)))) for i in (0, 1)]
    assert long[0] != long[1]
    assert len(long[0]) <= 110


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(tmp_path):
    code = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import made_up
from grokseed import scan
def train(config, runs, **how):
    return (made_up.sleepy if runs[0].model else made_up.train)(config, runs, **how)
scan.train = train
sys.exit(scan.main(sys.argv[1:]))
"""
    argv = [*SMALL, "--model-seeds=0:6", "--lanes=1", "--jobs=2", "--out=out"]
    started = subprocess.Popen(
        [sys.executable, "-c", code, *argv],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not _stored(tmp_path / "out"):
            time.sleep(0.2)
        os.killpg(started.pid, signal.SIGINT)  # as a terminal does: to the workers as well
        interrupted = time.monotonic()
        _, err = started.communicate(timeout=20)
        assert time.monotonic() - interrupted < 5
    finally:
        started.kill()
    assert started.returncode == 130
    assert "Traceback" not in err
    assert err.rstrip().endswith("--lanes=1 --jobs=2 --out=out")
    assert _stored(tmp_path / "out") == 1


def _stored(folder: Path) -> int:
    if not (folder / "scan.db").exists():
        return 0
    with Store(folder, read_only=True) as store:
        return len(store.rows())


def test_real_runs_end_to_end(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(scan, "train", real_train)
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
