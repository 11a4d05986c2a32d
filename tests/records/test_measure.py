"""Records against hand-worked trajectories and a plain reading of made-up ones."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from grokseed.config import Config
from grokseed.records.measure import SCALARS, measure
from grokseed.records.trajectory import Trajectory

CONFIG = Config(
    operation="x+y", p=11, train_fraction=0.17, test_fraction=0.0, batch_size=10, sample_size=50
)
"""121 equations: 20 train, 101 validate, 50 of those are the validation sample."""


def trajectory(status: str = "done", test_correct: int | None = None, **columns: Any) -> Trajectory:
    """Points at steps 0, 25, 50, ...; what is not given is dull."""
    n = len(next(iter(columns.values())))
    dull = {
        "step": np.arange(n) * 25,
        "train_loss": [math.nan] + [1.0] * (n - 1),
        "train_correct": [0] * n,
        "train_seen": [0] + [100] * (n - 1),
        "sample_loss": [2.0] * n,
        "sample_correct": [0] * n,
        "val_loss": [math.nan] * n,
        "val_correct": [-1] * n,
        "norm": [10.0] * n,
    }
    arrays = {name: np.asarray(value) for name, value in {**dull, **columns}.items()}
    return Trajectory(status, arrays, test_correct)  # type: ignore[arg-type]


def record(**columns: Any) -> dict[str, Any]:
    return measure(CONFIG, trajectory(**columns))


def test_a_run_worked_by_hand() -> None:
    ours = record(
        train_loss=[math.nan, 3.0, 1.0, 0.5, 0.25, 0.125],
        train_correct=[0, 50, 98, 99, 100, 97],
        sample_loss=[5.0, 6.5, 7.0, 3.0, 1.0, 0.5],
        sample_correct=[0, 0, 10, 49, 50, 50],
        val_loss=[math.nan, math.nan, 6.0, 2.0, 0.9, 0.4],
        val_correct=[-1, -1, 60, 99, 101, 101],
        norm=[40.0, 50.0, 60.0, 59.0, 58.8, 55.0],
    )
    assert ours == {
        "steps": 125,
        "memorised_step": 75,
        "t50_step": 75,
        "t98_step": 75,
        "completed_step": 100,
        "held": True,
        "screen_val_accuracy": None,
        "final_train_loss": 0.125,
        "final_train_accuracy": 0.97,
        "final_val_loss": 0.4,
        "final_val_accuracy": 1.0,
        "final_test_accuracy": None,
        "sample_loss_start": 5.0,
        "sample_loss_peak": 7.0,
        "sample_loss_peak_step": 50,
        "norm_start": 40.0,
        "norm_peak": 60.0,
        "norm_peak_step": 50,
        "norm_completed": 58.8,
        "norm_final": 55.0,
        "norm_fall_step": 100,
    }
    assert list(ours) == list(SCALARS)


def test_a_run_that_reaches_nothing() -> None:
    ours = record(train_correct=[0, 98, 98], val_correct=[-1, -1, 97], norm=[1.0, 2.0, 3.0])
    for name in ("memorised", "t98", "completed", "norm_fall"):
        assert ours[f"{name}_step"] is None
    assert ours["held"] is ours["norm_completed"] is None
    assert ours["final_val_accuracy"] == 97 / 101


def test_landmarks_begin_exactly_at_their_edges() -> None:
    assert record(train_correct=[0, 98, 99])["memorised_step"] == 50
    # 0.98 of 101 is 98.98: 98 is under it and 99 over; with 50 examples 49 is 0.98 to the bit.
    assert record(val_correct=[-1, 98, 99])["t98_step"] == 50
    half = Config(operation="x+y", p=11, train_fraction=0.59, batch_size=10)
    assert half.n_val == 50
    assert measure(half, trajectory(val_correct=[-1, 48, 49]))["t98_step"] == 50
    assert record(val_correct=[-1, 100, 101])["completed_step"] == 50
    assert record(norm=[1.0, 50.0, 49.0 + 1e-9, 49.0])["norm_fall_step"] == 75


def test_held_looks_at_all_that_came_later() -> None:
    right = [50] * 5
    assert record(val_correct=[-1, 101, -1, -1, 101], sample_correct=right)["held"] is True
    assert record(val_correct=[-1, 101, -1, 100, 101], sample_correct=right)["held"] is False
    assert record(val_correct=[-1, 100, -1, -1, 101], sample_correct=right)["held"] is None
    dip = [
        0,
        50,
        49,
        50,
        50,
    ]  # the validation sample is part of the whole, which so cannot have been right
    assert record(val_correct=[-1, 101, -1, -1, 101], sample_correct=dip)["held"] is False


def test_the_screen_reads_its_own_step() -> None:
    n = 3000 // 25 + 3
    correct = np.full(n, -1)
    correct[3000 // 25 - 1 :] = [11, 12, 13, 14]
    assert record(val_correct=correct)["screen_val_accuracy"] == 12 / 101
    correct[3000 // 25] = -1
    assert record(val_correct=correct)["screen_val_accuracy"] is None
    assert record(val_correct=correct[: 3000 // 25])["screen_val_accuracy"] is None


def test_a_diverged_run_keeps_what_it_reached() -> None:
    ours = measure(
        CONFIG,
        trajectory(
            status="diverged",
            train_loss=[math.nan, 1.0, math.inf],
            train_correct=[0, 99, 0],
            sample_loss=[5.0, 6.0, math.nan],
            val_correct=[-1, 101, -1],
            norm=[40.0, 41.0, math.inf],
        ),
    )
    assert (ours["steps"], ours["memorised_step"], ours["completed_step"]) == (50, 25, 25)
    assert ours["final_train_loss"] is ours["norm_final"] is ours["final_val_loss"] is None
    assert (ours["sample_loss_peak"], ours["norm_peak"]) == (6.0, 41.0)
    assert (ours["final_train_accuracy"], ours["held"]) == (0.0, False)


def test_the_test_set_is_a_share() -> None:
    config = Config(operation="x+y", p=11, test_fraction=0.2, batch_size=10)
    run = trajectory(test_correct=6, norm=[1.0, 1.0])
    assert measure(config, run)["final_test_accuracy"] == 0.25


@st.composite
def trajectories(draw: st.DrawFn) -> Trajectory:
    n = draw(st.integers(1, 12))

    def column(elements: st.SearchStrategy) -> list:
        return draw(st.lists(elements, min_size=n, max_size=n))

    value = st.floats(0, 100) | st.just(math.nan)
    correct = column(st.sampled_from([-1, 0, 50, 98, 99, 100, 101]))
    loss = [math.nan if c < 0 else draw(st.floats(0, 50)) for c in correct]
    return trajectory(
        status=draw(st.sampled_from(["done", "diverged"])),
        train_loss=[math.nan, *column(value)[1:]],
        train_correct=[0, *column(st.sampled_from([0, 97, 98, 99, 100]))[1:]],
        sample_loss=[1.0, *column(value)[1:]],
        sample_correct=column(st.integers(0, 50)),
        val_correct=correct,
        val_loss=loss,
        norm=[40.0, *column(st.floats(30, 60) | st.just(math.nan))[1:]],
    )


def first_step(points: list[tuple[int, bool]]) -> int | None:
    """A plain reading of `the first point at which`."""
    for step, reached in points:
        if reached:
            return step
    return None


@given(trajectories())
def test_made_up_trajectories(run: Trajectory) -> None:
    ours: dict[str, Any] = {**measure(CONFIG, run)}
    c = {name: values.tolist() for name, values in run.columns.items()}
    steps = c["step"]
    points = list(range(len(steps)))
    assert list(ours) == list(SCALARS)
    assert ours["steps"] == steps[-1]

    accuracy = [right / 100 for right in c["train_correct"]]
    assert ours["memorised_step"] == first_step([(steps[i], accuracy[i] >= 0.99) for i in points])
    right = c["val_correct"]
    assert ours["t98_step"] == first_step([(steps[i], right[i] / 101 >= 0.98) for i in points])
    generalised = first_step([(steps[i], right[i] == 101) for i in points])
    assert ours["completed_step"] == generalised
    if generalised is None:
        assert ours["held"] is ours["norm_completed"] is None
    else:
        later = [i for i in points if steps[i] > generalised]
        good = [right[i] in (-1, 101) and c["sample_correct"][i] == 50 for i in later]
        assert ours["held"] is ((all(good) and run.status == "done") if later else None)
        assert ours["t98_step"] <= generalised <= ours["steps"]

    for name, column in (("sample_loss", c["sample_loss"]), ("norm", c["norm"])):
        finite = [
            (value, -step) for value, step in zip(column, steps, strict=True) if value == value
        ]
        peak, step = max(finite)
        assert (ours[f"{name}_peak"], ours[f"{name}_peak_step"]) == (peak, -step)
        assert ours[f"{name}_peak"] >= ours[f"{name}_start"]
    fallen = [
        (steps[i], steps[i] > ours["norm_peak_step"] and c["norm"][i] <= 0.98 * ours["norm_peak"])
        for i in points
    ]
    assert ours["norm_fall_step"] == first_step(fallen)


@given(trajectories())
def test_a_record_holds_plain_values_of_the_named_types(run: Trajectory) -> None:
    for name, value in measure(CONFIG, run).items():
        assert value is None or type(value) is SCALARS[name], name
        assert value is None or math.isfinite(value), name


def test_t50_is_the_recorded_one_and_the_samples_where_none_was_looked_for() -> None:
    half: dict[str, Any] = {"sample_correct": [0, 24, 25, 50], "val_correct": [-1, -1, -1, 101]}
    assert record(**half)["t50_step"] == 50
    for t50, step in ((25, 25), (0, 0), (-1, None)):
        assert measure(CONFIG, replace(trajectory(**half), t50=t50))["t50_step"] == step
