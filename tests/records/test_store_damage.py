"""A damaged store is refused in one line; one of an earlier version is read."""

import random
import shutil
import sqlite3
from pathlib import Path

import pytest
from commands import everything
from earlier_store import make_earlier
from filled_store import NUMERICS, RUNS, filled
from made_up import CONFIG, trajectory

from grokseed.records.database import Database, StoreError
from grokseed.records.export import export
from grokseed.records.provenance import Command
from grokseed.records.store import Store
from grokseed.seeds import Seeds


def garbage(path: Path) -> None:
    path.write_bytes(random.Random(0).randbytes(path.stat().st_size))


def scribble(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:20000] = bytes(20000 - 4096)
    path.write_bytes(content)


def truncate(share: float):
    return lambda path: path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])


def sql(statement: str, *values):
    def alter(path: Path) -> None:
        db = sqlite3.connect(path)
        db.execute(statement, values)
        db.commit()
        db.close()

    return alter


@pytest.mark.parametrize(
    "harm",
    [
        garbage,
        scribble,
        truncate(0),
        truncate(0.001),
        truncate(0.5),
        truncate(0.99),
        sql("UPDATE runs SET digest = 'f' WHERE model = 3"),
        sql("UPDATE runs SET numerics = 'cpu fp64' WHERE model = 3"),
        sql("UPDATE runs SET model = 77 WHERE model = 3 AND loader = 8"),
        sql("UPDATE runs SET scalars = json_set(scalars, '$.steps', 375) WHERE model = 3"),
        sql("UPDATE runs SET scalars = json_set(scalars, '$.norm_peak', 'NaN') WHERE model = 3"),
        sql("UPDATE runs SET scalars = replace(scalars, 'null', 'NaN') WHERE model = 3"),
        sql("UPDATE scan SET value = replace(value, '0.98', '0.97') WHERE name = 'config'"),
        sql("UPDATE commands SET command = 'rm -rf /'"),
        sql("UPDATE commands SET command = 'python -m grokseed.scan; reboot'"),
        sql("UPDATE commands SET command = x'00ff'"),
        sql("UPDATE commands SET date = '<script>'"),
        sql("INSERT INTO scan VALUES ('asked', '[7]')"),
        sql('INSERT INTO scan VALUES (\'early\', \'{"norm<44@800": {"model": ""}}\')'),
        sql("UPDATE scan SET value = '{' WHERE name = 'config'"),
        sql("UPDATE scan SET value = '[]' WHERE name = 'config'"),
        sql("UPDATE runs SET scalars = '{' WHERE model = 3"),
        sql("UPDATE runs SET scalars = '[1]' WHERE model = 3"),
        sql('UPDATE runs SET scalars = \'{"steps": "many"}\' WHERE model = 3'),
        sql("UPDATE runs SET status = 'diverged' WHERE model = 3 AND status = 'done'"),
        sql("UPDATE runs SET status = 'crashed' WHERE model = 3"),
        sql("UPDATE results SET trajectory = NULL WHERE number = 3"),
        sql("UPDATE results SET trajectory = x'00' WHERE number = 3"),
        sql("DELETE FROM results WHERE number = 3"),
        sql("UPDATE results SET trajectory = (SELECT trajectory FROM results) WHERE number = 3"),
        sql("UPDATE results SET points = trajectory, trajectory = NULL WHERE number = 3"),
        sql("UPDATE runs SET mark = '', digest = 'f' WHERE model = 3"),
        sql("UPDATE runs SET number = 99 WHERE number = 3"),
        sql("UPDATE runs SET seconds = 'long' WHERE model = 3"),
        sql("UPDATE runs SET split = -1 WHERE model = 3"),
        sql("DROP TABLE commands"),
        sql("UPDATE runs SET val = 'x' WHERE model = 3"),
        sql("DELETE FROM scan"),
        sql("DROP TABLE runs"),
    ],
)
def test_a_damaged_store_is_one_clear_line(tmp_path, harm):
    harm(filled(tmp_path) / "scan.db")
    before = everything(tmp_path)
    for read_only in (True, False):
        with pytest.raises(StoreError, match="is damaged") as error:
            Store(tmp_path, numerics=NUMERICS, read_only=read_only)
        assert "\n" not in str(error.value)
    assert everything(tmp_path) == before


def swapped(path: Path) -> None:
    """A run gets another's trajectory of the same size: no size in the database changes."""
    with Store(path.parent, CONFIG, NUMERICS) as store:
        size = len(trajectory(CONFIG, RUNS[0]).to_bytes())
        of_a_size = (Seeds(1, model, 0, 1) for model in range(1000))
        twin = next(s for s in of_a_size if len(trajectory(CONFIG, s).to_bytes()) == size)
        store.add(twin, trajectory(CONFIG, twin))
    other = "(SELECT trajectory FROM results ORDER BY number DESC LIMIT 1)"
    sql(f"UPDATE results SET trajectory = {other} WHERE number = 1")(path)


def flipped(path: Path) -> None:
    """A bit of a trajectory on the disk."""
    content = path.read_bytes()
    blob = trajectory(CONFIG, RUNS[0]).to_bytes()
    assert content.count(blob) == 1
    path.write_bytes(content.replace(blob, blob[:-9] + bytes([blob[-9] ^ 1]) + blob[-8:]))


@pytest.mark.parametrize("harm", [swapped, flipped])
def test_points_that_keep_their_size_are_found_before_tables_are_written(tmp_path, harm):
    harm(filled(tmp_path) / "scan.db")
    with Store(tmp_path) as store, pytest.raises(StoreError, match="is damaged"):
        export(store)
    assert {path.suffix for path in tmp_path.iterdir()} == {".db", ".lock"}


def earlier(path: Path) -> None:
    """The store as versions before dates and seals made it, with a scalar less in its records."""
    sql("ALTER TABLE commands DROP COLUMN date")(path)
    sql("ALTER TABLE commands DROP COLUMN code")(path)
    make_earlier(path, without=("points", "numerics", "code", "day", "seal", "early"))
    sql("INSERT INTO scan VALUES ('numerics', ?)", NUMERICS)(path)
    sql("UPDATE runs SET scalars = json_remove(scalars, '$.norm_fall_step')")(path)


def test_a_store_of_an_earlier_version_is_read_and_continued(tmp_path):
    earlier(filled(tmp_path) / "scan.db")
    before = everything(tmp_path)
    with Store(tmp_path, CONFIG, NUMERICS, read_only=True) as store:
        assert store.notes.commands() == [Command("python -m grokseed.scan")]
        assert [row.scalars["norm_fall_step"] for row in store.each_row()] == [None] * len(RUNS)
    assert everything(tmp_path) == before
    with Store(tmp_path, CONFIG, NUMERICS) as store:
        store.notes.remember(Command("python -m grokseed.ablate", "2026-03-04", "def"))
        store.notes.remember(Command("python -m grokseed.ablate", "2027-03-04", "fed"))
        export(store)
        more = Command("python -m grokseed.ablate", "2026-03-04", "def")
        assert store.notes.commands() == [Command("python -m grokseed.scan"), more]


def test_a_command_that_was_stored_with_a_character_that_no_line_shows_is_read(tmp_path):
    word = "'caf\u00e9\u00a0x'"
    sql("UPDATE commands SET command = 'python -m grokseed.scan --out ' || ?", word)(
        filled(tmp_path) / "scan.db"
    )
    with Store(tmp_path) as store:
        (command,) = store.notes.commands()
        assert command.text == "python -m grokseed.scan --out 'caf\u00e9\\xa0x'"
        export(store)


def test_a_store_that_is_written_while_it_is_read_is_not_called_damaged(tmp_path):
    many = [Seeds(0, model, 8, 9) for model in range(200, 400)]
    with Store(filled(tmp_path, many), read_only=True) as store:
        read = store.each_run()
        next(read)
        filled(tmp_path, [Seeds(0, model, 8, 9) for model in range(200)])
        with pytest.raises(StoreError, match=r"scan.db was written while it was read: try again$"):
            list(read)
        with pytest.raises(StoreError, match="try again"):
            list(store.each_row())
    with Store(tmp_path, read_only=True) as store:
        assert len(list(store.each_row())) == 400


def test_a_log_that_cannot_be_read_where_it_is_is_no_damage(tmp_path):
    """As in a folder without permission to write: a killed scan left its log, and to read one
    SQLite makes a file beside it."""
    with Store(tmp_path / "killed", CONFIG, NUMERICS):
        shutil.copytree(tmp_path / "killed", tmp_path / "there")
    (tmp_path / "there" / "scan.db-shm").unlink()
    (tmp_path / "there" / "scan.db-shm").symlink_to("scan.db-shm")  # it cannot be made
    for read_only in (True, False):
        with pytest.raises(StoreError, match="cannot be read or written: unable to open") as error:
            Store(tmp_path / "there", read_only=read_only)
        assert "; it has a log, scan.db-wal: copy the folder to where" in str(error.value)
        assert "\n" not in str(error.value)


def test_a_database_that_may_not_be_written_is_no_damage(tmp_path):
    path = filled(tmp_path) / "scan.db"
    db = Database(path, read_only=True)
    with pytest.raises(StoreError, match="cannot be read or written: attempt to write a readonly"):
        db.all("DELETE FROM runs")
    db.close()
