"""What a merge refuses: one line, and nothing is written."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import everything
from folder_tables import pack
from made_up import CONFIG, trajectory
from shared_folders import HERE, THAT, THERE, filled, merged, runs

from grokseed import merge
from grokseed.records.points import thinned
from grokseed.records.store import Store
from grokseed.reports.cells import DESIGN

pytestmark = pytest.mark.usefixtures("made_up_training")


def refused(capsys, *argv: str) -> str:
    """The one line on stderr of a merge that writes nothing."""
    before = everything(Path())
    capsys.readouterr()
    assert merge.main(list(argv)) == 2
    assert everything(Path()) == before
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    return err


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
    assert "they differ: here, not there\n" in err
    filled("c", range(3), THAT)  # nothing of it would be taken
    assert "need --mixed-numerics" in refused(capsys, "a", "c", "--out", "out")
    merged("a", "b", "--mixed-numerics", "--out", "ab")
    assert "runs that exist under several numerics: 1; of each" in capsys.readouterr().err
    merged("b", "a", "--mixed-numerics", "--out", "ba")
    merged("a", "--mixed-numerics", "--out", "b")
    found = {f: pd.read_csv(f"{f}/runs.csv")["numerics"].tolist() for f in ("ab", "ba", "b")}
    assert found["ab"] == [HERE] * 3 + [THERE] * 2
    assert found["ba"] == found["b"] == [HERE] * 2 + [THERE] * 3


def test_unlike_configs_are_refused_with_the_field(capsys):
    filled("a", range(2))
    filled("b", range(2), config=replace(CONFIG, lr=0.5))
    err = refused(capsys, "a", "b", "--out", "out")
    assert f"b/scan.db is of another config than a/scan.db: lr: 0.5, not {CONFIG.lr}" in err
    assert "a/scan.db is of another config than b/scan.db" in refused(capsys, "a", "--out", "b")


BAD = {
    "--out out": "folders",
    "a": "say which folder gets the runs: --out FOLDER",
    "a nothing --out out": "nothing holds no scan",
    "out a --out out": "out holds no scan",
    "a ./a --out out": "a is named twice: name folders of different runs",
    "a --out ./a": "a cannot be merged with itself: name another folder",
    "empty --out out": "no runs yet in empty",
    "a cells --out out": "a holds a scan, and cells an ablation",
    "cells --out a": "a holds a scan, and cells an ablation",
    "a --out file": "file cannot be written",
    "a --out file/below": "cannot be written",
    "a chosen --out out": "chosen/excluded.csv cannot be read",
    "a --out answered": "answered/answer.md cannot be read",
    "a damaged --out out": "damaged/scan.db is damaged: Seeds(split=0, model=0",
    "a edited --out out": "edited/runs.csv cannot be read",
    "a other --out out": "other/trajectories.npz holds other points than those of run 0",
    "a --out out --lr 1": "unrecognized arguments: --lr 1",
    "a --mixed-numerics=perhaps --out out": "--mixed-numerics",
}


def test_bad_input_is_one_line_and_writes_nothing(capsys):
    for name in ("a", "cells", "chosen", "damaged"):
        filled(name, range(2))
    filled("edited", range(2), exported=True)
    filled("other", range(2), exported=True)
    points = [dict(thinned(trajectory(CONFIG, one), CONFIG.n_sample)) for one in runs(0, 1)]
    points[0]["norm"] += np.float32(1)
    with Path("other/trajectories.npz").open("wb") as file:
        pack(points, file)
    Store(Path("empty"), CONFIG).close()
    Path("file").touch()
    Path("cells/cells.csv").write_text(f"{','.join(DESIGN)}\n")
    Path("answered").mkdir()
    Path("answered/answer.md").write_bytes(b"\xff\xfe")
    Path("chosen/excluded.csv").write_text("seed\n3\n")
    with closing(sqlite3.connect("damaged/scan.db")) as db, db:
        other = trajectory(CONFIG, runs(5)[0]).to_bytes()
        db.execute("UPDATE results SET trajectory = ? WHERE number = 1", [other])
    table = Path("edited/runs.csv")
    table.write_text(table.read_text().replace(",done,", ",diverged,", 1))
    for words, message in BAD.items():
        assert message in refused(capsys, *words.split()), words
