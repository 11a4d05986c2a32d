"""Scans under an early verdict: what is trained, when again, and what the results say."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import SMALL, everything, small_scan
from inline import InlineExecutor
from made_up import CONFIG, Failing, trajectory

import grokseed
from grokseed import merge, scan, verify
from grokseed.early import is_spared
from grokseed.execution import scanner
from grokseed.seeds import STREAMS, Seeds

pytestmark = pytest.mark.usefixtures("made_up_training")


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No figures and no worker processes, which take longer than all else."""
    monkeypatch.setattr(scanner, "LocalExecutor", InlineExecutor)
    monkeypatch.setattr("grokseed.reports.scan.draw", lambda *args: [])


SEEDS = "--model-seeds=0:24"


def sample_loss(model: int, step: int) -> float:
    columns = trajectory(CONFIG, Seeds(0, model, 0, 1)).columns
    return float(columns["sample_loss"][columns["step"] == step][0])


CUT = f"{np.median([sample_loss(model, 100) for model in range(24)]):.5g}"
KEEP = ["--screen-at=100", f"--keep=sample_loss<{CUT}"]


def table(folder: str = "out") -> pd.DataFrame:
    return pd.read_csv(Path(folder) / "runs.csv")


def test_a_rule_stops_spares_keeps_and_is_named(capsys):
    assert small_scan(SEEDS, *KEEP) == 0
    for row in table().to_dict("records"):
        split, model, loader, val = (int(row[f"{s}_seed"]) for s in STREAMS)
        seeds = Seeds(split, model, loader, val)
        passes = sample_loss(seeds.model, 100) < float(CUT)
        said = "kept" if passes else "spared" if is_spared(seeds) else "stopped"
        assert row["early"] == f"{said} sample_loss<{CUT}@100"
        whole = trajectory(CONFIG, seeds)
        assert row["digest"] == (whole.stopped_at(100) if said == "stopped" else whole).digest()
    said = capsys.readouterr().out
    assert f"Early verdict `sample_loss<{CUT}@100`: 24 runs judged, 12 failed" in said
    assert "recall" in said
    assert "times fewer steps" in said
    assert "| stopped   |" in said
    assert said.split("Figures")[0].strip() in (Path("out") / "README.md").read_text()


def trained(log: Path) -> list[int]:
    lines = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return sorted(int(word) for line in lines for word in line.split()[:-1])


@pytest.mark.usefixtures("plain")
def test_a_stopped_run_that_crashes_when_it_goes_on_says_why(monkeypatch, capsys):
    assert small_scan(SEEDS, *KEEP) == 0
    stopped = table().query("status == 'stopped'")["model_seed"].tolist()
    monkeypatch.setattr(scanner, "train", Failing(raising=set(stopped)))
    capsys.readouterr()
    assert small_scan(SEEDS) == 1
    assert "crashed, and keep an earlier result: RuntimeError: out of m" in capsys.readouterr().err
    assert table().query("status == 'stopped'")["model_seed"].tolist() == stopped
    with pytest.raises(grokseed.CrashedError, match=f"{len(stopped)} of 24 .*Error: out of m"):
        grokseed.scan(CONFIG, model_seeds=range(24), out="out", jobs=1, progress=False)


@pytest.mark.usefixtures("plain")
def test_the_same_command_trains_nothing_and_without_the_rule_what_was_stopped(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(scanner, "train", Failing(log=tmp_path / "log"))
    assert small_scan("--model-seeds=0:8") == 0  # to their end, and never judged
    assert small_scan(SEEDS, *KEEP) == 0
    rows = table().to_dict("records")
    assert [pd.isna(row["early"]) for row in rows] == [row["model_seed"] < 8 for row in rows]
    stopped = [row["model_seed"] for row in rows if row["status"] == "stopped"]
    assert 3 < len(stopped) < 14
    trained(tmp_path / "log")
    before = everything(tmp_path / "out")
    assert small_scan(SEEDS, *KEEP) == 0
    assert trained(tmp_path / "log") == []
    assert (tmp_path / "out" / "runs.csv").read_bytes() == before[str(tmp_path / "out/runs.csv")]
    capsys.readouterr()
    assert small_scan(SEEDS, "--dry-run") == 0
    assert f"{24 - len(stopped)} done, {len(stopped)} missing, 0 failed" in capsys.readouterr().out
    (tmp_path / "out" / "scan.db").unlink()  # as in a clone
    assert small_scan(SEEDS) == 0
    assert trained(tmp_path / "log") == stopped
    assert small_scan(SEEDS, "--out=whole") == 0
    assert list(table()["digest"]) == list(table("whole")["digest"])
    assert set(table()["status"]) == set(table("whole")["status"])


@pytest.mark.usefixtures("plain")
def test_shards_under_a_rule_merge_to_the_whole():
    assert small_scan(SEEDS, *KEEP) == 0
    for part in ("1/2", "2/2"):
        where = f"--out=part{part[0]}"
        assert small_scan(SEEDS, *KEEP, f"--shard={part}", where, "--compile=no") == 0
    assert merge.main(["part1", "part2", "--out=joined"]) == 0
    assert Path("joined/runs.csv").read_bytes() == Path("out/runs.csv").read_bytes()
    noted = [json.loads(Path(f, "config.json").read_text())["early"] for f in ("joined", "out")]
    assert noted[0] == noted[1] == {f"sample_loss<{CUT}@100": {"folder": "", "model": ""}}


@pytest.mark.usefixtures("plain")
def test_stopped_runs_are_verified(capsys):
    assert small_scan(SEEDS, *KEEP) == 0
    assert verify.main(["out", "--rows=24", "--jobs=1"]) == 0
    assert "24 runs trained again: 24 with the same digest" in capsys.readouterr().out


@pytest.mark.usefixtures("plain")
def test_a_rule_file_never_judges_what_it_was_fitted_on():
    fitted = {"folder": "results/x", "model": "0,2,4,6,8"}
    Path("rule.json").write_text(json.dumps({"rule": "sample_loss<0@100", "fitted_on": fitted}))
    assert small_scan("--model-seeds=0:10", "--keep=rule.json") == 0
    rows = table().to_dict("records")
    assert [row["model_seed"] for row in rows if pd.isna(row["early"])] == [0, 2, 4, 6, 8]
    about = json.loads(Path("out/config.json").read_text())
    assert about["early"] == {"sample_loss<0@100": fitted}
    assert "fitted on model seeds 0,2,4,6,8 of results/x" in Path("out/README.md").read_text()


@pytest.mark.usefixtures("plain")
def test_runs_that_a_rule_stopped_go_on_under_its_file_if_it_was_fitted_on_them(capsys):
    assert small_scan("--model-seeds=0:10", "--screen-at=100", "--keep=sample_loss<0") == 0
    stopped = table().query("status == 'stopped'")["model_seed"].tolist()
    fitted = {"folder": "results/x", "model": "0:5"}
    Path("rule.json").write_text(json.dumps({"rule": "sample_loss<0@100", "fitted_on": fitted}))
    capsys.readouterr()
    assert small_scan("--model-seeds=0:10", "--keep=rule.json", "--dry-run") == 0
    assert f"{sum(model < 5 for model in stopped)} missing" in capsys.readouterr().out
    assert small_scan("--model-seeds=0:10", "--keep=rule.json") == 0
    left = table().query("status == 'stopped'")["model_seed"].tolist()
    assert left == [model for model in stopped if model >= 5] != stopped


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--keep=norm<4"], "--screen-at and --keep go together"),
        (["--screen-at=100", "--keep=luck>1"], "--keep reads 'luck'"),
        (["--screen-at=110", "--keep=norm<4"], "--screen-at must be a multiple of"),
        (["--screen-at=4000", "--keep=norm<4"], "--screen-at must lie between 0 and"),
        (["--keep=no.json"], "no.json cannot be read"),
        (["--keep={there}/bad.json"], "bad.json is no rule that studies/early.py wrote: seeds are"),
        (["--keep={there}/deep.json"], "deep.json is no rule that studies/early.py wrote: "),
    ],
)
def test_a_bad_rule_is_one_line_and_nothing_written(argv, said, capsys, tmp_path, tmp_path_factory):
    there = tmp_path_factory.mktemp("rules")
    bad = {"rule": "norm<3@100", "fitted_on": {"folder": "x", "model": "zzz"}}
    (there / "bad.json").write_text(json.dumps(bad))
    (there / "deep.json").write_text("[" * 100_000)
    assert scan.main([*SMALL, "--out=out", *(word.format(there=there) for word in argv)]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("plain")
def test_from_python():
    found = grokseed.scan(
        CONFIG, model_seeds=range(8), screen_at=100, keep="sample_loss<0", progress=False, jobs=1
    )
    assert set(found.runs["status"]) <= {"stopped", "done"}
    assert found.runs["early"].str.contains("sample_loss<0@100").all()
    assert "stopped" in found.rates().index
