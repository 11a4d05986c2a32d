"""From a trajectory to a run's record: when it memorised and generalised, and its landmarks."""

from __future__ import annotations

import numpy as np

from grokseed.config import Config
from grokseed.records.trajectory import NEARLY, ONSET, Trajectory

Scalar = int | float | bool | None

MEMORISED, FALLEN = 0.99, 0.98
"""Train accuracy that counts as memorised, and share of the peak norm that counts as fallen."""

SCALARS: dict[str, type] = {
    "steps": int,
    "memorised_step": int,
    "t50_step": int,
    "t98_step": int,
    "completed_step": int,
    "held": bool,
    "screen_val_accuracy": float,
    "final_train_loss": float,
    "final_train_accuracy": float,
    "final_val_loss": float,
    "final_val_accuracy": float,
    "final_test_accuracy": float,
    "sample_loss_start": float,
    "sample_loss_peak": float,
    "sample_loss_peak_step": int,
    "norm_start": float,
    "norm_peak": float,
    "norm_peak_step": int,
    "norm_completed": float,
    "norm_final": float,
    "norm_fall_step": int,
}
"""A record's scalars and their types. `val` is the whole validation set, `sample` a fixed part;
`train` is the mean over the batches since the evaluation point before."""


def measure(config: Config, trajectory: Trajectory) -> dict[str, Scalar]:
    """The record of one run: a value for each of `SCALARS`, None where it does not apply.

    The step of a landmark is that of the first evaluation point that shows it. A landmark that is
    not reached is None, and the run is censored at `steps`. `held` says whether all answers were
    right at every evaluation of the whole validation set after completion. `norm_fall_step` is the
    first point after the norm's peak at which the norm has fallen to 98 % of it.
    """
    c = trajectory.columns
    step, norm = c["step"], c["norm"]
    train_accuracy = c["train_correct"] / np.maximum(c["train_seen"], 1)
    whole = c["val_correct"] >= 0
    val_accuracy = np.where(whole, c["val_correct"] / config.n_val, np.nan)
    completed = _first(whole & (c["val_correct"] == config.n_val))
    screen = _first((step == config.screen_step) & whole)
    loss_peak = _largest(c["sample_loss"])
    norm_peak = _largest(norm)
    fall = _first((step > step[norm_peak]) & (norm <= FALLEN * norm[norm_peak]))
    test = trajectory.test_correct

    def step_at(point: int | None) -> int | None:
        return None if point is None else int(step[point])

    return {
        "steps": int(step[-1]),
        "memorised_step": step_at(_first(train_accuracy >= MEMORISED)),
        "t50_step": _t50(config, trajectory),
        "t98_step": step_at(_first(whole & (val_accuracy >= NEARLY))),
        "completed_step": step_at(completed),
        "held": _held(config, trajectory, completed),
        "screen_val_accuracy": _number(val_accuracy, screen),
        "final_train_loss": _number(c["train_loss"], -1),
        "final_train_accuracy": _number(train_accuracy, -1) if step[-1] else None,
        "final_val_loss": _number(c["val_loss"], -1),
        "final_val_accuracy": _number(val_accuracy, -1),
        "final_test_accuracy": None if test is None else test / config.n_test,
        "sample_loss_start": _number(c["sample_loss"], 0),
        "sample_loss_peak": _number(c["sample_loss"], loss_peak),
        "sample_loss_peak_step": int(step[loss_peak]),
        "norm_start": _number(norm, 0),
        "norm_peak": _number(norm, norm_peak),
        "norm_peak_step": int(step[norm_peak]),
        "norm_completed": _number(norm, completed),
        "norm_final": _number(norm, -1),
        "norm_fall_step": step_at(fall),
    }


def _t50(config: Config, trajectory: Trajectory) -> int | None:
    """The step of t50; by the validation sample if the whole set was not evaluated for it."""
    if trajectory.t50 is not None:
        return trajectory.t50 if trajectory.t50 >= 0 else None
    step, correct = trajectory.columns["step"], trajectory.columns["sample_correct"]
    found = _first(correct >= ONSET * config.n_sample)
    return None if found is None else int(step[found])


def _held(config: Config, trajectory: Trajectory, completed: int | None) -> bool | None:
    if completed is None or completed == len(trajectory.columns["step"]) - 1:
        return None
    whole = trajectory.columns["val_correct"][completed + 1 :]
    sample = trajectory.columns["sample_correct"][completed + 1 :]
    right = np.all((whole < 0) | (whole == config.n_val)) and np.all(sample == config.n_sample)
    return bool(right) and trajectory.status != "diverged"


def _first(mask: np.ndarray) -> int | None:
    """Index of the first True, or None."""
    return int(np.argmax(mask)) if mask.any() else None


def _largest(values: np.ndarray) -> int:
    """Index of the largest finite value; a run starts finite, so there is one."""
    return int(np.argmax(np.where(np.isfinite(values), values, -np.inf)))


def _number(values: np.ndarray, index: int | None) -> float | None:
    """A value as a float, or None where there is no such point or the value is not finite."""
    return None if index is None or not np.isfinite(values[index]) else float(values[index])
