"""Stacked training: a config and the seeds of several runs in, a trajectory a run out.

The runs train side by side, one a lane, and never touch one another: a run's trajectory is the
same to the bit in any lane and with any neighbours. No files, no clock, no printing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from grokseed.config import Config
from grokseed.decoder import Decoder, Parameters, group_of, groups, stack
from grokseed.graft import initial_weights
from grokseed.kernels import compiled_lanes, default_lanes, matmul_kernels
from grokseed.optimiser import StackedAdamW
from grokseed.run import Run, begin
from grokseed.seeds import Seeds
from grokseed.task import RESIDUE, draw_val_pass, epoch_order, equations, shared_epoch_order
from grokseed.trajectory import NEARLY, Trajectory

PROBE_ARMS = 0.95
"""Probe accuracy from which on the whole validation set may show a landmark."""

EVALUATION_ROWS = 4096
"""Examples that an evaluation runs at a time in all of a chunk's default lanes together: more
would not fit a core's cache, and a block's size may not depend on how many lanes are left."""


class _Lanes:
    """The stacked tensors of the runs still training, and the one step that moves them all."""

    def __init__(self, config: Config, runs: list[Run], device: str, compiled: bool) -> None:
        self.config, self.runs, self.device = config, runs, device
        self.decoder = Decoder(config)
        self.group = compiled_lanes(config) if compiled else 0
        self.losses = torch.compile(self._losses, fullgraph=True) if compiled else self._losses
        initial = [initial_weights(config, run.seeds, run.generators.model) for run in runs]
        initial = {name: v.to(device) for name, v in stack(self._whole_groups(initial)).items()}
        self.optimiser = StackedAdamW(config, initial, self.group)
        a, b, result = equations(config.operation, config.p)
        self.equations = torch.stack((a, b, result + RESIDUE)).to(device)
        self.epoch = torch.empty(3, len(runs), 0, dtype=torch.int64, device=device)
        self.evaluation_rows = EVALUATION_ROWS // default_lanes(config, "cpu")
        self._reset_sums()

    @property
    def parameters(self) -> dict[str, Tensor]:
        return self.optimiser.parameters

    @property
    def step(self) -> int:
        return self.optimiser.steps

    def _whole_groups(self, lanes: list) -> list:
        """The lanes, the last one repeated until they fill whole groups: what a compiled step
        takes has one shape. The repeated lanes train like the others, and nobody reads them."""
        return lanes + lanes[-1:] * (-len(lanes) % self.group if self.group else 0)

    def _losses(
        self, parameters: Parameters, a: Tensor, b: Tensor, label: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Cross-entropy of each example, [L, B], and number of right answers a lane, [L]."""
        logits = self.decoder.logits(parameters, a, b)
        loss = F.cross_entropy(logits.flatten(0, 1), label.flatten(), reduction="none")
        own = logits.detach().gather(-1, label.unsqueeze(-1))
        right = ((logits.detach() >= own).sum(-1) == 1).sum(-1)  # the largest logit, alone
        return loss.view(label.shape), right

    def _reset_sums(self) -> None:
        lanes = len(self._whole_groups(self.runs))
        self.loss = torch.zeros(lanes, dtype=torch.float64, device=self.device)
        self.correct = torch.zeros(lanes, dtype=torch.int64, device=self.device)
        self.seen = 0

    def keep(self, lanes: list[int]) -> None:
        """Go on with some of the lanes alone."""
        self.runs = [self.runs[lane] for lane in lanes]
        if lanes:
            index = torch.tensor(self._whole_groups(lanes), device=self.device)
            self.epoch = self.epoch[:, index]
            self.optimiser.keep(index)

    def advance(self) -> None:
        """One optimiser step in every lane."""
        c = self.config
        at = self.step % c.steps_per_epoch
        if at == 0:
            self._draw_epoch()
        a, b, label = self.epoch[:, :, at * c.batch_size : (at + 1) * c.batch_size]
        low = 0
        for i, parameters in enumerate(self.optimiser.groups):
            lanes = slice(low, low := low + len(parameters["head.bias"]))
            loss, right = self.losses(parameters, a[lanes], b[lanes], label[lanes])
            mean = loss.sum() / a.shape[1]
            self.optimiser.take(i, torch.autograd.grad(mean, list(parameters.values())))
            self.loss[lanes] += loss.detach().double().sum(1)
            self.correct[lanes] += right
        self.optimiser.step()
        self.seen += a.shape[1]

    def _draw_epoch(self) -> None:
        draw = shared_epoch_order if self.config.scheme == "shared" else epoch_order
        rows = [run.train[draw(len(run.train), run.generators.train)] for run in self.runs]
        self.epoch = self.equations[:, torch.stack(self._whole_groups(rows)).to(self.device)]

    @torch.no_grad()
    def evaluate(self, lanes: list[int], rows: list[Tensor]) -> tuple[list[float], list[int]]:
        """Mean loss and number of right answers of some lanes, each on equations of its own."""
        index = torch.tensor(lanes, device=self.device)
        every = len(lanes) == len(self.loss)
        p = {k: v if every else v[index] for k, v in self.parameters.items()}
        loss = torch.zeros(len(lanes), dtype=torch.float64, device=self.device)
        correct = torch.zeros(len(lanes), dtype=torch.int64, device=self.device)
        for block in torch.stack(rows).split(self.evaluation_rows, 1):
            a, b, label = self.equations[:, block.to(self.device)]
            losses, right = self._losses(p, a, b, label)
            loss += losses.double().sum(1)
            correct += right
        return (loss / len(rows[0])).tolist(), correct.tolist()

    def point(self) -> None:
        """Note an evaluation point in every run, and let go of those that end here."""
        c, step = self.config, self.step
        every = list(range(len(self.runs)))
        losses, corrects = self.evaluate(every, [run.val[: c.n_probe] for run in self.runs])
        train = (self.loss / max(self.seen, 1)).tolist(), self.correct.tolist()
        scheduled = step == c.max_steps or step == c.screen_step or step % c.val_every == 0 < step
        for lane, run in enumerate(self.runs):
            run.note(
                step=step,
                train_loss=train[0][lane] if step else np.nan,
                train_correct=train[1][lane],
                train_seen=self.seen,
                probe_loss=losses[lane],
                probe_correct=corrects[lane],
                **self._norms(lane),
            )
            run.armed |= corrects[lane] >= PROBE_ARMS * c.n_probe
            if step and not np.isfinite(train[0][lane] + losses[lane]):
                run.status = "diverged"
            if scheduled and c.scheme == "shared":
                draw_val_pass(run.generators.val, c.val_shuffle)
        whole = [lane for lane in every if scheduled or self._wants_whole(lane, corrects[lane])]
        if c.n_probe < c.n_val:
            losses, corrects = [np.nan] * len(every), [-1] * len(every)
            if whole:
                results = self.evaluate(whole, [self.runs[lane].val for lane in whole])
                for lane, loss, correct in zip(whole, *results, strict=True):
                    losses[lane], corrects[lane] = loss, correct
        for run, loss, correct in zip(self.runs, losses, corrects, strict=True):
            run.note(val_loss=loss, val_correct=correct)
            run.enough |= correct >= NEARLY * c.n_val
            run.confirmed |= correct == c.n_val
        self._let_go()
        self._reset_sums()

    def _wants_whole(self, lane: int, probe_correct: int) -> bool:
        """Whether the whole validation set may show a landmark that this run has not reached.

        The probe is part of the whole, so the whole cannot be all right while the probe is not.
        """
        run = self.runs[lane]
        all_right = probe_correct == self.config.n_probe
        return run.armed and not run.confirmed and (all_right or not run.enough)

    def _let_go(self) -> None:
        c = self.config
        ended = {
            lane
            for lane, run in enumerate(self.runs)
            if self.step == c.max_steps
            or run.status == "diverged"
            or (c.stop_when_generalised and run.confirmed)
        }
        scored = [lane for lane in sorted(ended) if self.runs[lane].status == "done"]
        if c.n_test and scored:
            _, correct = self.evaluate(scored, [self.runs[lane].test for lane in scored])
            for lane, n in zip(scored, correct, strict=True):
                self.runs[lane].test_correct = n
        if ended:
            self.keep([lane for lane in range(len(self.runs)) if lane not in ended])

    @torch.no_grad()
    def _norms(self, lane: int) -> dict[str, float]:
        """L2 norms by group and, embeddings left out, in all; added up in float64."""
        squares = dict.fromkeys(groups(self.config), 0.0)
        for name, value in self.parameters.items():
            part = torch.linalg.vector_norm(value[lane], dtype=torch.float64)
            squares[group_of(name)] += float(part) ** 2
        total = sum(v for k, v in squares.items() if not k.endswith("_embedding"))
        return {"norm": total**0.5, **{f"norm.{k}": v**0.5 for k, v in squares.items()}}


def train(
    config: Config,
    runs: Sequence[Seeds],
    *,
    device: str = "cpu",
    compiled: bool = False,
    on_point: Callable[[int], None] | None = None,
) -> list[Trajectory]:
    """Train some runs side by side, each from its own streams.

    Args:
        runs: the seeds of each run.
        device: where the tensors live, `cpu` or a CUDA device.
        compiled: fuse a step's elementwise work with `torch.compile`, half a minute of compiling
            for a third more speed. Its bits are other ones: see `kernels.numerics`.
        on_point: called at every evaluation point with the number of optimiser steps that all
            lanes together have taken since the last; it may raise to abandon the runs.

    Returns:
        A trajectory a run, in the order of `runs`.
    """
    states = [begin(config, seeds) for seeds in runs]
    with matmul_kernels(config, device):
        lanes = _Lanes(config, list(states), device, compiled)
        lanes.point()
        while lanes.runs:
            lanes.advance()
            if lanes.step % config.probe_every == 0 or lanes.step == config.max_steps:
                trained = len(lanes.runs) * ((lanes.step - 1) % config.probe_every + 1)
                lanes.point()
                if on_point:
                    on_point(trained)
    return [state.trajectory() for state in states]
