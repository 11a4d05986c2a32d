"""What is timed beside the peak: this engine, a plain loop, and `torch.func`.

A baseline trains the same runs as the engine, with the same initial weights, split and batches, so
its losses are the engine's up to rounding. It does not evaluate, it gathers its batches from
tensors, which is faster than a DataLoader, and it uses torch's AdamW.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.func import functional_call, grad_and_value, stack_module_state, vmap
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.optim.lr_scheduler import LinearLR

from grokseed.config import Config
from grokseed.model.graft import initial_weights
from grokseed.model.reference import PlainDecoder, tokens
from grokseed.seeds import Seeds
from grokseed.task import equations
from grokseed.training.batches import epoch_order
from grokseed.training.run import Run, begin
from grokseed.training.trainer import train
from grokseed.vocabulary import RESIDUE

Turns = Callable[[Config, int, str], Iterator[Tensor]]
"""Trains the runs of `lane_seeds` without end, given a config, a number of lanes and a device;
yields the losses of every `sample_every` steps, [steps, L]."""


def lane_seeds(lanes: int) -> list[Seeds]:
    """The runs that every contender trains, one a lane."""
    return [Seeds(i, i, i, i) for i in range(lanes)]


def engine(
    config: Config,
    lanes: int,
    device: str,
    on_point: Callable[[float], None],
    compiled: bool = False,
) -> None:
    """A loop: this package's own training, its work counted in run-steps.

    Turns that include compilation are few, and do not affect the median.
    """
    train(
        config, lane_seeds(lanes), device=device, compiled=compiled, lanes=lanes, on_point=on_point
    )


def baseline(
    turns: Turns, config: Config, lanes: int, device: str, on_point: Callable[[float], None]
) -> None:
    """A loop: another training of the same runs, its work counted in run-steps."""
    for losses in turns(config, lanes, device):
        on_point(losses.numel())


def plain(config: Config, lanes: int, device: str) -> Iterator[Tensor]:
    """Turns of one run in a plain training loop."""
    assert lanes == 1
    runs, (model,) = begun(config, lanes, device)
    optimiser, warmup = _adamw(config, list(model.parameters()))
    losses = []
    for x, y in _batches(config, runs, device):
        loss = F.cross_entropy(model(x[0]), y[0])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        warmup.step()
        losses.append(loss.detach())
        if len(losses) == config.sample_every:
            yield torch.stack(losses)[:, None]
            losses = []


def mapped(config: Config, lanes: int, device: str) -> Iterator[Tensor]:
    """Turns of several runs side by side: states stacked, one run's gradient mapped."""
    runs, models = begun(config, lanes, device)
    parameters, _ = stack_module_state(models)  # type: ignore[arg-type]
    optimiser, warmup = _adamw(config, list(parameters.values()))

    def loss_of_one(p: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
        return F.cross_entropy(functional_call(models[0], p, (x,)), y)

    gradients_and_losses = vmap(grad_and_value(loss_of_one))
    losses = []
    for x, y in _batches(config, runs, device):
        with sdpa_kernel(SDPBackend.MATH):  # other operations have no vmap rule: a loop over lanes
            gradients, loss = gradients_and_losses(parameters, x, y)
        for name, value in gradients.items():
            parameters[name].grad = value
        optimiser.step()
        warmup.step()
        losses.append(loss.detach())
        if len(losses) == config.sample_every:
            yield torch.stack(losses)
            losses = []


def begun(config: Config, lanes: int, device: str) -> tuple[list[Run], list[PlainDecoder]]:
    """The runs of some lanes before their first step, each with its own plain decoder."""
    runs = [begin(config, seeds, lane) for lane, seeds in enumerate(lane_seeds(lanes))]
    models = [PlainDecoder(config) for _ in runs]
    for run, seeds, model in zip(runs, lane_seeds(lanes), models, strict=True):
        weights = initial_weights(config, seeds, run.generators.model)
        with torch.no_grad():
            for name, parameter in model.named().items():
                parameter.copy_(weights[name])
    return runs, [model.to(device) for model in models]


def batch_rows(config: Config, runs: list[Run]) -> Iterator[Tensor]:
    """The rows of equations of batch after batch, int64 [L, B]; an epoch's last may be smaller."""
    while True:
        orders = [run.train[epoch_order(config.n_train, run.generators.loader)] for run in runs]
        yield from torch.stack(orders).split(config.batch_size, 1)


def _batches(config: Config, runs: list[Run], device: str) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless batches of each lane's run: tokens [L, B, 5] and labels [L, B]."""
    a, b, result = (t.to(device) for t in equations(config.operation, config.p))
    x, y = tokens(config, a, b), result + RESIDUE
    for rows in batch_rows(config, runs):
        rows = rows.to(device)
        yield x[rows], y[rows]


def _adamw(config: Config, parameters: list[Tensor]) -> tuple[torch.optim.AdamW, LinearLR]:
    optimiser = torch.optim.AdamW(
        parameters,
        lr=config.lr,
        betas=(config.beta1, config.beta2),
        eps=config.eps,
        weight_decay=config.weight_decay,
    )
    first = 1e-8 if config.warmup_steps else 1.0
    return optimiser, LinearLR(optimiser, first, total_iters=config.warmup_steps)
