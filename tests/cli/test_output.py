"""No command replaces files that it has not written: one line, and all stays as it was."""

import json
from pathlib import Path

import pytest
from ablations import HERE, small_ablation
from commands import SMALL, everything, small_scan
from shared_folders import filled
from small_ladder import FLAGS

from grokseed import ablate, compare, merge, overfit, preset, scan

pytestmark = pytest.mark.usefixtures("made_up_training")

LISTS = [f"{' '.join(SMALL)} --lr 0.00{i}" for i in (1, 2)]


def commands(out: str) -> list:
    """Every command that has `--out`, as a function that runs it."""
    to = f"--out={out}"
    return [
        lambda: small_scan("--model-seeds=0:2", to),
        lambda: small_scan("--model-seeds=0:2", to, "--dry-run"),
        lambda: small_ablation(HERE, out=out),
        lambda: merge.main(["a", "b", to]),
        lambda: compare.main(["a", "b", to]),
        lambda: compare.main([*LISTS, "--model-seeds=0:2", to]),
        lambda: overfit.main([*FLAGS, to]),
    ]


def refused(run, capsys) -> str:
    before = everything(Path())
    capsys.readouterr()
    assert run() == 2
    assert everything(Path()) == before
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    return err


@pytest.mark.parametrize("name", ["README.md", "config.json"])
@pytest.mark.parametrize("out", ["mine", "."])
def test_a_folder_of_other_files_is_left_alone(name, out, capsys):
    filled("a", range(2), exported=True)
    filled("b", range(2), exported=True)
    Path("mine").mkdir()
    Path(out, name).write_text("mine")
    for run in commands(out):
        assert f"holds {name} and no" in refused(run, capsys)


@pytest.mark.parametrize("out", ["", " "])
def test_an_empty_out_is_no_folder(out, capsys):
    filled("a", range(2), exported=True)
    filled("b", range(2), exported=True)
    for run in commands(out):
        assert "--out" in refused(run, capsys)
    with pytest.raises(ValueError, match="--out is empty"):
        scan(preset("mini"), out=out)


def test_a_scan_of_both_lists_is_checked_before_either_is_trained(capsys):
    Path("both/b").mkdir(parents=True)
    Path("both/b/README.md").write_text("mine")
    argv = [*LISTS, "--model-seeds=0:2", "--out=both"]
    assert "both/b holds README.md" in refused(lambda: compare.main(argv), capsys)


def test_a_ladder_of_another_run_is_not_replaced(capsys, monkeypatch):
    monkeypatch.setattr(overfit, "examine", lambda *_: pytest.fail("it was trained"))
    config = vars(preset("mini", p=11, batch_size=40, sample_size=20, lr=5e-3, weight_decay=0.0))
    seeds = {"split": 0, "model": 0, "loader": 0, "val": 1}
    Path("out").mkdir()
    about = {"config": config, "seeds": seeds}
    Path("out/README.md").write_text("a ladder")
    for changed, said in (
        ({"config": config | {"lr": 1.0}}, "lr: 1.0, not 0.005"),
        ({"seeds": seeds | {"model": 4}}, "model=4"),
        ({"config": None}, "overfit.json cannot be read"),
    ):
        Path("out/overfit.json").write_text(json.dumps(about | changed))
        assert said in refused(lambda: overfit.main([*FLAGS, "--out=out"]), capsys)


def test_a_folder_of_its_own_is_written_again(capsys):
    for run in (
        lambda: small_scan("--model-seeds=0:2", "--out=s"),
        lambda: small_scan("--model-seeds=0:2", "--out=s", "--export"),
        lambda: merge.main(["s", "--out=m"]),
        lambda: small_ablation(HERE, out="cells"),
    ):
        assert [run(), run()] == [0, 0], capsys.readouterr().err
    assert ablate.COMMAND in Path("cells/README.md").read_text()
