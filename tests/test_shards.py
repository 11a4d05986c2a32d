"""Shards of a command are disjoint, and merged they are all of it."""

import hashlib
from pathlib import Path

import pandas as pd
import pytest
from commands import SMALL, everything, small_scan
from folder_tables import read_folder

from grokseed import ablate, merge, scan
from grokseed.cli.shard import Shard
from grokseed.seeds import Seeds

pytestmark = pytest.mark.usefixtures("made_up_training")


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
        run = Seeds(0, model, 8, 9)
        line = f"0,{model},8,9,".encode()
        even = int(hashlib.sha256(line).hexdigest()[-1], 16) % 2 == 0
        assert Shard(1 if even else 2, 2).cut([run]) == [run]


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
    assert capsys.readouterr().err.count("holds none of this command's one run\n") == 2
    assert everything(tmp_path) == {}


def test_a_rule_needs_its_runs_in_the_shards_own_folder(capsys, tmp_path):
    argv = ["--model-seeds=0:40", "--rule=speedup", "--shard=1/3"]
    assert small_scan(*argv) == 2
    err = capsys.readouterr().err
    assert "the speedup rule needs at least 20 runs of one config to have a median, not" in err
    assert err.count("\n") == 1
    assert everything(tmp_path) == {}
    assert small_scan("--model-seeds=50:60") == 0  # with them there are enough
    assert small_scan(*argv) == 0


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
