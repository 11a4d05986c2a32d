"""What the figure with a column a class shows, and where its medians begin."""

import numpy as np
import pytest
from artists import legend, points
from figure_tables import scan

from grokseed.figures import scan as plots
from grokseed.figures.lines import quantiles


def test_classes_have_a_column_each_with_train_and_validation_beside_each_other():
    runs, trajectories = scan(["normal"] * 3 + ["super"], [400] * 4, train=True)
    figure = plots.classes(runs, trajectories)
    tops = figure.axes[:2]
    assert [axes.get_title() for axes in tops] == [
        "super (n = 1)\ntrain: 200\nvalidation: 200",
        "normal (n = 3)\ntrain: 200\nvalidation: 400",
    ]
    assert [axes.get_ylabel() for axes in figure.axes[::2]] == [
        "accuracy\n(share right)",
        "loss (nats)",
        "weight norm (L2,\nno embeddings)",
    ]
    train, validation = tops[1].get_lines()
    assert points(train)[-1].tolist() == [400, 1]
    assert points(train)[0, 0] == 100  # nothing is measured on the train set before the first step
    assert points(validation)[-1] == pytest.approx([400, 0.5])
    assert train.get_linestyle() != validation.get_linestyle()
    without = plots.classes(runs, trajectories.drop(columns=["train_accuracy", "train_loss"]))
    assert [len(axes.get_lines()) for axes in without.axes] == [1] * 6
    assert "train" not in " ".join(legend(without))


def test_a_median_begins_where_the_last_run_has_its_first_value():
    early, late = np.array([[100.0, 0.2], [300, 0.4]]), np.array([[200.0, 1.0], [400, 1.0]])
    steps, (low, high) = quantiles([early, late], (0.0, 1.0))
    assert (steps[0], steps[-1]) == (200, 400)
    assert low[0] == pytest.approx(0.3)
    assert low[-1] == pytest.approx(0.4)  # an ended run keeps its last value
    assert high == pytest.approx(1.0)


def test_a_step_at_which_half_is_right_is_no_closer_than_the_points():
    runs, trajectories = scan(["super"] * 2 + ["normal"] * 2, [3456] * 2 + [100] * 2, train=True)
    trajectories["sample_accuracy"] = trajectories["train_accuracy"].fillna(0)
    trajectories.loc[trajectories["run"] >= 2, "sample_accuracy"] = 0.1
    measured = (trajectories["run"] >= 2) & (trajectories["step"] > 0)
    trajectories.loc[measured, "train_accuracy"] = 0.9
    titles = [
        axes.get_title().split("\n")[1:] for axes in plots.classes(runs, trajectories).axes[:2]
    ]
    assert titles == [
        ["train: 1,700", "validation: 1,700"],
        ["train: ≤ 25", "validation: > 100"],
    ]


def test_steps_are_on_a_log_scale_where_a_linear_one_would_leave_slivers():
    near, far = (plots.classes(*scan(["super", "normal"], [last, 400])) for last in (200, 199))
    assert {axes.get_xscale() for axes in near.axes} == {"linear"}
    assert {axes.get_xscale() for axes in far.axes} == {"log"}
    assert {axes.get_xlabel() for axes in far.axes} == {"", "optimiser steps\n(log scale)"}
    assert len({axes.get_xlim() for axes in far.axes}) == 1
