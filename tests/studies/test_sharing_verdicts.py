"""Sentences and luck of studies/sharing.py: what was put in is found, and nothing by chance."""

import numpy as np
import pandas as pd
import pytest
from made_sharing import made_up

from grokseed.analysis.differences import mean_difference
from grokseed.analysis.spread import LEAST
from older_documents import sharing_luck
from older_documents.sharing_answer import answer
from older_documents.sharing_grid import CELLS
from older_documents.sharing_luck import luck_table
from older_documents.sharing_sentences import judged
from older_documents.sharing_tables import grid_table


def verdicts(runs: pd.DataFrame) -> dict[str, str]:
    found = grid_table(runs, list(CELLS))
    return {one["sentence"].rpartition(" (")[0]: one["verdict"] for one in judged(found, runs)}


def test_sentences_follow_from_what_was_put_in() -> None:
    better = {"baseline": 0.4, "deep_seq": 0.6, "wide_seq": 0.4}
    told = verdicts(made_up(better, gains={"deep_seq": 0.2, "wide_seq": 0.2}))
    assert told["Sharing improves the decoder's accuracy"] == "holds"
    assert told["Shared decoders are about as good as the baseline"] == "does not hold"
    assert told["More steps favour shared decoders over the baseline"] == "holds"
    assert told["Baseline and shared decoders improve with more steps"] == "holds in part"
    assert told["The best model is a wide shared one"] == "does not hold"
    wide = {"baseline": 0.5, "deep_seq": 0.3, "deep_cycle": 0.4, "wide_seq": 0.7}
    told = verdicts(made_up(wide, gains=dict.fromkeys(wide, 0.1)))
    assert told["Sharing improves the decoder's accuracy"] == "holds in part"
    assert told["Baseline and shared decoders improve with more steps"] == "holds"
    assert told["The best model is a wide shared one"] == "holds"
    assert told["Rows of one shape whose assignments differ have the same score"] == "does not hold"
    same = verdicts(made_up({"baseline": 0.5, "deep_seq": 0.5, "deep_cycle": 0.5}, sd=0))
    assert same["Rows of one shape whose assignments differ have the same score"] == "holds"
    assert same["More steps favour shared decoders over the baseline"] == "cannot tell"
    near = verdicts(made_up({"baseline": 0.5, "deep_seq": 0.5}, sd=0.01))
    assert near["Shared decoders are about as good as the baseline"] == "holds"
    assert near["Sharing improves the decoder's accuracy"] == "cannot tell"


@pytest.mark.parametrize(
    ("cells", "said"), [(["baseline", "deep_seq"], "holds in part"), ([*CELLS], "cannot tell")]
)
def test_one_of_many_cells_that_rises_by_chance_is_not_found(cells: list[str], said: str) -> None:
    """Its own interval is above 0: p is 0.02 in one cell, and 1 in the others."""
    runs = made_up(dict.fromkeys(cells, 0.5), sd=0.0)
    gain = np.tile([0.05, -0.05], 4) + 0.0567
    assert mean_difference(gain).p == pytest.approx(0.02, abs=0.001)
    assert mean_difference(gain).low > 0
    own = runs["cell"] == "deep_seq"
    runs["accuracy_long"] = runs["accuracy_short"] + np.tile([0.01, -0.01], len(runs) // 2)
    runs.loc[own, "accuracy_long"] = runs.loc[own, "accuracy_short"] + gain
    assert verdicts(runs)["Baseline and shared decoders improve with more steps"] == said


@pytest.mark.parametrize(("p", "said"), [(0.02, "holds"), (0.03, "cannot tell")])
@pytest.mark.parametrize("training", ["short", "long"])
def test_a_model_improves_after_holm_over_both_trainings(p: float, said: str, training) -> None:
    runs = made_up({"baseline": 0.5, "deep_seq": 0.6})
    found = grid_table(runs, list(CELLS))
    found = found.assign(p=np.where(found["training"] == training, p, 0.5))
    found = found.assign(p_holm=found["p"])  # one comparison a column
    told = {one["sentence"].rpartition(" (")[0]: one["verdict"] for one in judged(found, runs)}
    assert told["Sharing improves the decoder's accuracy"] == said


def test_luck_is_held_against_the_baselines_on_matched_seeds() -> None:
    cells = ["baseline", "deep_seq"]
    runs = made_up({"baseline": 0.2, "deep_seq": 0.8}, n=8)
    runs.loc[runs["cell"] == "deep_seq", "t50_step"] *= 2
    luck = luck_table(runs, cells).set_index("cell")
    times = runs.pivot(index="model_seed", columns="cell", values="t50_step")
    ratio = np.exp(np.log(times["deep_seq"] / times["baseline"]).mean())
    assert luck.loc["deep_seq", "time"] == pytest.approx(ratio, rel=0.01)
    assert luck.loc["deep_seq", "matched"] == 8
    assert luck.loc["baseline", "early"] == 0
    assert np.isnan(luck.loc["baseline", "ratio"])


def told_of_luck(runs: pd.DataFrame, luck: pd.DataFrame) -> str:
    """The answer's sentence on luck."""
    text = answer(grid_table(runs, list(CELLS)), luck, runs)
    (line,) = [line for line in text.splitlines() if line.startswith("Luck: ")]
    return line.partition("alike); ")[2]


def test_a_spread_takes_as_many_runs_as_that_of_coins_and_less_is_told_after_holm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The times of one model spread a tenth as much as the baseline's, and of two as much."""
    random = np.random.default_rng(0)
    same = dict.fromkeys(["baseline", "deep_seq", "deep_cycle", "wide_seq"], 0.5)
    for n in (8, LEAST - 1, 24):
        runs = made_up(same, n=n)
        spread = np.where(runs["cell"] == "deep_seq", 0.05, 0.5)
        runs["t50_step"] = np.exp(random.normal(6.5, spread))
        table = luck_table(runs, list(CELLS))
        luck = table.set_index("cell")
        beside = (
            "models with 20 runs or more surely spread less than the baseline's, and of 0 more."
        )
        if n < LEAST:
            assert luck[["spread", "ratio", "p_holm"]].isna().to_numpy().all()
            assert "spread less than the baseline's is known of no model, as it takes 20 runs" in (
                told_of_luck(runs, table)
            )
        else:
            assert luck.loc["deep_seq", "p_holm"] == pytest.approx(3 * luck.loc["deep_seq", "p"])
            assert told_of_luck(runs, table) == f"times of 1 of 3 {beside}"
            monkeypatch.setattr(sharing_luck, "ratio_p", lambda one, other: 0.03)
            again = luck_table(runs, list(CELLS))
            assert told_of_luck(runs, again) == f"times of 0 of 3 {beside}"
