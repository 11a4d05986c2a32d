"""Study C finds the conjunction that was put into made-up runs, and none where none was."""

import re

import made_studies as made
import pandas as pd
import pytest

import grokseed
import subsets
from experiments import subsets_answer
from experiments.chosen import pairs_of
from grokseed.figures.subsets import subset_rates
from grokseed.model.layout import parts, select

PAIRS = pairs_of(made.base_scan(), made.search(), made.CUTS, subsets.PAIRS, again=True)
PLAN = subsets.plan(PAIRS)
TOGETHER = {"block1.attention", "head"}


def both(row: dict) -> float:
    """A win needs the winner's attention and head, both."""
    held = set(row["groups"].split("+")) >= TOGETHER
    return 0.9 if row["donor"] == "winner" and held else 0.06


def said(done: pd.DataFrame) -> str:
    whole = subsets.moebius_effects(subsets.by_seed(done)).get(subsets.ALL)
    return subsets_answer.said(subsets.table(done), whole, len(done), len(PLAN))


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
    assert "after Holm over all of them decides)" in verdict.claim
    text = said(done)
    assert "carry a win: **yes**; 7 of 30" in text
    assert "(all 2,880 runs are there; at most 48 winners" in text
    assert "Empty cells" not in text


def test_where_winners_groups_do_what_losers_do_none_carries_a_win() -> None:
    text = said(made.trained(PLAN, lambda row: 0.06))
    assert "**no, none that is large**; 0 of 30" in text
    assert "would have been found with 80 % power" in text


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
