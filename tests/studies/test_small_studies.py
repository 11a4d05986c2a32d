"""The studies of the diary's claims from command line to answer, on a few made-up runs."""

from pathlib import Path
from types import ModuleType

import pytest
from inline import InlineExecutor

import coins
import rates
import readouts
import val_shuffle
import weight_decay
from grokseed.cli import results
from grokseed.execution import scanner

SMALL = {
    rates: (["--loaders", "2"], {"SPLITS": range(2), "MODELS": range(4)}, "rates"),
    weight_decay: (["--values", "0.05,0"], {"EACH": 8}, "weight_decay"),
    coins: (["--cells", "mini,d_96"], {"EACH": 8}, "coins"),
    val_shuffle: ([], {"EACH": 8}, "val_shuffle"),
    readouts: (
        ["--arms", "flatten,conv_3"],
        {"EACH": 8, "report": lambda *_, **__: "no figures"},
        "readouts",
    ),
}


@pytest.mark.usefixtures("made_up_training")
@pytest.mark.parametrize(
    "study",
    [pytest.param(weight_decay, marks=pytest.mark.slow), rates, coins, val_shuffle, readouts],
    ids=lambda study: study.__name__,
)
def test_a_study_trains_says_and_exports_the_same(
    study: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    argv, small, name = SMALL[study]
    monkeypatch.setattr(scanner, "LocalExecutor", InlineExecutor)
    monkeypatch.setattr(results, "report", lambda *_: "figures are left out")
    for constant, value in small.items():
        monkeypatch.setattr(study, constant, value)
    study.main(argv)
    folder = Path("results") / name
    answer = folder / ("answer.md" if study is rates else "README.md")
    readme = answer.read_text()
    assert "**Answer.**" in readme
    assert len(list(folder.glob("**/runs.csv"))) == (1 if study is rates else 2)
    answer.unlink()
    monkeypatch.setattr(study.grokseed, "scan", None)  # it must train nothing
    study.main(["--export"])
    assert answer.read_text() == readme
