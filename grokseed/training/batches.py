"""The batches that runs come to next, each run's drawn from its own stream at its own pace."""

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
    """Have a run's next batches ready: epoch after epoch, its last batch filled up to the others'
    size with repeats of its last example, which nothing counts."""
    draw = shared_epoch_order if config.scheme == "shared" else epoch_order
    while len(run.batches) < steps:
        if run.branch and run.step + len(run.batches) == run.branch[0]:
            run.generators = replace(run.generators, loader=run.branch[1])
        order = run.train[draw(len(run.train), run.generators.loader)]
        filling = order[-1:].expand(-len(order) % config.batch_size)
        epoch = torch.cat((order, filling)).view(-1, config.batch_size)
        run.batches = torch.cat((run.batches, epoch))


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


def epoch_order(n_train: int, generator: torch.Generator) -> Tensor:
    """The order in which one epoch visits the train set: int64 of shape [n_train].

    Takes from the generator just what a `DataLoader(shuffle=True, generator=generator)` takes an
    epoch: its base seed, the order, and the order that its sampler draws on exhaustion and drops.
    """
    torch.empty((), dtype=torch.int64).random_(generator=generator)
    order = torch.randperm(n_train, generator=generator)
    torch.randperm(n_train, generator=generator)
    return order


def shared_epoch_order(n_train: int, generator: torch.Generator) -> Tensor:
    """As `epoch_order`, from a stream that is not the loader's own: scheme `shared`.

    A `DataLoader(shuffle=True)` without a generator takes two numbers from the global stream, its
    base seed and the seed of a fresh generator for its sampler.
    """
    torch.empty((), dtype=torch.int64).random_(generator=generator)
    seed = int(torch.empty((), dtype=torch.int64).random_(generator=generator))
    return torch.randperm(n_train, generator=torch.Generator().manual_seed(seed))


def draw_val_pass(generator: torch.Generator, shuffle: bool) -> None:
    """Take from a shared stream what one pass over a validation `DataLoader` takes."""
    for _ in range(1 + shuffle):
        torch.empty((), dtype=torch.int64).random_(generator=generator)
