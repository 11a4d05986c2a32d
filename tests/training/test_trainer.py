"""Trainings against a plain loop: torch.nn's layers, torch's AdamW, warm-up, split and loaders."""

from dataclasses import replace

import numpy as np
import pytest
from plain_training import assert_same, plain_training, tiny

from grokseed.seeds import Seeds
from grokseed.training.trainer import train

RUNS = [Seeds(3, 3, 0, 1), Seeds(3, 4, 0, 1), Seeds(5, 3, 7, 2)]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"layers": 1, "operation": "x^2+y^2", "weight_decay": 1.0, "lr": 3e-3},
        {"layers": 3, "operation": "x-y", "warmup_steps": 0, "beta2": 0.999, "p": 7},
        {"p": 11, "batch_size": 18, "train_fraction": 0.5},  # the last batch is one example
        {"batch_size": 78, "heads": 1},  # one batch an epoch
        {"operation": "x*y+1", "activation": "tanh"},
        {"scheme": "independent"},
        {"scheme": "shared"},
        {"scheme": "shared", "val_shuffle": True},
    ],
    ids=str,
)
@pytest.mark.usefixtures("float64")
def test_a_run_is_a_plain_loops(changes: dict[str, object]) -> None:
    """Stacked lanes against one torch.optim.AdamW a run, every column of every point."""
    config = tiny(**changes)
    for seeds, ours in zip(RUNS[1:], train(config, RUNS[1:]), strict=True):
        assert_same(ours, plain_training(config, seeds), 1e-9)


def test_a_run_is_a_plain_loops_in_float32() -> None:
    config = tiny(max_steps=40)
    for seeds, ours in zip(RUNS, train(config, RUNS), strict=True):
        assert_same(ours, plain_training(config, seeds), 2e-4)


@pytest.mark.usefixtures("float64")
def test_the_test_set_is_scored_once_at_the_end() -> None:
    config = tiny(test_fraction=0.2, max_steps=15)
    ours = train(config, RUNS[:1])[0]
    assert ours.test_correct == plain_training(config, RUNS[0])[-1]["test"]
    assert train(tiny(max_steps=1), RUNS[:1])[0].test_correct is None


def test_two_steps_move_every_group() -> None:
    """The first step's learning rate is 1e-8 of the whole: it moves next to nothing."""
    config = tiny(max_steps=2, sample_every=1, val_every=1, screen_step=1)
    norms = {k: v for k, v in train(config, RUNS[:1])[0].columns.items() if "norm" in k}
    assert len(norms) == 8
    for name, (start, first, second) in norms.items():
        assert first == pytest.approx(start, rel=1e-7), name
        assert abs(second / start - 1) > 1e-7, name


def test_points_and_whole_evaluations_come_on_schedule() -> None:
    config = tiny(max_steps=33, val_every=10, screen_step=15)
    columns = train(config, RUNS[:1])[0].columns
    assert columns["step"].tolist() == [0, 5, 10, 15, 20, 25, 30, 33]
    assert columns["step"][columns["val_correct"] >= 0].tolist() == [10, 15, 20, 30, 33]
    assert np.array_equal(columns["val_correct"] >= 0, np.isfinite(columns["val_loss"]))


def test_the_probe_is_part_of_the_validation_set() -> None:
    """Right answers on the whole are those on the validation sample and some of those beside it."""
    config = tiny(operation="x^2+y^2", lr=3e-3, sample_size=60, val_every=5)
    assert config.n_val - config.n_sample == 25
    for ours in train(config, RUNS):
        beside = (ours.columns["val_correct"] - ours.columns["sample_correct"])[1:]
        assert (beside >= 0).all()
        assert (beside <= 25).all()


def test_the_whole_set_is_the_probe_where_the_probe_is_no_smaller() -> None:
    columns = train(tiny(sample_size=10_000, max_steps=10), RUNS[:1])[0].columns
    assert np.array_equal(columns["sample_loss"], columns["val_loss"])
    assert np.array_equal(columns["sample_correct"], columns["val_correct"])


def test_validation_moves_training_in_the_shared_scheme_alone() -> None:
    """A whole validation pass comes after step 10; the third epoch begins after it."""
    for scheme in ("shared", "diary", "independent"):
        config = {"scheme": scheme, "max_steps": 15, "screen_step": 15}
        still, shuffled = (
            train(tiny(**config, val_every=10, val_shuffle=shuffle), RUNS[:1])[0]
            for shuffle in (False, True)
        )
        rare = train(tiny(**config, val_every=15), RUNS[:1])[0]
        losses = [t.columns["train_loss"] for t in (still, shuffled, rare)]
        assert np.array_equal(losses[0][:3], losses[1][:3], equal_nan=True)
        assert (still.digest() == shuffled.digest()) == (scheme != "shared")
        for other in losses[1:]:
            assert np.array_equal(losses[0][1:], other[1:]) == (scheme != "shared")


@pytest.mark.parametrize("stream", ["split", "model", "loader", "val"])
def test_every_stream_moves_a_run(stream: str) -> None:
    """And the val stream moves nothing but the validation sample."""
    config = tiny(scheme="independent", max_steps=10)
    one = Seeds(1, 1, 1, 1)
    other = replace(one, **{stream: 2})
    first, second = (t.columns for t in train(config, [one, other]))
    moved = {name for name in first if not np.array_equal(first[name], second[name], True)}
    if stream == "val":
        assert {"sample_loss"} <= moved <= {"sample_loss", "sample_correct"}
    else:
        assert {"train_loss", "val_loss", "norm"} <= moved
    starts = {name for name in first if "norm" in name and first[name][0] != second[name][0]}
    assert bool(starts) == (stream == "model")


def test_runs_that_are_no_seeds_are_refused() -> None:
    with pytest.raises(TypeError, match=r"runs must be a list of grokseed\.Seeds, not \[1\]"):
        train(tiny(), [1])  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"config": "mini"}, TypeError, r"config must be a grokseed\.Config"),
        ({"runs": Seeds(0, 1, 2, 3)}, TypeError, r"runs must be a list of grokseed\.Seeds, not S"),
        ({"lanes": 0}, ValueError, "lanes must be at least 1, not 0"),
        ({"lanes": -1}, ValueError, "lanes must be at least 1, not -1"),
        ({"lanes": 1.5}, ValueError, r"lanes must be a whole number, not 1\.5"),
        ({"device": 0}, TypeError, "device must be text, not 0"),
        ({"compiled": "no"}, TypeError, "compiled must be True or False, not 'no'"),
        ({"device": "gpu"}, ValueError, "device must be cpu, or like cuda:0, not 'gpu'"),
        ({"device": "cuda:0"}, ValueError, "device cuda:0 is not there: torch sees 0 GPUs"),
    ],
)
def test_an_argument_that_cannot_be_is_one_line(asked, error, said) -> None:
    with pytest.raises(error, match=said):
        train(**{"config": tiny(), "runs": [Seeds(0, 1, 2, 3)], **asked})


def test_runs_may_come_from_a_generator_and_there_may_be_none() -> None:
    config, runs = tiny(max_steps=5), [Seeds(0, model, 2, 3) for model in range(3)]
    one, other = train(config, (run for run in runs)), train(config, runs, lanes=np.int64(2))  # type: ignore[arg-type]
    assert [t.digest() for t in one] == [t.digest() for t in other]
    assert train(config, []) == []
