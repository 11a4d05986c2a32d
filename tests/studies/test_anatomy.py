"""The design is the one of plan.md, and the table finds what was put into made-up times."""

from dataclasses import asdict
from itertools import product

import anatomy
import numpy as np
import pandas as pd
import pytest


def test_the_design_holds_every_cell_once_and_a_twin_of_every_third() -> None:
    runs = anatomy.design(12)
    cells = [run for run in runs if not run.graft]
    twins = [run for run in runs if run.graft]
    assert len(cells) == len(set(cells)) == 12**3
    assert len(twins) == len(set(twins)) == 12**3 // 3
    for name in ("split", "model", "loader"):
        per_level = pd.Series([getattr(run, name) for run in twins]).value_counts()
        assert set(per_level) == {48}


def test_the_first_levels_come_first_and_are_shuffled() -> None:
    small, all_of_it = anatomy.design(8), anatomy.design(12)
    assert all_of_it[: len(small)] == small
    assert small != sorted(small)


@pytest.mark.parametrize("censored", [False, True])
def test_the_table_finds_the_factor_that_times_were_made_of(censored: bool) -> None:
    random, levels = np.random.default_rng(0), 8
    effect = random.normal(0, 1.0, 12)
    rows = []
    for run in anatomy.design(levels):
        step = 1000 * np.exp(0.5 * effect[run.model - 5000] + random.normal(0, 0.1))
        row = {f"{s}_seed": getattr(run, s) for s in ("split", "model", "loader", "val")}
        rows.append({**row, "graft": run.graft or np.nan, "t98_step": step})
    runs = pd.DataFrame(rows)
    late = runs["t98_step"] > runs["t98_step"].quantile(0.99)
    if censored:
        runs.loc[late, "t98_step"] = np.nan
    found, counts = anatomy.table(runs, levels)
    share = found.set_index("term")["share"].to_dict()
    assert share["model"] > (0.5 if censored else 0.8)
    assert counts["n"] == 512
    assert counts["twins"] == sum(anatomy.has_twin(*c) for c in product(range(8), repeat=3))
    assert (counts["censored"] > 0) == censored
    twin = runs[runs["graft"].notna()]
    assert len(twin) == counts["twins"]


def test_a_design_that_has_begun_says_how_much_is_missing(tmp_path, monkeypatch) -> None:
    said = {}
    begun = anatomy.design(8)[:100]
    runs = pd.DataFrame([asdict(run) for run in begun]).add_suffix("_seed")
    runs["graft"] = runs.pop("graft_seed").replace("", np.nan)
    monkeypatch.setattr(anatomy.grokseed, "load", lambda _: type("Scan", (), {"runs": runs}))
    monkeypatch.setattr(anatomy, "export_stored", lambda folder: [])
    monkeypatch.setattr(anatomy, "finish", lambda folder, answer, figures: said.update(a=answer))
    anatomy.analyse(tmp_path, 8)
    cells = sum(not run.graft for run in begun)
    assert 0 < cells < len(begun)
    assert f"{512 - cells} of 512 cells" in said["a"]


def test_whether_a_term_matters_follows_the_plan() -> None:
    def row(low: float, high: float, p: float) -> dict:
        return {"low": low, "high": high, "p_holm": p}

    assert anatomy.matters(row(0.1, 0.4, 0.001)) == "yes"
    assert anatomy.matters(row(0.0, 0.04, 0.5)) == "no"
    assert anatomy.matters(row(0.0, 0.2, 0.001)) == "cannot tell"
    assert anatomy.matters(row(0.1, 0.4, 0.2)) == "cannot tell"
    assert anatomy.matters(row(0.0, 0.1, float("nan"))) == ""


def test_the_answer_names_the_largest_term_in_words() -> None:
    random = np.random.default_rng(1)
    rows = []
    for run in anatomy.design(8):
        match = np.random.default_rng([run.split, run.model]).normal()
        step = 5000 * np.exp(0.5 * match + random.normal(0, 0.05))
        row = {f"{s}_seed": getattr(run, s) for s in ("split", "model", "loader", "val")}
        rows.append({**row, "graft": run.graft or np.nan, "t98_step": step})
    found, counts = anatomy.table(pd.DataFrame(rows), 8)
    text = anatomy.answer(found, 8, counts)
    assert "The largest share of the spread is that of the match of split and weights: 9" in text
    assert "these matter: the match of split and weights." in text


def test_an_export_without_levels_takes_the_most_that_are_complete() -> None:
    def table(runs: list) -> pd.DataFrame:
        rows = pd.DataFrame([(r.split, r.model, r.loader, r.graft or None) for r in runs])
        names = ["split_seed", "model_seed", "loader_seed", "graft"]
        return rows.set_axis(names, axis=1)

    eight = table(anatomy.design(8))
    assert (anatomy.complete(eight), len(anatomy.missing(eight, 12))) == (8, 12**3 - 8**3)
    assert anatomy.complete(table(anatomy.design(12))) == 12
    assert anatomy.complete(table(anatomy.design(8)[:100])) == 8


def test_the_power_is_that_of_a_study_of_the_same_size() -> None:
    power = pd.read_csv(anatomy.POWER)
    for levels in (8, 12):
        own = power[(power["n"] == f"{levels}³ runs") & (power["power"] >= 0.8)]
        found = anatomy.findable(levels)
        assert found is not None
        assert found["power"] == own["power"].min()
        assert found["true_effect"] in set(own["true_effect"])
    assert anatomy.findable(5) is None
