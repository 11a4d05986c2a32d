"""A table that is newer than the database, as after `git pull`: what reads a folder counts both."""

import shutil
from pathlib import Path

import pytest
from commands import everything, small_scan
from folder_tables import read_folder
from made_up import CONFIG, trajectory

from grokseed.records.export import export
from grokseed.records.look import numerics_there
from grokseed.records.provenance import Command
from grokseed.records.store import Store
from grokseed.seeds import Seeds
from grokseed.training.numerics import numerics

pytestmark = pytest.mark.usefixtures("made_up_training")

OUT = Path("out")
SEEDS, OTHER = Seeds(0, 0, 0, 1), Seeds(0, 5, 0, 1)


@pytest.fixture
def pulled(made_up_training, capsys) -> None:
    """A database of two runs beside a table of five."""
    assert small_scan("--model-seeds=0:2") == 0
    store = (OUT / "scan.db").read_bytes()
    assert small_scan("--model-seeds=0:5") == 0
    (OUT / "scan.db").write_bytes(store)
    capsys.readouterr()


def test_a_dry_run_counts_the_runs_of_both(pulled, capsys):
    before = everything(OUT)
    assert small_scan("--model-seeds=0:5", "--dry-run") == 0
    assert "5 done, 0 missing, 0 failed" in capsys.readouterr().out
    assert everything(OUT) == before


def test_an_export_may_name_runs_of_the_table_alone(pulled):
    assert small_scan("--model-seeds=4:6", "--export") == 0
    assert [row.seeds.model for row in read_folder(OUT).rows] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("how", [["--dry-run"], ["--export"], []])
def test_a_newer_table_that_is_damaged_is_refused(pulled, capsys, how):
    table = OUT / "runs.csv"
    table.write_bytes(table.read_bytes()[:-30])
    before = everything(OUT)
    assert small_scan("--model-seeds=0:5", *how) == 2
    out, err = capsys.readouterr()
    assert "out/runs.csv cannot be read" in err
    assert (out, err.count("\n")) == ("", 1)
    assert everything(OUT) == before


@pytest.fixture
def of_others(made_up_training, monkeypatch, capsys) -> None:
    """A database beside a newer table, whose further runs another machine trained."""
    here = numerics(CONFIG, "cpu")
    there = here.replace("cpu ", "cpu of another maker, ")
    with Store(OUT, CONFIG, here) as store:
        store.add(SEEDS, trajectory(CONFIG, SEEDS))
    with Store(Path("others"), CONFIG, there) as store:
        store.notes.remember(Command("python -m grokseed.scan"))
        store.add(OTHER, trajectory(CONFIG, OTHER))
        export(store)
    for name in ("runs.csv", "trajectories.npz", "config.json"):
        shutil.copy(Path("others") / name, OUT / name)


@pytest.mark.parametrize("how", [["--dry-run"], ["--compile=no"], []])
def test_a_newer_table_of_other_numerics_is_refused_before_anything_is_written(
    of_others, capsys, how
):
    before = everything(OUT)
    assert small_scan("--model-seeds=0:5", *how) == 2
    assert "holds runs of other numerics" in capsys.readouterr().err
    assert everything(OUT) == before


def test_a_newer_table_of_other_numerics_is_taken_if_both_are_allowed(of_others):
    assert small_scan("--model-seeds=0:2", "--mixed-numerics") == 0
    assert len({row.made.numerics for row in read_folder(OUT).rows}) == 2


def test_a_folder_compiles_as_its_newer_table_was_made(of_others):
    assert len(numerics_there(OUT)) == 2
