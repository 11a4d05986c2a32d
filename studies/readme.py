"""The generated parts of README.md (findings from the tables, packages from the code), and the
package's own README, with a line for every file.

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

OTHERS = "  config.py, ...   What a run is: its config, seeds, graft, task, text and random streams"
"""The modules beside the commands, in one line."""


def tree(package: Path) -> str:
    """The commands, and the packages below, a line each: the first sentence of its docstring."""
    lines = ["```", f"{package.name}/", *_files(package, "  ", COMMANDS), OTHERS]
    lines += [
        f"  {name + '/':<16} {_sentence(package / name / '__init__.py')}" for name in PACKAGES
    ]
    return "\n".join([*lines, "```", ""])


def package_page(package: Path) -> str:
    """The package's README: one line a file, in the order of imports."""
    parts = ["# grokseed, file by file", "", "Written by `python studies/readme.py`.", ""]
    for folder in (package, *(package / name for name in PACKAGES)):
        about = "the commands, and what a run is" if folder == package else folder.name
        parts += [f"## {about}", "", f"{_sentence(folder / '__init__.py')}.", ""]
        parts += ["```", *_files(folder, ""), "```", ""]
    return "\n".join(parts)


def _files(folder: Path, indent: str, some: Collection[str] = ()) -> list[str]:
    """A line a module; of all, or of those with some names."""
    paths = sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")
    paths = [path for path in paths if not some or path.stem in some]
    return [f"{indent}{path.name:<16} {_sentence(path)}" for path in paths]


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
    Path("grokseed/README.md").write_text(package_page(Path("grokseed")))
    readme = Path("README.md")
    readme.write_text(written(readme.read_text(), Path()))
