"""What the command that compares two scans writes, and when it cannot."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import everything
from compared_folders import folder

from grokseed import compare
from grokseed.reports.studies import read_studies

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folders(tmp_path, monkeypatch) -> list[str]:
    """Of 40 matched runs each, log-normal, of which B's take 0.8 times A's with a small noise."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(1)
    base, noise = np.exp(9 + random.normal(0, 0.4, 40)), np.exp(random.normal(0, 0.1, 40))
    folder(Path("a"), base)
    folder(Path("b"), base * noise * 0.8)
    return ["a", "b"]


def test_out_holds_what_was_printed_and_numbers_to_go_on_with(folders, tmp_path, capsys):
    before = everything(tmp_path)
    out = tmp_path / "out"
    argv = [*folders, "--out", "out"]
    assert compare.main(argv) == 0
    printed = capsys.readouterr().out
    assert sorted(p.name for p in out.iterdir()) == [
        "README.md",
        "comparison.csv",
        "comparison.png",
    ]
    readme = (out / "README.md").read_text()
    names, differs, verdict, table = printed.strip().split("\n\n")
    assert names == "- A is a\n- B is b"  # a list, as lines alone would run together in Markdown
    assert f"**Answer.** {verdict}\n" in readme
    assert f"\n{differs}\n\n{table}\n\n![times of each set](comparison.png)\n" in readme
    table = pd.read_csv(out / "comparison.csv").set_index("quantity")
    ratio = table.loc["time ratio, B over A"]
    assert ratio["low"] < 0.8 < ratio["high"]
    assert table.loc["B wins on a matched seed", "n"] == 40
    matched, unmatched = (table.loc[f"{k} seeds a set needs"] for k in ("matched", "unmatched"))
    assert matched["low"] <= matched["estimate"] <= matched["high"]
    assert matched["estimate"] < unmatched["estimate"] / 3
    first = everything(out)
    assert compare.main(argv) == 0
    assert everything(out) == first
    assert before.items() <= everything(tmp_path).items()
    assert compare.main([*(str(tmp_path / name) for name in folders), "--out", str(out)]) == 0
    readme = (out / "README.md").read_text()
    assert "\npython -m grokseed.compare a b --out out  # 20" in readme
    assert "or is it luck? A is a; B is b.\n" in readme  # no machine's paths
    assert f"- A is {tmp_path / 'a'}" in capsys.readouterr().out


def test_a_picture_that_cannot_be_written_is_a_failure_and_nothing_else_is_written(
    folders, tmp_path, capsys
):
    (tmp_path / "out" / "comparison.png").mkdir(parents=True)
    before = everything(tmp_path)
    assert compare.main([*folders, "--out", "out"]) == 1
    out, err = capsys.readouterr()
    assert "comparison.png" in err
    assert (out, err.count("\n")) == ("", 1)
    assert everything(tmp_path) == before


def test_the_index_of_studies_gives_a_comparisons_answer(folders, tmp_path):
    shutil.copytree(ROOT / "results" / "mini_eager", tmp_path / "all" / "scan")
    assert compare.main([*folders, "--out", "all/two"]) == 0
    assert compare.main(["--trend", *folders, "--out", "all/trend"]) == 0
    found = {study.name: study.briefly() for study in read_studies(Path("all"), lambda *_: 0.0)}
    question, answer = found["two"]
    assert question == "Is B sooner to t98 than A, or is it luck? A is a; B is b."
    assert answer.startswith("B is sooner than A: it takes 0.7")
    question, answer = found["trend"]
    assert question == "Do times to t98 rise or fall from A to B, or is it luck? A is a; B is b."
    assert answer.startswith("Times to t98 fall: each place multiplies them by 0.7")
