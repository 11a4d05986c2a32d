"""More runs than lanes: a run that takes over a lane is to the bit the run that it is alone."""

import pytest
import torch
from tiny_runs import EXPLODES, GROKS, SEVEN_RUNS, tiny
from torch.optim.lr_scheduler import LinearLR

from grokseed.config import Config
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds
from grokseed.training.buffer import joined
from grokseed.training.optimiser import optimiser_of
from grokseed.training.state import TrainState
from grokseed.training.trainer import train


def digests(config: Config, runs: list[Seeds], **how) -> list[str]:
    return [trajectory.digest() for trajectory in train(config, runs, **how)]


@pytest.mark.parametrize(
    "changes",
    [
        {**GROKS},  # two batches an epoch of unlike sizes, five steps between points
        # the last point is out of turn
        {**GROKS, "p": 7, "lr": 5e-3, "batch_size": 20, "layers": 2, "max_steps": 58},
        {**GROKS, "precision": "bf16", "test_fraction": 0.02},
        {**GROKS, "scheme": "shared", "val_shuffle": True, "warmup_steps": 40},
        {**EXPLODES, "batch_size": 10},
    ],
    ids=str,
)
def test_a_run_is_the_same_whenever_it_enters(changes: dict[str, object]) -> None:
    """Against all side by side at once, which test_trainer_lanes holds against runs alone."""
    config = tiny(**changes, stop_when="completed")
    expected = train(config, SEVEN_RUNS)
    lengths = [len(t.columns["step"]) for t in expected]
    assert len(set(lengths)) > 2, "all end at once: nothing is shown"
    assert digests(config, SEVEN_RUNS, lanes=3) == [t.digest() for t in expected]
    one, other = sorted(range(7), key=lengths.__getitem__)[:2]  # those that end first
    found = digests(config, [SEVEN_RUNS[one], SEVEN_RUNS[other]], lanes=1)
    assert found == [expected[one].digest(), expected[other].digest()]


def test_no_lane_is_empty_while_a_run_waits() -> None:
    config, counted = tiny(**GROKS, stop_when="completed"), []
    order: list[int] = []
    ended: list[Trajectory] = []

    def on_end(number: int, trajectory: Trajectory) -> None:
        order.append(number)
        ended.append(trajectory)

    trajectories = train(config, SEVEN_RUNS, lanes=3, on_point=counted.append, on_end=on_end)
    steps = [int(t.columns["step"][-1]) for t in trajectories]
    assert sum(counted) == sum(steps)
    free = [0, 0, 0]  # the step at which each lane is free for the next run in line
    for run_steps in steps:
        free[free.index(min(free))] += run_steps
    assert len(counted) == max(free) // config.sample_every
    assert sorted(order) == list(range(len(SEVEN_RUNS))) != order
    assert all(trajectories[number] is t for number, t in zip(order, ended, strict=True))


def test_as_many_lanes_as_runs_are_enough() -> None:
    config = tiny(max_steps=10)
    assert digests(config, SEVEN_RUNS[:2], lanes=50) == digests(config, SEVEN_RUNS[:2])


@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize("warmup_steps", [0, 4])
def test_every_lane_has_an_adamw_of_its_own(warmup_steps: int, in_place: bool) -> None:
    """Lanes entered after 0, 3 and 9 steps against torch's own optimiser, one a lane.

    By the CPU's fused update, some lanes after others, and by the one that asks the host nothing.
    """
    config = Config(warmup_steps=warmup_steps, weight_decay=0.3, lr=0.01)
    generator = torch.Generator().manual_seed(0)
    shapes = {"a": (5, 7), "b": (33,), "c": (1,)}
    stacked = TrainState(optimiser_of(config), shapes, 3)
    plain: dict[int, tuple[list[torch.Tensor], torch.optim.AdamW, LinearLR]] = {}
    for step in range(20):
        if step in (0, 3, 9):
            start = {k: torch.randn(s, generator=generator) for k, s in shapes.items()}
            stacked.enter(lane := len(plain), start)
            mine = [v.clone().requires_grad_() for v in start.values()]
            adamw = torch.optim.AdamW(mine, config.lr, (0.9, 0.98), 1e-8, 0.3)
            first = 1e-8 if warmup_steps else 1.0
            plain[lane] = mine, adamw, LinearLR(adamw, first, total_iters=warmup_steps)
        gradients = [torch.randn(3, *s, generator=generator) for s in shapes.values()]
        if in_place:
            factors = stacked.optimiser.factors(stacked.clock)
            update = stacked.optimiser.update
            update(factors, stacked.weights, joined(gradients, shapes), stacked.buffers)
            stacked.clock.add_(1)
        else:
            for lanes in (slice(0, 1), slice(1, 3)):
                stacked.eager(lanes, [gradient[lanes] for gradient in gradients])
        for lane, (mine, adamw, warmup) in plain.items():
            for parameter, gradient in zip(mine, gradients, strict=True):
                parameter.grad = gradient[lane].clone()
            adamw.step()
            warmup.step()
    for lane, (mine, *_) in plain.items():
        for ours, parameter in zip(stacked.parameters.values(), mine, strict=True):
            torch.testing.assert_close(ours[lane], parameter.detach(), rtol=1e-5, atol=1e-6)
