"""How far does luck reach around a winner's initial weights? (study D of plan.md)

    python studies/basin.py                 train what is missing, then say what was found
    python studies/basin.py --export        train nothing

Design: 32 confirmed winners and 32 losers of the base scan, in pairs on one split. All initial
weights w become w * sqrt(1 - e^2) + e * fresh, which keeps their variance, at 8 radii e with 8
fresh draws each; both seeds of a pair, and all radii, get the same draws. Outcome: does the run
win? Contrast: winners' rate of wins minus losers' at each radius, and the radius at which half of
the lead is left, both over seeds. The lead is 1: the winners won all three runs by which they were
chosen, and the losers none.
"""

from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.part import there
from common.study import Verdict, finish, render, write_verdicts
from experiments.base_runs import LOADER
from experiments.bases import OWN
from experiments.basin_figure import basin_curve
from experiments.chosen import LEAD
from experiments.looks import coverage, label, looks_at
from experiments.near_cut import beside
from experiments.study_of_pairs import carry_out, planned, winners_against_losers
from grokseed.analysis.basin import Radius, half_radius
from grokseed.analysis.clustered import clustered_difference
from grokseed.analysis.differences import Difference
from grokseed.analysis.significance import holm
from grokseed.model.layout import parts, spell
from grokseed.seeds import Seeds

OUT = Path("results/basin")
PAIRS, DRAWS, FRESH = 32, 8, 900_000
RADII = (0.003, 0.01, 0.03, 0.06, 0.12, 0.25, 0.5, 0.8)
LOOKED_AT = (528, 912, 1_867)
"""Numbers of runs at which the rule was asked. The plan was one time, of all runs."""


def plan(pairs: pd.DataFrame) -> pd.DataFrame:
    """All runs, each with its `pair`, `role` and `radius`."""
    config = grokseed.preset("mini")
    everything = spell(config, parts(config))
    rows = []
    for pair in pairs.to_dict("records"):
        for radius in RADII:
            for draw in range(DRAWS):
                graft = f"{everything}~{radius:g}={FRESH + DRAWS * pair['pair'] + draw}"
                for role in ("winner", "loser"):
                    seeds = Seeds(pair["split_seed"], pair[role], LOADER, LOADER + 1, graft)
                    labels = {"pair": pair["pair"], "role": role, "radius": radius}
                    rows.append((seeds, labels))
    return planned(rows)


def table(done: pd.DataFrame) -> pd.DataFrame:
    """A row a radius: rates of wins of winners and losers, and their difference over seeds."""
    found = pd.DataFrame(
        {"radius": radius} | winners_against_losers(own) for radius, own in done.groupby("radius")
    )
    return found.assign(p_holm=holm(found["p"]))


def radius_of(done: pd.DataFrame) -> Radius | None:
    """The radius at which half of the lead is left; None while a radius lacks winners or losers."""
    shares = done.pivot_table("won", ["role", "pair"], "radius", "mean").reindex(columns=RADII)
    of = shares.index.get_level_values("role")
    winners, losers = (shares[of == role].to_numpy() for role in ("winner", "loser"))
    if any(np.isnan(side).all(0).any() for side in (winners, losers)):  # also of no seed at all
        return None
    return half_radius(RADII, winners, losers, LEAD)


def judged(done: pd.DataFrame, looks: int = 1) -> Difference:
    """The excess at the smallest radius, with the limits that the rule takes."""
    own = done.loc[done["radius"] == RADII[0]]
    side = own["role"] == "winner"
    return clustered_difference(own["won"], own["pair"], side, coverage(looks))


def verdict(least: Difference) -> str:
    """`yes` if the smallest radius keeps at least half of the lead, else `no`; `cannot tell` if its
    interval contains a half, or there is none yet."""
    if least.low <= LEAD / 2 <= least.high:
        return "cannot tell"
    return "yes" if least.mean >= LEAD / 2 else "no"


def rounded(results: Path) -> dict | None:
    """The winners' rate in runs that are the same up to rounding, of study B; None without it."""
    table = results / "transport" / "ways.csv"
    if not table.exists():
        return None
    return pd.read_csv(table).set_index("way").loc["all"].to_dict()


def analyse(folder: Path, done: pd.DataFrame, whole: pd.DataFrame) -> None:
    """Write the study's table, figure and answer."""
    found, radius = table(done), radius_of(done)
    found.to_csv(folder / "radii.csv", index=False, float_format="%.5g")
    least = found.iloc[0].to_dict()
    looks = looks_at(LOOKED_AT, len(done))
    said = verdict(rule := judged(done, looks))
    claim = f"luck has a basin: winners' excess of wins over losers at radius {least['radius']:g}"
    claim += f" (a half or more) {label(looks, rule.low, rule.high)}"
    limits = least["excess"], least["low"], least["high"]
    behind = {
        "units": least["seeds"],
        "of": "winners and losers each",
        "detectable": least["detectable"],
    }
    write_verdicts(folder, [Verdict(claim, *limits, least["runs"], said, **behind)])
    answer = render(
        "basin",
        found=found.to_dict("records"),
        verdict=said,
        looks=looks,
        level=coverage(looks),
        rule=rule,
        once=verdict(judged(done)),
        radius=radius,
        tried=(RADII[0], RADII[-1]),
        rounded=rounded(folder.parent),
        **beside(folder, done, table, OWN),
        there=there(len(done), len(whole), "all pairs, radii and draws"),
    )
    figure = basin_curve(found, radius, LEAD, len(whole), said, (rule.low, rule.high))
    finish(folder, answer, {"radii": figure})


if __name__ == "__main__":
    carry_out(__doc__, OUT, PAIRS, plan, analyse)
