"""Study E finds the step that was put into made-up branches, and none where there is none."""

import made_studies as made
import numpy as np
import pandas as pd
import pytest

import commitment
import grokseed
from common.part import there
from experiments import commitment_plan as branches
from experiments.chosen import pairs_of
from grokseed.analysis.seed_shares import crossed_share
from grokseed.grafts import parse_graft

PAIRS = pairs_of(made.base_scan(), made.search(), made.CUTS, commitment.PAIRS)
PLAN = commitment.plan(PAIRS)
NONE = commitment.table(PLAN.assign(won=1, t98_step=0.0))


def test_of_runs_that_are_all_at_t98_before_the_branch_nothing_is_said() -> None:
    assert NONE.empty
    assert commitment.committed(NONE) == ("cannot tell", None)
    assert "No step has 8 winners" in commitment.said(NONE, "all runs")


def from_step(step: int, after: float = 0.95, before: float = 0.1):
    return lambda row: (after if row["branch"] >= step else before) * (row["role"] == "winner")


def test_the_design_is_the_plans() -> None:
    assert len(PAIRS) == 8
    assert len(branches.STEPS) == 8
    assert len(PLAN) == 16 * 8 * 16
    assert not PLAN.duplicated(["split_seed", "model_seed", "graft"]).any()
    assert set(PLAN.groupby(["pair", "role", "branch"])["order"].nunique()) == {16}
    epoch = grokseed.preset("mini").steps_per_epoch
    for row in PLAN.to_dict("records"):
        graft = parse_graft(row["graft"])
        assert (graft.kind, graft.step, graft.seed) == ("branch", row["branch"], row["order"])
        assert graft.step % epoch == 0
        assert row["order"] != row["loader_seed"]


@pytest.mark.parametrize("step", [0, 880, 3520])
@pytest.mark.parametrize("part", [1.0, 0.5])
def test_the_step_is_what_was_put_in(step: int, part: float) -> None:
    done = made.trained(PLAN, from_step(step), part)
    found = commitment.table(done)
    assert commitment.committed(found) == ("yes", step)
    text = commitment.said(found, there(len(done), len(PLAN), "all seeds"))
    assert f"**yes, by step {step:,}**" in text
    assert ("(all 2,048 runs" if part == 1 else f"({len(done):,} of 2,048 runs") in text
    winners = found[found["role"] == "winner"].set_index("branch")
    (first,) = [line for line in text.splitlines() if line.startswith("| winners | 0 |")]
    assert not "".join(first.split("|")[-4:]).strip()  # step 0 is what the others are above
    assert "| ?" not in text
    if step:
        assert winners.loc[3520, "gain"] == pytest.approx(0.85, abs=0.15)
        assert winners.loc[3520, "p_holm"] < 0.05
        assert not winners.loc[220, "p_holm"] < 0.05


def test_a_step_after_which_the_rate_falls_again_does_not_commit() -> None:
    middle = made.trained(PLAN, lambda row: 0.95 if row["branch"] in (440, 880) else 0.1)
    assert commitment.committed(commitment.table(middle)) == ("no", None)


def test_luck_that_stays_near_a_half_cannot_be_told() -> None:
    half = made.trained(PLAN, from_step(0, after=0.5))
    verdict, step = commitment.committed(commitment.table(half))
    assert (verdict, step) == ("cannot tell", None)


def test_without_branches_at_the_last_step_it_cannot_be_told_yet() -> None:
    done = made.trained(PLAN, from_step(0))
    found = commitment.table(done.loc[done["branch"] < 3520])
    assert commitment.committed(found) == ("cannot tell", None)
    losers = commitment.table(done.loc[done["role"] == "loser"])
    assert "**cannot tell**" in commitment.said(losers, "1 of 2")


def test_a_run_that_was_at_t98_before_the_branch_says_nothing_of_it() -> None:
    """Six of eight winners arrive early: their runs at late branches are their own, and win."""
    done = made.trained(PLAN, from_step(0, after=0.5))
    early = (done["role"] == "winner") & (done["pair"] < 6) & (done["branch"] >= 1760)
    forced = done.assign(
        won=done["won"].where(~early, 1), t98_step=done["t98_step"].where(~early, 1500.0)
    )
    found = commitment.table(forced).set_index(["role", "branch"])
    last = found.loc[("winner", 3520)]
    assert (last["finished"], last["runs"], last["seeds"]) == (6 * 16, 2 * 16, 2)
    alone = commitment.table(done.loc[~early]).set_index(["role", "branch"]).loc[("winner", 3520)]
    assert last["rate"] == alone["rate"] < 0.8
    assert commitment.committed(found.reset_index()) == ("cannot tell", None)
    assert max(commitment.judged(found.reset_index())) == 1320  # two winners are too few to judge


def test_further_winners_are_the_next_ones_and_make_limits_closer() -> None:
    """Winners that win with a chance of their own, 0.8 on average, from step 440 on."""
    pairs = pairs_of(made.base_scan(), made.search(winners=16), made.CUTS, branches.WINNERS)
    plan, more = commitment.plan(pairs.head(8)), branches.further(pairs)
    assert len(more) == 24 * 8 * 4
    assert not set(more["model_seed"]) & set(plan["model_seed"])
    assert set(more["order"]) < set(plan["order"])
    assert set(more["role"]) == {"winner"}
    chance = np.random.default_rng(3).beta(1.2, 0.3, 32)

    def own(row: dict) -> float:
        late = chance[row["pair"]] if row["branch"] >= 440 else 0.2
        return float(late) if row["role"] == "winner" else 0.0

    some, rest = made.trained(plan, own, part=0.3), made.trained(more, own)
    alone, both = commitment.table(some), commitment.table(pd.concat([some, rest]), looks=2)
    assert commitment.committed(alone) == ("cannot tell", None)
    assert commitment.committed(both) == ("yes", 440)
    text = commitment.said(both, "some", (alone, commitment.table(rest)))
    assert "The verdict is of 32 winners together. 8 of them" in text
    assert 'first 8 by themselves say "cannot tell"' in text
    assert '"yes, by step 440":' in text
    whole, first = "**yes, by step 440**, of 32 winners together", 'first say "cannot tell"'
    assert f"{whole} (by themselves the 8 that were planned {first}, and the 24" in text
    assert 'and the 24 further ones "yes, by step 440").' in text
    of_more = commitment.said_of_further((rest, more))
    assert (
        '**Answer.** By themselves 24 further winners say "yes, by step 440".\nThe rates' in of_more
    )
    assert "**Answer.** The rates, and the verdict" in commitment.said_of_further(None)
    assert "nan" not in text
    assert "limits of 97.5 %, where the table has those of 95 %: the lower ones are" in text


def test_a_rule_that_is_asked_twice_takes_wider_limits_each_time() -> None:
    """Where the lower limit of 95 % is just above a half, two looks say nothing."""
    done = made.trained(PLAN, from_step(440, after=0.8), part=0.4)
    once, twice = commitment.table(done), commitment.table(done, looks=2)
    rule, asked = ["rule_low", "rule_high"], ["rule_low", "rule_high", "looks"]
    pd.testing.assert_frame_equal(once.drop(columns=asked), twice.drop(columns=asked))
    assert once[rule].to_numpy().tolist() == once[["rate_low", "rate_high"]].to_numpy().tolist()
    row = once.query("role == 'winner' and branch == 440").iloc[0]
    own = done.query("role == 'winner' and branch == 440")
    order = own["split_seed"].astype(str) + ", " + own["order"].astype(str)
    expected = crossed_share(own["won"], own["pair"], order, level=0.975)
    wider = twice.query("role == 'winner' and branch == 440").iloc[0]
    assert (wider["rule_low"], wider["rule_high"]) == pytest.approx(expected[1:])
    assert wider["rule_low"] < row["rule_low"] < row["rate"]
    assert commitment.committed(once) == ("yes", 440)
    assert commitment.committed(twice) == ("cannot tell", None)
