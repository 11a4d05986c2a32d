"""Survival curves on the page of all studies: which runs they count, and what is said of others."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from compared_folders import folder
from report_folders import GRAFTS, RESULTS, SCAN

from grokseed.reports.charts import charts_of
from grokseed.reports.curves import curves, groups, said
from grokseed.reports.result import load
from grokseed.reports.studies import Study


def study_of(path: Path) -> Study:
    return Study(path.name, path, "", "", load(path), 0, float("nan"))


def exclude(path: Path, model_seeds) -> None:
    table = pd.DataFrame({"model_seed": model_seeds, "reason": "a winner"})
    table.to_csv(path / "excluded.csv", index=False)


def test_no_curve_counts_seeds_that_were_chosen_by_hand() -> None:
    study, runs = study_of(RESULTS / SCAN), pd.read_csv(RESULTS / SCAN / "runs.csv")
    chosen = pd.read_csv(RESULTS / SCAN / "excluded.csv")["model_seed"].to_numpy()
    by_hand = np.isin(runs["model_seed"].to_numpy(), chosen)
    n, out = len(runs), int(by_hand.sum())
    assert out > 0
    made = charts_of(study, 12)
    assert made["said"] == f"{out} of {n} runs are in no curve: their seeds were chosen by hand."
    assert {row["group"] for row in made["curves"]} == {f"all runs (n = {n - out})"}
    left = {row["step"]: row["left"] for row in made["curves"]}
    times = runs["memorised_step"].to_numpy()[~by_hand]  # NaN: not by step 1,750, the last of all
    assert len(left) > 2
    for step, share in left.items():
        assert share == pytest.approx(1 - np.mean(times <= step), abs=1e-3)
    assert {row["landmark"] for row in made["curves"]} == {"memorised"}
    assert (
        next(p["value"] for p in made["explorer"]["params"] if p["name"] == "landmark")
        == "memorised"
    )


def test_without_five_seeds_that_count_there_is_no_curve(tmp_path: Path) -> None:
    path = folder(tmp_path / "out", [1000.0 * (seed + 1) for seed in range(6)])
    assert said(study_of(path), drawn=True) == ""
    by_hand = "runs are in no curve: their seeds were chosen by hand."
    exclude(path, range(2))
    assert curves(study_of(path))[1] == []
    few = "Fewer than 5 of the others reached any landmark here: no curve is drawn."
    assert said(study_of(path), drawn=False) == f"2 of 6 {by_hand} {few}"
    exclude(path, range(6))
    assert curves(study_of(path))[1] == []
    assert said(study_of(path), drawn=False) == f"6 of 6 {by_hand}"


def test_cells_of_seeds_that_were_chosen_by_hand_are_in_no_group(tmp_path: Path) -> None:
    study = study_of(RESULTS / GRAFTS)
    assert study.scan is not None
    before = {name: len(runs) for name, runs in groups(study)[1].items()}
    seed = int(study.scan.runs["model_seed"].iloc[0])
    study.scan.excluded[seed] = "a loser"
    after = groups(study)[1]
    assert all(seed not in set(runs["model_seed"]) for runs in after.values())
    assert sum(map(len, after.values())) < sum(before.values())
