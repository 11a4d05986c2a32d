"""Learning rates against torch's own schedulers, in float64."""

from collections.abc import Callable

import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, LRScheduler

from grokseed.config import Config, preset
from grokseed.seeds import Seeds
from grokseed.training.schedule import learning_rates
from grokseed.training.trainer import train


def config_of(schedule: str, warmup: int, steps: int = 50) -> Config:
    changes = {"warmup_steps": warmup, "max_steps": steps, "screen_step": steps, "sample_every": 25}
    return preset("diary", schedule=schedule, lr=3e-3, **changes)


def theirs(make: Callable[..., LRScheduler], steps: int, **how: float) -> list[float]:
    """What a scheduler makes of a rate of 1 in each of some steps."""
    optimiser = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    scheduler, rates = make(optimiser, **how), []
    for _ in range(steps):
        rates.append(scheduler.get_last_lr()[0])
        optimiser.step()
        scheduler.step()
    return rates


@pytest.mark.parametrize("warmup", [0, 1, 10])
@pytest.mark.parametrize("schedule", ["constant", "cosine", "linear"])
def test_rates_are_torchs(schedule: str, warmup: int) -> None:
    config = config_of(schedule, warmup)
    after = config.max_steps - warmup
    if schedule == "cosine":
        expected = theirs(CosineAnnealingLR, after, T_max=after)
    elif schedule == "linear":
        how = {"start_factor": 1.0, "end_factor": 0.0, "total_iters": after}
        expected = theirs(LinearLR, after, **how)
    else:
        expected = [1.0] * after
    if warmup:
        expected = theirs(LinearLR, warmup, start_factor=1e-8, total_iters=warmup) + expected
    rates = learning_rates(config, torch.arange(50.0))
    assert rates.dtype == torch.float64
    assert rates.tolist() == pytest.approx([3e-3 * rate for rate in expected], rel=1e-12, abs=1e-18)


def test_a_rate_does_not_depend_on_how_many_lanes_ask() -> None:
    config, clock = config_of("cosine", 10, 75), torch.arange(75.0)
    together = learning_rates(config, clock)
    alone = torch.cat([learning_rates(config, clock[i : i + 1]) for i in range(75)])
    assert together.equal(alone)


def test_a_decay_is_0_at_the_end_and_a_run_may_end_in_its_warm_up() -> None:
    for schedule in ("cosine", "linear"):
        assert learning_rates(config_of(schedule, 10), torch.tensor([50.0])).item() == 0
        early = config_of(schedule, 100)
        warm = learning_rates(config_of("constant", 100), torch.arange(50.0))
        assert learning_rates(early, torch.arange(50.0)).equal(warm)


def test_a_run_trains_at_the_rates_of_its_schedule() -> None:
    """A decay changes a run after its warm-up, and no earlier."""
    fields = {"p": 11, "d_model": 16, "batch_size": 16, "max_steps": 12, "screen_step": 12}
    every = {"sample_every": 2, "val_every": 2, "warmup_steps": 4}

    def norms(schedule: str) -> list[float]:
        config = preset("mini", schedule=schedule, **fields, **every)
        return train(config, [Seeds(0, 1, 2, 3)])[0].columns["norm"].tolist()

    constant, cosine = norms("constant"), norms("cosine")
    assert cosine[:3] == constant[:3]  # up to step 4, whose rates are the warm-up's
    assert all(a != b for a, b in zip(cosine[4:], constant[4:], strict=True))
