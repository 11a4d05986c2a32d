"""Study D by layer group, on made-up runs: a narrow group and a bad direction are found."""

import re

import made_studies as made
import numpy as np
import pandas as pd
import pytest

import basin
import basin_parts
import grokseed
from common.study import render
from experiments import basin_parts_tables
from experiments.chosen import pairs_of
from grokseed.analysis.differences import Difference
from grokseed.grafts import parse_graft
from grokseed.model.layout import parts, select

PAIRS = pairs_of(made.base_scan(), made.search(), made.CUTS, basin.PAIRS)
PLAN = basin_parts.plan(PAIRS)
LEFT = {0.03: 0.8, 0.12: 0.6, 0.5: 0.3}


def alike(row: dict) -> float:
    return LEFT[row["radius"]]


def narrow(row: dict) -> float:
    """The head loses luck at once, and so does every weight towards a loser."""
    return 0.1 if row["where"] in ("head", basin_parts_tables.TOWARDS) else LEFT[row["radius"]]


def fresh(chance=alike) -> pd.DataFrame:
    rows = basin.plan(PAIRS)
    rows = rows.loc[rows["radius"].isin(basin_parts_tables.RADII)]
    return made.trained(rows, lambda row: chance(row) if row["role"] == "winner" else 0.05)


def test_the_design_is_the_plans() -> None:
    config, pairs = grokseed.preset("mini"), PAIRS.set_index("pair")
    assert len(PLAN) == 32 * (5 + 1) * 3 * 2
    assert not PLAN.duplicated(["split_seed", "model_seed", "graft"]).any()
    theirs = basin.plan(PAIRS)["graft"]
    drawn = {parse_graft(graft).seed for graft in theirs}
    for row in PLAN.to_dict("records"):
        graft, pair = parse_graft(row["graft"]), pairs.loc[row["pair"]]
        assert row["model_seed"] == pair["winner"]
        assert graft.share == row["radius"]
        changed = select(config, graft.names)
        if row["where"] == basin_parts_tables.TOWARDS:
            assert set(changed) == set(parts(config))
            assert graft.seed in (pair["loser"], pair["other"])
        else:
            assert set(changed) == set(select(config, row["where"]))
            assert graft.seed in drawn


@pytest.mark.parametrize("part", [1.0, 0.4])
def test_a_narrow_group_and_a_bad_direction_are_found(part: float) -> None:
    done = made.trained(PLAN, narrow, part)
    found = basin_parts_tables.apart(done)
    assert basin_parts_tables.verdict(found) == "yes"
    by_group = found.set_index("group").to_dict("index")
    assert min(by_group, key=lambda group: by_group[group]["difference"]) == "head"
    head, less = by_group["head"], 0.1 - np.mean([*LEFT.values()])
    assert head["low"] < less < head["high"]
    against = basin_parts_tables.towards(done, fresh())
    assert against.mean == pytest.approx(less, abs=0.12)
    assert against.high < 0


def test_where_all_groups_are_alike_none_differs() -> None:
    done = made.trained(PLAN, alike)
    found = basin_parts_tables.apart(done)
    assert basin_parts_tables.verdict(found) == "no"
    assert float(found["difference"].to_numpy().sum()) == pytest.approx(0, abs=1e-12)
    found = basin_parts_tables.towards(done, fresh())
    assert found.low <= 0 <= found.high


def test_a_part_with_other_radii_compares_groups_and_not_radii() -> None:
    """The head has runs at the largest radius alone, where winners seldom win."""
    done = made.trained(PLAN, alike)
    done = done.loc[(done["where"] != "head") | (done["radius"] == 0.5)]
    found = basin_parts_tables.apart(done).set_index("group").to_dict("index")
    assert -0.1 < found["head"]["difference"] < 0.1


def test_winners_without_runs_of_all_groups_count() -> None:
    """Each winner has runs of three groups of five, so that none has runs of all."""
    done = made.trained(PLAN, narrow)
    done = done.loc[done["where"] != basin_parts_tables.TOWARDS]
    place = np.array([basin_parts_tables.GROUPS.index(where) for where in done["where"]])
    done = done.loc[(done["pair"] + place) % 5 < 3]
    found = basin_parts_tables.apart(done).set_index("group").to_dict("index")
    less = 0.1 - np.mean([*LEFT.values()])
    assert {row["winners"] for row in found.values()} == {32}
    assert found["head"]["low"] < less < found["head"]["high"] < 0
    assert found["token_embedding"]["low"] < -less / 4 < found["token_embedding"]["high"]


def test_limits_over_two_winners_are_no_wider_than_rates_can_differ() -> None:
    """Differences of 1 and 0: Student's limits with one degree of freedom are -5.9 and 6.9."""
    rows = [(0, "head", 1), (0, "block1.ffn", 0), (1, "head", 1), (1, "block1.ffn", 1)]
    some = pd.DataFrame(rows, columns=["pair", "where", "won"]).assign(radius=0.5)
    found = basin_parts_tables.contrast(some, {"head": 1.0, "block1.ffn": -1.0})
    assert (found.mean, found.n) == (0.5, 2)
    assert (found.low, found.high, found.detectable) == (-1, 1, 1)


def test_the_reference_is_of_the_winners_of_study_d() -> None:
    theirs = fresh()
    own = theirs.loc[(theirs["role"] == "winner") & (theirs["radius"] == 0.12), "won"]
    row = basin_parts_tables.reference(theirs).set_index("radius").loc[0.12]
    assert (row["runs"], row["rate"]) == (len(own), own.mean())


def test_winners_with_runs_of_one_direction_count() -> None:
    done, theirs = made.trained(PLAN, narrow), fresh()
    against = basin_parts_tables.towards(
        done.loc[done["pair"] % 2 == 0], theirs.loc[theirs["pair"] % 2 == 1]
    )
    assert against.n == 32
    assert against.low < 0.1 - np.mean([*LEFT.values()]) < against.high < 0


@pytest.mark.parametrize(("winners", "part"), [(32, 0.25), (12, 0.4)])
def test_where_groups_do_not_differ_a_difference_is_found_as_often_as_it_says(
    winners: int, part: float
) -> None:
    """Winners differ in their own rate; a part of their runs is there, of any group and radius."""
    random, plan = np.random.default_rng(0), PLAN.loc[PLAN["pair"] < winners]
    plan = plan.loc[plan["where"] != basin_parts_tables.TOWARDS]
    base = plan["radius"].map(LEFT).to_numpy()
    weights = dict.fromkeys(basin_parts_tables.GROUPS, -0.25) | {"head": 1.0}
    found = 0
    for _ in range(150):
        own = random.beta(1, 1, winners)[plan["pair"]]
        some = plan.assign(won=(random.random(len(plan)) < base * own).astype(int))
        some = some.loc[random.random(len(plan)) < part]
        one = basin_parts_tables.contrast(some, weights)
        found += not one.low <= 0 <= one.high
    assert 0.01 < found / 150 < 0.09


@pytest.mark.parametrize("kept", ["all", "one run", "one group", "towards"])
def test_a_part_says_how_much_there_is(kept: str, tmp_path, monkeypatch) -> None:
    written = {}
    monkeypatch.setattr(
        basin_parts, "finish", lambda _, text, figures: written.update({text: figures})
    )
    monkeypatch.setattr(basin_parts, "fresh_runs", lambda pairs: fresh())
    PAIRS.to_csv(tmp_path / "seeds.csv", index=False)
    done = made.trained(PLAN, narrow, 0.5)
    done = {
        "all": done,
        "one run": done.iloc[:1],
        "one group": done.loc[done["where"] == "head"],
        "towards": done.loc[done["where"] == basin_parts_tables.TOWARDS],
    }[kept]
    basin_parts.analyse(tmp_path, done, PLAN)
    ((text, figures),) = written.items()
    _, axes, _ = figures["basin_parts"].axes
    assert "that win (%)" in axes.get_xlabel()
    assert f"| {basin_parts_tables.DRAWN} | 0.03 | 256 |" in text
    title = figures["basin_parts"].get_suptitle()
    assert title.startswith("Winners lose" if kept == "all" else "Whether luck is lost")
    assert f"({len(done):,} of 1,152 runs count so far" in text
    assert "nan" not in text
    assert f"differ: **{'yes' if kept == 'all' else 'cannot tell'}**" in text
    verdict, _ = pd.read_csv(tmp_path / "verdicts.csv").to_dict("records")
    assert verdict["verdict"] == ("yes" if kept == "all" else "cannot tell")


def test_a_loser_is_worse_than_a_fresh_draw_only_if_the_limits_exclude_0() -> None:
    for low, high, said in ((-0.3, -0.1, "yes"), (-0.2, 0.1, "cannot tell"), (0.1, 0.3, "no")):
        found = Difference((low + high) / 2, low, high, 0.2, 0.3, 20)
        row = basin_parts._of_direction(found, 90)
        assert (row.verdict, row.n, row.units, row.detectable) == (said, 90, 20, 0.3)


@pytest.mark.parametrize(
    ("mean", "said"),
    [
        (
            -0.09,
            "win 9 points less often than towards a fresh draw at the same radius (95 %: from",
        ),
        (0.14, "win 14 points more often than towards a fresh draw"),
        (0.001, "win as often as towards"),
    ],
)
def test_a_difference_is_more_or_less_and_never_a_minus(mean: float, said: str) -> None:
    against = Difference(mean, mean - 0.2, mean + 0.3, 0.4, 0.39, 17)
    some = {"found": [], "verdict": "cannot tell", "there": "all"}
    row = {"group": "head", "difference": mean, "low": mean - 0.2, "high": mean + 0.3}
    row |= {"winners": 17, "detectable": 0.3, "p_holm": 0.01}
    text = render("basin_parts", **some, apart=[row], towards=against)
    assert said in text
    sentences = text.partition("**Answer.**")[2].partition("\n|")[0]
    assert not re.search(r"-\d|negative", sentences)


def test_without_study_d_nothing_is_compared(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(basin, "OUT", tmp_path)
    done = made.trained(PLAN, alike)
    assert basin_parts_tables.towards(done, basin_parts.fresh_runs(PAIRS)).n == 0
