"""Question and answer of a study, from READMEs of several shapes; the time its runs took."""

import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from checked_in import folders_with
from compared_folders import folder
from report_folders import GRAFTS, RESULTS, SCAN

from grokseed.config import preset
from grokseed.model.cost import core_seconds
from grokseed.reports.claims import COLUMNS, OWN, VERDICTS, read_claims, sections
from grokseed.reports.page import index, page
from grokseed.reports.studies import Study, picked, question_and_answer, read_studies


@pytest.mark.parametrize(
    ("readme", "question", "answer"),
    [
        (
            "# a\n\n**Question.** Is it\nluck?\n\n**Answer.** `Yes`, [so](x.md).\n\nMore.",
            "Is it luck?",
            "Yes, so.",
        ),
        ("# a\n\n## Question\n\nIs it?\n\n## Answer\n\nIt is.\n\nMore.", "Is it?", "It is."),
        (
            "# a\n\n**Question:** Is it?\n\n**Answer so far.** 3 of 5.\nMore.\n\nAnd more.",
            "Is it?",
            "3 of 5. More.",
        ),
        (
            "# a\n\n**Question:** Is it?\n\n**Not answered yet.** 3 to go.",
            "Is it?",
            "Not answered yet. 3 to go.",
        ),
        (
            "# a\n\nOf a hundred seeds two win early.\n\n- a list",
            "",
            "Of a hundred seeds two win early.",
        ),
        ("# a\n\nMade by (day and commit)\n\n```\nx\n```\n\n4 runs.\n", "", ""),
        ("# a\n\n| a | table |\n|---|---|\n", "", ""),
        ("", "", ""),
    ],
)
def test_question_and_answer(readme: str, question: str, answer: str) -> None:
    assert question_and_answer(readme) == (question, answer)


def test_studies_of_the_repository() -> None:
    studies = {study.name: study for study in read_studies(RESULTS, core_seconds)}
    assert list(studies) == sorted(studies)
    assert studies[GRAFTS].is_ablation
    assert studies[GRAFTS].question
    scan = studies[SCAN].scan
    assert scan is not None
    assert studies[SCAN].minutes == pytest.approx(
        core_seconds(scan.config, float(scan.runs["steps"].to_numpy().sum())) / 60
    )
    assert studies["speed"].scan is None
    arm = studies["readouts/flatten"]
    assert re.fullmatch(r"16 of 16 runs memorised, half by step \d+\.", arm.answer)


def test_every_study_of_the_repository_says_its_question_and_answer() -> None:
    pages = [one / "README.md" for one in folders_with("README.md") if one.parent == RESULTS]
    assert len(pages) > 30
    assert not [p for p in pages if not all(question_and_answer(p.read_text()))]


@pytest.mark.parametrize(
    ("seeds", "said"),
    [
        ("0:2073", False),
        ("42", False),
        ("50000,50002,50004", False),  # every second seed, as studies take them
        ("0:64,95,118", True),
        ("3,5", True),
        ("", False),
    ],
)
def test_seeds_were_picked_if_they_are_neither_a_range_nor_evenly_spaced(seeds, said) -> None:
    assert picked(seeds) is said


def test_a_steps_cost_is_six_operations_a_weight_and_example() -> None:
    """By hand: one block of width 64 has 12 x 64² weights, and one row of each example meets it."""
    seconds = core_seconds(preset("mini"), 1000)
    assert seconds == pytest.approx(6 * 12 * 64**2 * 256 * 1000 / 6e10)


def test_a_row_of_the_index_is_brief() -> None:
    answer = "Yes, at 0.5 % (95 %: 0.2 to 0.9). So it is. And more."
    study = Study("a", Path("a"), "Is it? (python a.py)", answer, None, 0, float("nan"))
    assert study.briefly() == ("Is it?", "Yes, at 0.5 % (95 %: 0.2 to 0.9). So it is.")
    assert study._replace(answer="").briefly()[1] == "Not answered yet."


def answers(results: Path) -> dict[str, str]:
    return {study.name: study.answer for study in read_studies(results, lambda _, steps: steps)}


def test_an_answer_made_here_says_why_its_rates_have_no_interval(tmp_path: Path) -> None:
    times = 1000.0 + 37 * np.arange(64)
    folder(tmp_path / "alone", times)
    folder(tmp_path / "shared", times, first=np.arange(64) % 16, split=np.arange(64) // 16)
    found = answers(tmp_path)
    why = "by the speedup rule (no interval: runs share split and model seeds)."
    assert found["shared"] == (
        f"Of 64 runs 0 super (0.00%) and 12 fast (18.75%), {why} Half reached t98 by step 2,147."
    )
    assert "no interval" not in found["alone"]
    assert re.search(r"12 fast \(18.75%, .*%\), .* by step 2,147 \(1,.* to 2,.*\)", found["alone"])


def test_a_median_alone_without_an_interval_says_why(tmp_path: Path) -> None:
    """Shares by the screen rule have limits over the seeds that runs share; the median has none."""
    at = np.arange(16)
    folder(tmp_path / "few", 1000.0 + at, split=at // 2, first=at)
    found = answers(tmp_path)["few"]
    assert re.match(r"Of 16 runs 16 super \(100.00%, \S+% to 100.00%\)", found)
    assert found.endswith("by step 1,007 (no interval: runs share split seeds).")


def test_an_answer_made_here_says_that_all_seeds_were_chosen_by_hand(tmp_path: Path) -> None:
    path = folder(tmp_path / "chosen", [1000.0, 2000.0, 3000.0])
    table = pd.DataFrame({"model_seed": range(3), "reason": "a winner"})
    table.to_csv(path / "excluded.csv", index=False)
    said = "The seeds of all 3 runs were chosen by hand: no rate counts them."
    assert answers(tmp_path) == {"chosen": said}


def test_hidden_folders_hold_no_study(tmp_path: Path) -> None:
    for name in ("shown", ".backup/old", "shown/.old"):
        folder(tmp_path / name, [1000.0])
    assert answers(tmp_path).keys() == {"shown"}


def test_a_folder_inside_a_study_is_a_part_of_its_row(tmp_path: Path) -> None:
    for arm in ("weight_decay/0.1", "weight_decay/0.2", "other/deeper", "val_shuffle/plain"):
        shutil.copytree(RESULTS / "weight_decay/0.1", tmp_path / arm)
    (tmp_path / "weight_decay" / "README.md").write_text("**Question.** Which?\n")
    (tmp_path / "val_shuffle" / "README.md").write_text("**Question.** Whether?\n")
    studies = read_studies(tmp_path, lambda config, steps: 60.0)
    rows = [line.split(" | ") for line in index(tmp_path, studies, None, {}).splitlines()]
    found = {row[0]: (row[-2], row[-1]) for row in rows if row[0].startswith("| [")}
    del found["| [other](other)"]  # which has no page
    assert found == {
        "| [other/deeper](other/deeper/README.md)": ("64", "1 |"),
        "| [val_shuffle](val_shuffle/README.md) and 1 folder in it": ("64", "1 |"),
        "| [weight_decay](weight_decay/README.md) and 2 folders in it": ("128", "2 |"),
    }
    assert [study.name for study in studies].count("weight_decay/0.2") == 1  # on the page


def test_claims_name_their_numerics_by_a_number_of_one_list(tmp_path: Path) -> None:
    made = dict.fromkeys(COLUMNS, "") | {"verdict": VERDICTS[0], "preset": "mini"}
    rows = [
        {"claim": "none of ours yet", "numerics": "cpu a"},
        {"claim": "of two", "numerics": "cpu b | cpu a", "ours": "1"},
        {"claim": "of none", "numerics": "", "ours": "1"},
    ]
    pd.DataFrame([made | row for row in rows]).to_csv(tmp_path / "claims.csv", index=False)
    claims = read_claims(tmp_path)
    text = index(tmp_path, [], claims, {})
    (first, second, last) = (line for line in text.splitlines() if "| holds |" in line)
    assert "of two" in first
    assert "| mini (2, 1) |" in first
    assert "| mini |" in second
    assert "| mini (1) |" in last
    assert "1. cpu a\n2. cpu b\n" in text
    assert "1: cpu a; 2: cpu b." in page([], claims, 10)


def claim_rows(*rows: tuple[str, str, str, str]) -> list[dict[str, str]]:
    names = ("claim", "source", "ours", "verdict")
    made = dict.fromkeys(COLUMNS, "") | {"theirs": "", "here": "1", "sample": "9", "least": ""}
    return [made | dict(zip(names, row, strict=True)) for row in rows]


LAST = "planned, to come"
ROWS = claim_rows(
    (LAST, OWN, "", "cannot tell at this n"),
    ("later [found by looking: its rule]", OWN, "1", "holds"),
    ("planned", OWN, "1", "does not hold"),
    ("planned, too", OWN, "2", "does not hold"),
    ("a law", "arXiv 2, 3", "1", "holds in part"),
    ("to come", "diary", "", "cannot tell at this n"),
    ("known [found by looking]", "diary", "1", "holds"),
    ("another law", "arXiv 1", "1", "holds"),
    ("a rule", "note 7", "1", "holds"),
)


def test_claims_are_by_source_and_own_questions_last_and_apart_if_found_by_looking() -> None:
    found = [
        (one.title, one.own, part, [row["claim"].partition(" [")[0] for row in rows])
        for one in sections(ROWS)
        for part, rows in one.parts.items()
    ]
    assert found == [
        ("Diary", False, "", ["known", "to come"]),
        ("Note 7", False, "", ["a rule"]),
        ("Published papers", False, "", ["a law", "another law"]),
        ("Questions of this project", True, "Planned", ["planned", "planned, too", LAST]),
        ("Questions of this project", True, "Found by looking", ["later"]),
    ]


def test_each_section_of_claims_counts_its_own_verdicts(tmp_path: Path) -> None:
    text = index(tmp_path, [], ROWS, {})
    assert text.count("\n## Claims\n") == 1  # the address of README.md
    parts = dict(part.split("\n", 1) for part in re.split(r"\n###+ ", text)[1:])
    counted = {name: re.findall(r"\d+ rows?; .*", part) for name, part in parts.items()}
    assert counted == {
        "Diary": ["2 rows; holds: 1, cannot tell at this n: 1."],
        "Note 7": ["1 row; holds: 1."],
        "Published papers": ["2 rows; holds: 1, holds in part: 1."],
        "Questions of this project": [],
        "Planned": ["3 rows; does not hold: 2, cannot tell at this n: 1."],
        "Found by looking": ["1 row; holds: 1."],
    }
    own = parts["Questions of this project"]
    assert own.strip() == (
        'Here "does not hold" refutes nobody: it answers a question that this project asked.'
    )
    assert "| claim | source |" in parts["Published papers"]
    assert "| claim | theirs |" in parts["Diary"]
    for part in parts.values():  # a table is a paragraph
        assert part.count("\n\n| claim |") == part.count("| claim |")


def test_the_page_names_the_section_of_every_claim() -> None:
    html = page([], ROWS, 10)
    assert html.count('<tr data-section="Questions of this project"') == 4
    assert html.count("<option>Published papers</option>") == 1
    assert "<li>Diary, 2 rows; holds: 1, cannot tell at this n: 1.</li>" in html
    assert "found by looking, 1 row; holds: 1.</li>" in html
    assert html.count("refutes nobody") == 1


def test_claims_of_the_repository_have_three_sources() -> None:
    found = sections(read_claims(RESULTS) or [])
    assert [one.title for one in found] == [
        "Diary of 2023",
        "Published papers",
        "Questions of this project",
    ]
    assert list(found[-1].parts) == ["Planned", "Found by looking"]
