"""The study of ladders on small configs, and its tables from rows written by hand."""

import math
from pathlib import Path

import pandas as pd
import pytest

import grokseed
import ladder
from older_documents import ladder_tables
from older_documents.ladder_answer import answer, judged
from older_documents.ladder_arms import ARMS, LOW

SMALL = {"p": 13, "batch_size": 32, "sample_size": 20, "lr": 5e-3}


def row(seed: int, training: str, **values: object) -> dict:
    base = {"model_seed": seed, "training": training, "reached": math.nan, "rate": 1.0}
    return {**base, **values}


@pytest.mark.usefixtures("not_drawn")
def test_a_fault_gets_its_row_and_a_ladder_is_trained_once(tmp_path, monkeypatch):
    arms = {
        "none": ladder.Arm(),
        "lr 1e-09": ladder.Arm({"lr": 1e-9}, planted=(LOW,)),
        "weight_decay 1": ladder.Arm(
            weight_decay=1.0, part="train set", onward=True, planted=("regularisation",)
        ),
    }
    small = grokseed.preset("mini", **SMALL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ladder, "ARMS", arms)
    monkeypatch.setattr(grokseed, "preset", lambda name: small)
    monkeypatch.setattr(
        ladder_tables, "LEVELS", {"4 examples": None, "train set": None}
    )  # it has 93 examples to train on
    with pytest.raises(SystemExit, match="still to be made"):
        ladder.main(["--export"])
    monkeypatch.setattr(ladder, "answer", lambda *_: "")  # needs all levels of the whole mini
    monkeypatch.setattr(ladder_tables, "ARMS", arms)
    ladder.main([])
    table = pd.read_csv("results/ladder/ladder.csv")
    found = ladder_tables.by_fault(table.to_dict("records"), list(arms))
    sound, slow, decayed = found
    assert [one["memorised"].k for one in found[:2]] == [1, 0]
    assert (sound["causes"], slow["causes"]) == ("none", "learning rate too low")
    assert slow["epochs"] == "never"
    assert decayed["epochs"] == "not asked"
    assert ladder_tables.diagnosed(found).k == slow["told"] == 1
    assert (slow["failing"], sound["alarms"], decayed["told"]) == (1, 0, 0)
    drawn = ladder_tables.outcomes(table)
    assert drawn["outcome"].tolist()[:2] == ["memorised", "its fault is named"]
    assert len(table[table["fault"] == "weight_decay 1"]) == 1
    assert sound["low"] > 0
    text = (tmp_path / "results/ladder/ladder.csv").read_bytes()
    monkeypatch.setattr(ladder, "examine", None)
    ladder.main([])
    assert (tmp_path / "results/ladder/ladder.csv").read_bytes() == text


def test_levels_count_seeds_that_met_their_target_in_the_given_epochs():
    rows = [row(seed, "100 examples", reached=e) for seed, e in enumerate((20, 21, math.nan))]
    found = {one["name"]: one for one in ladder_tables.by_level(with_all_levels(rows))}
    hundred = found["100 examples"]
    assert (hundred["met"].k, hundred["in_time"].k, hundred["in_time"].n) == (2, 1, 3)
    assert hundred["epochs"] == (21, 20, math.inf)


def with_all_levels(rows: list[dict]) -> list[dict]:
    return rows + [row(0, name, reached=5.0) for name in ladder_tables.LEVELS if name[:3] != "100"]


def test_the_best_rate_is_counted_by_seed():
    losses = {0.1: (1.0, 3.0, 1.0), 0.2: (2.0, 2.0, 2.0)}
    rows = [
        row(seed, f"{r:g}", rate=r, lowest_loss=loss)
        for r, own in losses.items()
        for seed, loss in enumerate(own)
    ]
    found = ladder_tables.by_rate(rows)
    assert [(one["rate"], one["loss"], one["best"]) for one in found] == [(0.1, 1, 2), (0.2, 2, 1)]


def made_up(fault: str, seed: int = 0, **changes: object) -> list[dict]:
    """A ladder that memorises by epoch 10, or as its changes say."""
    base = {
        "fault": fault,
        "model_seed": seed,
        "memorises": True,
        "cause": math.nan,
        "n": 1000,
        "rate": 0.002,
        "reached": 10.0,
        "end_loss": 0.05,
        "end_right": 1000,
        "sure": 990,
        "val_loss": 5.0,
        "lowest_loss": 0.04,
        "rises": 0.1,
        "status": "done",
        "norm_low": 1e-3,
        "norm_high": 2.0,
        "norm_last_low": 1e-2,
        "numerics": "cpu",
    }
    levels = [{**base, "training": name, **changes} for name in ladder_tables.LEVELS]
    sweep = [{**base, "training": f"{r:g}", "rate": r, "lowest_loss": 1 - r} for r in (1e-3, 3e-3)]
    return levels + sweep


FAILED = {"memorises": False, "reached": math.nan, "end_right": 20, "sure": 0}


def verdicts(*ladders: list[dict]) -> dict[str, str]:
    table = pd.DataFrame([one for ladder_rows in ladders for one in ladder_rows])
    return {one["sentence"]: one["verdict"] for one in judged(table, list(ARMS))}


def test_sentences_follow_from_ladders_that_were_made_up():
    base = [one for seed in range(6) for one in made_up("none", seed)]
    narrow = made_up("d_model 2", **FAILED, cause="insufficient capacity")
    high = made_up("lr 0.1", **FAILED, cause="too few epochs", rises=0.5, norm_low=0.0)
    low = made_up("lr 1e-05", **FAILED, cause="learning rate too low", rises=0.0)
    lost = made_up(
        "lr 1e+30", **FAILED, cause="numerical instability", status="diverged", rises=math.nan
    )
    told = verdicts(base, narrow, high, low, lost)
    assert told["Level 2: 100 examples, above 95 % in 20 epochs (003:144-152)"] == "holds"
    assert told["Train loss below 0.1 (003:227)"] == "holds"
    assert told["Gradients are neither below 1e-06 nor above 100 (003:196-197)"] == "holds"
    assert told["An oscillating loss is the sign of a rate that is too high (003:175)"] == "holds"
    assert told["NaN gradients are exploding gradients (003:199)"] == "does not hold"
    (named,) = [v for sentence, v in told.items() if sentence.startswith("The table of blockers")]
    assert named == "holds in part"
    late = [one for seed in range(6) for one in made_up("none", seed, reached=30.0, norm_low=1e-7)]
    told = verdicts(late, narrow, high, low)
    assert told["Level 2: 100 examples, above 95 % in 20 epochs (003:144-152)"] == "does not hold"
    assert told["Gradients are neither below 1e-06 nor above 100 (003:196-197)"] == "does not hold"


def test_an_answer_says_what_is_missing():
    base = [one for seed in range(5) for one in made_up("none", seed)]
    faults = [made_up("d_model 8", **FAILED, cause="too few epochs"), made_up("lr 0.1", **FAILED)]
    text = answer(pd.DataFrame([*base, *(one for rows in faults for one in rows)]), list(ARMS))
    assert "0 of 2 (0 to 84 %) get its name" in text
    assert "none (5 of 6 seeds)" in text
    assert "init_scale 100 (0 of 1 seeds)" in text


def test_a_study_that_was_stopped_has_an_answer_after_each_fault():
    """The ladders on file, as they were when one fault after the other was done."""
    table = pd.read_csv(Path(__file__).parents[2] / "results" / "ladder" / "ladder.csv")
    for done in range(1, len(ARMS)):
        some = table.loc[table["fault"].isin([*ARMS][:done])]
        text = answer(some, list(ARMS))
        assert f"{[*ARMS][done]} (0 of " in text
        assert ("(003:175)" in text) == (done > 4)  # two faults, one a rate


def test_the_answer_on_file_is_of_the_table_on_file():
    folder = Path(__file__).parents[2] / "results" / "ladder"
    table = pd.read_csv(folder / "ladder.csv")
    assert (folder / "README.md").read_text() == answer(table, list(ARMS))
    assert (folder / "faults.png").exists()
    whole = [row for row in table.to_dict("records") if row["training"] == "train set"]
    failing = [row for row in whole if not row["memorises"] and ARMS[row["fault"]].planted]
    named = [bool({*row["cause"].split("; ")} & {*ARMS[row["fault"]].planted}) for row in failing]
    assert f"{sum(named)} of {len(named)} (" in (folder / "README.md").read_text()
