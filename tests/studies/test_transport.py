"""Study B finds a luck of weights, of a match, or none, as it was put into made-up runs."""

from types import SimpleNamespace

import made_studies as made
import numpy as np
import pandas as pd
import pytest

import grokseed
import transport
from common.part import there
from common.study import render
from experiments import near_cut, study_of_pairs, transport_verdicts
from experiments.base_tables import cuts_of
from experiments.bases import BASES
from experiments.chosen import pairs_of
from grokseed.grafts import parse_graft
from grokseed.model.edits import symmetries

PAIRS = pairs_of(made.base_scan(), made.search(), made.CUTS, transport.PAIRS)
PLAN = transport.plan(PAIRS)


def chance(weights: float, split: float, everything: float = 0.97, base: float = 0.06):
    of_winners = dict(zip(transport.WAYS, (weights, split, everything), strict=True))

    def of(row: dict) -> float:
        own = of_winners[row["way"]]
        return own if row["role"] == "winner" else 0.0 if row["way"] == "all" else base

    return of


def test_the_design_is_the_plans() -> None:
    assert len(PAIRS) == 24
    assert not PLAN.duplicated(["split_seed", "model_seed", "loader_seed", "graft"]).any()
    counts = PLAN.groupby(["role", "way"]).size().unstack()
    assert counts["weights"].tolist() == counts["all"].tolist() == [24 * 31] * 2
    assert counts["weights + split"].tolist() == [24 * 32] * 2
    for row in PLAN.to_dict("records"):
        graft = parse_graft(row["graft"])
        assert graft.names == ("weights" if row["way"] == "weights" else "weights-split")
        assert (row["loader_seed"] == 100) == (row["way"] != "weights + split")
    fresh = PLAN[PLAN["way"] == "weights + split"]
    assert fresh.groupby("pair")["loader_seed"].nunique().tolist() == [32] * 24


@pytest.mark.parametrize(
    ("chances", "said"),
    [
        ((0.8, 0.9), "yes"),
        ((0.06, 0.4), "no"),
        ((0.35, 0.4), "cannot tell"),
        ((0.8, 0.9, 0.5), "broken"),
    ],
)
@pytest.mark.parametrize("part", [1.0, 0.4])
def test_the_verdict_is_what_was_put_in(chances, said, part) -> None:
    done = made.trained(PLAN, chance(*chances), part)
    found = transport.table(done)
    assert transport_verdicts.verdict(found) == said
    row = found.iloc[0]
    assert row["excess"] == pytest.approx(chances[0] - 0.06, abs=0.06)
    assert row["high"] - row["low"] < 0.2
    assert row["seeds"] == 24
    answer = render(
        "transport",
        found=found.to_dict("records"),
        verdict=said,
        share=transport.share_with_split(done),
        near=2,
        margin=0.03,
        rest=found.to_dict("records"),
        operation="x/y",
        chosen_with=0.0,
        there=there(len(done), len(PLAN), "all pairs"),
    )
    assert ("(all 4,512 runs" if part == 1 else f"({len(done):,} of 4,512 runs") in answer
    assert "2 winners were chosen by a small margin" in answer
    assert "to spare" not in answer
    assert "nan" not in answer


def test_on_another_task_32_of_its_relabellings_are_carried() -> None:
    numbers = transport.relabellings("x+y")
    config = grokseed.preset("mini", operation="x+y")
    assert len(symmetries(config)) == 96
    assert len(set(numbers)) == 32
    assert (numbers[0], numbers) == (1, sorted(numbers))
    assert set(numbers) <= set(symmetries(config))
    assert transport.relabellings("x/y") == symmetries(grokseed.preset("mini"))
    plan = transport.plan(PAIRS, "x+y")
    assert len(plan) == len(PLAN) == 24 * 2 * (31 + 32 + 31)
    of_way = {way: set(own["graft"]) for way, own in plan.groupby("way")}
    assert of_way["weights"] == {f"relabel-weights={n}" for n in numbers[1:]}
    assert of_way["weights + split"] == {f"relabel-weights-split={n}" for n in numbers}


def test_the_same_on_x_plus_y_has_its_own_winners_folder_and_claims(monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    add, out = BASES["x+y"], tmp_path / "results" / "transport_add"
    runs = {add.scan: made.base_scan(), add.further: made.search()}
    cuts = cuts_of(made.base_scan()).set_index("split_seed")["cut"].to_dict()
    pairs = pairs_of(made.base_scan(), made.search(), cuts, transport.PAIRS)
    done = made.trained(transport.plan(pairs, "x+y"), chance(0.06, 0.4))
    runs[out.relative_to(tmp_path)] = done
    asked, written = [], {}
    monkeypatch.setattr(grokseed, "load", lambda at: SimpleNamespace(runs=runs[at]))
    monkeypatch.setattr(
        grokseed, "scan", lambda config, **how: asked.append((config.operation, how["out"].name))
    )
    monkeypatch.setattr(study_of_pairs, "export_stored", lambda _: None)
    monkeypatch.setattr(transport, "finish", lambda at, text, _: written.update({at.name: text}))
    transport.main(["--operation", "x+y"])
    assert asked == [("x+y", "transport_add")]
    pd.testing.assert_frame_equal(pd.read_csv(out / "seeds.csv"), pairs)
    text = written["transport_add"]
    assert "batch order, on x+y? (all 4,512 runs are there" in text
    assert "`python studies/transport.py --operation x+y`" in text
    assert "luck that of the weights alone: **no, it is that of a match**" in text
    assert "reached t98 at 97 % of the steps to the cut or sooner" in text
    verdicts = pd.read_csv(out / "verdicts.csv")
    assert verdicts["claim"].str.startswith("on x+y, ").all()
    assert verdicts["verdict"].tolist() == ["no", "no", "yes"]
    with pytest.raises(SystemExit):
        transport.main(["--operation", "x-y"])


def test_the_share_of_the_match_that_is_the_splits() -> None:
    share, low, high = transport.share_with_split(made.trained(PLAN, chance(0.06, 0.5)))
    assert low < (0.5 - 0.06) / (0.97 - 0.06 + 0.06) < high
    assert high - low < 0.15
    assert low < share < high


def test_verdicts_want_a_lead_that_is_sure_and_a_rate_of_wins_that_is() -> None:
    def told(low: float, winner_low: float) -> list[str]:
        way = {"winner": 0.95, "winner_low": winner_low, "winner_high": 0.99}
        way |= {"runs": 90, "seeds": 24, "detectable": 0.1}
        weights = {"way": "weights", "excess": 0.2, "low": 0.05, "high": 0.35}
        every = {"way": "all", "excess": 0.3, "low": low, "high": 0.5}
        found = pd.DataFrame([way | weights, way | {"way": "weights + split"}, way | every])
        return [one.verdict for one in transport_verdicts.verdicts(found, "x/y", part)]

    part = (0.2, 0.0, 0.4)
    assert told(0.1, 0.9) == ["yes", "no", "yes"]
    part = (0.6, 0.4, 0.8)
    assert told(-0.1, 0.9) == ["cannot tell", "cannot tell", "yes"]
    part = (0.8, 0.6, 0.9)
    assert told(0.1, 0.85) == ["yes", "yes", "cannot tell"]


def test_without_runs_nothing_is_told() -> None:
    found = transport.table(made.trained(PLAN, chance(0.5, 0.5), part=0.0))
    assert transport_verdicts.verdict(found) == "cannot tell"
    assert np.isnan(found["excess"]).all()


def test_winners_that_were_chosen_by_a_hair_are_found_by_the_slowest_of_three_runs() -> None:
    """Of pair 0 a twin reaches t98 just before the cut; such a run of pair 1 is no choosing one."""
    scan, further = made.base_scan(), made.search()
    first, second = PAIRS.to_dict("records")[:2]

    def late(winner: dict, graft: str | None) -> pd.DataFrame:
        rows = {"split_seed": winner["split_seed"], "model_seed": winner["winner"]}
        return pd.DataFrame([{**rows, "graft": graft, "t98_step": 0.98 * winner["cut"]}])

    more = pd.concat([further, late(first, "ulp=2"), late(second, "ulp=7")], ignore_index=True)
    assert near_cut.near_the_cut(PAIRS, scan, further) == []
    for runs in (more, more.iloc[::-1]):  # whichever of the three comes first
        assert near_cut.near_the_cut(PAIRS, scan, runs) == [first["pair"]]
    with_margin = pairs_of(scan, more, made.CUTS, transport.PAIRS, margin=BASES["x+y"].margin)
    assert set(PAIRS["winner"]) - set(with_margin["winner"]) == {first["winner"]}
    assert len(with_margin) == transport.PAIRS
    assert BASES["x/y"].margin == 0
    twin = (further["model_seed"] == first["winner"]) & (further["graft"] == "ulp=2")
    at_the_cut = further.assign(t98_step=further["t98_step"].mask(twin, first["cut"]))
    assert pairs_of(scan, at_the_cut, made.CUTS, transport.PAIRS).equals(PAIRS)


def test_a_run_that_ended_before_the_median_is_no_loser() -> None:
    """It did not reach t98, but whether it would have been slow is not known."""
    scan, loser = made.base_scan(), PAIRS.loc[0, "loser"]
    own = scan["model_seed"] == loser
    scan.loc[own, ["t98_step", "steps"]] = np.nan, made.MEDIAN - 25
    pairs = pairs_of(scan, made.search(), made.CUTS, transport.PAIRS)
    assert loser not in {*pairs["loser"], *pairs["other"]}
    scan.loc[own, "steps"] = made.MEDIAN
    assert pairs_of(scan, made.search(), made.CUTS, transport.PAIRS).equals(PAIRS)


def test_losers_of_a_pair_whose_winner_is_near_the_cut_stay(monkeypatch, tmp_path) -> None:
    base, done = BASES["x/y"], made.trained(PLAN, chance(0.8, 0.9))
    scans = {base.scan: made.base_scan(), base.further: made.search()}
    monkeypatch.setattr(grokseed, "load", lambda at: SimpleNamespace(runs=scans[at]))
    monkeypatch.setattr(near_cut, "near_the_cut", lambda *_: [0, 1])
    PAIRS.to_csv(tmp_path / "seeds.csv", index=False)
    kept = []

    def table(rows: pd.DataFrame) -> pd.DataFrame:
        kept.append(rows)
        return transport.table(rows)

    found = near_cut.beside(tmp_path, done, table, base)
    assert found["near"] == 2
    assert set(kept[0].loc[kept[0]["role"] == "winner", "pair"]) == set(range(2, 24))
    assert set(kept[0].loc[kept[0]["role"] == "loser", "pair"]) == set(range(24))
