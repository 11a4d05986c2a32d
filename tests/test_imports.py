"""Imports point down the list of packages, and what reads tables never loads torch."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from grokseed.cli.main import COMMANDS

PACKAGE = Path(__file__).parents[1] / "grokseed"

LAYERS = ["cli", "execution", "training", "model", "reports", "figures", "analysis", "records"]
"""From the top down; a module may import from its own package and from those after it."""

PLAIN = {
    "config",
    "early",
    "expressions",
    "limits",
    "presets",
    "seeds",
    "grafts",
    "texts",
    "unlike",
    "vocabulary",
}
"""Top-level modules that say what a run is: anything may import them, and they only one another."""

WITH_TORCH = {"task", "streams", "private"}
"""The same, with torch: training and model may import them, and what is above."""

WITHOUT_TORCH = ["records", "analysis", "figures", "reports"]

SOURCES = sorted(PACKAGE.rglob("*.py"))


def home(module: str) -> str:
    """The package, or the top-level module, that `grokseed.x.y` belongs to."""
    return module.removeprefix("grokseed.").partition(".")[0]


def imported(path: Path) -> set[str]:
    """The modules, and the names in them, that a file imports anywhere, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module)
            found |= {f"{node.module}.{name.name}" for name in node.names}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return found


def allowed(package: str) -> set[str]:
    if package in PLAIN:
        return PLAIN
    if package in WITH_TORCH:
        return PLAIN | WITH_TORCH
    below = set(LAYERS[LAYERS.index(package) :])
    uses_torch = LAYERS.index(package) <= LAYERS.index("model")
    return below | PLAIN | (WITH_TORCH if uses_torch else set())


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    package = path.relative_to(PACKAGE).with_suffix("").parts[0]
    if package not in (*LAYERS, *PLAIN, *WITH_TORCH):
        return  # a command, or the API: it may import all there is
    own = {name for name in imported(path) if name.startswith("grokseed.")}
    assert not {name for name in own if home(name) not in allowed(package)}


def test_every_package_has_its_place() -> None:
    packages = {p.name for p in PACKAGE.iterdir() if (p / "__init__.py").exists()}
    assert packages == set(LAYERS)


@pytest.mark.parametrize(
    "package",
    ["common", "experiments", "diary", "predictors", "older_documents", "dictionary"],
)
def test_what_studies_are_made_of_imports_no_study(package: str) -> None:
    studies = PACKAGE.parent / "studies"
    scripts = {path.stem for path in studies.glob("*.py")} | {"diary_claims"}
    paths = list((studies / package).glob("*.py"))
    assert len(paths) > 3
    names = {name.partition(".")[0] for path in paths for name in imported(path)}
    assert not names & scripts
    others = {path.name for path in studies.iterdir()} - {package}
    assert package != "common" or names.isdisjoint(others)


def loaded(code: str) -> set[str]:
    """The modules that a new interpreter has loaded after some code."""
    code = f"{code}\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_what_reads_tables_never_loads_torch() -> None:
    paths = [p for name in WITHOUT_TORCH for p in (PACKAGE / name).glob("*.py")]
    names = [f"grokseed.{p.parent.name}.{p.stem}" for p in paths if p.stem != "__init__"]
    names += [f"grokseed.{name}" for name in PLAIN] + ["grokseed.model.layout"]
    modules = loaded("\n".join(f"import {name}" for name in names))
    assert set(names) <= modules
    assert not {"torch", "matplotlib.pyplot"} & modules


def test_the_package_loads_nothing_until_it_is_used() -> None:
    assert not {"torch", "numpy", "pandas", "matplotlib"} & loaded("import grokseed")
    folder = PACKAGE.parent / "results" / "mini_eager"
    used = loaded(f"import grokseed; grokseed.load({str(folder)!r}).rates()")
    assert "pandas" in used
    assert "torch" not in used


def test_a_command_loads_nothing_slow_before_it_catches_signals() -> None:
    """What takes long is imported inside `run_command`, where Ctrl-C gives one line."""
    modules = loaded("\n".join(f"import grokseed.{name}" for name in COMMANDS))
    assert not {"torch", "numpy", "pandas", "scipy", "matplotlib", "jsonargparse"} & modules


@pytest.mark.parametrize("command", ["scan", "ablate"])
def test_help_loads_no_torch(command: str) -> None:
    code = f"import grokseed.{command} as c\ntry: c.main(['--help'])\nexcept SystemExit: pass"
    assert "torch" not in loaded(code)
