"""How small a share of the variance would study A have seen? By simulation, afterwards.

    python studies/anatomy_power.py            simulate for every folder of the study, train nothing
    python studies/anatomy_power.py anatomy    for this one

Design: for each term and each of 8 shares, 300 made-up studies in which the term
has this share of the variance, and all others share the rest in the ratios that were found
(components.csv). Each is judged by the rule of plan.md, so after Holm over all terms. Writes
findable.csv beside the components, from which `anatomy.py --export` then writes its page; other
components need it again. The power in plan.md is another: it was simulated before, and
took all of the rest for the match of split, weights and order.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.anatomy_plan import FIRST, LEVELS, STUDIES
from experiments.anatomy_tables import COMPONENTS, FINDABLE, LOOKED_AT, matters
from experiments.looks import coverage, looks_at
from grokseed.analysis.components import ROUNDING, components
from grokseed.analysis.significance import holm

SHARES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
SIMULATED, DRAWS = 300, 500
FACTORS = "split", "model", "loader"
NESTED = {"loader in split": (0, 2), "model:loader in split": (0, 1, 2)}
CROSSED = {"loader": (2,), "split:loader": (0, 2), "model:loader": (1, 2)}
CROSSED |= {"split:model:loader and rounding": (0, 1, 2)}
AXES = {"split": (0,), "model": (1,), "split:model": (0, 1)} | NESTED | CROSSED
"""The axes along which each term has draws of its own."""

SIZES = dict.fromkeys(STUDIES, (FIRST, LEVELS)) | {"common_order": (FIRST,)}
"""Levels of each factor that are tried, by folder."""


def powers(
    found: pd.DataFrame,
    levels: int,
    terms: Sequence[str] | None = None,
    shares: Sequence[float] = SHARES,
    looks: int = 1,
) -> pd.DataFrame:
    """A row a term and share: how often a study with so many levels of each factor sees it.

    Args:
        found: the components of a study.
        levels: of each factor in the made-up studies.
        terms, shares: the terms that are tried, by default all that have a test, and the shares
            that they are given.
        looks: how many times the rule of such a study has been asked.

    Returns:
        `term`, `levels`, `found` (the term's share in the study), `share` (in the made-up ones),
        `test` (part of them whose test finds it at 5 %, before Holm) and `power` (part of which
        say that it matters).
    """
    own = found.set_index("term")["share"].to_dict()
    random, rows = np.random.default_rng(0), []
    for term in terms or found.loc[found["p"].notna(), "term"]:
        for share in shares:
            rest = {name: part for name, part in own.items() if name != term}
            scale = (1 - share) / sum(rest.values())
            parts = {name: part * scale for name, part in rest.items()} | {term: share}
            said = [_judged(parts, levels, term, random, looks) for _ in range(SIMULATED)]
            rows.append((term, levels, own[term], share, *np.mean(said, axis=0)))
    names = ["term", "levels", "found", "share", "test", "power"]
    return pd.DataFrame(rows, columns=names)


def _judged(
    parts: dict[str, float], levels: int, term: str, random: np.random.Generator, looks: int
) -> tuple[bool, bool]:
    """Whether one made-up study's test finds a term, and whether it says that the term matters."""
    made = _made(parts, levels, random)
    nested = not parts.keys().isdisjoint(NESTED)
    found = components(*made, level=coverage(looks), draws=DRAWS, nested=nested)
    found["p_holm"] = holm(found["p"])
    row = found.set_index("term").loc[term].to_dict()
    return row["p"] < 0.05, matters(row, looks) == "yes"


def _made(parts: dict[str, float], levels: int, random: np.random.Generator) -> tuple:
    """Outcomes of one made-up study, and its twins, if it has any: those of every third cell."""
    cells = np.zeros((levels,) * 3)
    for term in (term for term in AXES if term in parts):
        size = [levels if axis in AXES[term] else 1 for axis in range(3)]
        cells = cells + random.normal(0, parts[term] ** 0.5, size)
    if ROUNDING not in parts:
        return cells, FACTORS
    rounding = parts[ROUNDING] ** 0.5
    seen = cells + random.normal(0, rounding, cells.shape)
    with_twin = np.indices(cells.shape).sum(0) % 3 == 0
    twins = cells[with_twin] + random.normal(0, rounding, with_twin.sum())
    return seen, FACTORS, np.stack((seen[with_twin], twins), 1)


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folders", nargs="*", metavar="FOLDER", help=f"of {', '.join(SIZES)}")
    asked = options.parse_args().folders
    if unknown := set(asked) - set(SIZES):
        options.error(f"a folder must be of {', '.join(SIZES)}, not {', '.join(sorted(unknown))}")
    for name in asked or SIZES:
        sizes = SIZES[name]
        folder = Path("results") / name
        if not (folder / COMPONENTS).exists():
            continue
        found = pd.read_csv(folder / COMPONENTS)
        looked_at = LOOKED_AT.get(name, ())
        by_size = [powers(found, n, looks=looks_at(looked_at, n)) for n in sizes]
        table = pd.concat(by_size)
        table.to_csv(folder / FINDABLE, index=False, float_format="%.5g")
        print(folder, table.to_string(index=False), sep="\n")


if __name__ == "__main__":
    main()
