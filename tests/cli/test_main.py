"""One entry for all commands: what it passes on, and what it refuses."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from grokseed import luck
from grokseed.cli.main import COMMANDS, main


def test_every_command_of_the_package_is_offered() -> None:
    package = Path(__file__).parents[2] / "grokseed"
    commands = {
        path.stem
        for path in package.glob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name == "main"
    }
    assert set(COMMANDS) == commands


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_gets_its_words_and_gives_its_status(name: str, monkeypatch) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(import_module(f"grokseed.{name}"), "main", lambda w: seen.append(w) or 7)
    assert main([name, "--p", "13"]) == 7
    assert seen == [["--p", "13"]]


def test_a_command_of_the_process_gets_the_processs_words(monkeypatch) -> None:
    """It takes them itself, and so knows that the process ends with it."""
    seen: list[list[str]] = []
    monkeypatch.setattr(sys, "argv", ["grokseed", "luck", "--p", "13"])
    monkeypatch.setattr(luck, "main", lambda *words: seen.append([*words, *sys.argv]) or 7)
    assert main() == 7
    assert seen == [["grokseed", "--p", "13"]]


@pytest.mark.parametrize(("words", "said"), [([], "no command: one of"), (["x" * 500], "'xxx")])
def test_no_such_command_is_one_line(words: list[str], said: str, capsys) -> None:
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert said in err
    assert len(err) < 250


def test_help_and_version(capsys) -> None:
    assert main(["--help"]) == main(["--version"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in COMMANDS)


def test_the_package_is_the_command_too() -> None:
    command = [sys.executable, "-m", "grokseed"]
    told = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("usage: grokseed COMMAND")
    bad = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (bad.returncode, bad.stderr.count("\n")) == (2, 1)
    assert "no command: one of scan" in bad.stderr
