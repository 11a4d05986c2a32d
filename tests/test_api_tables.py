"""What `compare` and `luck` say, as tables for Python, and refusals of the API's own arguments."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from compared_folders import folder
from matplotlib.text import Text

import grokseed
from grokseed import compare, luck

WEIGHT_DECAY = Path(__file__).parents[1] / "results" / "weight_decay"


def test_a_comparison_is_the_commands_table(tmp_path, monkeypatch) -> None:
    """Of scans or of their folders."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(1)
    base, noise = np.exp(9 + random.normal(0, 0.4, 40)), np.exp(random.normal(0, 0.1, 40))
    folder(Path("a"), base)
    folder(Path("b"), base * noise * 0.8, d_model=96)
    assert compare.main(["a", "b", "--out", "out"]) == 0
    written = pd.read_csv("out/comparison.csv").set_index("quantity")
    for found in (
        grokseed.compare("a", Path("b")),
        grokseed.compare(grokseed.load("a"), grokseed.load("b"), landmark="t98"),
    ):
        pd.testing.assert_frame_equal(found, written, rtol=1e-5)
        assert found.attrs["answer"].startswith("B is sooner than A: it takes 0.7")
        assert "and not the initial weights." in found.attrs["answer"]


def test_a_runs_luck_is_the_commands_numbers(tmp_path, capsys) -> None:
    scan = folder(tmp_path / "scan", [*range(1000, 20_000, 1000), 20_000])
    assert luck.main([str(scan), "--run", "2"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for run in (2, (0, 2, 8, 9)):
        found = grokseed.luck(grokseed.load(scan), run=run)
        assert set(found["n"]) == {19}
        share, low, high = (
            100 * found.loc["share of runs that are sooner", ["estimate", "low", "high"]]
        )
        assert f"later than {share:.1f} % of the 19" in said
        assert f"(95 %: {low:.1f} to {high:.1f} %)" in said
        middle, low, high = found.loc["best of 5, median", ["estimate", "low", "high"]]
        assert low == 0
        assert f"| 5 | {middle:,.0f} | before the first to {high:,.0f} |" in said
    assert found.loc["steps by which 90% are there", "high"] == np.inf
    assert grokseed.luck(scan, at=500).loc["share of runs that are sooner", "estimate"] == 0


def test_what_cannot_be_ranked_or_compared_is_said(tmp_path) -> None:
    scan = folder(tmp_path / "scan", [1000, 2000, 3000])
    with pytest.raises(TypeError, match=r"a must be a grokseed\.Scan or a folder of one, not 3"):
        grokseed.compare(3, scan)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="landmark must be one of memorised, t50, t98, completed"):
        grokseed.luck(scan, at=5, landmark="t99")  # type: ignore[arg-type]
    for both in ({}, {"run": 1, "at": 5}):
        with pytest.raises(ValueError, match="name either run or at"):
            grokseed.luck(scan, **both)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no run of seeds 9"):
        grokseed.luck(scan, run=9)
    with pytest.raises(ValueError, match="a run is a model seed or split,model,loader,val, not"):
        grokseed.luck(scan, run=b"\1")  # type: ignore[arg-type]
    for wrong in ("20", [20], 0, np.inf, 10**400):
        said = f"^at must be a positive number of steps, not {re.escape(repr(wrong))}"
        with pytest.raises(ValueError, match=said):
            grokseed.luck(scan, at=wrong)  # type: ignore[arg-type]
    with pytest.raises(grokseed.StoreError, match="holds no scan"):
        grokseed.compare(scan, tmp_path)
    with pytest.raises(grokseed.StoreError, match="y cannot be read: File name too long"):
        grokseed.luck("y" * 300, at=5)


def test_a_share_of_a_curve_lies_between_0_and_1() -> None:
    curve = grokseed.load(WEIGHT_DECAY / "0.1").survival()
    assert curve.quantile(0.5) == curve.median
    for share in (2, -0.1, float("nan")):
        with pytest.raises(ValueError, match=r"a share must lie in 0\.\.1, not"):
            curve.quantile(share)


@pytest.mark.parametrize("name", ["accuracy", "classes", "loss_and_norm", "peak_against_time"])
def test_a_figures_classes_are_by_the_rule_asked_for(name) -> None:
    scan = grokseed.load(WEIGHT_DECAY / "0.1")
    draw = getattr(scan.plot, name)
    titles = {rule: " ".join(draw(rule).get_suptitle().split()) for rule in ("screen", "speedup")}
    for rule, title in titles.items():
        assert f"classes by the {rule} rule" in title
    assert " ".join(draw().get_suptitle().split()) == titles["speedup"]  # the scan's own
    with pytest.raises(ValueError, match="rule must be one of screen, speedup, not 'auto'"):
        draw("auto")


def test_a_columns_of_classes_holds_the_runs_of_the_rule() -> None:
    scan = grokseed.load(WEIGHT_DECAY / "0.1")
    for rule in ("screen", "speedup"):
        drawn = " ".join(text.get_text() for text in scan.plot.classes(rule).findobj(Text))
        for name, n in scan.runs[rule].value_counts().items():
            assert n == 0 or f"{name} (n = {n})" in drawn


def test_speedup_is_refused_for_few_runs_in_figures_too() -> None:
    few = grokseed.load(WEIGHT_DECAY.parent / "diary_oracle")
    with pytest.raises(ValueError, match="needs at least 20 runs"):
        few.plot.classes("speedup")


def test_numbers_of_numpy_are_numbers_of_a_config() -> None:
    numbers = {"p": np.int64(11), "lr": np.float32(0.5), "val_shuffle": np.True_}
    made = grokseed.preset("mini", **numbers, batch_size=np.array(16))
    plain = grokseed.preset("mini", p=11, lr=0.5, val_shuffle=True, batch_size=16)
    assert made == plain
    assert made.key() == plain.key()
    assert [type(made.p), type(made.lr), type(made.val_shuffle)] == [int, float, bool]
    for value in (np.float64(11), np.array([11]), np.True_):
        with pytest.raises(ValueError, match="p must be of type int"):
            grokseed.preset("mini", p=value)
