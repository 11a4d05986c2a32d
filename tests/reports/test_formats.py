"""A report draws all its figures in the formats asked for, and shows no figure of older runs."""

import shutil
from pathlib import Path

import pytest

from grokseed.reports import ablation, scan
from grokseed.reports.pictures import PICTURED

RESULTS = Path(__file__).parents[2] / "results"
NAMES = {"accuracy", "classes", "loss_and_norm", "peak_against_time"}


@pytest.mark.usefixtures("not_drawn")
def test_an_ablations_report_in_two_formats(tmp_path: Path) -> None:
    """Which pictures there are, and what links to them; test_pictures draws some."""
    folder = tmp_path / "pair"
    shutil.copytree(RESULTS / "graft_42_56", folder, ignore=shutil.ignore_patterns("*.png"))
    (folder / "survival.png").write_bytes(b"of older runs")
    printed = ablation.report(folder, ["a command"], ("svg", "pdf"))
    names = NAMES | {"cells", "cell_trajectories", "effects"}
    for suffix in (".svg", ".pdf"):
        assert {path.stem for path in folder.glob(f"*{suffix}")} == names
    assert not list(folder.glob("*.png"))
    readme = (folder / "README.md").read_text()
    assert f"![{PICTURED['cells']}](cells.svg) [pdf](cells.pdf)\n\n" in readme
    assert "No survival curve: 1 of 110 runs reached t98 within 3,000 steps" in readme
    assert str(folder / "cells.pdf") in printed


def test_an_unknown_format_stops_a_report_before_it_writes_a_figure(tmp_path: Path) -> None:
    folder = tmp_path / "pair"
    shutil.copytree(RESULTS / "graft_42_56", folder, ignore=shutil.ignore_patterns("*.png"))
    with pytest.raises(ValueError, match="not 'gif'"):
        scan.report(folder, ["a command"], ("gif",))
    assert not list(folder.glob("*.gif"))
