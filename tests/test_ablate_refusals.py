"""What `grokseed.ablate` refuses: one line, and nothing is written."""

import pytest
from ablations import HERE, small_ablation
from commands import SMALL, everything, small_scan

from grokseed import merge, scan

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


@pytest.mark.parametrize("cut", [-1, -40])
def test_a_table_of_cells_that_lost_its_end_is_refused(cut, tmp_path, capsys):
    assert small_ablation(f"{HERE} --groups head,block1") == 0
    table = tmp_path / "out" / "cells.csv"
    table.write_text(table.read_text()[:cut])
    before = everything(tmp_path)
    for how in ("", "--export", "--dry-run"):
        capsys.readouterr()
        assert small_ablation(f"{HERE} --groups head,block1 {how}") == 2
        err = capsys.readouterr().err
        assert "out/cells.csv cannot be read: its end is missing" in err
        assert err.count("\n") == 1
    table.write_text("".join(table.read_text().rpartition("\n")[:2]) + "graft,head\n")
    assert small_ablation(f"{HERE} --groups head,block1") == 2
    assert "a row has too many cells or too few" in capsys.readouterr().err
    assert merge.main(["out", "--out=merged"]) == 2
    assert "a row has too many cells or too few" in capsys.readouterr().err
    table.write_bytes(before[str(table)])
    assert everything(tmp_path) == before


def test_cells_that_are_lost_are_told_and_their_command_adds_them_again(tmp_path, capsys):
    assert small_ablation(f"{HERE} --groups head,block1") == 0
    assert "warning" not in capsys.readouterr().err
    table = tmp_path / "out" / "cells.csv"
    whole = table.read_bytes()
    said = "grokseed.ablate: warning: grafted runs of out are of no cell of cells.csv: 1;"
    table.write_bytes(b"".join(x for x in whole.splitlines(keepends=True) if b"block1=" not in x))
    assert small_ablation(f"{HERE} --groups head --export") == 0
    assert said in capsys.readouterr().err
    assert small_ablation(f"{HERE} --groups head,block1") == 0
    assert "warning" not in capsys.readouterr().err
    assert sorted(table.read_bytes().splitlines()) == sorted(whole.splitlines())


@pytest.mark.parametrize("database", [True, False])
def test_grafted_runs_without_their_cells_are_known_as_grafted(database, tmp_path, capsys):
    assert small_ablation(f"{HERE} --groups head") == 0
    (tmp_path / "out" / "cells.csv").unlink()
    if not database:
        (tmp_path / "out" / "scan.db").unlink()
    before = everything(tmp_path)
    capsys.readouterr()
    assert small_scan("--scheme=diary", "--model-seeds=0:2") == 2
    assert "out holds grafted runs: choose another --out" in capsys.readouterr().err
    for how in ("", "--export"):
        assert small_ablation(f"{HERE} --groups head {how}") == 2
        assert "out holds grafted runs and no cells.csv: restore" in capsys.readouterr().err
    assert everything(tmp_path) == before
