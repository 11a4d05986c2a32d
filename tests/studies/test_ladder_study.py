"""The study of ladders on small configs, and its tables from rows written by hand."""

import math

import ladder
import ladder_answer
import pandas as pd
import pytest

import grokseed

SMALL = {"p": 13, "batch_size": 32, "sample_size": 20, "lr": 5e-3}


def row(seed: int, training: str, **values: object) -> dict:
    base = {"model_seed": seed, "training": training, "reached": math.nan, "rate": 1.0}
    return {**base, **values}


def test_a_fault_gets_its_row_and_a_ladder_is_trained_once(tmp_path, monkeypatch):
    arms = {
        "none": ladder.Arm(),
        "lr 1e-09": ladder.Arm({"lr": 1e-9}),
        "weight_decay 1": ladder.Arm(weight_decay=1.0, part="train set", onward=True),
    }
    small = grokseed.preset("mini", **SMALL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ladder, "ARMS", arms)
    monkeypatch.setattr(grokseed, "preset", lambda name: small)
    monkeypatch.setattr(
        ladder_answer, "LEVELS", {"4 examples": None, "train set": None}
    )  # it has 93 examples to train on
    with pytest.raises(SystemExit, match="still to be made"):
        ladder.main(["--export"])
    monkeypatch.setattr(ladder, "answer", lambda *_: "")  # needs all levels of the whole mini
    ladder.main([])
    table = pd.read_csv("results/ladder/ladder.csv")
    found = ladder_answer.by_fault(table.to_dict("records"), list(arms))
    sound, slow, decayed = found
    assert [one["memorised"].k for one in found[:2]] == [1, 0]
    assert (sound["causes"], slow["causes"]) == ("none", "learning rate too low")
    assert (slow["epochs"], decayed["epochs"]) == ("never", "never")
    assert len(table[table["fault"] == "weight_decay 1"]) == 1
    assert sound["low"] > 0
    text = (tmp_path / "results/ladder/ladder.csv").read_bytes()
    monkeypatch.setattr(ladder, "examine", None)
    ladder.main([])
    assert (tmp_path / "results/ladder/ladder.csv").read_bytes() == text


def test_levels_count_seeds_that_met_their_target_in_the_given_epochs():
    rows = [row(seed, "100 examples", reached=e) for seed, e in enumerate((20, 21, math.nan))]
    found = {one["name"]: one for one in ladder_answer.by_level(with_all_levels(rows))}
    hundred = found["100 examples"]
    assert (hundred["met"].k, hundred["in_time"].k, hundred["in_time"].n) == (2, 1, 3)
    assert hundred["epochs"] == (21, 20, math.inf)


def with_all_levels(rows: list[dict]) -> list[dict]:
    return rows + [row(0, name, reached=5.0) for name in ladder_answer.LEVELS if name[:3] != "100"]


def test_the_best_rate_is_counted_by_seed():
    losses = {0.1: (1.0, 3.0, 1.0), 0.2: (2.0, 2.0, 2.0)}
    rows = [
        row(seed, f"{r:g}", rate=r, lowest_loss=loss)
        for r, own in losses.items()
        for seed, loss in enumerate(own)
    ]
    found = ladder_answer.by_rate(rows)
    assert [(one["rate"], one["loss"], one["best"]) for one in found] == [(0.1, 1, 2), (0.2, 2, 1)]
