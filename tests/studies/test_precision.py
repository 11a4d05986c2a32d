"""Seeds that were chosen by their results have no interval, and are in no rate."""

import re
from pathlib import Path

import pandas as pd
import pytest

import answers
import precision
from grokseed.reports.scan import excluded

RESULTS = Path(__file__).parents[2] / "results"


@pytest.mark.parametrize("name", answers.AGAIN)
def test_the_best_seeds_have_a_share_and_no_interval(name: str) -> None:
    text = answers.answer(RESULTS, name)
    first, best = text.partition("**Answer.**")[2].splitlines()[:2]
    assert re.search("64 seeds that were not picked, 6[34] keep their class", first)
    assert re.search(r"\(\d+%, \d+% to \d+%\)", first)
    assert best.startswith("Of the 64 best seeds")
    assert " to " not in best
    assert "chosen by their results" in text
    runs = pd.read_csv(RESULTS / "mini_screen" / "runs.csv")
    best = runs.nlargest(64, "screen_val_accuracy")["model_seed"]
    assert list(excluded(RESULTS / name)) == sorted(set(best) - set(range(64)))


def test_only_seeds_that_were_not_picked_have_an_interval() -> None:
    runs = pd.DataFrame({"status": "done", "t98_step": None, precision.ACCURACY: [0.1, 0.5, 0.99]})
    picked, _ = precision.compare(runs, runs, picked=True)
    sampled, _ = precision.compare(runs, runs, picked=False)
    assert picked["share (95 % interval)"] == "100.0%"
    assert sampled["share (95 % interval)"] == "100.0% (29.2% to 100.0%)"


def test_the_page_on_file_is_what_the_tables_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = {}
    for how, (folder, more) in precision.AGAIN.items():
        (tmp_path / folder.name).mkdir()
        runs = (RESULTS / folder.name / "runs.csv").read_text()
        (tmp_path / folder.name / "runs.csv").write_text(runs)
        again[how] = tmp_path / folder.name, more
    monkeypatch.setattr(precision, "AGAIN", again)
    monkeypatch.setattr(precision, "FP32", RESULTS / "mini_screen" / "runs.csv")
    monkeypatch.setattr(precision, "OUT", tmp_path / "mini_bf16")
    precision.main(["--export"])
    for name in ("mini_bf16/comparison.md", "mini_bf16/excluded.csv", "mini_eager/excluded.csv"):
        assert (tmp_path / name).read_text() == (RESULTS / name).read_text()
