"""The study of searches: gains that were put in are found, and its page is today's."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import grokseed
import search
from common.verdict import FAILS, HOLDS, UNKNOWN
from diary_claims import search as claimed
from grokseed.reports.result import Scan

RESULTS = Path(__file__).parents[2] / "results"
RULE = str(RESULTS / "early" / "mini_to_t98.json")


def made_up(split: int, early: float, memorised: int = 500) -> Scan:
    """64 runs that memorise, a share of them at t98 by 1,000 and the others by 20,000."""
    random = np.random.default_rng(split)
    time = np.where(np.arange(64) < early * 64, 1000, random.uniform(18_000, 20_000, 64).round())
    runs = pd.DataFrame({"split_seed": split, "model_seed": range(64), "memorised_step": memorised})
    runs = runs.assign(t98_step=time, steps=time)
    points = pd.DataFrame({"run": np.repeat(np.arange(64), 2), "step": [0, 3000] * 64})
    quick = np.repeat(time < 3000, 2)
    points = points.assign(sample_loss=np.where(quick, 1.0, 20.0), norm=1.0)
    return Scan(grokseed.preset("mini"), runs, points.assign(sample_accuracy=0.0), {})


def test_restarts_pay_where_half_of_the_seeds_are_early() -> None:
    found = search.table({"one": made_up(1, 0.5), "two": made_up(2, 0.0, 2000)}, RULE)
    worth = found.set_index(["way", "split_seed"])["worth"].to_dict()
    assert worth[(search.RESTARTS, 1)] == "yes"
    assert worth[(search.RESTARTS, 2)] == "no"
    assert search.verdict(found) == "cannot tell"
    assert search.verdict(found.loc[found["split_seed"] == 1]) == "yes"
    assert search.verdict(found.loc[found["split_seed"] == 2]) == "no"
    row = found.loc[(found["way"] == search.RESTARTS) & (found["split_seed"] == 1)].iloc[0]
    assert (row["best"], row["earliest"]) == (1000, 500)
    assert row["searched"] == pytest.approx(2000)  # two tries of 1,000 steps are expected
    text = search.answer(found)
    assert "saving a tenth of the steps: **cannot tell**" in text


def test_seeds_side_by_side_are_searched_with_and_without_a_verdict() -> None:
    found = search.table({"two": made_up(1, 0.5)}, RULE).set_index("way")
    plain, thinned = (found.loc[list(ways)] for ways in (search.SIDE, search.THINNED))
    assert plain["best"].tolist() == [2, 8]
    assert thinned["best"].tolist() == [3275, 3275]
    assert np.all(thinned["searched"].to_numpy() != plain["searched"].to_numpy())


def test_the_best_restart_has_an_upper_limit_above_its_bootstrap_s() -> None:
    found = search.table({"two": made_up(2, 0.0)}, RULE).set_index("way")
    assert found.loc[search.RESTARTS, "gain"] < found.loc[search.RESTARTS, "high"]
    assert found.loc[search.RESTARTS, "high"] > 1.5  # 5.6 % of seeds at 500 are not excluded


def test_the_table_and_page_on_file_are_what_the_runs_say(tmp_path: Path) -> None:
    found = search.table(*search.read(RESULTS))
    found.to_csv(tmp_path / "search.csv", index=False, float_format="%.6g")
    on_file = RESULTS / "search"
    assert (on_file / "search.csv").read_text() == (tmp_path / "search.csv").read_text()
    assert (on_file / "README.md").read_text() == search.answer(found)
    assert (on_file / "search.png").exists()


def test_every_way_is_a_claim_by_the_split_with_the_highest_upper_limit(tmp_path: Path) -> None:
    rows: list[dict] = list(claimed.searched(RESULTS))
    table = pd.read_csv(RESULTS / "search" / "search.csv")
    assert len(rows) == table["way"].nunique() == 6
    for row, (way, own) in zip(rows, table.groupby("way", sort=False), strict=True):
        most = own.loc[own["high"].idxmax()]
        assert f"by {way}: expected" in row["claim"]
        assert f"on each of 5 splits; ours is split {most['split_seed']}, " in row["claim"]
        assert row["claim"].endswith("[found by looking]") == (way in search.THINNED)
        assert row["folder"] == "results/mini_generalise,results/base_scan,results/search"
        assert (row["ours"], row["ours_high"], row["n"]) == (most["gain"], most["high"], most["n"])
        assert row["verdict"] == FAILS
    (tmp_path / "search").mkdir()
    for worth, said in ((["yes"] * 5, HOLDS), (["yes", "no", "no", "no", "no"], UNKNOWN)):
        changed = table.assign(worth=table["worth"].where(table["way"] != search.RESTARTS))
        changed.loc[changed["worth"].isna(), "worth"] = worth
        changed.to_csv(tmp_path / "search" / "search.csv", index=False)
        first, *others = claimed.searched(tmp_path)
        assert first["verdict"] == said
        assert {row["verdict"] for row in others} == {FAILS}
