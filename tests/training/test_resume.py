"""A training that is stopped and goes on from its runs' states ends as one that never stopped."""

import random
from dataclasses import replace

import pytest
from stopped import stopped_over_and_over
from tiny_runs import EXPLODES, GROKS, SEVEN_RUNS, SLOWLY, tiny

from grokseed.training.trainer import train

LONG = {**GROKS, "max_steps": 58}

GRAFTED = [
    replace(run, graft=f"branch-{step}=5")
    for run, step in zip(SEVEN_RUNS[:4], (4, 12, 20, 40), strict=True)
] + [replace(SEVEN_RUNS[4], graft="order-of-all=5")]


CASES = {
    "unlike batches": ({**LONG, "batch_size": 20, "layers": 2}, SEVEN_RUNS[:3]),
    "completed": ({**LONG, "stop_when": "completed", "test_fraction": 0.02}, SEVEN_RUNS[:5]),
    "t98, pauses at no point": (
        {**SLOWLY, "stop_when": "t98", "sample_every": 90, "val_every": 180},
        SEVEN_RUNS[:2],
    ),
    "shared": (
        {**LONG, "scheme": "shared", "val_shuffle": True, "warmup_steps": 40},
        SEVEN_RUNS[:3],
    ),
    "diary": ({**LONG, "scheme": "diary", "precision": "bf16"}, SEVEN_RUNS[:3]),
    "diverges": ({**EXPLODES, "batch_size": 10}, SEVEN_RUNS),
    "shared layers": (
        {**LONG, "layers": 2, "sharing": "cycle-rev", "unique_layers": 1},
        SEVEN_RUNS[:2],
    ),
    "branches": (LONG, GRAFTED),
    "dropout, a falling rate": (
        {**LONG, "layers": 2, "dropout": 0.2, "schedule": "cosine", "batch_size": 20},
        SEVEN_RUNS[:3],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_run_that_goes_on_is_the_same_to_the_bit(case: str) -> None:
    changes, runs = CASES[case]
    config = tiny(**changes)
    expected = {run: t.digest() for run, t in zip(runs, train(config, runs), strict=True)}
    drawn = random.Random(case)
    pauses = drawn.sample([1, 2, 2, 3], 4)
    found, steps = stopped_over_and_over(config, runs, pauses, lanes=2)
    assert {run: t.digest() for run, t in found.items()} == expected
    assert len(set(steps)) > 2, "it went on from too few places: little is shown"


def test_there_is_a_pause_between_rare_points() -> None:
    """Sums of the train loss, too, are of a run in hand."""
    rare = dict.fromkeys(("max_steps", "sample_every", "val_every", "screen_step"), 78)
    config = tiny(**GROKS | rare)
    found, steps = stopped_over_and_over(config, SEVEN_RUNS[:2], [1, 2], lanes=2)
    assert set(steps) == {25, 75}
    assert [found[run].digest() for run in SEVEN_RUNS[:2]] == [
        t.digest() for t in train(config, SEVEN_RUNS[:2])
    ]


def test_to_take_a_state_changes_nothing() -> None:
    config, taken = tiny(**{**LONG, "max_steps": 23}), []
    expected = [t.digest() for t in train(config, SEVEN_RUNS, lanes=3)]
    watched = train(config, SEVEN_RUNS, lanes=3, on_pause=lambda take: taken.extend(take()))
    assert [t.digest() for t in watched] == expected
    assert {number for number, _ in taken} == set(range(7))


def test_a_state_holds_no_more_than_its_run() -> None:
    """A part of a tensor is saved with the whole of it: all lanes, or all batches of an epoch."""
    config, taken = tiny(**{**LONG, "batch_size": 20, "max_steps": 20}), []
    train(config, SEVEN_RUNS[:2], on_pause=lambda take: taken.extend(take()))
    for _, state in taken:
        tensors = [state["weights"], *state["buffers"], state["run"]["batches"]]
        for tensor in tensors:
            assert tensor.untyped_storage().nbytes() == tensor.nbytes
