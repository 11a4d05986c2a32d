"""The next batches of runs, each drawn from the run's own stream at its own pace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from grokseed.config import Config
from grokseed.training.run import Run


def batch_sizes(config: Config) -> tuple[int, int]:
    """Examples of a batch, and of an epoch's last one, which may be smaller."""
    return config.batch_size, config.n_train - (config.steps_per_epoch - 1) * config.batch_size


def draw_ahead(config: Config, run: Run, steps: int) -> None:
    """Draw a run's next batches, epoch after epoch. The last batch of an epoch is filled up to full
    size with repeats of its last example, which do not count."""
    while len(run.batches) < steps:
        if run.branch and run.step + len(run.batches) == run.branch[0]:
            run.generators = replace(run.generators, loader=run.branch[1])
        order = _epoch(config, run)
        filling = order[-1:].expand(-len(order) % config.batch_size)
        epoch = torch.cat((order, filling)).view(-1, config.batch_size)
        run.batches = torch.cat((run.batches, epoch))


def _epoch(config: Config, run: Run) -> Tensor:
    """The train examples in the order in which a run's next epoch visits them: int64 [n_train]."""
    draw = shared_epoch_order if config.scheme == "shared" else epoch_order
    if run.trained_on is None:
        return run.train[draw(len(run.train), run.generators.loader)]
    order = draw(len(run.trained_on), run.generators.loader)
    return order[run.trained_on[order]]


def next_batches(config: Config, runs: Sequence[Run | None], steps: int) -> tuple[Tensor, Tensor]:
    """Take the batches of some steps from every run; an empty lane gets equation 0 throughout.

    Returns:
        Rows of equations, int64 of shape [steps, L, batch_size], and for each batch whether it is
        the last of its epoch, int64 0 or 1 of shape [steps, L].
    """
    rows = torch.zeros(steps, len(runs), config.batch_size, dtype=torch.int64)
    last = torch.zeros(steps, len(runs), dtype=torch.int64)
    for lane, run in enumerate(runs):
        if run is not None:
            draw_ahead(config, run, steps)
            rows[:, lane], run.batches = run.batches[:steps], run.batches[steps:]
            last[-(run.step + 1) % config.steps_per_epoch :: config.steps_per_epoch, lane] = 1
    return rows, last


def epoch_order(n: int, generator: torch.Generator) -> Tensor:
    """The order in which one epoch visits the train set, or all examples: int64 of shape [n].

    Draws from the generator exactly what a `DataLoader(shuffle=True, generator=generator)` draws in
    an epoch: its base seed, the order, and one more order that its sampler draws at the end and
    drops.
    """
    torch.empty((), dtype=torch.int64).random_(generator=generator)
    order = torch.randperm(n, generator=generator)
    torch.randperm(n, generator=generator)
    return order


def shared_epoch_order(n: int, generator: torch.Generator) -> Tensor:
    """As `epoch_order`, for scheme `shared`, where the loader has no stream of its own.

    A `DataLoader(shuffle=True)` without a generator draws two numbers from the global stream: its
    base seed, and the seed of a new generator for its sampler.
    """
    torch.empty((), dtype=torch.int64).random_(generator=generator)
    seed = int(torch.empty((), dtype=torch.int64).random_(generator=generator))
    return torch.randperm(n, generator=torch.Generator().manual_seed(seed))


def draw_val_pass(generator: torch.Generator, shuffle: bool) -> None:
    """Draw from a shared stream what one pass over a validation `DataLoader` draws."""
    for _ in range(1 + shuffle):
        torch.empty((), dtype=torch.int64).random_(generator=generator)
