"""Figures in several formats, and the same bytes on any day."""

import re
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest
from matplotlib.figure import Figure

from grokseed.reports.pictures import PICTURED, markdown, remove, save

FORMATS = ("png", "pdf", "svg")


def figure() -> Figure:
    made = Figure(layout="constrained")
    axes = made.subplots()
    axes.plot([0, 1], [0, 1], label="a line", marker="o")
    axes.set(xlabel="steps", title="a title")
    made.legend(loc="outside lower center")
    return made


def test_each_format_is_a_file_of_its_kind(tmp_path: Path) -> None:
    paths = save(figure(), tmp_path / "one.two", FORMATS)
    assert [path.name for path in paths] == ["one.two.png", "one.two.pdf", "one.two.svg"]
    starts = [path.read_bytes()[:5] for path in paths]
    assert starts == [b"\x89PNG\r", b"%PDF-", b"<?xml"]
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    assert [path.name for path in save(figure(), tmp_path / "three")] == ["three.png"]


def test_the_bytes_hold_no_date_and_depend_on_neither_day_process_nor_other_formats(
    tmp_path: Path,
) -> None:
    paths = save(figure(), tmp_path / "a", FORMATS)
    again = (
        "import sys; sys.path.insert(0, sys.argv[2]); from pathlib import Path; "
        "from test_pictures import figure, save; "
        "save(figure(), Path(sys.argv[1]) / 'b', ('svg', 'pdf', 'png'))"
    )
    here = str(Path(__file__).parent)
    other_day = {"SOURCE_DATE_EPOCH": "86400", "PYTHONHASHSEED": "7"}
    env = {"PYTHONPATH": ":".join(sys.path), "MPLCONFIGDIR": str(tmp_path), **other_day}
    subprocess.run([sys.executable, "-c", again, str(tmp_path), here], check=True, env=env)
    for path in paths:
        content = path.read_bytes()
        assert content == (tmp_path / f"b{path.suffix}").read_bytes()
        assert not any(word in content for word in (b"CreationDate", b"<dc:date>", b"Matplotlib v"))
    (alone,) = save(figure(), tmp_path / "c", ["pdf"])
    assert alone.read_bytes() == paths[1].read_bytes()


def test_saving_leaves_matplotlibs_settings_alone(tmp_path: Path) -> None:
    before = dict(matplotlib.rcParams)
    save(figure(), tmp_path / "a", FORMATS)
    assert dict(matplotlib.rcParams) == before


def test_an_unknown_format_is_named_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"figures can be png, pdf, svg, not 'gif'"):
        save(figure(), tmp_path / "a", ["png", "gif"])
    assert not list(tmp_path.iterdir())


def test_a_figure_that_is_drawn_again_leaves_none_of_older_runs_in_other_formats(
    tmp_path: Path,
) -> None:
    others = [tmp_path / name for name in ("classes.txt", "classes.csv", "classes_of.pdf")]
    for path in others:
        path.touch()
    save(figure(), tmp_path / "classes", FORMATS)
    paths = save(figure(), tmp_path / "classes", ["svg"])
    assert sorted(tmp_path.iterdir()) == sorted([*others, *paths])


def test_a_figure_is_removed_in_all_its_formats_and_nothing_else(tmp_path: Path) -> None:
    kept = [tmp_path / "survival.csv", tmp_path / "survival_of.png"]
    for path in kept:
        path.touch()
    save(figure(), tmp_path / "survival", FORMATS)
    remove(tmp_path / "survival")
    remove(tmp_path / "survival")
    assert sorted(tmp_path.iterdir()) == sorted(kept)


def test_a_readme_shows_what_can_be_shown_and_links_the_rest() -> None:
    paths = [Path("x/a_b.png"), Path("x/a_b.pdf"), Path("x/c.svg"), Path("x/d.pdf")]
    assert markdown(paths) == [
        "![a b](a_b.png) [pdf](a_b.pdf)",
        "![c](c.svg)",
        "d [pdf](d.pdf)",
    ]


ROOT = Path(__file__).parents[2]
SHOWN = re.compile(r"!\[([^]]*)\]\(([^)]*)\.png\)")


def described() -> dict[str, str]:
    """Every alternative text of a figure that templates have, by the figure's file."""
    folders = (ROOT / "grokseed" / "reports" / "templates", ROOT / "studies" / "templates")
    texts = [path.read_text() for folder in folders for path in folder.glob("*.md.j2")]
    return {name: said for text in texts for said, name in SHOWN.findall(text)}


def test_every_figure_has_a_description_in_words_that_is_not_its_files_name() -> None:
    own = described()
    assert len(own) > 15
    for name, said in [*PICTURED.items(), *own.items()]:
        assert said != name.replace("_", " ")
        assert len(said.split()) >= 3, said
    drawn = {path.stem for path in ROOT.glob("results/**/*.png")}
    assert len(drawn) > 25
    assert drawn <= PICTURED.keys() | own.keys()
    assert markdown([Path("x/classes.png")]) == [f"![{PICTURED['classes']}](classes.png)"]
