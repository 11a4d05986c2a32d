"""Study C finds the conjunction that was put into made-up runs, and none where none was."""

import re
from pathlib import Path

import made_studies as made
import numpy as np
import pandas as pd
import pytest

import grokseed
import subsets
from experiments import subsets_answer
from experiments.chosen import pairs_of
from experiments.subsets_figure import subset_rates
from grokseed.analysis.differences import shares_apart
from grokseed.analysis.swaps import MeanApart
from grokseed.model.layout import parts, select

PAIRS = pairs_of(made.base_scan(), made.search(), made.CUTS, subsets.PAIRS, again=True)
PLAN = subsets.plan(PAIRS)
TOGETHER = {"block1.attention", "head"}


def both(row: dict) -> float:
    """A win needs the winner's attention and head, both."""
    held = set(row["groups"].split("+")) >= TOGETHER
    return 0.9 if row["donor"] == "winner" and held else 0.06


def said(done: pd.DataFrame, grafts: dict | None = None) -> str:
    rates = subsets.by_seed(done)
    whole = subsets.moebius_effects(rates).get(subsets.ALL)
    mean = subsets_answer.mean_excess(rates)
    found = subsets.table(done)
    return subsets_answer.said(found, whole, mean, grafts, len(done), len(PLAN))


def test_the_design_is_the_plans() -> None:
    assert len(PAIRS) == 48
    assert len(PLAN) == 48 * 2 * 30
    assert len(subsets.GROUPS) == 5
    assert set(PLAN.groupby(["pair", "donor"])["groups"].nunique()) == {30}


def test_every_run_holds_the_groups_it_is_called_after() -> None:
    config, pairs = grokseed.preset("mini"), PAIRS.set_index("pair")
    for row in PLAN.sample(60, random_state=0).to_dict("records"):
        pair = pairs.loc[row["pair"]]
        source = dict.fromkeys(parts(config), row["model_seed"])
        names, _, seed = row["graft"].partition("=")
        source |= dict.fromkeys(select(config, names), int(seed))
        given = select(config, row["groups"])
        assert given
        assert {source[part] for part in given} == {pair[row["donor"]]}
        assert {source[part] for part in parts(config) if part not in given} == {pair["loser"]}


def test_a_conjunction_of_two_is_found_with_all_that_hold_it() -> None:
    done = made.trained(PLAN, both)
    found = subsets.table(done)
    held = {name for name in found["groups"] if set(name.split("+")) >= TOGETHER}
    assert set(subsets_answer.carriers(found)["groups"]) == held
    effects = found.set_index("groups")
    pair = effects.loc["block1.attention+head"]
    assert pair["effect"] == pytest.approx(0.84, abs=0.15)
    assert pair["effect_low"] > 0.5
    single = effects.loc["head"]
    assert single["effect_low"] < 0.05
    assert single["effect_high"] < 0.3
    verdict = subsets_answer.verdict(found)
    assert verdict.units == found.set_index("excess").loc[verdict.ours, "winners"] < verdict.n
    assert (verdict.of, verdict.figure == verdict.figure) == ("winners", False)
    assert 0 < verdict.detectable < 1
    assert "after Holm over all of them)" in verdict.claim
    text = said(done)
    assert "carry a win: **yes**; 7 of 30" in text
    assert "(all 2,880 runs are there; at most 48 winners" in text
    assert "Empty cells" not in text
    assert "groups make a loser win more often than another loser's." in text


def test_where_winners_groups_do_what_losers_do_none_carries_a_win() -> None:
    text = said(made.trained(PLAN, lambda row: 0.06))
    assert "**no, none that is large**; 0 of 30" in text
    assert "would have been found with 80 % power; for 0 of 30 that is above half" in text
    assert "0 of 30 may have half of the lead or more" in text
    assert "That is not shown to differ from 0." in text
    assert "graft_mini" not in text


def test_power_and_limits_of_all_subsets_are_those_of_the_first_step_of_holm() -> None:
    done = made.trained(PLAN, lambda row: 0.06)
    some = done.loc[(done["groups"] != "head") | (done["donor"] == "winner")]
    for runs, tests in ((done, 30), (some, 29)):
        found = subsets.table(runs).set_index("groups")
        sides = [subsets.by_seed(runs)[donor]["block1.ffn"] for donor in subsets.DONORS]
        one, at_once = shares_apart(*sides), shares_apart(*sides, level=0.05 / tests)
        row = found.loc["block1.ffn"]
        assert tuple(row[["low", "high"]]) == (one.low, one.high)
        assert tuple(row[["all_low", "all_high"]]) == (at_once.low, at_once.high)
        assert row["detectable"] == at_once.detectable > one.detectable


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("detectable", 0.5, "no"),
        ("detectable", 0.51, "cannot tell"),
        ("detectable", np.nan, "cannot tell"),
        ("all_high", 0.5, "cannot tell"),
        ("p_holm", 0.04, "yes"),
    ],
)
def test_no_needs_power_and_an_upper_limit_below_half_of_the_lead(column, value, told) -> None:
    rows = {"excess": 0.1, "p_holm": 1.0, "detectable": 0.4, "all_high": 0.45}
    found = pd.DataFrame([rows, rows | {column: value}])
    assert subsets_answer.told(found) == told


def test_the_verdict_is_of_a_carrier_though_another_subset_has_a_larger_excess() -> None:
    same = {"low": 0.0, "high": 0.9, "detectable": 0.6, "all_high": 0.9, "runs": 96}
    rows = [("head", 0.5, 0.2, 3), ("block1.ffn", 0.3, 0.01, 48), ("head+ffn", -0.4, 0.001, 48)]
    names = ["groups", "excess", "p_holm", "winners"]
    found = pd.DataFrame(rows, columns=names).assign(**same)
    assert subsets_answer.carriers(found)["groups"].tolist() == ["block1.ffn"]
    verdict = subsets_answer.verdict(found)
    assert (verdict.ours, verdict.units) == (0.3, 48)
    assert "of 3 subsets, block1.ffn (" in verdict.claim


def test_a_winner_without_runs_of_a_subset_is_in_no_mean() -> None:
    names = [subsets.name(some) for some in subsets.proper()]
    won = pd.DataFrame(np.ones((10, 30)), columns=names)
    won.iloc[0] = np.nan
    effects = subsets.moebius_effects({"winner": won, "other": 0 * won.fillna(0)})
    assert effects[frozenset({"head"})][0] == 1


def test_the_answer_says_no_more_than_its_intervals_and_names_what_disagrees(
    tmp_path: Path,
) -> None:
    found = subsets.table(made.trained(PLAN, lambda row: 0.06))
    assert subsets_answer.in_winners(tmp_path) is None
    left = "groups,kind,n,winners,won,share,low,high\n"
    rows = "head,reverse,8,4,1,0.125,0,0.5\nblock1.ffn,fresh,8,4,1,0.125,0,0.5\n"
    rows += "block1.ffn,reverse,8,4,6,0.75,0.25,0.9\n"
    (tmp_path / "wins_left.csv").write_text(left + rows)
    grafts = subsets_answer.in_winners(tmp_path)
    for low, told in (
        (0.1, "at least 10 points appear only when all groups"),
        (-0.1, "is not shown that any"),
    ):
        mean = MeanApart(0.04, 0.01, 0.07, 0.02, 43)
        text = subsets_answer.said(found, (0.9, low, 1.8), mean, grafts, 1, 2)
        assert told in text
        assert "excess is 4.0 points (1.0 to 7.0, a bootstrap over 43 winners); p 0.02" in text
        assert "though this is not shown of any single subset" in text
        assert "6 of 8 runs (75 %, 25 to 90); here the same groups win in" in text


def test_part_of_the_runs_is_a_smaller_sample_and_winners_used_twice_count_once() -> None:
    few = pairs_of(made.base_scan(), made.search(0, (1, 2, 3)), made.CUTS, 48, again=True)
    assert len(set(few["winner"])) == 4
    whole = subsets.plan(few)
    done = made.trained(whole, both, part=0.5)
    found = subsets.table(done)
    assert max(found["winners"]) == 4
    assert all(found["low"] <= found["excess"])
    assert f"({len(done):,} of " in said(done)


@pytest.mark.parametrize(("carriers", "said"), [(0, "None of 30"), (1, "1 of 30"), (7, "7 of 30")])
def test_the_figure_says_how_many_carry_a_win(carriers: int, said: str) -> None:
    found = subsets.table(made.trained(PLAN, both, part=0.1))
    title = subset_rates(found, carriers, 1, 2).get_suptitle()
    assert title.startswith(said)
    assert ("are shown" if carriers == 7 else "is shown") in " ".join(title.split())


def test_a_sample_too_small_cannot_tell() -> None:
    done = made.trained(PLAN, lambda row: 0.06, part=0.01)
    text = said(done)
    assert "**cannot tell**; 0 of 30" in text
    assert "?" not in text.partition("| groups of the donor")[2]
    assert re.search(r"Empty cells are not known yet. \d+ of 30 Möbius effects have none", text)
    few = subsets.plan(PAIRS.head(4))
    assert "**cannot tell**; 0 of 30" in said(made.trained(few, lambda row: 0.06))
