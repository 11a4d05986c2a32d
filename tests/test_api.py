"""The package as people use it from Python: README's example, and what its objects hold."""

import inspect
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up import CONFIG, Failing, trajectory
from matplotlib.text import Text

import grokseed
from grokseed.execution import scanner
from grokseed.records.measure import measure
from grokseed.records.points import thinned

ROOT = Path(__file__).parents[1]


@pytest.mark.fresh_workers
def test_the_example_of_the_readme_runs(tmp_path, monkeypatch) -> None:
    """As it stands there, but for fewer and shorter runs."""
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    assert len(example.strip().splitlines()) <= 10
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").symlink_to(ROOT / "results")
    small = "max_steps=50, screen_step=50, p=11, batch_size=16"
    assert example.count("max_steps=22000") == example.count("range(4)") == 1
    example = example.replace("max_steps=22000", small).replace("range(4)", "range(2)")
    found: dict = {}
    exec(compile(example, "README.md", "exec"), found)
    assert len(found["scan"].runs) == 2
    assert (tmp_path / "accuracy.pdf").read_bytes().startswith(b"%PDF")
    assert len(found["published"].runs) == 2073


@pytest.mark.parametrize(
    "others",
    [
        {"model_seeds": range(5), "val_seed": 0, "pairs": "zip"},
        {"loader_seeds": 0},
        {"split_seeds": "0"},
        {"pairs": "grid"},
    ],
)
def test_named_runs_and_seeds_beside_them_are_refused(others) -> None:
    with pytest.raises(ValueError, match=f"leave out {', '.join(others)}$"):
        grokseed.scan(CONFIG, runs=[grokseed.Seeds(0, 1, 2, 3)], **others)


@pytest.mark.usefixtures("made_up_training")
def test_a_scan_kept_nowhere_has_what_one_on_disk_has(tmp_path, capsys) -> None:
    seeds = {"model_seeds": range(4), "loader_seeds": 8, "jobs": 1}
    nowhere = grokseed.scan(CONFIG, **seeds)
    assert list(tmp_path.iterdir()) == []
    kept = grokseed.scan(CONFIG, out="kept", progress=False, **seeds)
    loaded = grokseed.load("kept")
    for scan in (nowhere, loaded):
        assert scan.config == CONFIG
        assert scan.asked == 4
        assert scan.runs.equals(kept.runs)
        assert scan.trajectories.equals(kept.trajectories)
    run = trajectory(CONFIG, grokseed.Seeds(0, 2, 8, 9))
    own = kept.trajectories[kept.trajectories["run"] == 2]
    for name, column in thinned(run, CONFIG.n_sample).items():
        assert np.array_equal(own[name], column, equal_nan=True), name
    assert list(kept.runs["steps"])[2] == measure(CONFIG, run)["steps"]
    assert sum(kept.rates("screen")["n"]) == 4
    assert kept.survival().n == 4
    assert "in memory: 4 runs to train" in capsys.readouterr().err


@pytest.mark.usefixtures("made_up_training")
def test_a_scan_is_gone_on_with_and_takes_runs_by_their_seeds(tmp_path, monkeypatch) -> None:
    grokseed.scan(CONFIG, model_seeds=[1, 3], out=tmp_path / "kept", jobs=1)
    log = tmp_path / "log"
    monkeypatch.setattr(scanner, "train", Failing(log=log))
    runs = [grokseed.Seeds(0, model, 0, 1, graft) for model in (3, 5) for graft in ("", "ulp=1")]
    scan = grokseed.scan(CONFIG, runs=runs, out=tmp_path / "kept", jobs=1)
    trained = [word for line in log.read_text().splitlines() for word in line.split()[:-1]]
    assert sorted(trained) == ["3", "5", "5"]
    assert scan.runs["graft"].fillna("").tolist() == ["", "", "ulp=1", "", "ulp=1"]


@pytest.mark.usefixtures("made_up_training")
def test_what_goes_wrong_is_said(tmp_path, monkeypatch) -> None:
    with pytest.raises(grokseed.StoreError, match=r"holds no config\.json"):
        grokseed.load(tmp_path)
    with pytest.raises(TypeError, match="folder must be a path, not None"):
        grokseed.load(None)  # type: ignore[arg-type]
    with pytest.raises(grokseed.StoreError, match=r"y/cells\.csv: File name too long"):
        grokseed.scan(CONFIG, out="y" * 300)
    with pytest.raises(ValueError, match="a config has no lrate"):
        grokseed.preset("mini", lrate=1)
    with pytest.raises(ValueError, match="seed 3 is given twice"):
        grokseed.scan(CONFIG, model_seeds=[3, 3])
    with pytest.raises(AttributeError, match="no attribute 'scam'"):
        grokseed.scam  # noqa: B018


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"pairs": "Grid"}, "pairs must be one of grid, zip, not 'Grid'"),
        ({"compile": True}, "compile must be one of auto, yes, no, not True"),
        ({"compile": "foo"}, "compile must be one of auto, yes, no, not 'foo'"),
        ({"executor": "foo"}, "executor must be one of local, dask, not 'foo'"),
        ({"save_weights": "some"}, "save_weights must be one of no, last, generalised, all"),
        ({"runs": []}, "runs is empty"),
        ({"model_seeds": []}, "model_seeds is empty"),
        ({"model_seeds": 0.5}, r"a seed of model_seeds must be a whole number, not 0\.5"),
        ({"model_seeds": b"3"}, "a seed of model_seeds must be a whole number, not b'3'"),
        ({"loader_seeds": [0, "1"]}, "a seed of loader_seeds must be a whole number, not '1'"),
        ({"val_seed": 0.5}, r"val seed must be a whole number, not 0\.5"),
        ({"runs": [grokseed.Seeds(0, 1, 8, 9, "foo=3")]}, "no group 'foo': groups are token_emb"),
        (
            {"runs": [grokseed.Seeds(0, 0, 8, 9, "head=0")]},
            "head=0 of model seed 0 changes nothing",
        ),
        ({"runs": [grokseed.Seeds(0, 1, 8, 9, "branch-1=3")]}, "a branch must be at the end of an"),
        ({"runs": [grokseed.Seeds(0, 1, 8, 9, "relabel-weights=0")]}, "has no symmetry 0"),
        ({"jobs": "2"}, "jobs must be a whole number, not '2'"),
        ({"lanes": 1.5}, r"lanes must be a whole number, not 1\.5"),
        ({"model_seeds": "0-2"}, "seeds are written like 0:2073 or 3,5,8:12, not '0-2'"),
    ],
)
def test_a_value_that_cannot_be_is_said_before_anything_is_trained(asked, said, tmp_path) -> None:
    with pytest.raises(ValueError, match=said):
        grokseed.scan(CONFIG, out=tmp_path / "out", **asked)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"config": "mini"}, "config must be a grokseed"),
        ({"runs": [(0, 1, 2, 3)]}, "runs must be a list of grokseed.Seeds, not"),
        ({"runs": grokseed.Seeds(0, 1, 2, 3)}, "runs must be a list of grokseed.Seeds, not"),
        ({"keep": 3}, "keep must be text, not 3"),
        ({"screen_at": [25], "keep": "norm<4"}, r"screen_at must be a step or text such as '800,1"),
        ({"device": 0}, "device must be text, not 0"),
        ({"scheduler": 8786}, "scheduler must be text, not 8786"),
        ({"mixed_numerics": "no"}, "mixed_numerics must be True or False, not 'no'"),
        ({"checkpoints": 300}, "checkpoints must be True or False, not 300"),
        ({"seeds": 3, "job": 1}, "grokseed.scan has no option job, seeds"),
    ],
)
def test_what_is_of_another_type_or_name_is_said(asked, said, tmp_path) -> None:
    with pytest.raises(TypeError, match=said):
        grokseed.scan(**{"config": CONFIG, "out": tmp_path / "out", **asked})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("made_up_training")
def test_a_run_that_is_named_twice_is_trained_once(capsys) -> None:
    scan = grokseed.scan(CONFIG, runs=[grokseed.Seeds(0, 1, 2, 3)] * 2, jobs=1)
    assert len(scan.runs) == scan.asked == 1
    assert "1 run to train" in capsys.readouterr().err


def test_notebooks_show_the_arguments_of_a_scan() -> None:
    shown = inspect.signature(grokseed.scan)
    assert [*shown.parameters][:3] == ["config", "model_seeds", "loader_seeds"]


def test_a_rule_or_landmark_that_is_none_is_said() -> None:
    scan = grokseed.load(ROOT / "results" / "mini_eager")
    with pytest.raises(ValueError, match="rule must be one of screen, speedup, not 'auto'"):
        scan.rates("auto")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="landmark must be one of memorised, t50, t98, completed"):
        scan.survival("t99")  # type: ignore[arg-type]


@pytest.mark.usefixtures("made_up_training")
@pytest.mark.parametrize("seeds", ["0:2", np.arange(2), [np.int64(0), 1], (s for s in (0, 1))])
def test_seeds_may_be_text_or_integers_of_numpy(seeds) -> None:
    asked = {"loader_seeds": np.int64(8), "val_seed": np.int64(3), "jobs": 1, "progress": False}
    scan = grokseed.scan(CONFIG, model_seeds=seeds, **asked)
    found = scan.runs[["model_seed", "loader_seed", "val_seed"]].to_numpy().tolist()
    assert found == [[0, 8, 3], [1, 8, 3]]


@pytest.mark.usefixtures("made_up_training")
@pytest.mark.parametrize("out", [None, "kept"])
def test_a_crashed_run_takes_no_other_with_it(out, monkeypatch) -> None:
    monkeypatch.setattr(scanner, "train", Failing(raising={1}))
    with pytest.raises(
        grokseed.CrashedError, match="1 of 3 runs crashed: RuntimeError: out of m"
    ) as e:
        grokseed.scan(CONFIG, model_seeds=range(3), jobs=1, out=out)
    assert e.value.scan.runs["status"].tolist() == ["done", "crashed", "done"]
    if out:
        assert grokseed.load(out).runs.equals(e.value.scan.runs)
        assert (Path(out) / "README.md").exists()
    with pytest.raises(grokseed.CrashedError, match="1 of 1 runs crashed: RuntimeError: out of m"):
        grokseed.scan(CONFIG, model_seeds=1, jobs=1, out=out)


def test_seeds_that_were_chosen_by_hand_are_in_no_rate(tmp_path) -> None:
    """`mini_bf16` has seeds 0 to 63, and the 64 best of 2,073: one of these is among the first."""
    scan = grokseed.load(ROOT / "results" / "mini_bf16")
    first = scan.runs[~scan.runs["model_seed"].isin(list(scan.excluded))]
    assert (len(scan.runs), len(first)) == (127, 64)
    for rule in ("screen", "speedup"):
        counts = pd.Series(first[rule]).value_counts()
        assert scan.rates(rule)["n"].filter(counts.index).to_dict() == counts.to_dict()
    assert scan.rates("screen").loc["super", "n"] == 0  # as its README says
    assert scan.survival().n == 64
    for name in ("accuracy", "survival"):
        drawn = getattr(scan.plot, name)()
        assert "0 of 64 runs" in " ".join(text.get_text() for text in drawn.findobj(Text))
    shutil.copytree(ROOT / "results" / "mini_bf16", tmp_path / "copy")
    (tmp_path / "copy" / "excluded.csv").write_text("seed\n3\n")
    with pytest.raises(grokseed.StoreError, match=r"excluded\.csv cannot be read"):
        grokseed.load(tmp_path / "copy")


def test_figures_of_a_folder_are_figures() -> None:
    scan = grokseed.load(ROOT / "results" / "mini_eager")
    for name in ("accuracy", "classes", "survival", "loss_and_norm", "peak_against_time"):
        assert type(getattr(scan.plot, name)()).__name__ == "Figure"
    scan.asked = 1000
    title = scan.plot.accuracy().get_suptitle()
    assert f"{len(scan.runs)} of 1,000 runs, classes" in " ".join(title.split())


def test_the_package_names_what_it_has() -> None:
    for name in [*grokseed.__all__, "__version__"]:
        assert getattr(grokseed, name) is not None
        assert name in dir(grokseed)
