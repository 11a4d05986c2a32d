"""What a folder holds is never lost to another scan, and is written beside one that runs."""

import json
from pathlib import Path

import pytest
from commands import SMALL, everything, small_scan
from made_up import CONFIG, Failing, trajectory

from grokseed import scan
from grokseed.cli.folder import write_results
from grokseed.execution import scanner
from grokseed.records.database import lock
from grokseed.records.store import Store, StoreError
from grokseed.seeds import Seeds
from grokseed.training.numerics import numerics

pytestmark = pytest.mark.usefixtures("made_up_training")


@pytest.fixture
def checked_in(tmp_path, capsys) -> Path:
    """A scan of four runs as git gives it back: without its store."""
    assert small_scan("--model-seeds=0:4") == 0
    for name in ("scan.db", "scan.lock"):
        (tmp_path / "out" / name).unlink()
    capsys.readouterr()
    return tmp_path / "out"


def edit(file: Path, **changes: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def refused(capsys, *argv: str) -> str:
    assert small_scan(*argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


@pytest.mark.parametrize("how", [[], ["--dry-run"]])
def test_results_without_their_store_are_not_overwritten(checked_in, capsys, how):
    before = everything(checked_in)
    other = refused(capsys, "--model-seeds=0:4", "--weight-decay=0", *how)
    assert "out holds another config's results: weight_decay: 0.1, not 0.0" in other
    fewer = refused(capsys, "--model-seeds=0:3", *how)
    assert "out holds results without their store; choose another --out" in fewer
    assert "1 of them" in fewer
    assert everything(checked_in) == before


def test_results_of_other_numerics_are_not_overwritten(checked_in, capsys):
    edit(checked_in / "config.json", numerics="cuda of old")
    before = everything(checked_in)
    assert "out holds results of cuda of old, not of cpu" in refused(capsys, "--model-seeds=0:4")
    assert everything(checked_in) == before


def test_results_that_cannot_be_read_are_not_overwritten(checked_in, capsys):
    (checked_in / "runs.csv").write_text("<<<<<<< ours\n1,2\n")
    assert "out/runs.csv cannot be read" in refused(capsys, "--model-seeds=0:4")
    (checked_in / "config.json").write_text("[1]")
    assert "out/config.json cannot be read" in refused(capsys, "--model-seeds=0:4")


def test_results_are_made_anew_by_all_of_their_runs(checked_in):
    before = everything(checked_in)
    assert small_scan("--model-seeds=0:4") == 0
    after = everything(checked_in)
    assert all(after[path] == before[path] for path in before if not path.endswith(".md"))
    assert small_scan("--model-seeds=0:6") == 0


def test_results_half_made_anew_do_not_take_the_place_of_whole_ones(checked_in, capsys):
    before = everything(checked_in)
    with Store(checked_in, CONFIG, numerics(CONFIG, "cpu")) as store:  # as after Ctrl-C
        store.add(Seeds(0, 1, 0, 1), trajectory(CONFIG, Seeds(0, 1, 0, 1)))
    for how in (["--model-seeds=0:2"], ["--model-seeds=0:2", "--dry-run"]):
        assert "out/runs.csv holds 2 runs that its store does not" in refused(capsys, *how)
    with pytest.raises(StoreError, match="holds 3 runs that its store does not"):
        write_results(checked_in)
    assert before.items() <= everything(checked_in).items()
    assert small_scan("--model-seeds=0:4") == 0


def test_a_running_scan_is_exported(tmp_path, capsys):
    assert small_scan("--model-seeds=0:2") == 0
    with Store(tmp_path / "out") as store:
        store.add(Seeds(0, 7, 0, 1), trajectory(CONFIG, Seeds(0, 7, 0, 1)))
        capsys.readouterr()
        assert small_scan("--export") == 0
        assert "3 runs." in capsys.readouterr().out
        store.add(Seeds(0, 8, 0, 1), trajectory(CONFIG, Seeds(0, 8, 0, 1)))
    assert small_scan("--export") == 0
    assert "4 runs." in capsys.readouterr().out


def test_a_scan_ends_without_a_second_writer(monkeypatch):
    writers = []
    monkeypatch.setattr("grokseed.records.store.lock", lambda f: writers.append(f) or lock(f))
    assert small_scan("--model-seeds=0:2") == 0
    assert len(writers) == 1


@pytest.mark.parametrize("tables_alone", [False, True])
def test_export_takes_its_options_from_the_folder_and_refuses_others(
    tables_alone, tmp_path, capsys
):
    assert small_scan("--model-seeds=3:6", "--loader-seed=8") == 0
    if tables_alone:
        (tmp_path / "out" / "scan.db").unlink()
    capsys.readouterr()
    before = everything(tmp_path)
    for argv, words in {
        "--p 13": "another config's scan: p: 11, not 13",
        "--preset mini": "p: 11, not 97",
        "--preset diary": "p: 11, not 223",
        "--loader-seed 9": "loader_seeds: 8, not 9",
        "--model-seeds 0:3": "model_seeds: 3:6, not 0:3",
        "--val-seed 5": "val_seed: 9, not 5",
    }.items():
        assert scan.main(["--export", "--out=out", *argv.split()]) == 2
        assert words in capsys.readouterr().err
    assert everything(tmp_path) == before
    for argv in ([], ["--p=11"], ["--model-seeds=0:9", "--loader-seed=8"], SMALL):
        assert scan.main(["--export", "--out=out", *argv]) == 0
        assert "3 runs" in capsys.readouterr().out
    after = everything(tmp_path)
    assert {path for path in before if after.get(path) != before[path]} == set()


def test_tables_that_are_missing_or_damaged_are_one_line(checked_in, capsys):
    (checked_in / "trajectories.npz").write_bytes(b"PK")
    assert "out: its tables cannot be read" in refused(capsys, "--export")
    (checked_in / "trajectories.npz").unlink()
    assert "out holds no trajectories.npz" in refused(capsys, "--export")


def test_no_path_of_a_machine_is_written(tmp_path):
    out = tmp_path / "some" / "where"
    assert scan.main([*SMALL, "--out", str(out), "--jobs=1", "--model-seeds=0:2"]) == 0
    assert scan.main([*SMALL, f"--out={out}", "--jobs=1", "--model-seeds=0:3"]) == 0
    for path, content in everything(out).items():
        assert str(tmp_path).encode() not in content, path
    lines = (out / "README.md").read_text().splitlines()
    commands = [line for line in lines if line.startswith("python -m grokseed.scan")]
    assert "--out some/where --jobs=1 --model-seeds=0:2  # 2" in commands[0]
    assert "--out=some/where --jobs=1 --model-seeds=0:3  # 2" in commands[1]


def test_a_crash_of_another_command_is_not_this_ones(monkeypatch):
    monkeypatch.setattr(scanner, "train", Failing(raising={1}))
    assert small_scan("--model-seeds=0:2") == 1
    assert small_scan("--model-seeds=2:4") == 0
    assert small_scan("--export") == 0
