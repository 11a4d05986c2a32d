"""A table that is newer than the database, as after `git pull`: what reads a folder counts both."""

from pathlib import Path

import pytest
from commands import everything, small_scan
from folder_tables import read_folder

pytestmark = pytest.mark.usefixtures("made_up_training")

OUT = Path("out")


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
