"""Areas of made-up signals by step, the discriminant of all, and the first step that shows it."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

import visible
from experiments.bases import SPLITS
from experiments.commitment_plan import STEPS
from predictors.visible_figure import TOGETHER, settled_and_seen
from predictors.visible_tables import SEEN, first_seen, table, together, together_at


def made(shift: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """400 runs on 4 splits, a tenth of which win at step 2,000 and have a loss that is lower by
    `shift`, in units of its spread within a split; splits have levels of their own."""
    random = np.random.default_rng(0)
    runs = pd.DataFrame({"split_seed": np.repeat(SPLITS, 100)})
    runs = runs.assign(won=runs.index % 10 == 0)
    runs["t98_step"] = np.where(runs["won"], 2000.0, np.nan)
    loss = random.normal(size=len(runs)) - shift * runs["won"] + 50 * runs["split_seed"]
    norm = random.normal(size=len(runs))
    points = [
        pd.DataFrame({"run": runs.index, "step": step, "sample_loss": loss, "norm": norm})
        for step in (0, STEPS[-1])
    ]
    return runs, pd.concat(points, ignore_index=True)


@cache
def areas() -> pd.DataFrame:
    return table(*made(5.0))


def test_a_lower_loss_of_winners_is_seen_while_they_are_on_their_way() -> None:
    found = areas().set_index(["step", "signal"])
    assert set(found.index.get_level_values("step")) == {s for s in STEPS if s}
    early, late = found.loc[220], found.loc[2640]
    assert early["auc"]["sample_loss"] > 0.99
    assert early["auc"][TOGETHER] > 0.95  # fitted on other splits
    assert early["low"]["norm"] < 0.5 < early["high"]["norm"]
    assert early.loc["sample_loss", ["n", "winners", "sense"]].tolist() == [400, 40, "lower"]
    assert late.loc["norm", ["n", "winners"]].tolist() == [360, 0]  # all winners are at t98
    assert np.isnan(late["auc"]["norm"])


def test_on_one_split_there_is_no_other_to_fit_on_and_no_step_after_the_last_point() -> None:
    runs, points = made(5.0)
    found = table(
        runs.loc[runs["split_seed"] == 1],
        points.assign(step=points["step"] // 2, train_loss=np.nan),
    )
    assert set(found["signal"]) == {"sample_loss", "norm"}
    assert found["step"].to_numpy().max() == 1760
    assert found["n"].iloc[0] == 100


def test_a_split_is_judged_by_what_the_others_say() -> None:
    won = np.tile([True, False, False, False], 4)
    splits = np.repeat([1, 2], 8)
    ranks = np.where(won, 1.0, 0.0)[:, None] * np.where(splits == 1, 1, -1)[:, None]
    score = together(ranks, won, splits)
    for split in (1, 2):  # on each the sign is that of the other
        own = splits == split
        assert score[own & won].max() < score[own & ~won].min()


def test_the_score_is_that_of_fishers_discriminant() -> None:
    random = np.random.default_rng(1)
    won, splits = np.arange(200) % 4 == 0, np.repeat([1, 2], 100)
    ranks = random.normal(size=(200, 3)) + won[:, None] * [1.0, 0.5, 0.0]
    score = together(ranks, won, splits)
    here, there = splits == 1, splits == 2
    groups = [ranks[there & won], ranks[there & ~won]]
    within = sum(np.cov(own.T) * (len(own) - 1) for own in groups)
    direction = np.linalg.solve(within, groups[0].mean(0) - groups[1].mean(0))
    assert np.corrcoef(ranks[here] @ direction, score[here])[0, 1] == pytest.approx(1)


def test_the_first_step_that_shows_it_and_by_what() -> None:
    rows = [(220, "norm", 0.5), (220, TOGETHER, 0.89), (440, "norm", 0.9), (440, TOGETHER, 0.95)]
    found = pd.DataFrame(rows, columns=["step", "signal", "auc"])
    assert first_seen(found) == (440, TOGETHER)
    assert first_seen(found.iloc[:2]) is None
    assert together_at(found, 220)["auc"] == 0.89


def test_the_figure_names_the_step_and_both_areas() -> None:
    found = areas()
    branches = pd.read_csv(visible.COMMITMENT / "branches.csv")
    figure = settled_and_seen(found, branches, 440, (220, "sample_loss"), SEEN)
    text = figure.get_suptitle().replace("\n", " ")
    assert "At step 440" in text
    assert "0.9 or more first at step 220" in text
    assert "400 seeds, 40 win" in text
    assert "never 0.9" in settled_and_seen(found, branches, 440, None, SEEN).get_suptitle().replace(
        "\n", " "
    )
