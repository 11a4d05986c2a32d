"""Study D finds the radius that was put into made-up runs, and no basin where there is none."""

from functools import partial

import made_studies as made
import numpy as np
import pandas as pd
import pytest

import basin
from common.part import there
from common.study import render
from experiments.chosen import pairs_of
from experiments.looks import coverage
from grokseed.analysis.basin import half_radius
from grokseed.grafts import parse_graft

PAIRS = pairs_of(made.base_scan(), made.search(), made.CUTS, basin.PAIRS)
PLAN = basin.plan(PAIRS)


@pytest.fixture(autouse=True)
def few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the seeds, a tenth of a study's: they make most of its time, and here its limits need only
    hold the radius."""
    monkeypatch.setattr(basin, "half_radius", partial(half_radius, draws=100))


def chance(radius: float, slope: float = 3, base: float = 0.06):
    def of(row: dict) -> float:
        left = 1 / (1 + (row["radius"] / radius) ** slope)
        return base + (1 - base) * left if row["role"] == "winner" else base * (1 - left)

    return of


def said(done, looks: int = 1) -> str:
    found = basin.table(done)
    return render(
        "basin",
        found=found.to_dict("records"),
        verdict=basin.verdict(basin.judged(done, looks)),
        looks=looks,
        level=coverage(looks),
        rule=basin.judged(done, looks),
        once=basin.verdict(basin.judged(done)),
        radius=basin.radius_of(done),
        tried=(basin.RADII[0], basin.RADII[-1]),
        there=there(len(done), len(PLAN), "all pairs"),
        near=0,
        rest=[],
        rounded={"winner": 0.93, "winner_low": 0.7, "winner_high": 0.99},
    )


def test_the_design_is_the_plans() -> None:
    assert len(PAIRS) == 32
    assert len(basin.RADII) == 8
    assert not PLAN.duplicated(["split_seed", "model_seed", "graft"]).any()
    assert set(PLAN.groupby(["pair", "role", "radius"]).size()) == {8}
    assert len(PLAN) == 64 * 8 * 8
    grafts = [parse_graft(graft) for graft in PLAN["graft"]]
    assert [graft.share for graft in grafts] == PLAN["radius"].tolist()
    draws = PLAN.assign(draw=[graft.seed for graft in grafts]).groupby("pair")["draw"]
    assert draws.nunique().tolist() == [8] * 32
    assert len({graft.seed for graft in grafts}) == 8 * 32


@pytest.mark.parametrize("part", [1.0, 0.4])
def test_the_radius_is_what_was_put_in(part: float) -> None:
    done = made.trained(PLAN, chance(0.1), part)
    found = basin.radius_of(done)
    assert found is not None
    assert found.radius == pytest.approx(0.1, rel=0.2)
    assert found.low < found.radius < found.high
    text = said(done)
    assert "basin: **yes**" in text
    assert ("(all 4,096 runs" if part == 1 else f"({len(done):,} of 4,096 runs") in text
    assert f"({found.low:.3g} to {found.high:.3g}; 32 seeds a side)" in text


def test_luck_that_every_step_away_loses_has_no_basin() -> None:
    text = said(made.trained(PLAN, lambda row: 0.06))
    assert "basin: **no**" in text
    assert "lost below the smallest radius" in text


def test_half_of_the_lead_left_cannot_be_told_from_a_half() -> None:
    half = made.trained(PLAN, lambda row: 0.53 if row["role"] == "winner" else 0.03)
    assert basin.verdict(basin.judged(half)) == "cannot tell"


def test_a_part_that_was_judged_before_needs_wider_limits() -> None:
    """Where a single look at 95 % would say yes."""
    chances = np.random.default_rng(5).beta(1.6, 0.5, len(PAIRS))
    done = made.trained(PLAN, lambda row: chances[row["pair"]] * (row["role"] == "winner"), 0.3)
    once, often = basin.judged(done), basin.judged(done, 20)
    assert (once.mean, once.p) == (often.mean, often.p)
    assert often.low < 0.5 < once.low < once.high < often.high
    text = said(done, looks=20)
    assert "basin: **cannot tell**" in text
    assert "limits of 99.8 %" in text
    assert 'With limits of 95 %, as for one time, it would be "yes".' in text


def test_every_number_of_runs_that_was_judged_is_a_look(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(basin, "beside", lambda *_: {"near": 0, "rest": []})
    monkeypatch.setattr(basin, "finish", lambda *_: None)
    done = made.trained(PLAN, chance(0.1), 0.2)
    for judged, level in (((len(done),), "95.0%"), ((7, len(done)), "97.5%"), ((7, 8), "98.3%")):
        monkeypatch.setattr(basin, "LOOKED_AT", judged)
        basin.analyse(tmp_path, done, PLAN)
        (claim,) = pd.read_csv(tmp_path / "verdicts.csv")["claim"]
        assert f"its limits are of {level}," in claim


def test_before_every_radius_has_a_pair_there_is_no_radius_yet() -> None:
    done = made.trained(PLAN, chance(0.1))
    some = done.loc[done["radius"] < 0.1]
    assert basin.radius_of(some) is None
    assert "is not known yet" in said(some)
    assert np.isfinite(basin.table(some)["excess"]).all()
    assert basin.verdict(basin.judged(done.loc[done["radius"] > 0.1])) == "cannot tell"
