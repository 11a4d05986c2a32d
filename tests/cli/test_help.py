"""What --help shows: every option in a group, and examples that can be run as they are."""

import ast
import shlex
import sys
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest

from grokseed.cli.help import CONFIG_GROUPS, sections
from grokseed.cli.main import COMMANDS
from grokseed.config import Config
from grokseed.expressions import KNOWN

ROOT = Path(__file__).parents[2]
ON_FOLDERS = ("compare", "luck", "merge", "verify")
"""Commands on folders that are there already."""


def examples(command: str) -> list[list[str]]:
    """The options of each example that a command's help ends with."""
    text = ast.get_docstring(ast.parse((ROOT / f"grokseed/{command}.py").read_text())) or ""
    lines = sections(text)[1].replace("\\\n", " ").splitlines()
    found = [shlex.split(line) for line in lines if line.startswith("  python -m grokseed.")]
    assert all(words[2] == f"grokseed.{command}" for words in found)
    return [words[3:] for words in found]


def test_every_field_of_the_config_is_in_one_group() -> None:
    grouped = [name for names in CONFIG_GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(field.name for field in fields(Config))


@pytest.mark.parametrize("command", COMMANDS)
def test_help_ends_with_three_examples(command: str, capsys) -> None:
    assert len(examples(command)) >= 3
    with pytest.raises(SystemExit) as ended:
        import_module(f"grokseed.{command}").main(["--help"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert "examples:" in out
    assert "(type:" not in out
    assert max(map(len, out.splitlines())) <= 110


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {*ON_FOLDERS, "report"}))
def test_an_example_s_options_are_accepted(command: str, capsys) -> None:
    for words in examples(command):
        with pytest.raises(SystemExit) as ended:
            import_module(f"grokseed.{command}").main([*words, "--print-config"])
        assert ended.value.code == 0, capsys.readouterr().err


@pytest.mark.parametrize("command", ON_FOLDERS)
def test_an_example_on_folders_lacks_nothing_but_the_folders(
    command: str, capsys, tmp_path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in examples(command):
        if any(" " in word for word in words):
            continue  # would train
        assert import_module(f"grokseed.{command}").main(words) == 2
        said = capsys.readouterr().err
        folder = next(word for word in words if not word.startswith("-"))
        assert folder in said
        assert "argument" not in said


def test_a_field_s_default_and_kind_are_said(capsys) -> None:
    with pytest.raises(SystemExit):
        import_module("grokseed.scan").main(["--help"])
    out = capsys.readouterr().out
    assert "--p N" in out
    assert "--model-seeds, --model-seed SEEDS" in out
    assert "(default: 223)" in out
    assert "--weight-decay X" in out
    assert "--print-config            print all options as YAML that --config reads" in out


def test_the_report_s_help_needs_no_library_of_charts(monkeypatch, capsys) -> None:
    monkeypatch.setitem(sys.modules, "altair", None)
    report = import_module("grokseed.report")
    with pytest.raises(SystemExit) as ended:
        report.main(["--help"])
    assert ended.value.code == 0
    assert "examples:" in capsys.readouterr().out
    assert report.main([]) == 2
    assert capsys.readouterr().err == (
        "grokseed.report: error: needs altair: pip install 'grokseed[report]'\n"
    )


def help_of(command: str, capsys) -> str:
    with pytest.raises(SystemExit):
        import_module(f"grokseed.{command}").main(["--help"])
    return " ".join(capsys.readouterr().out.split())


def test_every_known_operation_is_listed(capsys) -> None:
    said = help_of("scan", capsys)
    listed = said.partition("one of the diary's nine (")[2].partition("), or an expression")[0]
    assert sorted(listed.split(", ")) == sorted(KNOWN)


def test_a_comparison_says_where_the_options_of_its_lists_are_listed(capsys) -> None:
    assert "They are those of `grokseed.scan --help`" in help_of("compare", capsys)


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("scan --loader 3", "; did you mean --loader-seed?"),
        ("scan --stop-when-generalised", "; did you mean --stop-when?"),
        ("scan --max-step=9", "; did you mean --max-steps?"),
        ("scan --layer 2", "; did you mean --layers or --unique-layers?"),
        ("scan --no-such-option", ""),
        ("scan word", ""),
        ("compare a b --landmrk t98", "; did you mean --landmark?"),
        ("luck a --rum 3", "; did you mean --run?"),
        ("merge a b --outt=x", "; did you mean --out?"),
    ],
)
def test_an_unknown_option_gets_the_one_that_may_be_meant(line, meant, capsys) -> None:
    command, *words = line.split()
    assert import_module(f"grokseed.{command}").main(words) == 2
    said = capsys.readouterr().err
    given = " ".join(words if command != "compare" else words[2:])
    given = given.removeprefix("a ").removeprefix("b ")
    assert said == f"grokseed.{command}: error: unrecognized arguments: {given}{meant}\n"
