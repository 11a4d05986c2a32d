"""Bad input is one line and status 2, a failure after the start one line and status 1."""

import os
import subprocess
import sys

import pytest
from commands import SMALL, everything, small_scan
from made_up import CONFIG

import grokseed
from grokseed import ablate, scan
from grokseed.records.runs import Runs
from grokseed.records.there import There
from grokseed.training.numerics import numerics

pytestmark = pytest.mark.usefixtures("made_up_training")


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
    "--model-seeds -1:3": "seeds must not be negative",
    "--jobs x": "error: --jobs: expected int. Got value: x\n",
    "--val-seed 1.5": "error: --val-seed: expected int. Got value: 1.5\n",
    "--val-shuffle=x": "error: --val-shuffle: expected yes or no. Got value: x\n",
    "--config compile.yaml": "'no'. Got value: True; in YAML, put it in quotes\n",
    "--config out.yaml": "error: --out: expected str. Got value: 3; in YAML, put it in quotes\n",
    "--val-seed=-1": "val seed must lie in",
    "--model-seeds a": "seeds are written like",
    "--model-seeds 1:2:3": "seeds are written like",
    "--model-seeds 1_0": "seeds are written like 0:2073 or 3,5,8:12, not '1_0'\n",
    "--model-seeds 0:+3": "seeds are written like",
    "--loader-seed ٣": "seeds are written like",
    "--val-seed 1_0": "--val-seed: expected int. Got value: 1_0\n",
    "--val-seed +3": "--val-seed: expected int",
    "--val-seed ٣": "--val-seed: expected int",
    "--val-seed 1:30": "--val-seed: expected int",
    "--val-seed true": "--val-seed: expected int",
    "--model-seeds 0:10000000000": "more than 10,000,000 seeds",
    f"--model-seeds {2**63}": "model seed must lie in",
    "--model-seeds 0:2 --loader-seeds 0:3 --pairs zip": "of 1, not 2 model seeds, 3 loader seeds\n",
    f"--loader-seed {2**32 - 1}": "the validation seed is the loader seed + 1, and loader seed 42",
    "--task rote --p 97": "p means nothing for task rote: leave it out",
    "--preset mini --task rote --operation=x/y": "operation means nothing for task rote",
    "--length 16": "length means nothing for task modular: leave it out",
    "--scheme shared --loader-seed 8": "takes --model-seeds alone",
    "--operation x+*y": 'operation: cannot read "x+*y" at "*y"',
    "--operation x/(y-y)": 'operation: "x/(y-y)" divides by 0 mod 223 for every x and y',
    "--scheme none": "--scheme: expected one of",
    "--preset maxi": "preset must be one of diary, mini, not 'maxi'",
    "--device cuda": "device cuda is not there",
    "--device tpu": "device must be cpu, cuda, auto, or like cuda:0,1",
    "--device cuda:0,1": "device cuda:0,1 is not there",
    "--jobs 0": "jobs must be at least 1",
    "--jobs 100000": "4 a core, not 100000",
    "--p 9999991": "one run of this config needs about",
    "--d-model 4000000000 --dry-run": "one run of this config needs about",
    "--ffn-multiple 4000000000": "one run of this config needs about",
    "--layers 1001": "layers must be at most 1,000, not 1,001",
    "--max-steps 2147483648": "max_steps must be at most 2,147,483,647, not 2,147,483,648",
    "--model-seeds 0:300000 --lanes 300000": "fewer --jobs or --lanes",
    f"--p {2**63}": "p must fit 64 bits",
    f"--warmup-steps {10**400}": "warmup_steps must fit 64 bits",
    f"--p {2**61 - 3}": "p must be prime",
    "--lr 1e999": "lr must be above 0 and finite, not inf",
    "--lr 1e39": "lr must be at most 3.4e+38, not 1e+39",
    f"--operation {'x' * 9000}": "operation must have at most 100 characters, not 9,000",
    f"--out {'y' * 300}": f"error: {'y' * 100}…",
    f"--out {'y' * 9000}": "y/cells.csv: File name too long\n",
    "--config itself.yaml": "config is no option",
    "--lanes 0": "lanes must be at least 1",
    "--no-such-option": "unrecognized arguments: --no-such-option",
    "--max-step 9": "unrecognized arguments: --max-step 9",
    "--config nowhere.yaml": "File does not exist",
    "--config bad.yaml": "expected str. Got value: 192; in YAML, put seeds in quotes",
    "--config worse.yaml": "expected ',' or ']'",
    "--config other.yaml": "Option 'pp' is not accepted",
    "--config one.yaml": "in YAML it is loader_seeds, with its value in quotes",
    "--config empty.yaml": "it holds no options",
    "--out file/below": "cannot be written",
    "--out file": "cannot be written",
    "--preset": "expected one argument",
    "--out nothing --export": "holds no scan",
    "--export": "results/diary_model-0_loader-0 holds no scan",
    "--dry-run --out file": "file cannot be written: not a folder",
    "--dry-run --out file/below": "file/below cannot be written: not a folder",
    "--out /dev/null": "/dev/null cannot be written",
    "--dry-run --out /dev/null": "/dev/null cannot be written",
    "--precision tf32 --device cpu": "precision tf32 is a GPU's",
    "--print-config --p 10": "p must be prime",
    "--p 10 --print-config": "p must be prime",
    "--print-config --model-seeds 5:5": "the range 5:5 is empty",
    "--loader-seed 8 --loader-seeds 9": "--loader-seed is given twice",
    "--loader-seeds=8 --loader-seeds=9": "--loader-seed is given twice",
    "--val-seed 8 --val-seed=9": "--val-seed is given twice",
    "--model-seeds 0:5000 --loader-seeds 0:5000": "more than 1,000,000 runs: 1 x 5,000 x 5,000",
    "--model-seeds 0:2000000": "more than 1,000,000 runs",
    "--config list.yaml": "--preset: expected str",
    "--config maxi.yaml": "preset must be one of diary, mini, not 'maxi'",
}


@pytest.mark.parametrize("words", BAD)
def test_bad_input_is_one_line_and_writes_nothing(words, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    (tmp_path / "file").touch()
    (tmp_path / "bad.yaml").write_text("model_seeds: 3:12\n")
    (tmp_path / "worse.yaml").write_text("p: [1\n")
    (tmp_path / "other.yaml").write_text("pp: 1\n")
    (tmp_path / "one.yaml").write_text("loader_seed: 8\n")
    (tmp_path / "empty.yaml").touch()
    (tmp_path / "itself.yaml").write_text("config: 0\n")
    (tmp_path / "list.yaml").write_text("preset: [mini]\n")
    (tmp_path / "compile.yaml").write_text("compile: yes\n")
    (tmp_path / "out.yaml").write_text("out: 3\n")
    (tmp_path / "maxi.yaml").write_text("preset: maxi\n")
    before = everything(tmp_path)
    assert scan.main(words.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("grokseed.scan: error: ")
    assert err.count("\n") == 1
    assert len(err) <= len("grokseed.scan: error: \n") + 200
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


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("answer.md", b"\xff\xfe", "'utf-8' codec can't decode"),
        ("excluded.csv", b"\xff\xfe", "'utf-8' codec can't decode"),
        ("excluded.csv", b"", "No columns to parse"),
        ("excluded.csv", b"model_seed,reason\ninf,by hand\n", "infinity to integer"),
    ],
)
def test_what_the_report_needs_is_read_before_anything_is_trained(
    name, content, reason, tmp_path, capsys
):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_bytes(content)
    ablation = [*SMALL, "--out=out", "--donor=42", "--recipient=56"]
    for main, argv in ((scan.main, [*SMALL, "--out=out"]), (ablate.main, ablation)):
        assert main(argv) == 2
        err = capsys.readouterr().err
        assert f"out/{name} cannot be read: " in err
        assert (reason in err, err.count("\n")) == (True, 1)
    with pytest.raises(grokseed.StoreError, match="cannot be read"):
        grokseed.scan(CONFIG, out="out")
    assert everything(tmp_path) == {str(tmp_path / "out" / name): content}


def test_a_bad_command_line_from_a_shell():
    command = [sys.executable, "-m", "grokseed.scan", "--p", "10"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "grokseed.scan: error: p must be prime, not 10\n"


def failed(capsys) -> str:
    """The one line on stderr that a failure leaves, after those of progress."""
    *_, line = capsys.readouterr().err.splitlines()
    assert line.startswith("grokseed.scan: error: ")
    return line


def test_failures_after_the_start_have_a_status_of_their_own(monkeypatch, capsys):
    assert small_scan("--model-seeds=0:2") == 0
    of_runs = numerics(CONFIG, "cpu")
    monkeypatch.setattr(Runs, "there", lambda *_: There("done", "another", of_runs, has_all=True))
    assert small_scan("--model-seeds=0:4") == 1
    assert "gave other numbers than those stored" in failed(capsys)
    monkeypatch.undo()


@pytest.mark.parametrize("how", [[], ["--export"]])
def test_a_full_disk_is_a_failure(how, monkeypatch, capsys):
    assert small_scan("--model-seeds=0:2") == 0

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert small_scan("--model-seeds=0:2", *how) == 1
    assert "No space left on device" in failed(capsys)


def test_a_reader_that_goes_away_is_no_failure(tmp_path):
    assert small_scan("--model-seeds=0:2") == 0
    command = [sys.executable, "-m", "grokseed.scan", *SMALL, "--out=out", "--export"]
    shut, writing = os.pipe()
    os.close(shut)
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_bytes_that_the_terminal_lacks_are_escaped(tmp_path):
    latin = {"PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "grokseed.scan", *SMALL, "--out=é", "--export"]
    done = subprocess.run(command, env=os.environ | latin, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (2, b"grokseed.scan: error: \\xe9 holds no scan\n")


def test_a_full_disk_behind_a_stream(tmp_path):
    """What nobody can read of stderr is lost; a report that cannot be written is a failure."""
    assert small_scan("--model-seeds=0:2") == 0
    command = [sys.executable, "-m", "grokseed.scan", *SMALL]
    with open("/dev/full", "w") as full:
        bad = subprocess.run([*command, "--p=10"], stderr=full, check=False)
        argv = [*command, "--out=out", "--model-seeds=0:2", "--dry-run"]
        report = subprocess.run(argv, stdout=full, stderr=subprocess.PIPE, check=False)
    assert bad.returncode == 2
    line = b"grokseed.scan: error: No space left on device\n"
    assert (report.returncode, report.stderr) == (1, line)
