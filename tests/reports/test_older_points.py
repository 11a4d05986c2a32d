"""Points of folders that earlier versions wrote, which have no columns of the training set."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from checked_in import RESULTS

import grokseed
from grokseed.figures import scan as figures
from grokseed.reports.columnar import point_columns, sample
from grokseed.reports.studies import read_studies

OLD, NEW = RESULTS / "mini_generalise", RESULTS / "coins" / "mini"


def test_the_columns_are_there_without_a_value() -> None:
    old, new = (grokseed.load(folder).trajectories for folder in (OLD, NEW))
    assert list(old)[:4] == list(new)[:4] == ["run", "step", "train_loss", "train_accuracy"]
    assert np.isnan(old[["train_loss", "train_accuracy"]].to_numpy()).all()
    assert np.isfinite(old["sample_loss"].to_numpy()).all()
    assert np.isfinite(new["train_accuracy"].to_numpy()).any()


@pytest.mark.parametrize("name", ["accuracy", "loss_and_norm", "classes"])
def test_figures_are_those_of_a_table_without_the_columns(name) -> None:
    scan = grokseed.load(OLD)
    bare = scan.trajectories.drop(columns=["train_loss", "train_accuracy"])
    drawn = [getattr(figures, name)(scan.runs, points) for points in (scan.trajectories, bare)]
    ours, theirs = (
        [(len(axes.lines), axes.get_ylabel(), axes.get_title()) for axes in figure.axes]
        for figure in drawn
    )
    assert ours == theirs
    assert not any("train" in text for axes in ours for text in map(str, axes))


def test_the_page_of_all_studies_has_no_empty_column(tmp_path: Path) -> None:
    shutil.copytree(OLD, tmp_path / "old", ignore=shutil.ignore_patterns("*.png"))
    (study,) = read_studies(tmp_path, lambda config, steps: steps)
    columns = point_columns(study, sample(study, 10))["columns"]
    assert "train_accuracy" not in columns
    assert {"run", "step", "val_accuracy", "val_loss", "norm"} == set(columns)
