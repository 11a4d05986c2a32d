"""A folder of another version, or changed by another program: what is said of it."""

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from commands import everything, small_scan

from grokseed import luck, merge, scan, verify

pytestmark = pytest.mark.usefixtures("made_up_training")

OUT = Path("out")
ABOUT, TABLE = OUT / "config.json", OUT / "runs.csv"
WROTE = "another version of grokseed wrote it: update grokseed, or use the one its README names"
AS_WRITTEN = "; a table is read only as a scan wrote it, sorted by seeds: restore the file\n"


@pytest.fixture
def tables(made_up_training, capsys) -> None:
    """A scan of four runs as git gives it back: without its store."""
    assert small_scan("--model-seeds=0:4") == 0
    (OUT / "scan.db").unlink()
    capsys.readouterr()


COMMANDS = {
    scan.main: ["--export", "--out=out"],
    merge.main: ["out", "--out=merged"],
    luck.main: ["out", "--run=0"],
}


def refused(capsys, tables_alone: bool = True) -> str:
    """The one line that commands say of the folder, and nothing is written."""
    before = everything(OUT)
    lines = []
    for main, argv in COMMANDS.items():
        if main is luck.main and not tables_alone:
            continue  # it reads no database
        assert main(argv) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        lines.append(err.partition(": error: ")[2])
    assert everything(OUT) == before
    assert set(lines) == {lines[0]}
    assert verify.main(["out"]) == 1
    assert capsys.readouterr().err.endswith(lines[0])
    return lines[0]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda about: about["config"].update(new=3), "its config has new"),
        (lambda about: about.update(format=3), "its files have format 3"),
        (
            lambda about: about["config"].update(precision="fp8"),
            "precision must be one of fp32, tf32, bf16, not 'fp8'",
        ),
    ],
)
def test_a_config_of_another_version(change: Callable, what, tables, capsys):
    about = json.loads(ABOUT.read_text())
    change(about)
    ABOUT.write_text(json.dumps(about))
    assert refused(capsys) == f"out/config.json cannot be read: {WROTE} ({what})\n"


def test_a_database_of_another_version_is_not_called_damaged(capsys):
    assert small_scan("--model-seeds=0:2") == 0
    with closing(sqlite3.connect(OUT / "scan.db")) as db, db:
        ((config,),) = db.execute("SELECT value FROM scan WHERE name = 'config'")
        newer = json.dumps({**json.loads(config), "new": 3})
        db.execute("UPDATE scan SET value = ? WHERE name = 'config'", [newer])
    capsys.readouterr()
    err = refused(capsys, tables_alone=False)
    assert err == f"out/scan.db cannot be read: {WROTE} (its config has new)\n"


def test_a_table_of_another_version(tables, capsys):
    """Its seals are over a column that is not known here."""
    table = pd.read_csv(TABLE, dtype=str, keep_default_na=False)
    table.insert(5, "new", "3")
    table["seal"] = "0" * 16
    table.to_csv(TABLE, index=False)
    assert refused(capsys) == f"out/runs.csv cannot be read: {WROTE} (it has columns new)\n"


def test_what_another_program_changed_is_named(tables, capsys):
    table = pd.read_csv(TABLE)
    table.loc[1, "t98_step"] = float("nan")
    table.to_csv(TABLE, index=False)  # whole numbers beside a missing one become 25.0
    err = refused(capsys)
    assert re.match("out/runs.csv cannot be read: line [23]: [a-z0-9_]+ is '", err)
    assert err.endswith(f".0'{AS_WRITTEN}")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [1, 0, 2, 3],
            "line 3: Seeds(split=0, model=0, loader=0, val=1, graft='') is out of order",
        ),
        ([0, 1, 1, 2], "line 4: Seeds(split=0, model=1, loader=0, val=1, graft='') is there twice"),
    ],
)
def test_rows_in_another_order(rows, said, tables, capsys):
    head, *lines = TABLE.read_text().splitlines(keepends=True)
    TABLE.write_text("".join([head, *(lines[row] for row in rows)]))
    assert refused(capsys) == f"out/runs.csv cannot be read: {said}{AS_WRITTEN}"


def test_another_separator(tables, capsys):
    TABLE.write_text(TABLE.read_text().replace(",", ";"))
    assert refused(capsys) == f"out/runs.csv cannot be read: no column split_seed{AS_WRITTEN}"


def test_a_mark_of_utf8_at_the_beginning_does_not_matter(tables):
    TABLE.write_bytes(b"\xef\xbb\xbf" + TABLE.read_bytes())
    assert verify.main(["out"]) == 0
    assert small_scan("--export") == 0
