"""What folders are called, and that no path of a machine gets into results."""

import pytest
from commands import SMALL, everything, small_scan

from grokseed import scan

pytestmark = pytest.mark.usefixtures("made_up_training")


def test_no_path_of_a_machine_is_written(tmp_path):
    out = tmp_path / "some" / "where"
    assert scan.main([*SMALL, "--out", str(out), "--jobs=1", "--model-seeds=0:2"]) == 0
    assert scan.main([*SMALL, f"--out={out}", "--jobs=1", "--model-seeds=0:3"]) == 0
    for path, content in everything(out).items():
        assert str(tmp_path).encode() not in content, path
    lines = (out / "README.md").read_text().splitlines()
    commands = [line for line in lines if line.startswith("python -m grokseed.scan")]
    assert "--out some/where --jobs=1 --model-seeds=0:2  # 2" in commands[0]
    assert "--out=some/where --jobs=1 --model-seeds=0:3  # 2" in commands[1]


def test_a_folder_named_like_the_home_folder_is_an_ordinary_one(monkeypatch, tmp_path):
    """pandas would read its table in the home folder."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert small_scan("--model-seeds=0:2", "--out", "~") == 0
    assert (tmp_path / "~" / "README.md").exists()
    assert not (tmp_path / "home").exists()
