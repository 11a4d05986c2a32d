"""What Python's own help shows of a module that is a command and a function."""

import inspect

import pytest
from checked_in import RESULTS

import grokseed
from grokseed import compare, luck, scan


@pytest.mark.parametrize("module", [scan, compare, luck])
def test_help_in_python_is_the_functions_and_then_the_commands(module) -> None:
    name = module.COMMAND.removeprefix("grokseed.")
    said = inspect.getdoc(getattr(grokseed, name)) or ""
    assert said == module.__doc__.rstrip()
    assert said.startswith(inspect.getdoc(getattr(module, name)) or "?")
    assert all(f"\n{part}:\n" in said for part in ("Args", "Returns", "Raises"))
    assert said.index("Raises:") < said.index("examples:\n  python -m grokseed.")


@pytest.mark.parametrize("module", [scan, compare, luck])
def test_help_of_the_command_is_its_own(module, capsys) -> None:
    with pytest.raises(SystemExit):
        module.main(["--help"])
    said = capsys.readouterr().out
    assert "examples:\n  python -m grokseed." in said
    assert "Raises:" not in said


def test_help_of_rates_names_its_columns() -> None:
    said = inspect.getdoc(grokseed.Scan.rates) or ""
    table = grokseed.load(RESULTS / "weight_decay" / "0.1").rates()
    assert all(f"`{column}`" in said for column in table.columns)
    assert all(str(name) in said for name in table.index)
    assert "NaN" in said
    assert "analysis." not in said
