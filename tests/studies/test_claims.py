"""Claims on file are those that the checked-in tables give, each with a verdict."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import claims
import made_studies
import numpy as np
import pandas as pd
import pytest
import test_coins
import test_rates_study
import test_val_shuffle
import test_weight_decay
from diary_claims import bug, experiments, rates_of_seeds, search, weights
from diary_claims.row import COLUMNS, Evidence
from diary_claims.verdict import (
    FAILS,
    HOLDS,
    IN_PART,
    UNKNOWN,
)
from scipy.stats import beta

import grokseed

ROOT = Path(__file__).parents[2]
VERDICTS = {"holds", "holds in part", "does not hold", "cannot tell at this n"}


@pytest.fixture(scope="module")
def made() -> pd.DataFrame:
    return claims.table(ROOT / "results")


def test_the_table_on_file_is_what_the_runs_say(made: pd.DataFrame) -> None:
    assert (ROOT / "results" / "claims.csv").read_text() == claims.text(made)


def test_every_row_is_complete(made: pd.DataFrame) -> None:
    assert tuple(made.columns) == COLUMNS
    assert set(made["verdict"]) <= VERDICTS
    assert made["claim"].is_unique
    waits = made["n"] == 0
    assert made.loc[waits, ["ours", "ours_low", "ours_high"]].isna().all(axis=None)
    assert set(made.loc[waits, "verdict"]) == {UNKNOWN}
    assert made.loc[waits, "claim"].str.endswith("[not enough runs yet]").all()
    for folder in made.loc[~waits, "folder"]:
        assert all((ROOT / one / "runs.csv").exists() for one in folder.split(","))
    limits = made.dropna(subset=["ours_low"])
    ordered = limits[["ours_low", "ours", "ours_high"]].to_numpy()
    assert np.all(np.diff(ordered) >= 0)


def test_counts_are_those_of_the_tables_read_plainly(made: pd.DataFrame) -> None:
    """The numbers once more with pandas alone, and limits as the beta distribution has them."""

    def of(start: str, preset: str) -> dict:
        rows = made.loc[made["claim"].str.startswith(start) & (made["preset"] == preset)]
        return rows.to_dict("records")[0]

    screen = pd.read_csv(ROOT / "results/mini_screen/runs.csv")
    k, n = len(screen.query("screen_val_accuracy >= 0.25")), len(screen)
    row = of("share of model seeds that are not normal", "mini")
    assert row["ours"] == k / n
    assert row["ours_low"] == pytest.approx(beta.ppf(0.025, k, n - k + 1))
    assert row["figure"] == pytest.approx(0.07, abs=0.001)
    runs = pd.read_csv(ROOT / "results/mini_generalise/runs.csv")
    late = runs.loc[~(runs["t98_step"] <= runs["t98_step"].fillna(1e9).median())]
    fell = late["norm_fall_step"] < late["t98_step"].fillna(1e9)
    row = of("slow runs (later than the median): share whose weight norm", "mini")
    assert row["n"] == pytest.approx(len(late), abs=1)
    assert row["ours"] == pytest.approx(fell.mean(), abs=0.01)
    cells = pd.read_csv(ROOT / "results/graft_42_56/cells.csv")
    mine = cells.query("kind == 'graft' and split_seed == 56 and loader_seed == 8")
    mine = mine.loc[mine["groups"] == "token_embedding+block2+head", "accuracy"]
    culprits = "seed 56 with the initial token embedding, block 2 and head of seed 42, on 56"
    assert of(culprits, "diary")["ours"] == mine.item()
    low = of("share of model seeds that are super", "diary")["figure_low"]
    assert low == pytest.approx(beta.ppf(0.025, 18, 2073 - 18 + 1))


def test_a_seed_chosen_by_hand_is_in_no_rate(made: pd.DataFrame) -> None:
    row = made.loc[(made["preset"] == "diary") & (made["n"] > 1)].to_dict("records")[0]
    runs = pd.read_csv(ROOT / row["folder"] / "runs.csv")
    known = runs.loc[(runs["model_seed"] != 42) & runs["screen_val_accuracy"].notna()]
    assert row["n"] == len(known)
    assert row["ours"] == (known["screen_val_accuracy"] > 0.98).mean()


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> None:
    """All studies have made-up runs: rates, weight decay, cells of coins, base scans."""
    decay, config = test_weight_decay.made_up(), grokseed.preset("mini")
    runs = {
        "rates": test_rates_study.made_up(),
        "val_shuffle/plain": test_val_shuffle.made_up(0),
        "val_shuffle/shuffled": test_val_shuffle.made_up(1),
        **{f"weight_decay/{value:g}": table.iloc[:24] for value, table in decay.items()},
        "coins/mini": test_coins.made_up("mini", 0.4),
        "coins/all_larger": test_coins.made_up("all_larger", 0.2),
        "base_scan": made_studies.base_scan(),
        "anatomy": made_studies.base_scan(),
    }
    scans = {
        name: grokseed.Scan(config, table, pd.DataFrame(), {"made up": len(table)})
        for name, table in runs.items()
    }
    names = property(lambda self: [scans[name] for name in self.name.split(",")])
    there = property(lambda self: set(self.name.split(",")) <= set(scans))
    monkeypatch.setattr(Evidence, "scans", names)
    monkeypatch.setattr(Evidence, "there", there)


def of(rows: Iterable[dict], words: str) -> dict:
    (found,) = [row for row in rows if words in row["claim"]]
    return found


@pytest.mark.usefixtures("trained")
def test_runs_that_are_there_are_judged(tmp_path: Path) -> None:
    rates = list(rates_of_seeds.grid(tmp_path))
    row = of(rates, "share of model seeds that are super at step 3,100")
    assert (row["n"], row["preset"], row["numerics"]) == (4096, "mini", "made up")
    assert row["ours"] == pytest.approx(0.5 * 3 / 8, abs=0.02)
    row = of(rates, "times as often")
    assert 1 < row["ours_low"] < 1.15  # made up: three good loader seeds of eight, so wide limits
    assert row["verdict"] == UNKNOWN
    changed, sooner = bug.claims(tmp_path)
    assert (changed["ours"], changed["n"], changed["verdict"]) == (1, 64, HOLDS)
    assert sooner["ours"] == pytest.approx(1, abs=0.2)
    assert sooner["verdict"] == FAILS
    decay = list(weights.weight_decay_claims(tmp_path))
    row = of(decay, "without weight decay runs generalise later")
    assert row["ours_low"] < 3 < row["ours_high"]
    assert row["verdict"] == FAILS  # not 8 times
    row = of(decay, "more weight decay makes runs sooner")
    assert row["ours_low"] < 0.8 < row["ours_high"] < 1
    assert row["verdict"] == HOLDS
    row = of(search.coins_fade(tmp_path), "together")
    assert row["ours"] == pytest.approx(0.5, abs=0.15)
    assert (row["verdict"], row["n"]) == (HOLDS, 600)
    row = of(search.restarts_of_splits(tmp_path), "at the best step, split 3")
    assert (row["n"], row["verdict"]) == (64, FAILS)


@pytest.mark.usefixtures("trained")
def test_runs_of_a_part_are_judged_and_named(tmp_path: Path, monkeypatch) -> None:
    """Two values of weight decay, a quarter of the grid, one larger cell."""
    whole = vars(Evidence)["there"].fget
    gone = ("/0.01", "/0.02", "/0.2", "/0.5", "/1")
    monkeypatch.setattr(
        Evidence,
        "there",
        property(lambda self: whole(self) and not self.name.endswith(gone)),
    )
    row = of(weights.weight_decay_claims(tmp_path), "more weight decay makes runs sooner")
    assert "(0.05, 0.1)" in row["claim"]
    assert (row["n"], row["verdict"]) == (48, HOLDS)
    row = of(weights.weight_decay_claims(tmp_path), "share that reach t98 by step 100,000")
    assert (row["ours"], row["n"], row["verdict"]) == (1, 24, IN_PART)  # 24 of 24: 86 % or more
    monkeypatch.setattr(rates_of_seeds, "counted", lambda runs, design: runs.iloc[:1024])
    row = of(rates_of_seeds.grid(tmp_path), "times as often")
    assert (row["n"], row["verdict"]) == (1024, UNKNOWN)  # two loader seeds
    alike = test_rates_study.made_up(good=())
    row = rates_of_seeds._helping_loader(Evidence(tmp_path, "rates", "mini"), alike)
    assert (row["n"], row["verdict"]) == (4096, FAILS)  # surely less than 1.15 times
    missing = of(search.coins_fade(tmp_path), "with d 96:")
    assert (missing["n"], missing["verdict"]) == (0, UNKNOWN)


@pytest.mark.usefixtures("trained")
def test_what_a_study_wrote_is_its_row_and_what_it_did_not_is_missing(tmp_path: Path) -> None:
    waits = list(experiments.claims(ROOT / "results"))
    assert sum(row["n"] == 0 for row in waits) >= 5  # B to F: the fixture has no runs of theirs
    (tmp_path / "anatomy").mkdir()
    terms = [*experiments.TERMS, "rounding"]
    table = pd.DataFrame({"term": terms, "share": 0.1, "low": 0.05, "high": 0.2})
    table = table.assign(matters=["yes", "no", "cannot tell", "no", "no", "no", np.nan])
    table.to_csv(tmp_path / "anatomy" / "components.csv", index=False)
    found = [row["verdict"] for row in experiments.anatomy(tmp_path)]
    assert found == [HOLDS, FAILS, UNKNOWN, FAILS, FAILS, FAILS, FAILS]


def test_every_experiment_has_a_row(made: pd.DataFrame) -> None:
    folders = {f"results/{name}" for name in ("anatomy", *experiments.STUDIES)}
    folders -= {"results/attention_norm"}  # it reads the runs of the search
    assert folders | {"results/base_search"} <= set(made["folder"])


@pytest.mark.usefixtures("trained")
def test_the_split_is_judged_once_its_share_is_known(tmp_path: Path) -> None:
    (tmp_path / "anatomy").mkdir()
    table = pd.DataFrame({"term": ["split"], "share": [0.02], "low": [0.0], "high": [0.04]})
    table.to_csv(tmp_path / "anatomy" / "components.csv", index=False)
    row = weights.split(tmp_path)
    assert (row["n"], row["ours"], row["verdict"]) == (256, 0.02, FAILS)


def test_nothing_loads_torch() -> None:
    code = "import sys, claims; assert 'torch' not in sys.modules"
    path = {"PYTHONPATH": f"{ROOT}:{ROOT / 'studies'}"}
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | path)
