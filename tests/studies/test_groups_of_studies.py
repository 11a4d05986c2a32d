"""Every folder of results/ has a group in the index, declared in studies/groups.py alone."""

from pathlib import Path

from checked_in import RESULTS, folders_with

import groups
from grokseed.reports.groups import read_groups

STUDIES = Path(groups.__file__).parent
NAMES = [name for names in groups.GROUPS.values() for name in names]


def test_every_folder_of_results_has_a_group() -> None:
    below = {path.relative_to(RESULTS).parts[:1] for path in folders_with("*")}
    folders = {first for first, *_ in below - {()}}
    assert len(folders) > 40
    assert not folders - set(NAMES)


def test_a_folder_has_one_group_and_a_study_that_writes_it() -> None:
    assert len(NAMES) == len(set(NAMES))
    code = "".join(path.read_text() for path in STUDIES.rglob("*.py") if path.name != "groups.py")
    code += (STUDIES / "plan.md").read_text()
    assert not [name for name in NAMES if name not in code]


def test_the_file_is_what_the_report_reads(tmp_path: Path) -> None:
    (tmp_path / "groups.csv").write_text(groups.text())
    assert list(read_groups(tmp_path)) == NAMES
    assert set(read_groups(tmp_path).values()) == set(groups.GROUPS)


def test_the_table_on_file_is_todays() -> None:
    assert (RESULTS / "groups.csv").read_text() == groups.text()
