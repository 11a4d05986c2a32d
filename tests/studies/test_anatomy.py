"""The design is the one of plan.md, and the table finds what was put into made-up times."""

import re
from dataclasses import asdict
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f

import anatomy
import anatomy_power
import grokseed
from experiments import anatomy_plan, anatomy_tables
from grokseed.analysis.components import components

RESULTS = Path(__file__).parents[2] / "results"


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
    """The last 60 runs are of further levels, which are no part of the table."""
    random, levels = np.random.default_rng(0), 8
    effect = random.normal(0, 1.0, 12)
    rows = []
    for run in anatomy.design(12)[: len(anatomy.design(levels)) + 60]:
        step = 1000 * np.exp(0.5 * effect[run.model - 5000] + random.normal(0, 0.1))
        row = {f"{s}_seed": getattr(run, s) for s in ("split", "model", "loader", "val")}
        rows.append({**row, "graft": run.graft or np.nan, "t98_step": step})
    runs = pd.DataFrame(rows)
    late = runs["t98_step"] > runs["t98_step"].quantile(0.99)
    late |= runs.index >= len(runs) - 60
    if censored:
        runs.loc[late, "t98_step"] = np.nan
    found, counts = anatomy.table(runs, levels)
    share = found.set_index("term")["share"].to_dict()
    assert share["model"] > (0.5 if censored else 0.8)
    assert counts["n"] == 512
    assert counts["twins"] == sum(anatomy_plan.has_twin(*c) for c in product(range(8), repeat=3))
    first = runs.iloc[:-60]
    ungrafted = first.loc[first["graft"].isna(), "t98_step"]
    assert counts["censored"] == ungrafted.isna().sum()
    assert (counts["censored"] > 0) == censored
    twin = first[first["graft"].notna()]
    assert len(twin) == counts["twins"]


def test_a_design_that_has_begun_says_how_much_is_missing(tmp_path, monkeypatch) -> None:
    said = {}
    begun = anatomy.design(8)[:100]
    runs = pd.DataFrame([asdict(run) for run in begun]).add_suffix("_seed")
    runs["graft"] = runs.pop("graft_seed").replace("", np.nan)
    monkeypatch.setattr(anatomy.grokseed, "load", lambda _: type("Scan", (), {"runs": runs}))
    monkeypatch.setattr(anatomy, "export_stored", lambda folder: [])
    monkeypatch.setattr(anatomy, "finish", lambda folder, answer, figures: said.update(a=answer))
    anatomy.analyse(tmp_path / "anatomy_wide", 8)
    assert "`python studies/anatomy.py --study anatomy_wide --levels 8`" in said["a"]
    anatomy.analyse(tmp_path / "anatomy", 8)
    assert "`python studies/anatomy.py --levels 8`" in said["a"]
    whole = len(anatomy.design(8))
    assert f"{whole - 100} of {whole} runs" in said["a"]


def test_the_answer_names_the_largest_term_in_words() -> None:
    random = np.random.default_rng(1)
    rows = []
    for run in anatomy.design(8):
        match = np.random.default_rng([run.split, run.model]).normal()
        step = 5000 * np.exp(0.5 * match + random.normal(0, 0.05))
        row = {f"{s}_seed": getattr(run, s) for s in ("split", "model", "loader", "val")}
        rows.append({**row, "graft": run.graft or np.nan, "t98_step": step})
    found, counts = anatomy.table(pd.DataFrame(rows), 8)
    planned, _ = anatomy.table(pd.DataFrame(rows), 8, nested=False)
    about = {
        "task": "x+y",
        "levels": 8,
        "planned": 12,
        "option": " --study x",
        "looks": 1,
        **counts,
    }
    text = anatomy.answer(found, found, planned, about, {}, pd.DataFrame())
    assert "\n\nThe plan asked for 12³ runs. 8³ are trained" in text
    assert "from below 5 % to above. Whether another task" in text
    assert "has the largest there too, 9" in text
    assert "The largest share of the spread is that of the match of split and weights: 9" in text
    assert "these matter: the match of split and weights." in text
    assert "| the match of split, weights and order |" in text  # as it was planned, below


def test_an_export_without_levels_takes_the_most_that_are_complete() -> None:
    def table(runs: list) -> pd.DataFrame:
        rows = [(r.split, r.model, r.loader, r.val, r.graft or None) for r in runs]
        names = ["split_seed", "model_seed", "loader_seed", "val_seed", "graft"]
        return pd.DataFrame(rows, columns=names)

    eight = table(anatomy.design(8))
    left = len(anatomy.design(12)) - len(anatomy.design(8))
    assert (anatomy.complete(eight), len(anatomy.missing(eight, 12))) == (8, left)
    more = table(anatomy.design(12)[: len(anatomy.design(8)) + 60])  # stopped in the second block
    assert anatomy.complete(more) == 8
    assert len(anatomy_plan.of_complete(more)) == len(anatomy.design(8))
    assert anatomy_plan.of_complete(eight).equals(eight)
    no_twin = [run for run in anatomy.design(8) if not run.graft]
    assert len(anatomy.missing(table(no_twin), 8)) == len(anatomy.design(8)) - 8**3
    assert anatomy.complete(table(anatomy.design(12))) == 12
    assert anatomy.complete(table(anatomy.design(8)[:100])) == 8


SHARES = {"split": 0.02, "model": 0.08, "split:model": 0.25, "loader in split": 0.02}
SHARES |= {"model:loader in split": 0.61, "rounding": 0.02}
FOUND = pd.DataFrame({"term": [*SHARES], "share": [*SHARES.values()]})
FOUND = FOUND.assign(low=FOUND["share"] / 2, high=FOUND["share"] * 1.5 + 0.01)


@pytest.mark.parametrize(("levels", "share"), [(8, 0.05), (8, 0.1), (12, 0.05)])
def test_power_afterwards_is_with_the_interactions_that_were_found(
    levels: int, share: float
) -> None:
    """Against the F distribution: weights are tested against their match with the split. Without
    it, weights with 5 % would be found in 87 % of studies of 8 levels, as the plan said."""
    (row,) = anatomy_power.powers(FOUND, levels, ("model",), (share,)).to_dict("records")
    assert (row["found"], row["levels"]) == (SHARES["model"], levels)
    scale = (1 - share) / (1 - SHARES["model"])
    below = scale * (SHARES["model:loader in split"] + SHARES["rounding"])
    below += levels * scale * SHARES["split:model"]
    freedom = levels - 1, (levels - 1) ** 2
    ratio = 1 + levels**2 * share / below
    assert row["test"] == pytest.approx(f.sf(f.isf(0.05, *freedom) / ratio, *freedom), abs=0.08)
    assert row["test"] - 0.25 < row["power"] < row["test"] < 0.87


def test_made_up_studies_have_the_shares_that_were_asked_for() -> None:
    """Of many made-up studies the mean components are these, within their error."""
    random = np.random.default_rng(0)
    tables = [
        components(*anatomy_power._made(SHARES, 8, random), draws=10, nested=True)
        for _ in range(200)
    ]
    mean = np.mean([table["variance"] for table in tables], axis=0)
    assert mean == pytest.approx([*SHARES.values()], abs=0.03)
    assert mean.sum() == pytest.approx(1, abs=0.05)


def test_what_could_have_been_seen_is_of_these_components_or_not_known(tmp_path) -> None:
    assert anatomy_tables.findable(tmp_path, 8) == {}
    FOUND.to_csv(tmp_path / "components.csv", index=False)
    rows = [
        (term, 8, SHARES[term], share, 0.9, power)
        for term in ("model", "split:model")
        for share, power in ((0.05, 0.5), (0.1, 0.79 if term == "model" else 0.8))
    ]
    names = ["term", "levels", "found", "share", "test", "power"]
    pd.DataFrame(rows, columns=names).to_csv(tmp_path / "findable.csv", index=False)
    least = anatomy_tables.findable(tmp_path, 8)
    assert least["split:model"] == 0.1
    assert np.isnan(least["model"])
    assert anatomy_tables.findable(tmp_path, 12) == {}
    FOUND.assign(share=FOUND["share"] * 1.1).to_csv(tmp_path / "components.csv", index=False)
    assert anatomy_tables.findable(tmp_path, 8) == {}  # simulated from other shares


def test_the_page_says_what_could_have_been_seen_and_not_what_was_planned() -> None:
    page = (RESULTS / "anatomy" / "README.md").read_text()
    levels = anatomy.complete(grokseed.load(RESULTS / "anatomy").runs)
    least = anatomy_tables.findable(RESULTS / "anatomy", levels)
    assert set(least) == {term for term in SHARES if term != "rounding"}
    for term in ("split", "model"):
        assert least[term] > 0.05  # which plan.md thought would be seen
    assert re.search(rf"\| weights \|.*\| {100 * least['model']:.0f} % \|", page)
    assert "87 %" not in page


@pytest.mark.parametrize(
    ("factor", "said"), [(1.0, "yes"), (1.6, "cannot tell"), (4.0, "no"), (0.1, "no")]
)
def test_another_task_has_the_same_shares_if_each_lies_in_the_others_interval(
    factor: float, said: str, tmp_path
) -> None:
    other = FOUND.copy()
    one = other["term"] == "split:model"
    other.loc[one, ["share", "low", "high"]] *= factor
    terms = anatomy_tables.same(FOUND, other)
    assert anatomy_tables.all_same(terms) == said
    row = anatomy_tables.farthest(terms)
    if factor != 1:
        assert row["term"] == "split:model"
        assert row["difference"] == pytest.approx(0.25 * (factor - 1))
        assert row["low"] < row["difference"] < row["high"]
        assert (row["low"] > 0 or row["high"] < 0) == (said == "no")
    for name in ("anatomy", "anatomy_add"):
        (tmp_path / name).mkdir()
    FOUND.to_csv(tmp_path / "anatomy" / "components.csv", index=False)
    assert anatomy.compared(tmp_path / "anatomy", FOUND).empty
    assert anatomy.compared(tmp_path / "anatomy_add", other).equals(terms)
    full = other.assign(p_holm=0.01, matters="yes")
    counts = {"n": 512, "twins": 170, "censored": 0}
    about = {"task": "x+y", "levels": 8, "planned": 8, "option": " --study x", "looks": 1, **counts}
    text = anatomy.answer(full, full, full, about, {}, terms)
    compatible = sum(terms["same"] == "yes")
    assert f"{compatible} of {len(terms)} terms are compatible" in text
    assert "The plan asked" not in text
    assert f"([anatomy](../anatomy)): **{said}**" in text
    assert "the match of split and weights | 25.0 %" in text
    assert "nan" not in text


@pytest.mark.parametrize(("low", "sure"), [(0.45, True), (0.35, False)])
def test_a_share_is_surely_the_largest_only_if_it_lies_above_all_other_intervals(
    low: float, sure: bool
) -> None:
    shares = {"term": ["one", "other"], "share": [0.5, 0.3], "low": [low, 0.2], "high": [0.6, 0.4]}
    assert anatomy_tables.is_largest(pd.DataFrame(shares), "one") is sure


def test_a_difference_of_shares_has_limits_from_those_of_both_by_hand() -> None:
    """The other share lies in the first one's interval, and not the other way round."""
    one, other = (
        pd.DataFrame({"term": ["model"], "share": share, "low": low, "high": high})
        for share, low, high in ((0.3, 0.2, 0.5), (0.4, 0.35, 0.6))
    )
    row = anatomy_tables.same(one, other).iloc[0]
    expected = 0.1, 0.1 - np.hypot(0.05, 0.2), 0.1 + np.hypot(0.2, 0.1)
    assert (row["difference"], row["low"], row["high"]) == pytest.approx(expected)
    assert row["same"] == "cannot tell"
    for sign in (1, -1):  # the limit on the side of 0 says how far a difference is from it
        rows = [("one", 0.1, 0.0, 0.6), ("other", 0.1, -0.1, 0.3)]
        signed = [(term, sign * d, *sorted((sign * a, sign * b))) for term, d, a, b in rows]
        terms = pd.DataFrame(signed, columns=["term", "difference", "low", "high"])
        assert anatomy_tables.farthest(terms)["term"] == "one"
