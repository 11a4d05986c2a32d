"""What `grokseed.ablate` refuses: one line, and nothing is written."""

import pytest
from ablations import HERE, small_ablation
from commands import SMALL, everything, small_scan

from grokseed import scan

pytestmark = pytest.mark.usefixtures("made_up_training")


@pytest.mark.parametrize("name", ["config.json", "runs.csv", "trajectories.npz"])
def test_a_scan_that_cannot_be_read_is_bad_input(name, tmp_path, capsys):
    assert scan.main([*SMALL, "--out=scan", "--jobs=1", "--model-seeds=0:2"]) == 0
    (tmp_path / "scan" / name).write_text("{}" if name != "runs.csv" else "a,b\n1,2\n")
    capsys.readouterr()
    assert small_ablation("--donor 0 --recipient 1 --scan scan") == 2
    err = capsys.readouterr().err
    assert f"scan/{name} cannot be read" in err
    assert err.count("\n") == 1


BAD = {
    "--donor 42 --recipient 42 --scheme diary": "donor and recipient are the same seed: 42",
    "--donor 42 --recipients 40:45": "donor and recipient are the same seed: 42",
    "--donor 42": "at least one --donor and one --recipient",
    "--recipient 42": "at least one --donor and one --recipient",
    f"{HERE} --groups tail": "no group 'tail'",
    f"{HERE} --groups block1+block1.ffn": "holds block1.ffn.down twice",
    f"{HERE} --groups head,head+block1 --design cumulative": "overlap",
    f"{HERE} --design all": "--design: expected one of",
    f"{HERE} --shams 3": "--shams needs --scan",
    f"{HERE} --shams=-3": "must be at least 0",
    f"{HERE} --shams 3 --scan nowhere": "nowhere holds no config.json",
    f"{HERE} --split-seeds donor,donor": "a split is given twice",
    f"{HERE} --loader-seeds 7": "--loader-seed is given twice",
    "--donor 1 --recipient 2 --loader-seeds 8,8": "seed 8 is given twice",
    f"{HERE} --donors 17": "--donor is given twice",
    "--donor 1 --recipient 2 --split-seeds donor": "only in scheme diary",
    "--donor 1 --recipient 2 --scheme shared": "scheme shared has one stream",
    "--donor 1 --recipient=-2": "seeds must not be negative",
    "--donors 0:2000 --recipients 2000:4000": "more than 1,000,000 runs",
    f"{HERE} --p 10": "p must be prime",
    f"{HERE} --export": "holds no scan",
    f"{HERE} --max-steps 100": "effects are read at --screen-step 200",
    f"{HERE.replace('42', str(2**31))}": "reserved for groups that are redrawn",
    f"{HERE} --groups tail --print-config": "no group 'tail'",
}


@pytest.mark.parametrize("words", BAD)
def test_bad_input_is_one_line_and_writes_nothing(words, tmp_path, capsys):
    assert small_ablation(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("grokseed.ablate: error: ")
    assert err.count("\n") == 1
    assert BAD[words] in err
    assert everything(tmp_path) == {}


def test_scans_and_ablations_keep_to_their_folders(tmp_path, capsys):
    assert small_scan("--model-seeds=0:2") == 0
    before = everything(tmp_path)
    assert small_ablation(HERE) == 2
    assert "out holds a scan" in capsys.readouterr().err
    assert everything(tmp_path) == before
    assert small_ablation(f"{HERE} --groups head", out="other") == 0
    before = everything(tmp_path)
    capsys.readouterr()
    for words in (["--scheme=diary"], ["--export"]):
        assert scan.main([*SMALL, "--out=other", *words]) == 2
        assert "other holds an ablation" in capsys.readouterr().err
    assert everything(tmp_path) == before
    (tmp_path / "other" / "cells.csv").write_text("kind\ngraft\n")
    assert small_ablation(f"{HERE} --groups head", out="other") == 2
    assert "cells.csv cannot be read" in capsys.readouterr().err
