"""What `grokseed.ablate --scan` says of donors and recipients by the classes of a scan's runs."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ablations import small_ablation
from commands import SMALL
from compared_folders import folder
from made_up import CONFIG

from grokseed import scan
from grokseed.analysis.classify import classify

pytestmark = pytest.mark.usefixtures("made_up_training")


def test_donors_that_did_not_win_are_warned_of(tmp_path, capsys):
    seeds = ["--model-seeds=0:12", "--loader-seed=8"]
    assert scan.main([*SMALL, *seeds, "--out=scan", "--jobs=1"]) == 0
    runs = pd.read_csv("scan/runs.csv").sort_values("screen_val_accuracy")["model_seed"].tolist()
    worst, best = runs[0], runs[-1]
    words = f"--donor {worst} --recipient {best} --loader-seed 8 --groups head --scan scan"
    assert small_ablation(words) == 0
    err = capsys.readouterr().err
    assert f"warning: donors did not win in scan: {worst}" in err
    assert f"warning: recipients did win in scan: {best}" in err
    assert "no class" not in err


def test_seeds_without_a_class_are_warned_of_as_such(capsys):
    """Their runs are done, and have neither an accuracy at the screen step nor t98."""
    own: dict[str, Any] = CONFIG.changes()
    folder(Path("scan"), [1000, 500, 20_000, 20_000], steps=20_000, **own)
    table = pd.read_csv("scan/runs.csv")
    verdicts = classify(table, "screen").tolist()
    words = "--donor 2 --recipients 0,3 --loader-seed 8 --groups head --scan scan --val-seed 9"
    assert (verdicts[0], pd.isna(verdicts[2])) == ("super", True)
    assert small_ablation(words) == 0
    err = capsys.readouterr().err
    assert "warning: recipients did win in scan: 0\n" in err
    assert "warning: no class is known of seeds in scan: 2:4\n" in err
    assert "did not win" not in err


def test_a_seeds_class_is_that_of_its_run_without_a_graft(capsys):
    """Of each seed a scan may have a run whose weights are off by a rounding step too."""
    own: dict[str, Any] = CONFIG.changes()
    times, first = [500, 20_000, 20_000, 500, 20_000], [0, 0, 1, 1, 2]
    grafts = ["", "ulp=1", "", "ulp=1", "ulp=1"]
    folder(Path("scan"), times, first=first, graft=grafts, **own)
    words = "--loader-seed 8 --groups head --scan scan --val-seed 9 --dry-run"
    assert small_ablation(f"--donor 0 --recipient 1 {words}") == 0
    err = capsys.readouterr().err
    assert [line for line in err.splitlines() if "warning" in line] == [
        "grokseed.ablate: warning: no class is known of seeds in scan: 1"
    ]
    assert small_ablation(f"--donor 0 --recipient 2 {words}") == 2
    assert "scan has no run of model seed 2 on split seed 0" in capsys.readouterr().err
