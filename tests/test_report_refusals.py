"""What the report on all studies refuses, in one line and with nothing written."""

import shutil
from pathlib import Path

import pytest
from report_folders import GRAFTS, RESULTS, SCAN, folder_of_results

from grokseed.report import MARKS, main
from grokseed.reports.claims import COLUMNS
from grokseed.reports.page import index, page

INFINITE = f"{','.join(COLUMNS)}\na,b,1,,,1,0,inf,9,9,runs,,mini,,,holds\n"


def _damage(name: str, content: str):
    def change(folder: Path) -> None:
        (folder / name).write_text(content)

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (shutil.rmtree, "is no folder"),
        (lambda f: [shutil.rmtree(f / n) for n in (SCAN, GRAFTS)], "has no folder with runs.csv"),
        (lambda f: (f / SCAN / "config.json").unlink(), "holds no config.json"),
        (_damage(f"{SCAN}/runs.csv", "split_seed\n1\n"), "runs.csv cannot be read"),
        (_damage(f"{SCAN}/trajectories.npz", "no archive"), "trajectories.npz cannot be read"),
        (_damage(f"{GRAFTS}/effects.csv", "outcome\n1\n"), "effects.csv cannot be read"),
        (_damage(f"{GRAFTS}/cells.csv", "kind\n1\n"), "cells.csv cannot be read"),
        (_damage("claims.csv", "claim,source\na,b\n"), "claims.csv has no column figure"),
        (_damage("claims.csv", "claim\n\x00"), "claims.csv"),
        (_damage("claims.csv", INFINITE), "claims.csv, row 2: ours_high 'inf' is not finite"),
    ],
)
def test_bad_folders_are_one_line_and_nothing_written(
    change, said, tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = folder_of_results(Path("results"))
    change(folder)
    assert main([str(folder)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert said in err
    assert not (folder / "README.md").exists()
    assert not (folder / "report.html").exists()


@pytest.mark.parametrize("name", MARKS)
def test_a_file_that_others_wrote_is_not_replaced(name, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr("grokseed.report.pages", lambda *_: ("index", "page"))
    own = tmp_path / name
    for text in (b"# My studies\n", b"<title>My studies</title>", b"\xff\xfe"):
        own.write_bytes(text)
        assert main([str(tmp_path)]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert f"{name} was not written by grokseed.report" in err
        assert [(p, p.read_bytes()) for p in tmp_path.iterdir()] == [(own, text)]
    fresh = {"README.md": index(tmp_path, [], None, {}), "report.html": page([], None, 1)}
    for text in (fresh[name], (RESULTS / name).read_text("utf-8")):
        for path in tmp_path.iterdir():
            path.unlink()
        own.write_text(text)
        assert main([str(tmp_path)]) == 0
        assert own.read_text() == {"README.md": "index", "report.html": "page"}[name]


def test_an_unknown_verdict_is_named_with_its_row(tmp_path: Path, capsys) -> None:
    folder = folder_of_results(tmp_path)
    table = folder / "claims.csv"
    table.write_text(table.read_text().replace("holds in part", "maybe"))
    assert main([str(folder)]) == 2
    assert "claims.csv, row 2: verdict 'maybe'" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [["--lines", "0"], ["--lines", "x"], ["a", "b"], ["--no-such"]])
def test_bad_options_are_one_line(argv: list[str], capsys) -> None:
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
