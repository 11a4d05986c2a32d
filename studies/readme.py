"""The generated parts of README.md (findings and results from the tables, packages from the code),
and the package's own README, with a line for every file.

    python studies/readme.py

A test compares the README with what this writes, so that these parts cannot become outdated.
"""

import ast
import math
import re
from pathlib import Path

import pandas as pd
import val_shuffle
from commitment import committed
from study import render

import grokseed
from grokseed.model.cost import core_seconds
from grokseed.reports.studies import Study, read_studies

BEGIN, END = "<!-- {}: python studies/readme.py -->\n", "<!-- end of {} -->\n"
PACKAGES = ("cli", "execution", "training", "model", "reports", "figures", "analysis", "records")
"""Packages in the order of imports."""


def findings(results: Path) -> str:
    """Each finding with its numbers, intervals and the folder that shows it, as Markdown."""
    times = grokseed.load(results / "mini_generalise")
    curve = times.survival()
    effects = pd.read_csv(results / "graft_mini" / "effects.csv").to_dict("records")
    gains = [
        row
        for row in effects
        if (row["outcome"], row["question"], row["kind"]) == ("accuracy", "gain", "graft")
    ]
    ways = pd.read_csv(results / "transport" / "ways.csv").set_index("way").to_dict("index")
    radii = pd.read_csv(results / "basin" / "radii.csv").set_index("radius")
    branches = pd.read_csv(results / "commitment" / "branches.csv")
    winners = branches.loc[branches["role"] == "winner"].set_index("branch")
    return render(
        "findings",
        curve=curve,
        slow_over_fast=curve.quantile(0.9) / curve.quantile(0.1),
        by_time=times.rates("speedup").to_dict("index"),
        screened=grokseed.load(results / "mini_screen").rates("screen").to_dict("index"),
        best=max(gains, key=lambda row: row["excess"]),
        weights=ways["weights"],
        split=ways["weights + split"],
        both=ways["all"],
        transported=sum(way["runs"] for way in ways.values()),
        radii=radii.to_dict("index"),
        drawn=radii["runs"].sum(),
        fit=val_shuffle.fitted(val_shuffle.stored(results / "val_shuffle")),
        first_pass=val_shuffle.config(True).val_every,
        branches=winners.to_dict("index"),
        committed=committed(branches)[1],
        match=_match(results / "anatomy"),
    )


def _match(folder: Path) -> dict[str, object]:
    """The terms of study A, and the size of its design."""
    found = pd.read_csv(folder / "components.csv").set_index("term").to_dict("index")
    runs = grokseed.load(folder).runs
    cells = runs[runs["graft"].isna()]
    named = {"three": "split:model:loader", "two": "split:model"}
    named |= {name: name for name in ("model", "rounding")}
    terms = {short: found[term] for short, term in named.items()}
    return {**terms, "n": len(cells), "levels": len(set(cells["split_seed"]))}


def results(folder: Path) -> str:
    """The studies with a question, as a Markdown table: question, answer, runs, minutes."""
    rows = ["| folder | question | answer | n | minutes |", "|---|---|---|---:|---:|"]
    rows += [_row(study) for study in read_studies(folder, core_seconds) if study.question]
    return "\n".join([*rows, ""])


def _row(study: Study) -> str:
    """A study in a line: the question without notes in brackets, the answer's first sentence."""
    question, answer = study.briefly(1)
    n = f"{len(study.scan.runs):,}" if study.scan else ""
    minutes = "" if math.isnan(study.minutes) else f"{study.minutes:,.0f}"
    cells = [f"[{study.name}](results/{study.name})", question, answer, n, minutes]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def tree(package: Path) -> str:
    """What people run, and the packages below, a line each: the first sentence of its docstring."""
    lines = ["```", f"{package.name}/", *_files(package, "  ")]
    lines += [
        f"  {name + '/':<16} {_sentence(package / name / '__init__.py')}" for name in PACKAGES
    ]
    return "\n".join([*lines, "```", ""])


def package_page(package: Path) -> str:
    """The package's README: one line a file, in the order of imports."""
    parts = ["# grokseed, file by file", "", "Written by `python studies/readme.py`.", ""]
    for folder in (package, *(package / name for name in PACKAGES)):
        about = "what people run or import" if folder == package else folder.name
        parts += [f"## {about}", "", f"{_sentence(folder / '__init__.py')}.", ""]
        parts += ["```", *_files(folder, ""), "```", ""]
    return "\n".join(parts)


def _files(folder: Path, indent: str) -> list[str]:
    paths = sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")
    return [f"{indent}{path.name:<16} {_sentence(path)}" for path in paths]


def _sentence(path: Path) -> str:
    text = " ".join((ast.get_docstring(ast.parse(path.read_text())) or "").split())
    return re.split(r"(?<=[.?])\s", text)[0].rstrip(".")


def written(readme: str, root: Path) -> str:
    """The README with its generated parts up to date."""
    parts = {
        "findings": findings(root / "results"),
        "results": results(root / "results"),
        "tree": tree(root / "grokseed"),
    }
    for name, text in parts.items():
        before, _, rest = readme.partition(BEGIN.format(name))
        after = rest.partition(END.format(name))[2]
        readme = f"{before}{BEGIN.format(name)}{text}{END.format(name)}{after}"
    return readme


if __name__ == "__main__":
    Path("grokseed/README.md").write_text(package_page(Path("grokseed")))
    readme = Path("README.md")
    readme.write_text(written(readme.read_text(), Path()))
