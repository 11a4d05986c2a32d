"""A loop of symbolic links in the place of a folder is one line, and nothing is written."""

import importlib
import os
from pathlib import Path

import pytest
from commands import SMALL, small_scan

from grokseed.records.filesystem import real
from grokseed.records.provenance import portable

pytestmark = pytest.mark.usefixtures("made_up_training")

COMMANDS = {
    "merge loop out --out=x": "loop",
    "merge out --out=loop": "loop",
    "merge loop --out=loop": "loop",
    "merge out loop/deeper --out=x": "loop/deeper",
    "compare loop out": "loop",
    "luck loop --at=200": "loop",
    "overfit --out=loop": "loop",
    "verify loop": "loop",
}


@pytest.fixture
def loop(made_up_training, capsys) -> None:
    assert small_scan("--model-seeds=0:2") == 0
    Path("loop").symlink_to("loop")
    capsys.readouterr()


def refused(capsys) -> str:
    """The one line that was said; only the scan's folder and the loop are there."""
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert sorted(os.listdir()) == ["loop", "out"]
    return err


@pytest.mark.parametrize("folder", ["loop", "loop/deeper"])
@pytest.mark.parametrize("how", [[], ["--dry-run"], ["--export"]])
def test_a_scan_refuses_it(loop, folder, how, capsys) -> None:
    for name in ("scan", "ablate"):
        asked = ["--model-seeds=0:2"] if name == "scan" else ["--donors=0", "--recipients=1"]
        command = importlib.import_module(f"grokseed.{name}")
        assert command.main([*SMALL, f"--out={folder}", "--jobs=1", *asked, *how]) == 2
        assert folder in refused(capsys)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_on_folders_refuse_it(loop, command: str, capsys) -> None:
    name, *argv = command.split()
    assert importlib.import_module(f"grokseed.{name}").main(argv) == 2
    assert COMMANDS[command] in refused(capsys)


def test_links_are_followed_as_far_as_they_lead(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    assert real(tmp_path / "link" / "new") == (tmp_path / "there" / "new").resolve()


def test_a_command_is_shown_whatever_its_paths_are(loop, tmp_path: Path) -> None:
    words = ["python", "-m", "grokseed.scan", "--out", str(tmp_path / "loop")]
    assert portable(words, tmp_path)[-1] == "loop"
