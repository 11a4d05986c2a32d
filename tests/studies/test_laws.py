"""The study of published laws finds a law that was put in, and says when one is known too late."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import grokseed
import laws
from common.verdict import FAILS, HOLDS, LOOKED, UNKNOWN
from diary_claims import published_laws
from grokseed.analysis.correlation import Correlation
from grokseed.reports.result import Scan
from predictors.laws_figure import correlations
from predictors.laws_predictors import falls_to, predictors

RESULTS = Path(__file__).parents[2] / "results"
N = 80


def made_up() -> Scan:
    """Runs whose peak norm decides t98; all memorise at 1,000, and lose their norm by t98."""
    random = np.random.default_rng(0)
    peak = random.uniform(40, 60, N)
    t98 = np.round(np.exp(peak / 12) * 100 * random.lognormal(0, 0.1, N))
    runs = pd.DataFrame({"split_seed": 0, "t98_step": t98, "memorised_step": 1000, "steps": t98})
    runs = runs.assign(norm_peak=peak, norm_peak_step=2000, sample_loss_peak_step=500)
    runs["norm_fall_step"] = 2100.0
    runs = runs.assign(sample_loss_peak=random.uniform(5, 9, N), graft=None)
    runs.loc[N - 1, ["graft", "norm_peak", "t98_step"]] = ["ulp=1", 1e6, 1.0]
    step = np.stack([np.zeros(N), np.full(N, 1000), np.full(N, 2000), t98], 1)
    norm = np.stack([np.full(N, 30.0), np.full(N, 35.0), peak, np.full(N, 25.0)], 1)
    points = pd.DataFrame({"run": np.repeat(np.arange(N), 4), "step": step.ravel()})
    points = points.assign(norm=norm.ravel(), sample_loss=1.0)
    return Scan(grokseed.preset("mini"), runs, points, {})


def test_a_law_that_was_put_in_is_found_and_grafts_are_left_out():
    scan = laws.ungrafted(made_up())
    found = laws.table(scan, fresh=True).set_index("predictor")
    assert found.loc["peak norm", "n"] == N - 1
    assert found.loc["peak norm", "rho"] > 0.8
    # All memorise at the same step, which explains nothing.
    assert found.loc["peak norm", "partial_rho"] == found.loc["peak norm", "rho"]
    assert found.loc["peak norm", ["of_use", "adds"]].tolist() == ["yes", "yes"]
    # The planned rule does not ask when a predictor is known, which the later one does.
    late = found.loc["ratio of norms, peak to t98", ["of_use", "adds"]]
    assert late.tolist() == ["yes", "no, known too late"]
    assert found.loc["peak loss, for the logit scale", ["of_use", "adds"]].tolist() == ["no", "no"]
    assert found.loc["step of memorising", "n"] == 0  # all at one step
    assert pd.isna(found.loc["step of memorising", "adds"])
    seen = laws.table(scan, fresh=False).set_index("predictor")
    assert seen.loc["peak norm", "of_use"] == "on seen seeds"


def test_the_spread_of_the_norm_at_t98_is_over_its_mean_with_limits_over_runs():
    scan = laws.ungrafted(made_up())
    last = scan.trajectories["step"] > 2000
    drawn = np.random.default_rng(2).normal(25, 0.5, len(last))
    norm = np.where(last, drawn, scan.trajectories["norm"])
    found = laws.spread(Scan(scan.config, scan.runs, scan.trajectories.assign(norm=norm), {}))
    own = drawn[last][: N - 1]
    value, low, high, *counts = found
    assert counts == [N - 1, 1]
    assert value == pytest.approx(own.std(ddof=1) / own.mean())
    assert 0.013 < low < 0.02 < high < 0.027


def test_the_spread_over_splits_has_limits_by_students_t_on_the_logs_of_their_own():
    scan, split = laws.ungrafted(made_up()), np.arange(N) % 4
    last = scan.trajectories["step"] > 2000
    drawn = np.random.default_rng(2).normal(25, 0.25 * (1 + split))
    points = scan.trajectories.assign(
        norm=scan.trajectories["norm"].mask(last, np.repeat(drawn, 4))
    )
    runs = scan.runs.assign(split_seed=split[: N - 1])
    value, low, high, *counts = laws.spread(Scan(scan.config, runs, points, {}))
    assert counts == [N - 1, 4]
    parts = [drawn[: N - 1][split[: N - 1] == one] for one in range(4)]
    logs = np.log([part.std(ddof=1) / part.mean() for part in parts])
    half = 3.1824 * logs.std(ddof=1) / 2  # Student's t of 3 degrees of freedom
    expected = np.exp(logs.mean() + np.array([0, -half, half]))
    assert [value, low, high] == pytest.approx(expected.tolist(), rel=1e-4)


def test_runs_that_share_seeds_are_not_judged():
    scan = laws.ungrafted(made_up())
    for splits in (1, 4):
        place = np.arange(len(scan.runs))
        runs = scan.runs.assign(loader_seed=place % 8, split_seed=place // 8 % splits)
        shared = Scan(scan.config, runs, scan.trajectories, {})
        found = laws.table(shared, fresh=True)
        assert set(found["of_use"]) == set(found["adds"].dropna()) == {laws.NOT_JUDGED}


def test_a_law_that_only_tells_when_a_run_memorised_is_of_use_by_the_plan_and_adds_nothing():
    random, scan = np.random.default_rng(1), laws.ungrafted(made_up())
    clock, wobble, slow = random.uniform(500, 1900, N - 1), *random.normal(0, 0.1, (2, N - 1))
    t98 = np.round(3000 * np.exp((clock - 500) / 1000 + slow))
    runs = scan.runs.assign(memorised_step=clock, t98_step=t98, norm_peak=clock / 40 + wobble)
    runs = runs.assign(steps=t98, norm_fall_step=1950.0)
    points = scan.trajectories.loc[scan.trajectories["run"] < N - 1]
    points = points.assign(step=np.where(points["step"] > 2000, np.repeat(t98, 4), points["step"]))
    timed = Scan(scan.config, runs, points, {})
    found = laws.table(timed, fresh=True).set_index("predictor").loc["peak norm"]
    assert found["low"] > 0.8
    assert abs(found["partial_rho"]) < 0.3
    assert found[["of_use", "adds"]].tolist() == ["yes", "no"]
    page = laws.answer(laws.table(timed, fresh=True).assign(folder="base_scan"), {})
    said = page.split("**Answer.**")[1].split("| paper (arXiv)")[0]
    assert "By the planned rule, 4 of 6 planned predictors do" in said
    assert "memorising, which no paper names, 3 of these 4 say little and 1 is known too" in said
    assert "so that none says early which seed is early" in said
    assert "- Little beyond that step: peak norm, 0." in said
    assert "or of those that win: step at which the norm falls" in said


def test_a_peak_is_known_when_the_norm_has_fallen_from_it_and_in_winners_too():
    scan = laws.ungrafted(made_up())
    t98 = scan.runs["t98_step"].to_numpy(float)
    winners = t98 <= np.median(t98) / 2
    assert 0 < np.sum(winners) < N / 2
    ends = scan.runs.assign(norm_fall_step=scan.runs["norm_fall_step"].mask(winners))
    cut_off = Scan(scan.config, ends, scan.trajectories, {})
    found = laws.table(cut_off, fresh=True).set_index("predictor").loc["peak norm"]
    known = found["known"], found["known_winners"]
    assert known == (pytest.approx(0.33, abs=0.2), 1)
    assert found["winners"] == np.sum(winners)
    assert found["adds"] == "no, known too late"


def test_a_norm_at_a_fixed_step_is_that_of_runs_that_are_not_at_t98_yet():
    scan = laws.ungrafted(made_up())
    values, steps = predictors(scan)
    later = scan.runs["t98_step"].to_numpy(float) > 3000
    assert not np.all(later)
    assert values["norm at step 3,000"].notna().tolist() == later.tolist()
    assert steps["norm at step 3,000"].dropna().unique().tolist() == [3000]
    assert values["norm at step 1,000"].to_numpy() == pytest.approx([35.0] * (N - 1))
    when = laws.share_of_time(steps["norm at step 3,000"].to_numpy(), np.full(N - 1, 4000.0))
    assert set(when[later]) == {0.75}
    assert set(when[~later]) == {1.0}


def test_a_norm_between_points_does_not_depend_on_how_far_these_are_apart():
    step = np.arange(0.0, 4001, 50)
    norm = 20 + 25 * (1 - np.exp(-step / 900))
    runs = pd.DataFrame({"split_seed": 0, "t98_step": [3900.0] * 2, "steps": 4000})
    runs = runs.assign(memorised_step=1500, norm_peak=45.0, norm_peak_step=4000)
    runs = runs.assign(norm_fall_step=np.nan, sample_loss_peak=9.0, sample_loss_peak_step=500)
    both = [step[::3], step[[*range(0, 81, 9), 80]]]
    points = pd.concat(
        pd.DataFrame({"run": i, "step": s, "norm": norm[np.isin(step, s)], "sample_loss": 1.0})
        for i, s in enumerate(both)
    )
    values, _ = predictors(Scan(grokseed.preset("mini"), runs, points, {}))
    for name, at in (("norm at step 1,000", 1000), ("norm at step 2,000", 2000)):
        true = 20 + 25 * (1 - np.exp(-at / 900))
        assert values[name].to_numpy() == pytest.approx([true] * 2, abs=0.05)


def test_the_page_on_file_is_what_its_table_says():
    scans = laws.read([RESULTS / path.name for path in (laws.SEEN, *laws.FRESH)])
    found = laws.tables(scans)
    assert laws.answer(found, scans) == (RESULTS / "laws" / "README.md").read_text()
    on_file = pd.read_csv(RESULTS / "laws" / "laws.csv", dtype={"paper": str})
    pd.testing.assert_frame_equal(found, on_file, rtol=1e-3)
    own = on_file.loc[(on_file["folder"] == "base_scan") & (on_file["paper"] != "none")]
    rows: list[dict] = list(published_laws.claims(RESULTS))
    first = [row for row in rows if "be predicted from" in row["claim"] and row["n"]]
    second = [row for row in rows if "adds to the step of memorising" in row["claim"]]
    for one, claim, later in zip(own.to_dict("records"), first, second, strict=True):
        assert one["predictor"] in claim["claim"]
        assert (claim["ours"], later["ours"]) == (one["rho"], one["partial_rho"])
        verdicts = {"yes": HOLDS, "no": FAILS, "cannot tell": UNKNOWN}
        assert claim["verdict"] == verdicts[one["of_use"]]
        assert (claim["verdict"] == HOLDS) == (claim["ours_low"] > 0.5)  # the rule of plan.md
        assert (later["verdict"] == FAILS) == one["adds"].startswith("no")
        assert later["claim"].endswith(f"[{LOOKED}]")
        assert ("[found by looking: predictor added" in claim["claim"]) == (
            "norm at step" in one["predictor"]
        )
    normed, given = (
        row for row in rows if "the norm at memorising predicts nothing" in row["claim"]
    )
    by_name = own.set_index("predictor").loc["norm at memorising"]
    assert (normed["ours"], normed["verdict"]) == (by_name["rho"], FAILS)
    assert (given["ours"], given["verdict"]) == (by_name["partial_rho"], UNKNOWN)
    assert LOOKED in given["claim"]
    assert LOOKED not in normed["claim"]


def test_the_figures_title_is_of_the_seeds_that_are_judged():
    """The correlations of another folder are larger: of runs that share seeds, and picked."""
    found = pd.read_csv(RESULTS / "laws" / "laws.csv")
    figure = correlations(found, laws.USE, laws.BASELINE, "base_scan")
    own = found.query("folder == 'base_scan' and adds == 'no'")
    useful = found.query("folder == 'base_scan' and of_use == 'yes' and paper != 'none'")
    best = max(own.to_dict("records"), key=lambda row: row["partial_rho"])
    title = " ".join(figure.get_suptitle().split())
    assert f"By themselves {len(useful)} of 10 predictors are above 0.5" in title
    assert f"'{best['predictor']}' adds most" in title
    assert f"{best['partial_rho']:.2f} ({best['partial_low']:.2f}" in title
    assert "in base_scan" in title
    rows = {label.get_text() for label in figure.axes[0].get_yticklabels()}
    late = found.query("folder == 'base_scan'").query("known_winners > 0.9 or known > 0.9")[
        "predictor"
    ]
    assert {row.removesuffix(" (*)") for row in rows if row.endswith(" (*)")} == set(late)


def test_the_step_at_which_a_norm_falls_lies_between_points():
    points = pd.DataFrame({"step": [0, 100, 200, 300], "norm": [10.0, 40.0, 30.0, 10.0]})
    assert falls_to(points, 20, after=100) == 250
    assert np.isnan(falls_to(points, 5, after=100))


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.51, 0.8, "yes"), (-0.8, -0.51, "yes"), (0.1, 0.49, "no"), (0.3, 0.7, "cannot tell")],
)
def test_the_rule_of_the_plan_does_not_ask_when_and_the_later_one_does(
    low: float, high: float, said: str
):
    found = Correlation((low + high) / 2, low, high, 0.01, 0.2, 100)
    assert laws.planned(found, fresh=True) == said
    assert laws.adds(found, 0.5, fresh=True) == said
    late = said if said == "no" else "no, known too late"
    assert laws.adds(found, 0.95, fresh=True) == late
