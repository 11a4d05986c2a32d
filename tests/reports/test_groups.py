"""Groups of studies in the index: their order, folders without one, and files that are refused."""

from pathlib import Path

import pytest

from grokseed.records.database import StoreError
from grokseed.reports.groups import OTHERS, grouped, read_groups
from grokseed.reports.page import index
from grokseed.reports.studies import Study


def rows(*names: str) -> list[dict]:
    return [{"name": name} for name in names]


def test_groups_and_their_folders_are_in_the_order_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "groups.csv").write_text("folder,group\nc,Which\nx,How\na,Which\nto_come,How\n")
    groups = read_groups(tmp_path)
    assert groups == {"c": "Which", "x": "How", "a": "Which", "to_come": "How"}
    found = grouped(rows("a", "b", "c", "x"), groups)
    assert [(name, [r["name"] for r in some]) for name, some in found.items()] == [
        ("Which", ["c", "a"]),
        ("How", ["x"]),
        (OTHERS, ["b"]),
    ]


def test_without_groups_the_index_is_one_table(tmp_path: Path) -> None:
    assert read_groups(tmp_path) == {}
    assert grouped(rows("b", "a"), {}) == {"": rows("b", "a")}
    studies = [Study(n, tmp_path / n, "", "", None, 0, float("nan")) for n in ("a", "b")]
    flat = index(tmp_path, studies, None, {})
    assert flat.count("| folder |") == 1
    assert "###" not in flat
    parted = index(tmp_path, studies, None, {"b": "How | much"})
    head = "| folder | question | answer | stored runs | minutes |\n|---|---|---|---:|---:|\n"
    first = f"\n\n### How \\| much\n\n{head}| [b](b) |"
    assert first in parted
    assert f" |\n\n### Other studies\n\n{head}| [a](a) |" in parted


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("folder\na\n", "has no column group"),
        ("folder,group\na,x\na,y\n", "names a twice"),
        ("folder,group\na,\n", "gives a no group"),
        ("folder,group\na\n", "gives a no group"),
        ('folder,group\n"a', "cannot be read"),
    ],
)
def test_a_bad_file_is_refused(content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "groups.csv").write_text(content)
    with pytest.raises(StoreError, match=said):
        read_groups(tmp_path)
