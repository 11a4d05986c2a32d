"""results/documents.md says what the studies' tables say, and has all their sentences."""

import re
from pathlib import Path

import pytest

import documents

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made() -> tuple[str, documents.Rows]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return documents.document()


def test_the_file_is_what_the_script_writes(made) -> None:
    assert (ROOT / "results" / "documents.md").read_text() == made[0]


def test_each_judged_sentence_stands_in_one_row_with_its_verdict(made) -> None:
    """Letter by letter, so that no merge of two texts can lose or change one unseen."""
    text, rows = made
    lines = text.splitlines()
    assert rows.unused() == []
    assert len(rows.found) > 30
    for said in rows.found:
        (row,) = [line for line in lines if f"{said['verdict']}: {said['by']}" in line]
        for place in re.findall(r"00[0-3]:\d+", said["sentence"]):
            assert place.split(":")[0] in row


def test_rows_are_in_the_documents_order_and_leave_no_verdict_empty(made) -> None:
    rows = [line for line in made[0].splitlines() if re.match(r"\| 00[0-3]:", line)]
    assert len(rows) > 110
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert len(cells) == 4, row
        assert all(cells), row


def test_a_sentence_is_asked_for_by_a_start_that_is_its_own() -> None:
    found = [{"sentence": s, "verdict": "holds", "by": s[-1]} for s in ("It is a", "It is b")]
    rows = documents.Rows(found)
    with pytest.raises(ValueError, match="2 sentences begin with 'It is'"):
        rows.said("It is")
    assert rows.said("It is a") == "holds: a"
    assert rows.said("It was") == documents.UNTRAINED
    assert rows.unused() == ["It is b"]
