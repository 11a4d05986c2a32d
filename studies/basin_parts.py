"""Which layers hold a winner's luck most narrowly, and is a loser's direction worse than a random
one? (study D of plan.md, its second part)

    python studies/basin_parts.py              train what is missing, then say what was found
    python studies/basin_parts.py --export     train nothing

Design: the 32 winners of study D. One layer group's weights w become w * sqrt(1 - e^2) + e * fresh,
at 3 of its radii with 2 of its fresh draws; and all weights become those of two losers of the same
split to the same degree. Outcome: does the run win? Contrasts: a group's rate of wins minus the
mean of the other groups', over winners; and towards a loser minus towards a fresh draw, which are
study D's own runs.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import basin
import grokseed
from common.part import there
from common.study import Verdict, finish, render, write_verdicts
from experiments.base_runs import LOADER
from experiments.basin_parts_tables import (
    DRAWN,
    GROUPS,
    RADII,
    TOWARDS,
    apart,
    reference,
    table,
    towards,
    verdict,
)
from experiments.blends_figure import rates_by_blend
from experiments.study_of_pairs import carry_out, cuts_in, outcomes, planned
from grokseed.analysis.differences import Difference
from grokseed.model.layout import parts, select, spell
from grokseed.seeds import Seeds

OUT = Path("results/basin_parts")
DRAWS = 2
FOUND = {
    "yes": "Winners lose their luck sooner in some layer groups than in others",
    "no": "Winners lose their luck about as soon in every layer group",
    "cannot tell": "Whether luck is lost sooner in some layer groups cannot be told",
}
"""The figure's title, by the verdict on layer groups."""


def plan(pairs: pd.DataFrame) -> pd.DataFrame:
    """All runs, each with its `pair`, `radius` and `where`: a layer group, or towards a loser."""
    config = grokseed.preset("mini")
    names = {group: spell(config, select(config, group)) for group in GROUPS}
    names[TOWARDS] = spell(config, parts(config))
    rows = []
    for pair in pairs.to_dict("records"):
        fresh = [basin.FRESH + basin.DRAWS * pair["pair"] + draw for draw in range(DRAWS)]
        for where, changed in names.items():
            for radius in RADII:
                for donor in fresh if where in GROUPS else (pair["loser"], pair["other"]):
                    graft = f"{changed}~{radius:g}={donor}"
                    seeds = Seeds(pair["split_seed"], pair["winner"], LOADER, LOADER + 1, graft)
                    labels = {"pair": pair["pair"], "radius": radius, "where": where}
                    rows.append((seeds, labels))
    return planned(rows)


def picture(found: pd.DataFrame, runs: int, planned: int, decided: str) -> Figure:
    """Rates of wins by what is blended and how far; the title says what was decided."""
    axis = "runs of winners that win (%)\ne: these weights w become w·√(1 - e²) + e·another's"
    title = f"mini, {runs:,} of {planned:,} runs, and those of study D"
    return rates_by_blend(found, DRAWN, FOUND[decided], title, axis)


def fresh_runs(pairs: pd.DataFrame) -> pd.DataFrame:
    """Study D's rows that count; none while it has no runs."""
    rows = basin.plan(pairs)
    if not (basin.OUT / "runs.csv").exists():
        return rows.iloc[:0].assign(won=0)
    return outcomes(rows, grokseed.load(basin.OUT).runs, cuts_in(pairs))


def _of_direction(found: Difference, runs: int) -> Verdict:
    """Whether a loser's weights are worse than a fresh draw."""
    claim = (
        "luck is lost sooner towards a loser's weights than towards a fresh draw: winners' rate of "
        "wins there minus here, all weights blended (below 0)"
    )
    said = "yes" if found.high < 0 else "no" if found.low > 0 else "cannot tell"
    limits = found.mean, found.low, found.high
    least = found.detectable
    return Verdict(claim, *limits, runs, said, units=found.n, of="winners", detectable=least)


def analyse(folder: Path, done: pd.DataFrame, whole: pd.DataFrame) -> None:
    """Write the study's tables, figure and answer."""
    found, groups_apart = table(done), apart(done)
    fresh = fresh_runs(pd.read_csv(folder / "seeds.csv"))
    against, of_all = towards(done, fresh), reference(fresh)
    found.to_csv(folder / "basin_parts.csv", index=False, float_format="%.5g")
    groups_apart.to_csv(folder / "groups_apart.csv", index=False, float_format="%.5g")
    most = max(
        groups_apart.to_dict("records"), key=lambda row: abs(np.nan_to_num(row["difference"]))
    )
    claim = (
        "luck is lost sooner in some layer groups than in others: rate of wins with one group "
        f"blended minus the other groups' mean, the largest difference ({most['group']}; p "
        f"{most['p_holm']:.2g} after Holm decides)"
    )
    limits = most["difference"], most["low"], most["high"]
    own = len(done.loc[done["where"].isin(GROUPS)]) if most["winners"] else 0
    behind = {"units": most["winners"], "of": "winners", "detectable": most["detectable"]}
    write_verdicts(
        folder,
        [
            Verdict(claim, *limits, own, verdict(groups_apart), **behind),
            _of_direction(against, len(done.loc[done["where"] == TOWARDS])),
        ],
    )
    answer = render(
        "basin_parts",
        found=pd.concat([found, of_all]).to_dict("records"),
        apart=groups_apart.to_dict("records"),
        towards=against,
        verdict=verdict(groups_apart),
        there=there(len(done), len(whole), "all winners, groups and radii"),
    )
    drawn = picture(pd.concat([found, of_all]), len(done), len(whole), verdict(groups_apart))
    finish(folder, answer, {"basin_parts": drawn})


if __name__ == "__main__":
    carry_out(__doc__, OUT, basin.PAIRS, plan, analyse)
