"""Which seed carries the luck: that of the split, the initial weights or the batch order, an
interaction, or is it rounding? (study A of plan.md)

    python studies/anatomy.py                   train what is missing, then say what was found
    python studies/anatomy.py --levels 8        the same on the first 8 levels of each factor
    python studies/anatomy.py --export          train nothing

Design: 12 splits x 12 initial weights x 12 batch orders of fresh seeds, a run a cell, to t98 or
step 22,000. Every third cell has a twin: the same run with one initial weight moved up by one unit
in the last place, which measures the effect of rounding. Outcome: log t98 (runs that did not reach
it count as 22,000). Contrast: each factor's and interaction's share of the variance. An order
is that of a split: a loader seed permutes the places of the train set, which hold unrelated
examples on two splits. So orders count as nested in splits; the plan took them as crossed, and its
table is beside the other. Runs are trained in an order shuffled by a fixed seed, those of the first
8 levels first.
"""

from dataclasses import asdict
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.study import finish, options_of, render
from experiments.anatomy_answer import answer, compared
from experiments.anatomy_looked import looked
from experiments.anatomy_plan import (
    FIRST,
    LEVELS,
    LOADERS,
    MAX_STEPS,
    MODELS,
    SPLITS,
    STUDIES,
    TWIN,
    complete,
    design,
    missing,
    of_levels,
)
from experiments.anatomy_tables import COMPONENTS, LOOKED_AT, findable, matters
from experiments.looks import coverage, looks_at
from grokseed.analysis.components import components
from grokseed.analysis.significance import holm
from grokseed.cli.results import export_stored
from grokseed.figures.anatomy import shares
from grokseed.vocabulary import task_name


def table(
    runs: pd.DataFrame, levels: int, landmark: str = "t98", looks: int = 1, nested: bool = True
) -> tuple[pd.DataFrame, dict]:
    """The variance components of log time, and counts of runs and of censored ones. What matters is
    by limits and a test that allow for the `looks`, and the table's limits are of 95 %. Orders are
    nested in splits, or crossed with them as planned."""
    runs = of_levels(runs, levels)
    graft = runs["graft"].fillna("") if "graft" in runs else pd.Series("", runs.index)
    seeds = ["split_seed", "model_seed", "loader_seed"]
    time = runs[f"{landmark}_step"].fillna(MAX_STEPS)
    log = dict(zip(zip(*(runs[s] for s in seeds), graft, strict=True), np.log(time), strict=True))
    axes = SPLITS[:levels], MODELS[:levels], LOADERS[:levels]
    values = np.array([log.get((*cell, ""), np.nan) for cell in product(*axes)])
    twinned = [cell for cell in product(*axes) if (*cell, TWIN) in log]
    twins = [(log[(*cell, "")], log[(*cell, TWIN)]) for cell in twinned]
    cube = values.reshape((levels,) * 3)
    found = components(cube, twins=twins or None, nested=nested)
    found["p_holm"] = holm(found["p"])
    if looks > 1:
        wide = components(cube, twins=twins or None, level=coverage(looks), nested=nested)
    else:
        wide = found
    rows = found.assign(low=wide["low"], high=wide["high"]).to_dict("records")
    found["matters"] = [matters(row, looks) for row in rows]
    censored = int(runs.loc[graft == "", f"{landmark}_step"].isna().sum())
    return found, {"n": len(values), "twins": len(twins), "censored": censored}


def main(argv: list[str] | None = None) -> None:
    options = options_of(__doc__)
    options.add_argument("--study", choices=STUDIES, default="anatomy")
    options.add_argument("--levels", type=int)
    asked = options.parse_args(argv)
    folder = Path("results") / asked.study
    config = grokseed.preset(
        "mini", max_steps=MAX_STEPS, screen_step=3100, stop_when="t98", **STUDIES[asked.study]
    )
    if not asked.export:
        how = {"out": folder, "mixed_numerics": asked.mixed_numerics, "compile": "yes"}
        grokseed.scan(config, runs=design(asked.levels or LEVELS), **how)
    analyse(folder, asked.levels)


def analyse(folder: Path, levels: int | None) -> None:
    """Write the folder's components, figure and answer from its tables."""
    export_stored(folder)  # also of a scan that was stopped
    runs = (scan := grokseed.load(folder)).runs
    levels = levels or complete(runs)
    if lacking := missing(runs, levels):  # mean squares need a design without missing cells
        about = {"part": folder.name, "levels": levels, "missing": len(lacking)}
        about["runs"] = len(design(levels))
        finish(folder, render("anatomy_begun", **about), {})
        return
    looks = looks_at(LOOKED_AT[folder.name], levels)
    found, counts = table(runs, levels, looks=looks)
    onset, _ = table(runs, levels, "t50", looks)
    memorised, _ = table(runs, levels, "memorised", looks)
    crossed, _ = table(runs, levels, looks=looks, nested=False)
    found.to_csv(folder / COMPONENTS, index=False, float_format="%.5g")
    onset.to_csv(folder / "components_t50.csv", index=False, float_format="%.5g")
    memorised.to_csv(folder / "components_memorised.csv", index=False, float_format="%.5g")
    crossed.to_csv(folder / "components_crossed.csv", index=False, float_format="%.5g")
    option = "" if folder.name == "anatomy" else f" --study {folder.name}"
    about = {"levels": levels, "planned": FIRST if option else LEVELS, "looks": looks}
    task = f"{task_name(asdict(scan.config))}, {scan.config.d_model} wide"
    about = counts | about | {"task": task, "option": option}
    each = f"{levels} splits x {levels} initial weights x {levels} batch orders"
    title = f"{about['task']}, {counts['n']:,} runs: {each}"
    least, others = findable(folder, levels), compared(folder, found)
    more = looked(folder, of_levels(runs, levels), found, memorised)
    text = answer(found, onset, crossed, about, least, others, more)
    finish(folder, text, {"components": shares(found, title)})


if __name__ == "__main__":
    main()
