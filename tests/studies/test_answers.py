"""Answers of plain scans, against numbers counted from their tables here."""

import shutil
from pathlib import Path

import answers
import pandas as pd
import pytest

RESULTS = Path(__file__).parents[2] / "results"


@pytest.mark.parametrize("name", [*answers.SCANS, *answers.AGAIN])
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
    n = int((runs["screen_val_accuracy"].astype(float) > 0.98).sum())
    assert f"{n} are super" in answers.answer(tmp_path, "diary_scan")
    assert f"Of the first {len(runs):,} seeds" in answers.answer(tmp_path, "diary_scan")


def test_seeds_chosen_by_hand_are_in_no_rate() -> None:
    assert answers.excluded(RESULTS / "diary_loader8") == [42]
    assert "of 79 is super" in answers.answer(RESULTS, "diary_loader8")
