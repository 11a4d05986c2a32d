"""Folders of one config become one, in any order; shards of a command are all of it."""

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import SMALL, everything, small_scan
from made_up import CONFIG, trajectory

from grokseed import ablate, merge, scan
from grokseed.cli.shard import Shard
from grokseed.config import Config
from grokseed.records.asked import Asked
from grokseed.records.export import export
from grokseed.records.folder import read_folder
from grokseed.records.provenance import Command, Made
from grokseed.records.store import Store
from grokseed.reports.cells import DESIGN
from grokseed.reports.scan import excluded
from grokseed.seeds import Seeds

pytestmark = pytest.mark.usefixtures("made_up_training", "no_figures")

HERE, THERE = "cpu here", "cpu there"
THAT = Made(THERE, "def5678", "2026-03-04")
MADE = Made(HERE, "abc1234", "2026-01-02")


@pytest.fixture
def no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take most of the time and follow from the tables, which are what is compared."""
    for name in ("scan.draw", "ablation.draw", "ablation.save"):
        monkeypatch.setattr(f"grokseed.reports.{name}", lambda *_: [])


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
        store.notes.ask(runs(*models))
        for seeds in runs(*models):
            store.add(seeds, trajectory(config, seeds), 1.0, made)
        command = f"python -m grokseed.scan --model-seeds {models.start}:{models.stop}"
        store.notes.remember(Command(command, made.day, made.commit))
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
    later_last = sorted(about[2]["commands"], key=lambda words: (words["date"], words["text"]))
    assert about[0]["commands"] == later_last


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


def test_unlike_numerics_need_leave_and_the_first_folder_wins(capsys):
    filled("a", range(3))
    filled("b", range(2, 5), THAT)
    err = refused(capsys, "a", "b", "--out", "out")
    assert "runs of different numerics need --mixed-numerics" in err
    assert f"here they are of {HERE}; {THERE}" in err
    filled("c", range(3), THAT)  # nothing of it would be taken
    assert "need --mixed-numerics" in refused(capsys, "a", "c", "--out", "out")
    merged("a", "b", "--mixed-numerics", "--out", "ab")
    assert "1 runs exist under several numerics" in capsys.readouterr().err
    merged("b", "a", "--mixed-numerics", "--out", "ba")
    merged("a", "--mixed-numerics", "--out", "b")
    found = {f: pd.read_csv(f"{f}/runs.csv")["numerics"].tolist() for f in ("ab", "ba", "b")}
    assert found["ab"] == [HERE] * 3 + [THERE] * 2
    assert found["ba"] == found["b"] == [HERE] * 2 + [THERE] * 3


def test_unlike_configs_are_refused_with_the_field(capsys):
    filled("a", range(2))
    filled("b", range(2), config=replace(CONFIG, lr=0.5))
    err = refused(capsys, "a", "b", "--out", "out")
    assert f"b is of another config than a: lr: 0.5, not {CONFIG.lr}" in err
    assert "a is of another config than b" in refused(capsys, "a", "--out", "b")


BAD = {
    "--out out": "folders",
    "a": "say which folder gets the runs: --out FOLDER",
    "a nothing --out out": "nothing holds no scan",
    "out --out out": "out holds no scan",
    "empty --out out": "no runs yet in empty",
    "a cells --out out": "a holds a scan, and cells an ablation",
    "cells --out a": "a holds a scan, and cells an ablation",
    "a --out file": "file cannot be written",
    "a --out file/below": "cannot be written",
    "a chosen --out out": "chosen/excluded.csv cannot be read",
    "a damaged --out out": "damaged/scan.db is damaged: Seeds(split=0, model=0",
    "a edited --out out": "edited/runs.csv cannot be read",
    "a --out out --lr 1": "unrecognized arguments: --lr 1",
    "a --mixed-numerics=perhaps --out out": "--mixed-numerics",
}


def test_bad_input_is_one_line_and_writes_nothing(capsys):
    for name in ("a", "cells", "chosen", "damaged"):
        filled(name, range(2))
    filled("edited", range(2), exported=True)
    Store(Path("empty"), CONFIG).close()
    Path("file").touch()
    Path("cells/cells.csv").write_text(f"{','.join(DESIGN)}\n")
    Path("chosen/excluded.csv").write_text("seed\n3\n")
    with closing(sqlite3.connect("damaged/scan.db")) as db, db:
        other = trajectory(CONFIG, runs(5)[0]).to_bytes()
        db.execute("UPDATE results SET trajectory = ? WHERE number = 1", [other])
    table = Path("edited/runs.csv")
    table.write_text(table.read_text().replace(",done,", ",diverged,", 1))
    for words, message in BAD.items():
        assert message in refused(capsys, *words.split()), words


def test_a_merge_that_is_stopped_leaves_nothing_of_it(capsys, monkeypatch):
    filled("a", range(3))
    filled("b", range(3, 6))
    take, taken = Store.take, []

    def take_two(*run):
        if len(taken) == 2:
            raise KeyboardInterrupt
        taken.append(run)
        take(*run)

    monkeypatch.setattr(Store, "take", take_two)
    assert merge.main(["b", "--out", "a"]) == 130
    with Store(Path("a"), read_only=True) as store:
        assert [row.seeds for row in store.rows()] == runs(*range(3))
        assert store.notes.asked().runs == 3
    monkeypatch.setattr(Store, "take", take)
    assert merge.main(["b", "--out", "a"]) == 0
    assert len(read_folder(Path("a")).rows) == 6


def test_what_was_asked_for_is_asked_of_the_union():
    low, high, some = (Asked.of(runs(*models)) for models in (range(5), range(5, 9), range(3, 7)))
    assert low.joined(high).runs == high.joined(low).runs == 9
    assert low.joined(high).model == "0:9"
    assert low.joined(high).joined(high).runs == 9
    assert low.joined(low) == low.joined(Asked()) == Asked().joined(low) == low
    assert low.joined(some).runs == 5  # some of them may be the same: at least so many


def test_runs_that_were_chosen_by_hand_stay_out_of_rates(capsys):
    for name, models, text in (
        ("a", range(2), "model_seed,reason\n1,a's winner\n"),
        ("b", range(2, 4), 'model_seed,reason\n3,"picked, too"\n1,of b\n'),
    ):
        (filled(name, models) / "excluded.csv").write_text(text)
    merged("a", "b", "--out", "out")
    assert excluded(Path("out")) == {1: "a's winner", 3: "picked, too"}


def test_shards_are_disjoint_and_together_the_whole_command(capsys):
    argv = [*SMALL, "--jobs=1", "--model-seeds=0:12", "--loader-seeds=3,8"]
    assert scan.main([*argv, "--out=whole"]) == 0
    for i in (1, 2, 3):
        assert scan.main([*argv, f"--shard={i}/3", f"--out=s{i}"]) == 0
        assert "of the 24 runs asked for" in capsys.readouterr().out
    shards = [{row.seeds for row in read_folder(Path(f"s{i}")).rows} for i in (1, 2, 3)]
    assert sum(map(len, shards)) == len(set.union(*shards)) == 24
    assert all(shards)
    names = ("runs.csv", "trajectories.npz")
    assert merge.main(["s3", "s1", "s2", "--out=all"]) == 0
    for name in names:
        assert (Path("all") / name).read_bytes() == (Path("whole") / name).read_bytes()
    out = capsys.readouterr().out
    assert "24 runs." in out
    assert "Not complete" not in out
    readme = (Path("all") / "README.md").read_text()
    assert [f"--shard={i}/3" in readme for i in (1, 2, 3)] == [True] * 3


def test_a_runs_shard_is_the_same_on_any_machine():
    # As `printf 0,1,8,9, | sha256sum` says: an even last digit is shard 1/2.
    for model in range(6):
        line = f"0,{model},8,9,".encode()
        even = int(hashlib.sha256(line).hexdigest()[-1], 16) % 2 == 0
        assert Shard(1 if even else 2, 2).cut(runs(model)) == runs(model)


def test_a_shards_default_folder_is_its_own(tmp_path, capsys):
    assert scan.main([*SMALL, "--jobs=1", "--model-seeds=0:4", "--shard=2/2"]) == 0
    (folder,) = (tmp_path / "results").iterdir()
    assert folder.name.endswith("_shard-2-of-2")


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "1/0", "a/b", "1/2/3", "-1/2", "1/٣", ""])
def test_a_shard_that_cannot_be_is_bad_input(text, capsys, tmp_path):
    assert small_scan("--model-seeds=0:4", f"--shard={text}") == 2
    err = capsys.readouterr().err
    assert (err.count("\n"), "--shard is written like 2/5" in err) == (1, True)
    assert everything(tmp_path) == {}


def test_a_shard_without_runs_is_bad_input(capsys, tmp_path):
    empty = {i for i in (1, 2, 3) if small_scan(f"--shard={i}/3", "--dry-run") == 2}
    assert len(empty) == 2
    assert capsys.readouterr().err.count("holds none of these 1 runs\n") == 2
    assert everything(tmp_path) == {}


def test_ablations_merge_to_the_union_of_their_cells(capsys):
    argv = [*SMALL, "--jobs=1", *["--donor", "42", "--recipient", "56", "--loader-seed", "8"]]
    whole = ["--groups=head,block1,block2"]
    assert ablate.main([*argv, *whole, "--out=whole"]) == 0
    for i in (1, 2):
        assert ablate.main([*argv, *whole, f"--shard={i}/2", f"--out=s{i}"]) == 0
    assert ablate.main([*argv, "--groups=token_embedding", "--out=more"]) == 0
    capsys.readouterr()
    assert merge.main(["s1", "s2", "--out=all"]) == 0
    for name in ("cells.csv", "runs.csv", "trajectories.npz", "effects.csv"):
        assert (Path("all") / name).read_bytes() == (Path("whole") / name).read_bytes()
    assert "5 cells, 5 runs." in capsys.readouterr().out
    assert merge.main(["more", "--out=all"]) == 0
    cells = pd.read_csv("all/cells.csv", keep_default_na=False)
    assert cells["groups"].tolist()[-1] == "token_embedding"
    assert len(cells) == len(pd.read_csv("all/runs.csv")) == 6
