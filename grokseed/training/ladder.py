"""The trainings of the overfit ladder. Those of one batch size train side by side as lanes.

Each lane has its own learning rate, examples and length of an epoch. Lanes do not interact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import torch
from torch import Tensor

from grokseed.analysis.ladder import SURE, Trial, unregularised
from grokseed.config import Config
from grokseed.model.layout import layer_of, qkv_widths
from grokseed.model.weights import Parameters, initial_parameters
from grokseed.seeds import Seeds
from grokseed.streams import loader_generator
from grokseed.training.batches import epoch_order
from grokseed.training.buffer import joined, views
from grokseed.training.numerics import matmul_kernels
from grokseed.training.optimiser import optimiser_of
from grokseed.training.run import begin
from grokseed.training.state import TrainState
from grokseed.training.step import Step

EVALUATION_ROWS = 1024
"""Examples that an evaluation runs at a time."""

RECORDED = frozenset(round(1.25**k) for k in range(60))
"""Steps whose gradients are measured: dense at first, then evenly on a logarithmic axis."""


@dataclass(frozen=True)
class Setting:
    """What the ladder examines.

    Attributes:
        config: with regularisation off.
        step: the function from parameters and equations to losses and right answers.
        initial: one run's initial parameters; every lane starts from them.
        train: rows of the train set's equations, in the order of the split.
        val: rows of the validation set's.
        loader_seed: of the batch order; every lane draws from a stream of its own.
    """

    config: Config
    step: Step
    initial: Parameters
    train: Tensor
    val: Tensor
    loader_seed: int


def setting(config: Config, seeds: Seeds) -> Setting:
    """The setting of a run: its config without regularisation, initial weights, and examples."""
    config = unregularised(config)
    run = begin(config, seeds, 0)
    initial = initial_parameters(config, run.generators.model)
    return Setting(config, Step(config, "cpu"), initial, run.train, run.val, seeds.loader)


def climb(
    at: Setting, trials: Sequence[Trial], on_end: Callable[[Trial], None] = lambda trial: None
) -> None:
    """Train all trials, and write the outcome into them.

    Those of one batch size train side by side. If there is not enough memory, those that have not
    ended get this status.

    Args:
        on_end: called for each trial that has ended.
    """
    by_batch = sorted(trials, key=lambda trial: trial.batch)
    with matmul_kernels(at.config, "cpu"):
        for _, group in groupby(by_batch, key=lambda trial: trial.batch):
            left = {id(trial): trial for trial in group}

            def ended(trial: Trial, left: dict[int, Trial] = left) -> None:
                del left[id(trial)]
                on_end(trial)

            try:
                _train(at, [*left.values()], ended)
            except (MemoryError, RuntimeError) as error:
                if not _is_of_memory(error):
                    raise
                for trial in left.values():
                    trial.status = "out of memory"
                    on_end(trial)


def _train(at: Setting, trials: list[Trial], on_end: Callable[[Trial], None]) -> None:
    """Train some trials of one batch size, a lane each, until each has ended."""
    shapes, examples = at.step.shapes, at.step.examples
    optimisers = [optimiser_of(replace(at.config, lr=trial.rate)) for trial in trials]
    state = TrainState(optimisers[0], shapes, len(trials))
    for lane in range(len(trials)):
        state.enter(lane, at.initial)
    most = max(trial.epochs * trial.steps_per_epoch for trial in trials)
    clock = torch.arange(most).to(state.clock.dtype)
    factors = torch.stack([own.factors(clock) for own in optimisers], 2)  # [factors, steps, L, 1]
    batches = [_batches(at, trial) for trial in trials]
    loss = torch.zeros(len(trials), dtype=torch.float64)
    right = torch.zeros(len(trials), dtype=torch.int64)
    for step in range(most):
        drawn = [next(own) for own in batches]
        rows, share = (torch.stack(parts) for parts in zip(*drawn, strict=True))
        leaves = {
            name: value.detach().requires_grad_()
            for name, value in views(state.weights, shapes).items()
        }
        losses, correct = at.step.losses(leaves, examples[:, rows], share > 0)
        gradients = torch.autograd.grad(
            losses, list(leaves.values()), share, allow_unused=True, materialize_grads=True
        )
        if step + 1 in RECORDED:
            _note_norms(at.config, trials, dict(zip(leaves, gradients, strict=True)), step + 1)
        own = joined(gradients, shapes)
        optimisers[0].update(factors[:, step], state.weights, own, state.buffers)
        loss += losses.detach().double().mul(share > 0).sum(1)
        right += correct
        ended = [lane for lane, it in enumerate(trials) if (step + 1) % it.steps_per_epoch == 0]
        if not ended:
            continue
        for lane in ended:
            trials[lane].loss.append(float(loss[lane]) / trials[lane].n)
            trials[lane].right.append(int(right[lane]))
        loss[ended], right[ended] = 0, 0
        left = [
            lane
            for lane, trial in enumerate(trials)
            if lane not in ended or _goes_on(at, trial, state.parameters, lane)
        ]
        for lane in sorted(set(ended) - set(left)):
            on_end(trials[lane])
        if len(left) < len(trials):
            if not left:
                return
            state.keep(torch.tensor(left))
            factors, loss, right = factors[:, :, left], loss[left], right[left]
            trials, batches = [trials[lane] for lane in left], [batches[lane] for lane in left]


def _batches(at: Setting, trial: Trial) -> Iterator[tuple[Tensor, Tensor]]:
    """Rows [B] of a trial's batches and each row's weight in the mean [B], epoch after epoch.

    The last batch of an epoch is filled up with an example of weight 0.
    """
    generator = loader_generator(at.loader_seed, at.config.scheme)
    filling = -trial.n % trial.batch
    kept = torch.ones(trial.n + filling)
    kept[trial.n :] = 0
    kept = kept.view(-1, trial.batch)
    shares = kept / kept.sum(1, keepdim=True)
    while True:
        order = at.train[: trial.n][epoch_order(trial.n, generator)]
        rows = torch.cat((order, order[-1:].expand(filling))).view(-1, trial.batch)
        yield from zip(rows, shares, strict=True)


def _goes_on(at: Setting, trial: Trial, parameters: Parameters, lane: int) -> bool:
    """Whether a trial goes on after an epoch; if not, note how it ended."""
    epoch = len(trial.loss)
    seems_met = trial.meets(trial.right[-1], trial.loss[-1])
    diverged = not torch.isfinite(torch.tensor(trial.loss[-1]))
    if not (seems_met or diverged or epoch == trial.epochs):
        return True
    own = {name: value[lane : lane + 1] for name, value in parameters.items()}
    rows = at.train[: trial.n]
    trial.end_loss, trial.end_right, trial.sure = _evaluate(at, own, rows)
    if trial.meets(trial.end_right, trial.end_loss, trial.sure):
        trial.reached = epoch
    elif seems_met and epoch < trial.epochs:  # met during the epoch, but not at its end
        return True
    if trial.level and trial.level.whole:
        trial.val_loss, trial.val_right, _ = _evaluate(at, own, at.val)
    if diverged:
        trial.status = "diverged"
    return False


@torch.no_grad()
def _evaluate(at: Setting, parameters: Parameters, rows: Tensor) -> tuple[float, int, int]:
    """Mean loss, right answers, and confident right answers of one lane on some equations."""
    loss, right, sure = 0.0, 0, 0
    for block in rows.split(EVALUATION_ROWS):
        losses, correct = at.step.losses(parameters, at.step.examples[:, block].unsqueeze(1))
        loss += losses.double().sum().item()
        right += int(correct)
        sure += int((losses.neg().exp() > SURE).sum())
    return loss / len(rows), right, sure


def _note_norms(
    config: Config, trials: Sequence[Trial], gradients: dict[str, Tensor], step: int
) -> None:
    """Note the L2 norm of every parameter's gradient in the lanes that are levels."""
    parts, widths = {}, qkv_widths(config)
    for name, gradient in gradients.items():
        if layer_of(name).endswith(".qkv"):  # three layers: the key's bias is a case of its own
            for letter, part in zip("qkv", gradient.split(widths, 1), strict=True):
                parts[name.replace(".qkv.", f".{letter}.")] = part
        else:
            parts[name] = gradient
    norms = {
        name: torch.linalg.vector_norm(part.double().flatten(1), dim=1).tolist()
        for name, part in parts.items()
    }
    for lane, trial in enumerate(trials):
        if trial.level:
            trial.steps.append(step)
            for name, values in norms.items():
                trial.norms.setdefault(name, []).append(values[lane])


def _is_of_memory(error: Exception) -> bool:
    words = ("allocate memory", "not enough memory", "out of memory")
    return isinstance(error, MemoryError) or any(word in str(error).lower() for word in words)
