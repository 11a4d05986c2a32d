"""Answers of plain scans, against numbers counted from their tables here."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

import answers
from grokseed.reports.scan import excluded

RESULTS = Path(__file__).parents[2] / "results"


@pytest.mark.parametrize("name", [*answers.SCANS, *answers.AGAIN, *answers.FURTHER])
def test_the_answer_on_file_is_what_the_tables_say(name: str) -> None:
    text = (RESULTS / name / "answer.md").read_text()
    assert text == answers.answer(RESULTS, name)
    assert text.startswith("**Question.** ")
    assert "**Answer" in text
    assert "What could not be told: " in text
    assert text.strip() in (RESULTS / name / "README.md").read_text()


def test_an_answer_follows_its_table(tmp_path: Path) -> None:
    """The number of super seeds is counted here by the rule's own words."""
    folder = shutil.copytree(RESULTS / "diary_scan", tmp_path / "diary_scan")
    for name in ("scan.db", "scan.db-wal", "scan.db-shm"):
        (folder / name).unlink(missing_ok=True)
    runs = pd.read_csv(folder / "runs.csv", dtype=str)
    own = runs.loc[runs["model_seed"] != "42"]
    n = sum(float(text) > 0.98 for text in own["screen_val_accuracy"])
    text = answers.answer(tmp_path, "diary_scan")
    assert f"Of {len(own):,} seeds, {n} {'is' if n == 1 else 'are'} super" in text
    assert f"the first {len(runs):,} seeds; the rates leave out 42" in text
    assert "diary_loader8" not in text  # which is not there to compare with
    whole = answers.answer(RESULTS, "diary_scan")
    both = set(own["model_seed"]) | {"42"}
    both &= set(pd.read_csv(RESULTS / "diary_loader8/runs.csv", dtype=str)["model_seed"])
    assert f"Of the {len(both)} that `diary_loader8` has too" in whole


def test_seeds_chosen_by_hand_are_in_no_rate() -> None:
    for name in ("diary_loader8", "diary_scan"):
        assert list(excluded(RESULTS / name)) == [42]
    assert "of 79 is super" in answers.answer(RESULTS, "diary_loader8")


def test_the_oracle_says_how_near_its_numbers_are_to_the_logs() -> None:
    """Of 42, 0 the log has 0.0129, 11.91 and 65.27; the accuracy is not the log's to its digits."""
    runs = pd.read_csv(RESULTS / "diary_oracle" / "runs.csv")
    own = runs[(runs["model_seed"] == 42) & (runs["loader_seed"] == 0)].iloc[0]
    text = answers.answer(RESULTS, "diary_oracle")
    accuracy, loss, norm = own["final_val_accuracy"], own["final_val_loss"], own["norm_final"]
    assert f"here they are {accuracy:.4f}, {loss:.2f} and {norm:.2f}" in text
    assert "to the digits" not in text
