"""The generated parts of README.md (findings from the tables, packages from the code), and the
READMEs of the package and of the studies, with a line for every file.

    python studies/readme.py

A test compares the README with what this writes, so that these parts cannot become outdated.
"""

import ast
import re
from collections.abc import Collection
from pathlib import Path

from findings import findings
from grokseed.cli.main import COMMANDS

BEGIN, END = "<!-- {}: python studies/readme.py -->\n", "<!-- end of {} -->\n"
PACKAGES = ("cli", "execution", "training", "model", "reports", "figures", "analysis", "records")
"""Packages in the order of imports."""

STUDIES = (
    "common",
    "experiments",
    "diary",
    "predictors",
    "older_documents",
    "diary_claims",
    "dictionary",
    "speed",
)

OTHERS = "  config.py, ...   What a run is: its config, seeds, graft, task, text and random streams"
"""The modules beside the commands, in one line."""


def tree(package: Path) -> str:
    """The commands, and the packages below, a line each: the first sentence of its docstring."""
    lines = ["```", f"{package.name}/", *_files(package, "  ", COMMANDS), OTHERS]
    lines += [
        f"  {name + '/':<16} {_sentence(package / name / '__init__.py')}" for name in PACKAGES
    ]
    return "\n".join([*lines, "```", ""])


def files_page(folder: Path, packages: Collection[str], first: str, about: str) -> str:
    """A folder's README: one line a file.

    Args:
        folder: with Python files, and packages of more.
        packages: their names, in the order of the page.
        first: the heading of the folder's own files.
        about: a sentence on them.
    """
    parts = [f"# {folder.name}, file by file", "", "Written by `python studies/readme.py`.", ""]
    parts += [f"## {first}", "", about, "", "```", *_files(folder, ""), "```", ""]
    for package in packages:
        parts += [f"## {package}", "", f"{_sentence(folder / package / '__init__.py')}.", ""]
        parts += ["```", *_files(folder / package, ""), "```", ""]
    return "\n".join(parts)


def pages(root: Path) -> dict[str, str]:
    """The files that are written as a whole, by path."""
    package, studies = root / "grokseed", root / "studies"
    luck = f"{_sentence(package / '__init__.py')}."
    scripts = (
        "A script a question, with its design in its first lines. "
        "The plan is `plan.md`, the words of the answers are in `templates/`."
    )
    return {
        "grokseed/README.md": files_page(
            package, PACKAGES, "the commands, and what a run is", luck
        ),
        "studies/README.md": files_page(studies, STUDIES, "the studies", scripts),
    }


def _files(folder: Path, indent: str, some: Collection[str] = ()) -> list[str]:
    """A line a module; of all, or of those with some names."""
    paths = sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")
    paths = [path for path in paths if not some or path.stem in some]
    width = max([16, *(len(path.name) for path in paths)])
    return [f"{indent}{path.name:<{width}} {_sentence(path)}" for path in paths]


def _sentence(path: Path) -> str:
    text = " ".join((ast.get_docstring(ast.parse(path.read_text())) or "").split())
    return re.split(r"(?<=[.?])\s", text)[0].rstrip(".")


def written(readme: str, root: Path) -> str:
    """The README with its generated parts up to date."""
    parts = {"findings": findings(root / "results"), "tree": tree(root / "grokseed")}
    for name, text in parts.items():
        before, _, rest = readme.partition(BEGIN.format(name))
        after = rest.partition(END.format(name))[2]
        readme = f"{before}{BEGIN.format(name)}{text}{END.format(name)}{after}"
    return readme


if __name__ == "__main__":
    for name, page in pages(Path()).items():
        Path(name).write_text(page)
    readme = Path("README.md")
    readme.write_text(written(readme.read_text(), Path()))
