"""Folders of one config become one, in any order; shards of a command are all of it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import SMALL, everything, small_scan
from made_up import CONFIG, trajectory

from grokseed import ablate, merge, scan
from grokseed.cli import folder
from grokseed.cli.shard import Shard
from grokseed.config import Config
from grokseed.records.export import export
from grokseed.records.folder import Asked, read_folder
from grokseed.records.provenance import Command, Made
from grokseed.records.store import Store
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds

pytestmark = pytest.mark.usefixtures("made_up_training")

HERE, THERE = "cpu here", "cpu there"
THAT = Made(THERE, "def5678", "2026-03-04")
MADE = Made(HERE, "abc1234", "2026-01-02")


@pytest.fixture
def no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are written, figures are not."""
    monkeypatch.setattr(folder, "report", lambda *_: "")


def runs(*models: int) -> list[Seeds]:
    return [Seeds(0, model, 8, 9) for model in models]


def filled(
    name: str,
    models: range,
    made: Made = MADE,
    config: Config = CONFIG,
    exported: bool = False,
) -> Path:
    """A folder with a store of made-up runs, or with its exported files alone."""
    where = Path(name)
    with Store(where, config, made.numerics, mixed=True) as store:
        store.ask(runs(*models))
        for seeds in runs(*models):
            store.add(seeds, trajectory(config, seeds), 1.0, made)
        command = f"python -m grokseed.scan --model-seeds {models.start}:{models.stop}"
        store.remember(Command(command, made.day, made.commit))
        if exported:
            export(store)
    if exported:
        (where / "scan.db").unlink()
    return where


def merged(*argv: str) -> tuple[bytes, bytes]:
    """The table and the points that a merge leaves in a folder of that name."""
    assert merge.main(list(argv)) == 0
    out = Path(argv[-1])
    return (out / "runs.csv").read_bytes(), (out / "trajectories.npz").read_bytes()


def refused(capsys, *argv: str) -> str:
    """The one line on stderr of a merge that writes nothing."""
    before = everything(Path())
    capsys.readouterr()
    assert merge.main(list(argv)) == 2
    assert everything(Path()) == before
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    return err


def test_any_order_gives_the_bytes_of_one_scan(capsys):
    later = Made(HERE, "def5678", "2026-03-04")
    filled("a", range(4))
    filled("b", range(2, 7), later)
    filled("c", range(3, 9), later, exported=True)
    with Store(filled("c", range(20, 21))) as store:  # a store that took a table's runs, and more
        assert len(store.rows()) == 7
    with Store(Path("one"), CONFIG, HERE) as store:
        for seeds in runs(*range(9), 20):
            made = MADE if seeds.model in (*range(4), 20) else later
            store.add(seeds, trajectory(CONFIG, seeds), 2.0, made)
        export(store)
    wanted = tuple((Path("one") / name).read_bytes() for name in ("runs.csv", "trajectories.npz"))
    assert merged("a", "b", "c", "--out", "abc") == wanted
    assert merged("c", "a", "b", "a", "--out", "cab") == wanted
    assert merged("b", "c", "--out", "rest") != wanted
    assert merged("rest", "a", "--out", "step") == wanted
    about = [json.loads((Path(f) / "config.json").read_text()) for f in ("abc", "cab", "step")]
    assert about[0] == about[1]
    assert {words["text"] for words in about[0]["commands"]} == {
        f"python -m grokseed.scan --model-seeds {span}" for span in ("0:4", "2:7", "3:9", "20:21")
    }
    assert [words["date"] for words in about[0]["commands"]] == sorted(
        words["date"] for words in about[0]["commands"]
    )
    assert about[0]["commands"] == sorted(about[2]["commands"], key=lambda c: (c["date"], c["text"]))
    readme = (Path("abc") / "README.md").read_text()
    assert "10 runs." in readme
    assert "--model-seeds 2:7" in readme


@pytest.mark.usefixtures("no_report")
def test_a_store_gives_its_whole_trajectories_and_a_table_its_points(capsys):
    filled("table", range(4), exported=True)
    filled("store", range(2, 6))
    merged("table", "store", "--out", "out")
    with Store(Path("out"), read_only=True) as store:
        whole = {row.seeds.model: back for row, back in store.trajectories()}
        assert len(store.rows()) == 6
    assert set(whole) == {2, 3, 4, 5}
    for model, back in whole.items():
        assert back.digest() == trajectory(CONFIG, runs(model)[0]).digest()
    for points, run in zip(read_folder(Path("out")).points, runs(*range(6)), strict=True):
        steps = trajectory(CONFIG, run).columns["step"]
        assert np.isin(points["step"], steps).all()
        assert points["step"][-1] == steps[-1]


@pytest.mark.usefixtures("no_report")
def test_a_folder_that_is_there_is_one_more_part_and_keeps_its_runs(capsys):
    filled("a", range(3))
    filled("b", range(2, 5), Made(HERE, "0000000", "2020-01-01"))
    before = read_folder_after_export("a")
    merged("b", "--out", "a")
    rows = read_folder(Path("a")).rows
    assert rows[:3] == before
    assert [row.made.day for row in rows] == ["2026-01-02"] * 3 + ["2020-01-01"] * 2
    once = everything(Path("a"))
    merged("a", "b", "--out", "a")
    again = everything(Path("a"))
    assert {k: v for k, v in again.items() if "scan.db" not in k} == {
        k: v for k, v in once.items() if "scan.db" not in k
    }


def read_folder_after_export(name: str):
    with Store(Path(name)) as store:
        export(store)
    return read_folder(Path(name)).rows


@pytest.mark.usefixtures("no_report")
def test_a_result_takes_the_place_of_a_crash_in_any_order(capsys):
    filled("a", range(2))
    with Store(Path("b"), CONFIG, HERE) as store:
        store.add_crashed(runs(1)[0], "out of memory")
        store.add_crashed(runs(2)[0], "out of memory")
    wanted = merged("a", "b", "--out", "ab")
    assert merged("b", "a", "--out", "ba") == wanted
    assert merged("a", "--out", "b") == wanted
    assert pd.read_csv("ab/runs.csv")["status"].tolist() == ["done", "done", "crashed"]


def test_a_run_with_two_digests_is_named_and_refused(capsys):
    filled("a", range(3))
    with Store(Path("b"), CONFIG, HERE) as store:
        store.add(runs(2)[0], trajectory(CONFIG, runs(7)[0]))
    digests = [trajectory(CONFIG, runs(model)[0]).digest()[:12] for model in (2, 7)]
    err = refused(capsys, "a", "b", "--out", "out")
    assert "Seeds(split=0, model=2, loader=8, val=9, graft='') has two digests" in err
    assert f"{digests[0]} in a/scan.db, {digests[1]} in b/scan.db" in err
    # Under other numerics in between, the two are still found.
    filled("c", range(2, 3), THAT)
    assert "two digests" in refused(capsys, "c", "a", "b", "--mixed-numerics", "--out", "out")
    assert "two digests" in refused(capsys, "a", "--out", "b")


@pytest.mark.usefixtures("no_report")
def test_unlike_numerics_need_leave_and_the_first_folder_wins(capsys):
    filled("a", range(3))
    filled("b", range(2, 5), THAT)
    err = refused(capsys, "a", "b", "--out", "out")
    assert f"--mixed-numerics allows runs of unlike numerics in one folder, here of {HERE}; {THERE}" in err
    merged("a", "b", "--mixed-numerics", "--out", "ab")
    assert "1 runs are there under several numerics" in capsys.readouterr().err
    merged("b", "a", "--mixed-numerics", "--out", "ba")
    merged("a", "--mixed-numerics", "--out", "b")
    found = {f: pd.read_csv(f"{f}/runs.csv")["numerics"].tolist() for f in ("ab", "ba", "b")}
    assert found["ab"] == [HERE] * 3 + [THERE] * 2
    assert found["ba"] == found["b"] == [HERE] * 2 + [THERE] * 3
