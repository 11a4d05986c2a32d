"""Lanes never touch: a run's digest is the same alone, in any lane and with any neighbours."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_runs import (
    EXPLODES,
    GROKS,
    RUNS,
    SLOWLY,
    assert_lanes_do_not_touch,
    digests,
    ends,
    tiny,
)

from grokseed.config import Config, preset
from grokseed.records.measure import measure
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds
from grokseed.training.trainer import train

STOPS = tiny(**{**GROKS, "max_steps": 58}, stop_when="completed")
RARELY = tiny(**{**SLOWLY, "val_every": 180})


@pytest.fixture(scope="module")
def stopping() -> tuple[list[Trajectory], list[int]]:
    """Runs that end one after another, and the steps that were counted."""
    counted: list[int] = []
    return train(STOPS, RUNS, on_point=counted.append), counted


@pytest.fixture(scope="module")
def rarely() -> list[Trajectory]:
    return train(RARELY, RUNS)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"layers": 1},
        {"layers": 3, "operation": "x+y"},
        {"precision": "bf16"},
        {"precision": "bf16", "layers": 1, "p": 13, "batch_size": 23},
        {"p": 7, "operation": "x-y", "batch_size": 5},
        {"p": 7, "batch_size": 10, "train_fraction": 0.5},  # the last batch is one example
        {"p": 11, "batch_size": 18, "heads": 16},  # here too
        {"p": 13, "batch_size": 1},
        {"p": 13, "batch_size": 31, "d_model": 20, "heads": 5, "ffn_multiple": 3},
        {"p": 13, "test_fraction": 0.1, "d_model": 6, "heads": 1, "sample_size": 1},
        {"p": 5, "batch_size": 4, "d_model": 64, "heads": 4, "sample_size": 3},
        {"p": 3, "operation": "x+y", "batch_size": 3, "d_model": 1, "heads": 1},
        {"scheme": "shared", "val_shuffle": True},
        {"scheme": "diary"},
        {"p": 13, "d_model": 20, "heads": 5, "ffn_multiple": 3, "activation": "silu"},
        {"p": 13, "d_model": 6, "heads": 1, "activation": "tanh", "schedule": "cosine"},
        {"p": 11, "activation": "relu", "init_scale": 0.3, "operation": "x/(y-x^2)"},
    ],
    ids=str,
)
def test_a_run_is_the_same_in_any_company(changes: dict[str, object]) -> None:
    assert_lanes_do_not_touch(tiny(**changes))


@pytest.mark.parametrize(
    ("name", "lanes", "changes"),
    # Diary has fewer examples to validate than by default, and more than it evaluates at a time.
    [("mini", 7, {"max_steps": 3}), ("diary", 2, {"max_steps": 1, "train_fraction": 0.9})],
)
def test_a_run_is_the_same_in_any_company_at_full_size(
    name: str, lanes: int, changes: dict[str, object]
) -> None:
    config = preset(name, stop_when="never", **changes)
    runs = [Seeds(i, i, i, i) for i in range(lanes)]
    assert digests(config, runs)[-1:] == digests(config, runs[-1:])


@pytest.mark.parametrize(
    "changes",
    [{"heads": 1, "layers": 2}, {"readout": "bottleneck", "bottleneck_width": 1}],
    ids=str,
)
def test_a_product_with_one_vector_is_the_same_in_any_company(changes: dict[str, object]) -> None:
    """One head's scores with the one key that all rows share, or a layer of width 1."""
    config = preset("mini", max_steps=3, **changes)
    runs = [Seeds(i, i, i, i) for i in range(7)]
    assert digests(config, runs)[-1:] == digests(config, runs[-1:])


def assert_first_and_last_are_the_same_alone(config: Config, together: list[Trajectory]) -> None:
    """The run that ends before all others, and one that trains on when they have ended."""
    steps = ends(together)
    assert len(set(steps)) > 1, "no run ends before another: choose other runs"
    for number in (steps.index(min(steps)), steps.index(max(steps))):
        assert [together[number].digest()] == digests(config, [RUNS[number]])


def test_a_lane_that_stops_leaves_the_others_alone(stopping) -> None:
    """Two are compared with runs alone, all with runs that do not stop: the test after the next."""
    together, _ = stopping
    assert_first_and_last_are_the_same_alone(STOPS, together)
    for trajectory, end in zip(together, ends(together), strict=True):
        record = measure(STOPS, trajectory)
        assert record["completed_step"] in ((end,) if end < STOPS.max_steps else (end, None))


def test_a_run_may_be_right_before_it_trains() -> None:
    """One validation example, one guess in thirteen: some of 60 runs end at step 0."""
    config = tiny(p=2, operation="x+y", train_fraction=0.75, batch_size=1)
    runs = [Seeds(i, i, i, i) for i in range(60)]
    cut = train(preset("diary", **{**config.changes(), "stop_when": "completed"}), runs)
    assert {0, 8} <= set(ends(cut))
    for part, whole in zip(cut, train(config, runs), strict=True):
        assert measure(config, part)["completed_step"] == measure(config, whole)["completed_step"]


def test_stopping_cuts_a_run_and_changes_nothing_before(stopping) -> None:
    on, (cut, _) = train(replace(STOPS, stop_when="never"), RUNS), stopping
    assert ends(on) == [58] * 4
    for whole, part in zip(on, cut, strict=True):
        for name, column in part.columns.items():
            assert np.array_equal(column, whole.columns[name][: len(column)], equal_nan=True), name


def test_a_last_step_that_breaks_the_weights_is_no_result() -> None:
    """The train loss was taken before that step and is finite: the validation sample tells."""
    (trajectory,) = train(tiny(lr=1e20, warmup_steps=0, max_steps=1), RUNS[:1])
    assert trajectory.status == "diverged"
    assert np.isfinite(trajectory.columns["train_loss"][-1])


def test_a_run_that_diverges_ends_alone() -> None:
    config = tiny(**EXPLODES)
    together = train(config, RUNS)
    assert "diverged" in {t.status for t in together}
    assert_first_and_last_are_the_same_alone(config, together)
    for trajectory, end in zip(together, ends(together), strict=True):
        losses = trajectory.columns["train_loss"] + trajectory.columns["sample_loss"]
        assert np.isfinite(losses[1:-1]).all()
        assert np.isfinite(losses[-1]) == (trajectory.status == "done")
        assert end == config.max_steps or trajectory.status == "diverged"
        record = measure(config, trajectory)
        assert record["steps"] == end
        assert all(v is None or np.isfinite(v) for v in record.values())


def test_a_run_may_stop_at_its_t98(rarely) -> None:
    cut = train(replace(RARELY, stop_when="t98"), RUNS)
    records = [measure(RARELY, whole) for whole in rarely]
    assert any(r["t98_step"] != r["completed_step"] for r in records), "choose other runs"
    for whole, part, record in zip(rarely, cut, records, strict=True):
        t98 = record["t98_step"]
        assert part.columns["step"][-1] == (whole.columns["step"][-1] if t98 is None else t98)
        assert part.t50 == whole.t50


def test_steps_are_counted_over_the_lanes_still_training(stopping) -> None:
    trajectories, counted = stopping
    assert sum(counted) == sum(ends(trajectories))
    assert len(counted) == -(-max(ends(trajectories)) // 5)


def test_the_adaptive_schedule_misses_no_landmark(rarely) -> None:
    """The whole set at every point finds the same steps.

    80 examples validate, 40 of them are the sample: three wrong on the sample, which is below the
    0.95 that starts whole evaluations, are too many for 0.98 on the whole.
    """
    dense = train(tiny(**{**SLOWLY, "val_every": 5}), RUNS)
    records = [[measure(RARELY, t) for t in trajectories] for trajectories in (dense, rarely)]
    for name in ("memorised_step", "t50_step", "t98_step", "completed_step", "final_val_loss"):
        assert [r[name] for r in records[0]] == [r[name] for r in records[1]], name
    assert any(r["completed_step"] != r["t98_step"] for r in records[0])
    for trajectory in dense:  # the whole set was run at every point: its column tells t50
        right = trajectory.columns["val_correct"] >= 0.5 * RARELY.n_val
        assert right.any()
        assert trajectory.t50 == trajectory.columns["step"][np.argmax(right)]
    for before, after in zip(dense, rarely, strict=True):
        assert (after.columns["val_correct"] >= 0).sum() < (
            before.columns["val_correct"] >= 0
        ).sum()
        for name in ("train_loss", "sample_loss", "norm"):
            assert np.array_equal(before.columns[name], after.columns[name], equal_nan=True)


def settings() -> list[object]:
    """Everything of torch that a training might have set."""
    backends = (torch.backends, torch.backends.mkldnn, torch.backends.cuda.matmul)
    backends += (getattr(torch.backends.mkldnn, "matmul", None),)
    return [
        *(getattr(backend, "fp32_precision", None) for backend in backends),
        *(torch.get_num_threads(), torch.get_default_dtype(), torch.is_grad_enabled()),
        *(torch.are_deterministic_algorithms_enabled(), torch.is_inference_mode_enabled()),
    ]


@pytest.mark.usefixtures("global_streams")
@pytest.mark.parametrize("precision", ["fp32", "tf32", "bf16"])
@pytest.mark.parametrize("scheme", ["independent", "diary", "shared"])
def test_training_leaves_the_process_as_it_was(scheme: str, precision: str) -> None:
    before = settings()
    train(tiny(scheme=scheme, precision=precision, max_steps=5), RUNS[:2])
    assert settings() == before


@pytest.mark.usefixtures("global_streams")
@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_an_abandoned_training_leaves_the_process_as_it_was(error: type[BaseException]) -> None:
    def stop(steps: int) -> None:
        raise error

    before = settings()
    with pytest.raises(error):
        train(tiny(), RUNS[:2], on_point=stop)
    assert settings() == before


def test_global_streams_do_not_move_a_training() -> None:
    first = digests(tiny(max_steps=10), RUNS[:2])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(123)
        random.random()
        assert digests(tiny(max_steps=10), RUNS[:2]) == first
