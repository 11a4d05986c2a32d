"""A damaged store is refused in one line; one of an earlier version is read."""

import random
import sqlite3
from pathlib import Path

import pytest
from made_up import CONFIG
from test_store import NUMERICS, RUNS, files, filled

from grokseed.records.export import export
from grokseed.records.provenance import Command
from grokseed.records.store import Store, StoreError


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
        sql("UPDATE scan SET value = '{' WHERE name = 'config'"),
        sql("UPDATE scan SET value = '[]' WHERE name = 'config'"),
        sql("UPDATE runs SET scalars = '{' WHERE model = 3"),
        sql("UPDATE runs SET scalars = '[1]' WHERE model = 3"),
        sql('UPDATE runs SET scalars = \'{"steps": "many"}\' WHERE model = 3'),
        sql("UPDATE runs SET status = 'diverged' WHERE model = 3 AND status = 'done'"),
        sql("UPDATE runs SET status = 'crashed' WHERE model = 3"),
        sql("UPDATE runs SET trajectory = NULL WHERE model = 3"),
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
    before = files(tmp_path)
    for read_only in (True, False):
        with pytest.raises(StoreError, match="is damaged") as error:
            Store(tmp_path, numerics=NUMERICS, read_only=read_only)
        assert "\n" not in str(error.value)
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    "harm", ["trajectory = x'00'", "trajectory = (SELECT trajectory FROM runs)"]
)
def test_a_damaged_trajectory_is_found_before_tables_are_written(tmp_path, harm):
    sql(f"UPDATE runs SET trajectory = {harm} WHERE model = 3")(filled(tmp_path) / "scan.db")
    with Store(tmp_path) as store, pytest.raises(StoreError, match="is damaged"):
        export(store)
    assert not (tmp_path / "runs.csv").exists()


def earlier(path: Path) -> None:
    """The store as versions before dates and seals made it, with a scalar less in its records."""
    sql("ALTER TABLE commands DROP COLUMN date")(path)
    sql("ALTER TABLE commands DROP COLUMN code")(path)
    for name in ("points", "numerics", "code", "day", "seal", "early"):
        sql(f"ALTER TABLE runs DROP COLUMN {name}")(path)
    sql("INSERT INTO scan VALUES ('numerics', ?)", NUMERICS)(path)
    sql("UPDATE runs SET scalars = json_remove(scalars, '$.norm_fall_step')")(path)


def test_a_store_of_an_earlier_version_is_read_and_continued(tmp_path):
    earlier(filled(tmp_path) / "scan.db")
    before = files(tmp_path)
    with Store(tmp_path, CONFIG, NUMERICS, read_only=True) as store:
        assert store.commands() == [Command("python -m grokseed.scan")]
        assert [row.scalars["norm_fall_step"] for row in store.rows()] == [None] * len(RUNS)
    assert files(tmp_path) == before
    with Store(tmp_path, CONFIG, NUMERICS) as store:
        store.remember(Command("python -m grokseed.ablate", "2026-03-04", "def"))
        store.remember(Command("python -m grokseed.ablate", "2027-03-04", "fed"))
        export(store)
        more = Command("python -m grokseed.ablate", "2026-03-04", "def")
        assert store.commands() == [Command("python -m grokseed.scan"), more]
