"""Claims on file are those that the checked-in tables give, each with a verdict."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

import claims
import graft_pairs
import grokseed
from common.verdict import (
    FAILS,
    HOLDS,
    IN_PART,
    LOOKED,
    UNKNOWN,
)
from diary_claims import early_verdicts, experiments, weights
from diary_claims.row import COLUMNS
from grokseed.analysis.significance import detectable_by_limits

ROOT = Path(__file__).parents[2]
VERDICTS = {"holds", "holds in part", "does not hold", "cannot tell at this n"}


pytestmark = pytest.mark.usefixtures("each_folder_is_read_once")


@pytest.fixture(scope="module")
def made(each_folder_is_read_once: None) -> pd.DataFrame:
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
        assert (ROOT / folder.split(",")[0] / "runs.csv").exists()
        assert all((ROOT / one / "README.md").exists() for one in folder.split(","))
    assert made.loc[waits, "units"].isna().all()
    assert (made.loc[~waits, "units"] <= made.loc[~waits, "n"]).all()
    assert (made.loc[~waits, "of"] != "").all()
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


def test_every_experiment_has_a_row(made: pd.DataFrame) -> None:
    folders = {f"results/{name}" for name in ("anatomy", *experiments.STUDIES)}
    two = ("attention_norm", "visible", "commitment")  # these read two folders
    folders -= {f"results/{name}" for name in two}
    both = {f"results/base_search,results/{name}" for name in two[:2]}
    both |= {"results/commitment,results/commitment_more"}
    assert folders | both <= set(made["folder"])


def test_a_rate_at_another_share_of_the_median_time_is_no_test(made: pd.DataFrame) -> None:
    rows = made.set_index("claim")
    (early,) = [c for c in rows.index if c.startswith("share of") and "at step 1,750" in c]
    assert rows.loc[early, "verdict"] == UNKNOWN
    assert "no test of the diary's rate" in early
    page = (ROOT / "results" / "mini_screen" / "README.md").read_text()
    assert "These rates are no test of the diary's" in page
    screened = grokseed.load(ROOT / "results" / "base_scan").runs
    won = {"super": screened["screen"] == "super", "not normal": screened["screen"] != "normal"}
    for name, own in won.items():
        (claim,) = [c for c in rows.index if f"seeds that are {name} on four further splits" in c]
        row = rows.loc[claim]
        assert (row["n"], row["units"], row["of"]) == (256, 4, "splits")
        assert row["ours"] == pytest.approx(own.mean())
        exact = beta.ppf(0.975, own.sum() + 1, 256 - own.sum())
        assert row["ours_high"] > exact  # runs of one split are alike


def test_what_decides_a_verdict_is_in_its_row(made: pd.DataFrame) -> None:
    rows = made.loc[made["claim"].str.contains("ratio of norms, peak to t98")]
    planned, late = rows.to_dict("records")
    assert (planned["verdict"], planned["source"]) == (HOLDS, "arXiv 2603.13331")
    assert (late["verdict"], late["source"]) == (FAILS, "asked by this project")
    assert late["ours_low"] > 0.5
    assert "known at 100% of the steps to t98, in winners at 100%, by 90% wanted" in late["claim"]
    kept, saved = (
        made.loc[made["claim"].str.startswith(start) & made["claim"].str.contains("at 3,100:")]
        for start in ("an early verdict keeps", "an early verdict takes")
    )
    assert (kept["figure"].item(), kept["verdict"].item()) == (0.97, UNKNOWN)
    assert (saved["figure"].item(), saved["verdict"].item()) == (1.6, FAILS)
    assert saved["ours_high"].item() < 1.6


def test_the_hardest_case_of_early_verdicts_has_a_row(made: pd.DataFrame) -> None:
    """Where runs end once they can only be normal, a verdict saves less: its study says no."""
    rows = made.loc[made["claim"].str.contains("mini until decided \\(")]
    rows = rows.set_index(rows["claim"].str.split(",").str[0])
    kept, saved = (rows.loc[f"an early verdict {words}"] for words in SAID)
    assert (kept["n"], kept["ours"]) == (23, 1)
    assert (saved["ours"], saved["verdict"]) == (pytest.approx(1.474, abs=1e-3), FAILS)


SAID = "keeps 97 % of the runs that are not normal", "takes 1.6 times fewer steps"


def test_rules_of_early_verdicts_have_a_row_on_other_splits(made: pd.DataFrame) -> None:
    rows = made.loc[made["claim"].str.contains("splits on which it was not fitted")]
    table = pd.read_csv(ROOT / "results" / "early" / "elsewhere.csv")
    assert rows["ours"].tolist() == pytest.approx(table["recall"].tolist())
    assert rows["n"].tolist() == table["early"].tolist()
    assert set(rows["units"]) == {4}
    assert rows["claim"].str.endswith("[found by looking]").all()


def test_the_rate_of_super_seeds_with_further_ones_is_that_of_their_common_curve(
    made: pd.DataFrame,
) -> None:
    """No run is censored before step 6,225; after it the curve is that of the 300 longer runs."""
    (row,) = made.loc[made["claim"].str.contains("further seeds on the same")].to_dict("records")
    folders = (ROOT / "results" / name / "runs.csv" for name in ("mini_generalise", "early_fresh"))
    known, fresh = (pd.read_csv(folder) for folder in folders)
    fresh = fresh.loc[fresh["model_seed"] < 300 + row["n"] - len(known)]
    assert len(known) + len(fresh) == row["n"] > 800
    t98 = np.concatenate((known["t98_step"], fresh["t98_step"]))
    left, later = np.mean(~(t98 <= 6225)), np.sort(known["t98_step"][~(known["t98_step"] <= 6225)])
    median = later[np.argmax(left * (1 - np.arange(1, len(later) + 1) / len(later)) <= 0.5)]
    assert row["ours"] == pytest.approx(np.mean(t98 <= median / 3))


def test_steps_saved_by_an_early_verdict_are_those_of_its_study() -> None:
    row = pd.read_csv(ROOT / "results" / "early" / "early.csv").query("chosen").iloc[0]
    found, n = early_verdicts.steps_saved(ROOT / "results", row["scan"], row["rule"])
    assert found.value == pytest.approx(row["saved"], rel=1e-3)
    assert found.low < found.value < found.high
    assert n == 150


def test_the_best_group_is_the_one_with_the_highest_excess() -> None:
    table = pd.read_csv(ROOT / "results" / "graft_mini" / "effects.csv")
    gains = table.loc[(table["outcome"] == "accuracy") & (table["question"] == "gain")]
    best = gains.loc[(gains["kind"] == "graft") & gains["place"].isna()].nlargest(1, "excess")
    row: dict = weights._single_group(ROOT / "results")
    assert row["ours"] == best["excess"].item()
    assert f"({best['groups'].item()})" in row["claim"]
    assert row["detectable"] == best["excess_detectable"].item()


def test_no_cut_of_this_project_is_given_as_the_diarys_figure(made: pd.DataFrame) -> None:
    """The diary has no BIC, names three layer groups that carry luck together, and says of one pair
    of seeds what they do."""
    assert made.loc[made["claim"].str.contains("two kinds of runs"), "figure"].isna().all()
    (single,) = made.loc[made["claim"].str.startswith("one layer group")].to_dict("records")
    (pairs,) = made.loc[made["folder"] == "results/graft_pairs"].to_dict("records")
    for row in (single, pairs):
        assert (row["source"], np.isnan(row["figure"])) == ("asked by this project", True)


def test_a_verdict_by_a_rule_made_after_seeing_says_so(made: pd.DataFrame) -> None:
    ratios = made.loc[made["claim"].str.contains("over the median t98 of all|generalise later:")]
    assert (
        ratios["claim"].str.endswith(f"[{LOOKED}; by the planned one: holds]").tolist()
        == [True] * 2
    )
    assert set(ratios["verdict"]) == {IN_PART}
    (pairs,) = made.loc[made["folder"] == "results/graft_pairs", "claim"]
    assert "[rule changed after 3 pairs had been seen; by the planned one: does not hold]" in pairs
    scan = grokseed.load(ROOT / "results" / "diary_scan").runs.set_index("model_seed")["screen"]
    donors = graft_pairs.pairs_of(scan.reset_index())["winner"]
    k = (scan.loc[donors] == "super").sum()
    assert f"(one of {len(donors)} seeds that are not normal, {k} of them super)" in pairs


def test_pairs_are_the_units_of_studies_of_pairs(made: pd.DataFrame) -> None:
    rows = made.set_index("folder")
    pairs = pd.read_csv(ROOT / "results" / "graft_pairs" / "graft_pairs.csv")["pairs"].max()
    row = rows.loc["results/graft_pairs"]
    assert (row["units"], row["of"], row["n"]) == (pairs, "pairs", 8 * pairs)
    (decay,) = made.loc[made["claim"].str.startswith("more weight decay")].to_dict("records")
    assert decay["units"] < decay["n"]
    assert decay["detectable"] < 1


def test_a_claim_that_does_not_hold_says_what_could_have_been_seen(made: pd.DataFrame) -> None:
    """By a test of its study, or by its limits, which then exclude what is claimed."""
    fails = made.loc[made["verdict"] == FAILS]
    assert fails["detectable"].notna().all()
    limits = zip(fails["ours_low"], fails["ours_high"], strict=True)
    by_limits = [detectable_by_limits(*both) for both in limits]
    cuts = fails["claim"].str.extract(r"\((?:shown to be )?([\d.]+) or more")[0].astype(float)
    some = fails.assign(cut=fails["figure"].fillna(cuts).fillna(fails["figure_low"]))
    some = some.loc[np.isclose(fails["detectable"], by_limits) & some["cut"].notna()]
    assert len(some) > 15
    for row in some.to_dict("records"):
        assert not row["ours_low"] <= row["cut"] <= row["ours_high"], row["claim"]
    of_study_a = made.loc[(made["folder"] == "results/anatomy") & (made["figure"] != 0.5)]
    assert len(of_study_a) == 5
    assert of_study_a["detectable"].between(0.02, 0.5).all()


def test_nothing_loads_torch() -> None:
    code = "import sys, claims; assert 'torch' not in sys.modules"
    path = {"PYTHONPATH": f"{ROOT}:{ROOT / 'studies'}"}
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | path)
