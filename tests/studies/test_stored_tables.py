"""Tables behind README's findings, made again from the runs that are stored beside them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import anatomy
import basin
import basin_parts
import coins
import commitment
import grokseed
import subsets
import transport
import weight_decay
from common.part import counted
from diary.weight_decay_luck import luck_kept
from experiments import basin_parts_tables
from experiments.commitment_plan import further
from experiments.study_of_pairs import Plan, cuts_in, outcomes

RESULTS = Path(__file__).parents[2] / "results"


def trained(folder: str, plan: Plan) -> pd.DataFrame:
    """A study's rows that count."""
    pairs = pd.read_csv(RESULTS / folder / "seeds.csv")
    return outcomes(plan(pairs), grokseed.load(RESULTS / folder).runs, cuts_in(pairs))


def of_anatomy(folder: str, landmark: str) -> pd.DataFrame:
    runs = grokseed.load(RESULTS / folder).runs
    levels = anatomy.complete(runs)
    looks = anatomy.looks_at(anatomy.LOOKED_AT[folder], levels)
    found, _ = anatomy.table(runs, levels, landmark, looks)
    return found.replace({"matters": {"": np.nan}})


def of_commitment() -> pd.DataFrame:
    parts = trained("commitment", commitment.plan), trained("commitment_more", further)
    return commitment.table(pd.concat(parts), looks=3)


def of_coins() -> pd.DataFrame:
    folders = {cell: RESULTS / "coins" / cell for cell in coins.CELLS}
    runs = {
        cell: counted(grokseed.load(folder).runs, coins.design(cell))
        for cell, folder in folders.items()
        if folder.exists()
    }
    return coins.table(runs)


def with_weight_decay() -> dict[float, pd.DataFrame]:
    runs, design = {}, weight_decay.design()
    for value in sorted(weight_decay.VALUES):
        there = grokseed.load(RESULTS / "weight_decay" / f"{value:g}").runs
        runs[value] = counted(there, design)
    return runs


TABLES: dict[str, Callable[[], pd.DataFrame]] = {
    "anatomy/components.csv": partial(of_anatomy, "anatomy", "t98"),
    **{
        f"{folder}/components_memorised.csv": partial(of_anatomy, folder, "memorised")
        for folder in ("anatomy", "anatomy_add", "anatomy_wide")
    },
    "transport/ways.csv": lambda: transport.table(trained("transport", transport.plan)),
    "transport_add/ways.csv": lambda: transport.table(
        trained("transport_add", partial(transport.plan, operation="x+y"))
    ),
    "basin/radii.csv": lambda: basin.table(trained("basin", basin.plan)),
    "basin_parts/groups_apart.csv": lambda: basin_parts_tables.apart(
        trained("basin_parts", basin_parts.plan)
    ),
    "commitment/branches.csv": of_commitment,
    "coins/coins.csv": of_coins,
    "subsets/subsets.csv": lambda: subsets.table(trained("subsets", subsets.plan)),
    "weight_decay/weight_decay.csv": lambda: weight_decay.table(with_weight_decay()),
    "weight_decay/luck_kept.csv": lambda: luck_kept(with_weight_decay(), weight_decay.OWN),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_that_of_its_runs_and_corrects_its_p_values(name: str) -> None:
    found, stored = TABLES[name]().reset_index(drop=True), pd.read_csv(RESULTS / name)
    pd.testing.assert_frame_equal(found, stored, rtol=1e-4, check_dtype=False)
    tested = found.loc[found["p"].notna(), ["p", "p_holm"]]
    assert len(tested) > 1
    assert tested["p_holm"].tolist() == pytest.approx(holms(tested["p"].tolist()), rel=1e-9, abs=0)


def holms(p: list[float]) -> list[float]:
    """Holm's p-values one by one: the smallest times their number, the next times one less, ..."""
    adjusted, largest = [0.0] * len(p), 0.0
    for before, place in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        largest = max(largest, min(1.0, (len(p) - before) * p[place]))
        adjusted[place] = largest
    return adjusted
