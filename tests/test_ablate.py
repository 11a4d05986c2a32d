"""The command `grokseed.ablate`: its cells and files, resume and export."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ablations import HERE, small_ablation
from commands import SMALL, everything, small_scan
from made_up import CONFIG, Failing, trajectory

import grokseed
from grokseed import ablate, scan
from grokseed.execution import commits, scanner
from grokseed.records.measure import measure
from grokseed.records.store import Store
from grokseed.seeds import Seeds

pytestmark = pytest.mark.usefixtures("made_up_training")

FIGURES = [
    *("cells", "cell_trajectories", "accuracy", "classes", "loss_and_norm", "peak_against_time"),
]


def table(name: str = "cells.csv") -> pd.DataFrame:
    return pd.read_csv(f"out/{name}", keep_default_na=False)


@pytest.mark.drawn
def test_an_ablation_leaves_a_row_a_cell_with_its_runs_record(tmp_path, capsys):
    assert small_ablation(f"{HERE} --split-seeds donor,recipient --groups head,block1+head") == 0
    cells = table()
    assert len(cells) == 2 * (2 + 2)
    for cell in cells.to_dict("records"):
        names = ("split_seed", "model_seed", "loader_seed", "val_seed")
        seeds = Seeds(*(cell[name] for name in names), graft=cell["graft"])
        record = measure(CONFIG, trajectory(CONFIG, seeds))
        assert float(cell["accuracy"]) == pytest.approx(record["screen_val_accuracy"], rel=1e-5)
        assert cell["split_seed"] == {"donor": 42, "recipient": 56}[cell["split"]]
    graft = cells.query("kind == 'graft' and groups == 'block1+head' and split == 'recipient'")
    assert graft[["model_seed", "graft"]].to_numpy().tolist() == [[56, "block1+head=42"]]
    folder = {path.name for path in (tmp_path / "out").iterdir()}
    assert {f"{name}.png" for name in FIGURES} | {"runs.csv", "README.md", "effects.csv"} <= folder
    out = capsys.readouterr().out
    assert "8 cells, 8 runs." in out
    readme = (tmp_path / "out" / "README.md").read_text()
    counts = out.split("\nMain effects")[0].strip()
    assert "| graft" in counts
    assert counts in readme  # its effects are in effects.csv, and were printed
    for place in ("all", "split 42, loader 8", "split 56, loader 8"):
        assert f"| {place:20} |" in out
    assert "--donor 42 --recipient 56" in readme


def test_an_export_takes_the_names_of_its_splits(tmp_path, capsys):
    own = f"{HERE} --groups head --split-seeds donor"
    assert small_ablation(own) == 0
    before = {p: c for p, c in everything(tmp_path).items() if "scan.db" not in p}
    for words in (own, f"{HERE} --split-seeds donor,recipient", f"{HERE} --split-seeds 42"):
        assert small_ablation(f"{words} --export") == 0
    assert {p: c for p, c in everything(tmp_path).items() if "scan.db" not in p} == before
    capsys.readouterr()
    assert small_ablation(f"{HERE} --split-seeds recipient --export") == 2
    err = capsys.readouterr().err
    assert err.endswith("out holds other runs: split_seeds: donor,42, not recipient\n")


def test_the_same_again_trains_nothing_and_more_cells_are_added(tmp_path, monkeypatch, capsys):
    assert small_ablation(f"{HERE} --groups head") == 0
    before = everything(tmp_path)
    capsys.readouterr()
    log = tmp_path / "log"
    monkeypatch.setattr(scanner, "train", Failing(log=log))
    assert small_ablation(f"{HERE} --groups head") == 0
    assert not log.exists()
    assert {p: c for p, c in everything(tmp_path).items() if "scan.db" not in p} == {
        p: c for p, c in before.items() if "scan.db" not in p
    }
    assert small_ablation(f"{HERE} --groups head,block1 --reverse") == 0
    assert "3 of 6 runs stored\n3 to train" in capsys.readouterr().err
    assert table()["kind"].value_counts().to_dict() == {
        "graft": 2,
        "reverse": 2,
        "recipient": 1,
        "donor": 1,
    }


def test_export_writes_the_same_from_the_store_or_the_tables_alone(tmp_path):
    assert (
        small_ablation(f"{HERE} --groups head".replace("--loader-seed 8", "--loader-seeds 8,7"))
        == 0
    )
    wanted = {p: c for p, c in everything(tmp_path).items() if "scan.db" not in p}
    for lost in ("runs.csv", "scan.db"):
        (tmp_path / "out" / lost).unlink()
        (tmp_path / "out" / "cells.png").unlink()
        assert small_ablation("--export --scheme diary") == 0
        assert wanted.items() <= everything(tmp_path).items()


def test_an_ablation_that_is_stopped_knows_its_cells(tmp_path, monkeypatch, capsys):
    add, stored = Store.add, []

    def add_two(*run):
        if len(stored) == 2:
            raise KeyboardInterrupt
        stored.append(run)
        return add(*run)

    monkeypatch.setattr(commits, "MOMENT", 0.0)  # stored one by one
    monkeypatch.setattr(Store, "add", add_two)
    assert small_ablation(f"{HERE} --groups head --lanes 1") == 130
    assert table()["kind"].tolist() == ["recipient", "donor", "graft"]
    capsys.readouterr()
    assert small_scan("--scheme=diary") == 2
    assert "out holds an ablation" in capsys.readouterr().err
    assert small_ablation("--export --scheme diary") == 0
    assert "2 cells, 2 runs." in capsys.readouterr().out
    assert (table()["status"] == "done").tolist() == [True, True, False]
    monkeypatch.setattr(Store, "add", add)
    assert small_ablation(f"{HERE} --groups head") == 0
    assert "1 to train" in capsys.readouterr().err


def test_a_scan_from_python_writes_over_no_ablation(tmp_path):
    assert small_ablation(f"{HERE} --groups head") == 0
    before = everything(tmp_path)
    with pytest.raises(grokseed.StoreError, match="out holds an ablation: use"):
        grokseed.scan(CONFIG, model_seeds=1, out="out", jobs=1)
    assert everything(tmp_path) == before


def test_what_a_study_found_stays_in_the_readme(tmp_path):
    assert small_ablation(f"{HERE} --groups head") == 0
    ablate.write_ablation(Path("out"), "**Answer.** 42")
    assert small_ablation("--export --scheme diary") == 0
    assert "**Answer.** 42\n" in (tmp_path / "out" / "README.md").read_text()


def test_shams_are_seeds_of_a_scan_that_did_not_win(tmp_path, capsys):
    seeds = ["--model-seeds=0:12", "--loader-seed=8", "--split-seed=3"]
    assert scan.main([*SMALL, *seeds, "--out=scan", "--jobs=1"]) == 0
    runs = pd.read_csv("scan/runs.csv")
    accuracy = dict(zip(runs["model_seed"], runs["screen_val_accuracy"], strict=True))
    normal = [seed for seed in range(2, 12) if accuracy[seed] < 0.25]
    words = "--donor 0 --recipient 1 --loader-seed 8 --split-seeds 3 --groups head --scan scan"
    assert small_ablation(f"{words} --shams 3") == 0
    cells = table()
    assert cells.loc[cells["kind"] == "sham", "donor"].tolist() == normal[:3]
    effects = table("effects.csv").query("kind == 'graft' and outcome == 'accuracy'")
    assert effects["controls"].astype(float).tolist() == [3]
    assert effects["excess_low"].tolist() == [""]
    assert (tmp_path / "out" / "effects.png").exists()
    capsys.readouterr()
    for more, said in (
        ("--shams 100", f"scan has {len(normal)} other seeds that did not win on split s"),
        (
            "--scheme diary --split-seeds 3",
            "another config's scan: scheme: 'independent', not 'diary'",
        ),
        ("--weight-decay 0", "another config's scan: weight_decay: 0.1, not 0.0"),
        ("--loader-seed 9", "scan has no run of loader seed 9, which --loader-seeds names first"),
        ("--split-seed 4", "no run of model seed 0 on split seed 4 with loader seed 8\n"),
        ("--donor 99", "no run of model seed 99 on split seed 3 with loader seed 8\n"),
        ("--scan out", "out holds an ablation, not a scan"),
    ):
        line = words.replace("--donor 0 ", "") if "--donor" in more else words
        line = line.replace("--loader-seed 8 ", "") if "--loader" in more else line
        line = line.replace("--split-seeds 3 ", "") if "--split-seed" in more else line
        line = line.replace("--scan scan", "") if "--scan" in more else line
        assert small_ablation(f"{line} {more}", out="more") == 2
        assert said in capsys.readouterr().err
        assert not (tmp_path / "more").exists()


def test_runs_that_generalised_before_the_screen_step_count_as_all_right():
    words = f"{HERE} --groups head --stop-when completed --max-steps 4000 --screen-step 4000"
    assert small_ablation(words) == 0
    cells = table()
    early = cells.query("completed_step != ''").to_dict("records")
    assert {(float(cell["accuracy"]), cell["class"]) for cell in early} == {(1.0, "super")}


def test_a_dry_run_writes_nothing(tmp_path, capsys):
    assert small_ablation(f"{HERE} --dry-run") == 0
    assert "0 done, 9 missing, 0 failed" in capsys.readouterr().out
    assert everything(tmp_path) == {}


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_needs_no_options(flag, capsys):
    with pytest.raises(SystemExit) as end:
        ablate.main([flag])
    assert end.value.code == 0
    assert "--donors" in capsys.readouterr().out


def test_crashed_cells_are_left_open(monkeypatch, capsys):
    monkeypatch.setattr(scanner, "train", Failing(raising={42}))
    assert small_ablation(f"{HERE} --groups head --reverse") == 1
    cells = table()
    assert cells["status"].tolist() == ["done", "crashed", "done", "crashed"]
    assert (cells["accuracy"] == "").tolist() == [False, True, False, True]
    assert np.isfinite(table("effects.csv")["mean"].astype(float)).all()
    assert "4 cells, 4 runs, 2 crashed." in capsys.readouterr().out
