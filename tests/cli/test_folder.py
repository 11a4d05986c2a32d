"""What a folder holds is never lost to another scan, and is written beside one that runs."""

import json
from pathlib import Path

import pytest
from commands import SMALL, everything, small_scan
from folder_tables import read_folder
from made_up import CONFIG, Failing, trajectory

from grokseed import scan, verify
from grokseed.config import Config
from grokseed.execution import plan, scanner
from grokseed.execution.fleet import Outcome
from grokseed.records.provenance import Made
from grokseed.records.store import NondeterminismError, Store
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
def test_results_of_another_config_are_not_overwritten(checked_in, capsys, how):
    before = everything(checked_in)
    other = refused(capsys, "--model-seeds=0:4", "--weight-decay=0", *how)
    assert "out holds another config's scan: weight_decay: 0.1, not 0.0" in other
    assert everything(checked_in) == before


def test_a_clone_goes_on_where_the_tables_end(checked_in, monkeypatch, capsys):
    """The tables alone are enough: nothing of them is trained again or lost."""
    assert small_scan("--model-seeds=0:9") == 0
    whole = everything(checked_in)
    (checked_in / "scan.db").unlink()
    log = checked_in.parent / "log"
    monkeypatch.setattr(scanner, "train", Failing(log=log))
    assert small_scan("--model-seeds=0:12") == 0
    assert sorted(int(w) for line in log.read_text().splitlines() for w in line.split()[:-1]) == [
        *range(9, 12)
    ]
    assert "9 of 12 runs stored" in capsys.readouterr().err
    (checked_in / "scan.db").unlink()
    assert small_scan("--export") == 0
    there = read_folder(checked_in)
    assert [row.seeds.model for row in there.rows] == list(range(12))
    before = {row.seeds: row for row in read_folder_of(whole, checked_in.parent / "before").rows}
    assert [row for row in there.rows if row.seeds in before] == list(before.values())


def read_folder_of(files: dict[str, bytes], folder: Path):
    folder.mkdir()
    for path, content in files.items():
        (folder / Path(path).name).write_bytes(content)
    return read_folder(folder)


@pytest.mark.drawn
def test_a_redrawn_clone_has_the_same_bytes(checked_in):
    before = everything(checked_in)
    assert small_scan("--export") == 0
    after = everything(checked_in)
    assert {path: after[path] for path in before} == before


def test_a_run_of_the_tables_is_checked_when_it_is_trained_again(checked_in):
    seeds = Seeds(0, 1, 0, 1)
    with Store(checked_in, CONFIG, numerics(CONFIG, "cpu")) as store:
        store.add(seeds, trajectory(CONFIG, seeds))
        assert [row.seeds for row, _ in store.trajectories()] == [seeds]  # all its points now
        with pytest.raises(NondeterminismError, match="gave other numbers"):
            store.add(Seeds(0, 2, 0, 1), trajectory(CONFIG, seeds))


def test_runs_that_git_brings_are_taken_along(tmp_path, capsys):
    assert small_scan("--model-seeds=0:2") == 0
    store = (tmp_path / "out" / "scan.db").read_bytes()
    assert small_scan("--model-seeds=0:5") == 0
    (tmp_path / "out" / "scan.db").write_bytes(store)
    capsys.readouterr()
    assert small_scan("--model-seeds=0:6") == 0
    assert "5 of 6 runs stored" in capsys.readouterr().err
    assert len(read_folder(tmp_path / "out").rows) == 6


def test_runs_of_other_numerics_are_refused_or_told_apart(checked_in, monkeypatch, capsys):
    here = numerics(CONFIG, "cpu")
    other = here.replace("cpu ", "cpu of another maker, ")
    monkeypatch.setattr(plan, "numerics", lambda *_, **__: other)
    monkeypatch.setattr(scanner.fleet, "run", in_this_process)
    before = everything(checked_in)
    assert "--mixed-numerics allows both" in refused(capsys, "--model-seeds=0:6")
    assert everything(checked_in) == before
    assert small_scan("--model-seeds=0:6", "--mixed-numerics") == 0
    found = read_folder(checked_in)
    assert [row.made.numerics for row in found.rows] == [here] * 4 + [other] * 2
    assert json.loads((checked_in / "config.json").read_text())["numerics"] == {here: 4, other: 2}
    readme = (checked_in / "README.md").read_text()
    assert f"{here} (4 runs)" in readme
    assert f"{other} (2 runs)" in readme


def in_this_process(config, runs, train, executor, **how):
    executor.close(cancel=True)
    made = Made(plan.numerics(config, "cpu"), "", "2026-01-01")
    yield [Outcome(seeds, trajectory(config, seeds), "", 0.1, made) for seeds in runs]


def test_a_partial_export_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(scanner, "train", Failing(raising={3}))
    assert small_scan("--model-seeds=0:4") == 1
    with Store(tmp_path / "out") as store:
        store.notes.ask([Seeds(0, model, 0, 1) for model in range(50)])
    assert small_scan("--export") == 0
    assert "4 of the 50 runs asked for" in capsys.readouterr().out
    about = json.loads((tmp_path / "out" / "config.json").read_text())
    assert (about["runs"], about["asked"]["runs"], about["asked"]["model"]) == (4, 50, "0:50")


EDITS = {
    "a scalar": lambda text: text.replace(",150,", ",125,", 1),
    "a seed": lambda text: text.replace("\n0,1,", "\n0,7,", 1),
    "a row twice": lambda text: text + text.splitlines()[-1] + "\n",
    "text in a scalar": lambda text: text.replace(",400,", ",many,", 1),
    "no number": lambda text: text.replace(",400,", ",nan,", 1),
    "numerics": lambda text: text.replace(" engine ", " motor ", 1),
    "half a row": lambda text: text[:-30],
    "no seals": lambda text: text.replace(",seal", ",leal", 1),
    "conflict markers": lambda text: "<<<<<<< ours\n" + text,
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edited_table_is_found(checked_in, capsys, edit):
    table = checked_in / "runs.csv"
    edited = edit(table.read_text())
    assert edited != table.read_text()
    table.write_text(edited)
    before = everything(checked_in)
    for argv in (["--model-seeds=0:4"], ["--export"], ["--model-seeds=0:4", "--dry-run"]):
        assert "out/runs.csv cannot be read" in refused(capsys, *argv)
    assert everything(checked_in) == before


def test_an_edited_config_is_found(checked_in, capsys):
    about = json.loads((checked_in / "config.json").read_text())
    edit(checked_in / "config.json", config={**about["config"], "lr": 0.5})
    assert "config does not match its key" in refused(capsys, "--export")
    key = Config(**{**about["config"], "lr": 0.5}).key()
    edit(checked_in / "config.json", config_key=key)
    assert "does not match its seal" in refused(capsys, "--export")


def test_results_that_cannot_be_read_are_not_overwritten(checked_in, capsys):
    (checked_in / "runs.csv").write_text("<<<<<<< ours\n1,2\n")
    assert "out/runs.csv cannot be read" in refused(capsys, "--model-seeds=0:4")
    for content in ("[1]", "[" * 100_000):
        (checked_in / "config.json").write_text(content)
        assert "out/config.json cannot be read" in refused(capsys, "--model-seeds=0:4")
        assert verify.main(["out"]) == 1
        assert "error: out/config.json cannot be read" in capsys.readouterr().err


def test_a_running_scan_is_exported(tmp_path, capsys):
    assert small_scan("--model-seeds=0:2") == 0
    with Store(tmp_path / "out") as store:
        for model in (7, 8, 9):
            store.add(Seeds(0, model, 0, 1), trajectory(CONFIG, Seeds(0, model, 0, 1)))
            capsys.readouterr()
            assert small_scan("--export") == 0
            assert f"{model - 4} runs." in capsys.readouterr().out
        store.add(Seeds(0, 4, 0, 1), trajectory(CONFIG, Seeds(0, 4, 0, 1)))
    assert small_scan("--export") == 0
    assert "6 runs." in capsys.readouterr().out


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


def test_export_takes_an_operation_with_any_spaces(capsys):
    assert small_scan("--model-seeds=0:2", "--operation=x*y") == 0
    assert small_scan("--export", "--operation", " x * y ") == 0
    capsys.readouterr()
    assert "operation: 'x*y', not 'y*x'" in refused(capsys, "--export", "--operation=y * x")


def test_tables_that_are_missing_or_damaged_are_one_line(checked_in, capsys):
    (checked_in / "trajectories.npz").write_bytes(b"PK")
    assert "out/trajectories.npz cannot be read" in refused(capsys, "--export")
    (checked_in / "trajectories.npz").unlink()
    assert "out holds no trajectories.npz" in refused(capsys, "--export")


def test_a_crash_of_another_command_is_not_this_ones(monkeypatch):
    monkeypatch.setattr(scanner, "train", Failing(raising={1}))
    assert small_scan("--model-seeds=0:2") == 1
    assert small_scan("--model-seeds=2:4") == 0
    assert small_scan("--export") == 0
