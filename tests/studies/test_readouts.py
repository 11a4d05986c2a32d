"""Steps put into made-up runs are found, each verdict follows its rule, and a part says so."""

import re
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import readouts
from grokseed.analysis.correlation import Correlation
from grokseed.params import count_config
from grokseed.records.row import SEEDS
from older_documents.readout_sentences import over, sentences
from older_documents.readout_tables import impedes, later, memorises, table

ROOT = Path(__file__).parents[2]
COUNTS = {arm: count_config(readouts.config(arm)) for arm in readouts.ARMS}


def made_up(arm: str, factor: float) -> pd.DataFrame:
    """Runs that memorise at 200 steps times a factor, luck of the seed and luck of the arm."""
    luck = np.random.default_rng(0).normal(0, 0.2, readouts.EACH)
    own = np.random.default_rng(len(arm)).normal(0, 0.1, readouts.EACH)
    time = 200 * factor * np.exp(luck + own)
    last = readouts.config(arm).max_steps
    rows = [dict(zip(SEEDS, astuple(run), strict=True)) for run in readouts.design()]
    return pd.DataFrame(rows).assign(
        memorised_step=np.where(time <= last, time, np.nan),
        steps=float(last),
        final_train_accuracy=np.where(time <= last, 1.0, 0.5),
        digest=[f"{factor:g} {seed}" for seed in range(readouts.EACH)],
    )


def made_up_study() -> dict[str, pd.DataFrame]:
    """The lower the ratio, the sooner; arms of the last position and narrow ones never."""
    factors = {arm: float(np.sqrt(COUNTS[arm].ratio / COUNTS["flatten"].ratio)) for arm in COUNTS}
    factors |= {"conv_1": factors["time_distributed"], "flatten_layers_4": 1.6}
    factors["flatten_all_three"] = 0.5
    never = dict.fromkeys(("last", "tied", "bottleneck_1"), 100.0)
    return {arm: made_up(arm, factor) for arm, factor in (factors | never).items()}


def test_arms_differ_and_no_two_runs_of_one_share_a_stream() -> None:
    assert len({readouts.config(arm).key() for arm in readouts.ARMS}) == 16 + 3
    runs = readouts.design()
    assert len(runs) == 16
    for stream in ("split", "model", "loader", "val"):
        assert len({getattr(run, stream) for run in runs}) == 16


def test_sizes_are_those_that_the_plan_says() -> None:
    """Id 4's, counted by hand; two pairs of arms are matched, to 2 and to 5 percent."""
    assert COUNTS["flatten"].readout == 32 * 16 * 257 + 257 + 2 * 16
    assert COUNTS["flatten"].blocks == 6 * 16**2 + 10 * 16
    assert COUNTS["conv_3"].readout == 3 * 16 * 2 + 2 + 64 * 257 + 257 + 2 * 16
    narrow, places = (COUNTS[arm].readout for arm in ("bottleneck_21", "time_distributed"))
    assert narrow == pytest.approx(places, rel=0.02)
    deep, wide = (COUNTS[arm].blocks for arm in (readouts.DEEP, readouts.WIDE))
    assert deep == pytest.approx(wide, rel=0.05)
    config = readouts.config("flatten")
    assert (config.n_train, config.n_val, config.steps_per_epoch) == (431, 1, 7)
    assert readouts.config("last").max_steps == 300 * 7


def test_what_was_put_in_is_found() -> None:
    runs = {
        "flatten": made_up("flatten", 1),
        "bottleneck_16": made_up("bottleneck_16", 3),
        "time_distributed": made_up("time_distributed", 1.3),
        "last": made_up("last", 100),
    }
    found = table(runs, COUNTS, "flatten").set_index("arm")
    assert found.loc["bottleneck_16", "low"] < 3 < found.loc["bottleneck_16", "high"]
    assert found["memorised"].tolist() == [16, 16, 16, 0]
    assert np.isnan(found.loc["last", "median"])
    assert np.isnan(found.loc["last", "later"])
    assert found["matched"].tolist() == [0, 16, 16, 16]
    told = {row["arm"]: impedes(row) for row in found.reset_index().to_dict("records")[1:]}
    assert told == {"bottleneck_16": "yes", "time_distributed": "no", "last": "yes"}
    ratio, low, high, n = later(runs["bottleneck_16"], runs["time_distributed"])
    assert low < 3 / 1.3 < high
    assert (ratio, n) == (pytest.approx(3 / 1.3, rel=0.15), 16)


@pytest.mark.parametrize(
    ("k", "told"), [(13, "yes"), (12, "cannot tell"), (4, "cannot tell"), (3, "no")]
)
def test_an_arm_memorises_if_more_than_half_of_its_runs_do(k: int, told: str) -> None:
    assert memorises(k, 16) == told


def test_verdicts_over_several_arms() -> None:
    assert over(["yes", "yes"]) == "holds"
    assert over(["no", "no"]) == "does not hold"
    assert over(["yes", "no", "cannot tell"]) == "holds in part"
    assert over(["no", "cannot tell"]) == "cannot tell"


@pytest.mark.slow
def test_a_whole_study_says_what_was_put_in() -> None:
    runs = made_up_study()
    found = table(runs, COUNTS, "flatten")
    pairs = readouts.contrasts(runs, readouts.PAIRS)
    text = readouts.answer(runs, found, pairs)
    assert "Not memorised: last, bottleneck 1, tied." in text
    assert "a higher ratio goes with a later step" in text
    assert "Still to be trained" not in text
    row = r"^\| ([A-Z].*?) \(0.*?\) \| (holds|holds in part|does not hold|cannot tell) \|"
    judged = dict(re.findall(row, text, re.MULTILINE))
    assert judged["A convolution of width 1 is the layer a position"] == "holds"
    assert judged["Without the bottleneck the train set is learned by heart"] == "holds"
    assert judged["A bottleneck keeps 432 examples from being learned by heart"] == "holds in part"
    higher = "A higher share of block parameters is better, read as: memorised sooner"
    assert judged[higher] == "does not hold"
    assert [judged[one] for one in judged if one.startswith("Deep and narrow")] == ["holds"]
    changed = runs["conv_1"].assign(digest="another")
    again = readouts.answer({**runs, "conv_1": changed}, found, pairs)
    assert "| does not hold | 0 of 16 trainings are equal bit for bit |" in again


def row(memorised: str, ratio: float = 1.0) -> dict[str, object]:
    """An arm whose runs all memorise or none, at that many times flatten's step."""
    k = {"yes": 16, "no": 0}[memorised]
    limits = {"low": ratio / 1.2, "high": ratio * 1.2}
    steps = {"median": 120.0 * ratio if k else np.nan}
    return {"memorised": k, "n": 16, "memorises": memorised, "later": ratio, **limits, **steps}


def test_sentences_follow_from_the_arms() -> None:
    arms = {
        "flatten": row("yes"),
        "time_distributed": row("yes", 1.5),
        "bottleneck_16": row("yes", 5),
        "bottleneck_1": row("no", np.nan),
    }
    impeded = {arm: impedes(one) for arm, one in arms.items() if arm != "flatten"}
    sooner = {"ratio": 0.5, "low": 0.4, "high": 0.6, "later": "no"}
    pairs = {("conv_3", "time_distributed"): sooner, ("flatten_all_three", "flatten"): sooner}
    positive = Correlation(0.8, 0.4, 0.95, 0.01, 0.77, 11)
    found = sentences(arms, impeded, pairs, positive, (15, 16))
    assert [one["verdict"] for one in found] == [
        "holds",  # flatten learns by heart
        "holds in part",  # one bottleneck of two keeps it from that
        "holds",  # both impede
        "holds",  # a layer a position does not: 1.5 (1.25 to 1.8)
        "holds",  # three positions are sooner
        "holds",  # the advice in full is sooner
        "does not hold",  # one of 16 trainings is another
        "does not hold",  # a higher ratio is later
    ]
    assert found[1]["by"] == "width 1: 0 of 16; width 16: 16 of 16, median step 600"
    assert "width 16: 5.00 times (4.17 to 6.00)" in found[2]["by"]


def test_an_arm_that_does_not_memorise_is_later_than_one_that_does() -> None:
    runs = {
        "flatten_layers_4": made_up("flatten_layers_4", 100),
        "flatten_d_32": made_up("flatten_d_32", 1),
    }
    found = table(runs, COUNTS, "flatten").set_index("arm", drop=False)
    pairs = readouts.contrasts(runs, readouts.PAIRS).to_dict("records")
    arms = {row["arm"]: row for row in found.to_dict("records")}
    none = Correlation(np.nan, -1, 1, np.nan, np.nan, 0)
    by_pair = {(row["arm"], row["than"]): row for row in pairs}
    (row,) = sentences(arms, {}, by_pair, none, (0, 0))
    assert row["verdict"] == "holds"
    assert row["by"] == "no ratio: fewer than 2 runs memorise"


def test_a_part_says_what_is_missing() -> None:
    runs = {"flatten": made_up("flatten", 1)}
    text = readouts.answer(
        runs, table(runs, COUNTS, "flatten"), readouts.contrasts(runs, readouts.PAIRS)
    )
    assert "What the ratio predicts is not known yet" in text
    assert "Still to be trained: last, time distributed, bottleneck 16" in text


def test_the_figure_has_a_mark_a_run_and_says_which_arms_memorise() -> None:
    runs = {arm: made_up(arm, factor) for arm, factor in (("flatten", 1), ("last", 100))}
    notes = {"last": "one position", "tied": "no arm here"}
    windows = readouts.config("last").n_train
    figure = readouts.steps_by_arm(runs, table(runs, COUNTS, "flatten"), windows, notes)
    assert "on the 431 train windows" in figure.get_suptitle()
    heading = figure.legends[0].get_title().get_text().replace("\n", " ")
    assert heading.endswith("a mark a run; last: one position")
    (axes,) = figure.axes
    drawn = [line for line in axes.lines if len(np.atleast_1d(line.get_xdata()))]
    assert sum(len(np.atleast_1d(line.get_xdata())) for line in drawn) == 32
    (open_marks,) = [line for line in drawn if line.get_markerfacecolor() == "none"]
    assert np.all(open_marks.get_xdata() == 2100)
    title = "flatten (ratio 0.013) memorises first, by step"
    assert title in figure.get_suptitle().replace("\n", " ")
    assert "1 of 2 arms do not" in figure.get_suptitle().replace("\n", " ")


RESULTS = ROOT / "results" / "readouts"


@pytest.fixture(scope="module")
def on_file() -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """The runs and the table that are checked in."""
    table_on_file = pd.read_csv(RESULTS / "readouts.csv")
    runs = {arm: pd.read_csv(RESULTS / arm / "runs.csv") for arm in table_on_file["arm"]}
    return runs, table_on_file


def test_the_table_on_file_counts_its_runs(on_file: tuple) -> None:
    """Once more with pandas alone: no run was lost sight of before it memorised or ended."""
    runs, found = on_file
    for row in found.to_dict("records"):
        step = runs[row["arm"]]["memorised_step"]
        assert (row["n"], row["memorised"]) == (len(step), step.notna().sum())
        middle = step.fillna(np.inf).sort_values().iloc[(len(step) - 1) // 2]
        assert row["median"] == (
            middle if np.isfinite(middle) else pytest.approx(np.nan, nan_ok=True)
        )
        assert row["ratio"] == pytest.approx(COUNTS[row["arm"]].ratio, rel=1e-5)


def test_the_readme_says_of_the_readouts_what_their_table_does() -> None:
    found = pd.read_csv(ROOT / "results" / "readouts" / "readouts.csv").set_index("arm")
    said = " ".join((ROOT / "README.md").read_text().split())
    narrow = ["bottleneck_1", "bottleneck_2", "bottleneck_1_longer"]
    alone = [arm for arm in found.index if arm.startswith(("last", "tied"))]
    assert set(found.loc[narrow, "memorised"]) == {0}
    others = found.drop([*narrow, *alone])
    assert others["memorised"].tolist() == others["n"].tolist()
    assert "a bottleneck of 1 or 2 memorises on no seed and the others on all;" in said
    both = ("last", "last_longer")
    short, long = (f"{found.at[arm, 'memorised']} of {found.at[arm, 'n']}" for arm in both)
    first, last = (f"{readouts.config(arm).max_steps:,}" for arm in both)
    assert f"memorises on {short} seeds in {first} steps and on {long} in {last}]" in said
    wide, position = (found.loc[arm] for arm in ("bottleneck_21", "time_distributed"))
    assert wide["readout"] == pytest.approx(position["readout"], rel=0.02)
    assert f"by step {wide['median']:.0f}, and with `time-distributed` by step" in said
    assert f"`time-distributed` by step {position['median']:.0f} (" in said
