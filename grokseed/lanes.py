"""The stacked tensors of runs that train side by side, one a lane, and the step that moves them.

Lanes never touch: a run's bits are the same in any lane, with any neighbours, whenever it entered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import torch
import torch.nn.functional as F
from torch import Tensor

from grokseed.batches import batch_sizes, draw_ahead, next_batches
from grokseed.capture import captured
from grokseed.config import Config
from grokseed.decoder import Decoder, Parameters, parameter_shapes
from grokseed.graft import group_of, groups
from grokseed.kernels import compiled_lanes, default_lanes, has_constant_width
from grokseed.optimiser import StackedAdamW
from grokseed.run import Run
from grokseed.task import RESIDUE, equations

EVALUATION_ROWS = 4096
"""Examples that an evaluation runs at a time in all of a chunk's default lanes together: more
would not fit a core's cache, and a block's size may not depend on how many lanes are left."""

CONSTANT_LANES, CONSTANT_ROWS = 32, 2048
"""Lanes and examples that an evaluation runs at a time where both are constant."""


class Lanes:
    """Places for so many runs, all empty at first.

    Where the width is constant (`kernels.has_constant_width`), empty lanes train like the others,
    an epoch's last batch is filled up with examples that weigh nothing, and so a step is always the
    same operations on the same tensors, captured once.

    Args:
        count: how many; compiled, as many more as make whole groups of lanes.
        compiled: see `trainer.train`.

    Attributes:
        runs: the run in each lane, or None.
    """

    def __init__(self, config: Config, count: int, device: str, compiled: bool) -> None:
        self.config, self.device, self.constant = config, device, has_constant_width(device)
        self.decoder = Decoder(config)
        self.group = compiled_lanes(config) if compiled and not self.constant else 0
        self.losses = torch.compile(self._losses, fullgraph=True) if compiled else self._losses
        count = self._whole_groups(count)
        self.runs: list[Run | None] = [None] * count
        self.optimiser = StackedAdamW(
            *(config, parameter_shapes(config), count, device),
            on_device=self.constant,
            compiled=compiled and self.constant,
        )
        a, b, result = equations(config.operation, config.p)
        self.equations = torch.stack((a, b, result + RESIDUE)).to(device)
        self.sizes = batch_sizes(config)
        # What an example weighs in the mean over its batch, ordinary or an epoch's last: [2, B].
        ordinal, size = torch.arange(config.batch_size), torch.tensor(self.sizes).unsqueeze(1)
        self.weights = (ordinal < size).to(torch.get_default_dtype()).div(size).to(device)
        rows = EVALUATION_ROWS // default_lanes(config)
        self.evaluation_rows = CONSTANT_ROWS if self.constant else rows
        self.loss = torch.zeros(count, dtype=torch.float64, device=device)
        self.correct = torch.zeros(count, dtype=torch.int64, device=device)
        # Rows as long as an epoch, of which a batch is the head: a compiled step's bits depend on
        # its inputs' strides, and these are what engine 4 began with.
        width = config.batch_size if self.constant else config.n_train
        self.tokens = self.equations.new_zeros(3, count, width)
        if self.constant:
            self.rows = self.equations.new_zeros(count, config.batch_size)
            self.last = self.equations.new_zeros(count)
            every = (slice(0, count), 0, False)
            self.replay = captured(lambda: self._step(self.rows, self.last, [every]), device)

    @property
    def busy(self) -> list[int]:
        """The lanes that hold a run."""
        return [lane for lane, run in enumerate(self.runs) if run is not None]

    @property
    def empty(self) -> list[int]:
        """The lanes that hold none."""
        return [lane for lane, run in enumerate(self.runs) if run is None]

    def run(self, lane: int) -> Run:
        """The run in a busy lane."""
        run = self.runs[lane]
        assert run is not None, f"lane {lane} is empty"
        return run

    def _whole_groups(self, lanes: int) -> int:
        """Lanes that hold so many runs: what a compiled step takes has one shape."""
        return lanes + -lanes % (self.group or 1)

    def enter(self, lane: int, run: Run, parameters: Mapping[str, Tensor]) -> None:
        """Put a run into an empty lane."""
        self.runs[lane] = run
        self.optimiser.enter(lane, parameters)
        self.loss[lane], self.correct[lane] = 0, 0

    def leave(self, lane: int) -> Run:
        """Take a run out. The lane trains on, and nobody reads it."""
        run = self.run(lane)
        self.runs[lane] = None
        return run

    def shrink(self) -> None:
        """Give up empty lanes, as far as whole groups are empty; the others move together."""
        busy = self.busy
        left = self._whole_groups(len(busy))
        if 0 < left < len(self.runs) and not self.constant:
            lanes = [*busy, *self.empty][:left]
            self.runs = [self.runs[lane] for lane in lanes]
            index = torch.tensor(lanes, device=self.device)
            self.optimiser.keep(index)
            self.loss, self.correct = self.loss[index], self.correct[index]
            self.tokens = self.tokens[:, index]

    def advance(self, steps: int) -> None:
        """Take some optimiser steps in every lane."""
        rows, last = next_batches(self.config, self.runs, steps)
        for batch, ends in zip(rows.to(self.device), last.to(self.device), strict=True):
            if self.constant:
                self.rows.copy_(batch)
                self.last.copy_(ends)
                self.replay()
            else:
                self._step(batch, ends, self._passes(ends.tolist()))
        for lane, shorter in enumerate(last.sum(0).tolist()):
            if (run := self.runs[lane]) is not None:
                run.step += steps
                run.seen += (steps - shorter) * self.sizes[0] + shorter * self.sizes[1]
                if self.constant and self.config.scheme != "shared":  # there, validation draws too
                    draw_ahead(self.config, run, steps)  # while the device is still at work

    def _step(self, rows: Tensor, last: Tensor, passes: Iterable[tuple[slice, int, bool]]) -> None:
        """One step on batches of equations [L, B]; `last` [L] tells those that end an epoch."""
        weights = self.weights[last]
        self.tokens[:, :, : rows.shape[1]] = self.equations[:, rows]
        for lanes, kind, others in passes:
            a, b, label = self.tokens[:, lanes, : self.sizes[kind]]
            weight = weights[lanes, : self.sizes[kind]]
            if others:
                weight = weight * (last[lanes] == kind).unsqueeze(1)
            counted = weight > 0
            parameters = self.optimiser.leaves(lanes)
            loss, right = self.losses(parameters, a, b, label, counted if self.constant else None)
            gradients = torch.autograd.grad(loss, list(parameters.values()), weight)
            self.optimiser.take(lanes, gradients, add=others and kind == 1)
            self.loss[lanes] += loss.detach().double().mul(counted).sum(1)
            self.correct[lanes] += right * counted[:, 0]
        self.optimiser.step()

    def _passes(self, last: list[int]) -> Iterator[tuple[slice, int, bool]]:
        """Which lanes to differentiate together, on batches of which kind (0 or 1), and whether
        lanes with batches of the other kind are among them, which do not count."""
        low = 0
        if self.group:
            for low in range(0, len(last), self.group):
                lanes = range(low, low + self.group)
                kinds = sorted({last[i] for i in lanes if self.runs[i] is not None})
                for kind in kinds:
                    yield slice(low, low + self.group), kind, len(kinds) > 1
        else:
            for kind, alike in groupby(last):
                yield slice(low, low := low + len(list(alike))), kind, False

    def _losses(
        self, parameters: Parameters, a: Tensor, b: Tensor, label: Tensor, counted: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Cross-entropy of each example, [L, B], and number of right answers a lane, [L].

        Args:
            counted: which answers count, [L, B]; None for all.
        """
        logits = self.decoder.logits(parameters, a, b)
        loss = F.cross_entropy(logits.flatten(0, 1), label.flatten(), reduction="none")
        own = logits.detach().gather(-1, label.unsqueeze(-1))
        right = (logits.detach() >= own).sum(-1) == 1  # the largest logit, alone
        return loss.view(label.shape), (right if counted is None else right & counted).sum(-1)

    def sums(self, lanes: Sequence[int]) -> tuple[list[float], list[int]]:
        """Total train loss and number of right answers of some lanes since this was last asked."""
        index = torch.tensor(lanes, device=self.device)
        sums = self.loss[index].tolist(), self.correct[index].tolist()
        self.loss[index], self.correct[index] = 0, 0
        return sums

    @torch.no_grad()
    def evaluate(
        self, lanes: Sequence[int], rows: Sequence[Tensor]
    ) -> tuple[list[float], list[int]]:
        """Mean loss and number of right answers of some lanes, each on equations of its own."""
        if not lanes:
            return [], []
        width = min(CONSTANT_LANES, len(self.runs)) if self.constant else len(lanes)
        losses, corrects = [], []
        for low in range(0, len(lanes), width):
            some = [*range(low, min(low + width, len(lanes)))]
            some += some[-1:] * (width - len(some))
            loss, correct = self._evaluate([lanes[i] for i in some], [rows[i] for i in some])
            losses.append(loss)
            corrects.append(correct)
        # Read when all is queued: the device need not wait for the host in between.
        means = torch.cat(losses) / len(rows[0])
        return means.tolist()[: len(lanes)], torch.cat(corrects).tolist()[: len(lanes)]

    def _evaluate(self, lanes: list[int], rows: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Total loss and number of right answers, each [lanes]."""
        every = lanes == [*range(len(self.runs))]
        index = torch.tensor(lanes, device=self.device)
        p = {k: v if every else v[index] for k, v in self.optimiser.parameters.items()}
        loss = torch.zeros(len(lanes), dtype=torch.float64, device=self.device)
        correct = torch.zeros(len(lanes), dtype=torch.int64, device=self.device)
        for block in torch.stack(rows).to(self.device).split(self.evaluation_rows, 1):
            a, b, label = self.equations[:, block]
            losses, right = self._losses(p, a, b, label, None)
            loss += losses.double().sum(1)
            correct += right
        return loss, correct

    @torch.no_grad()
    def norms(self, lanes: Sequence[int]) -> list[dict[str, float]]:
        """L2 norms of some lanes by group and, embeddings left out, in all; summed in float64."""
        parts = [
            torch.linalg.vector_norm(value, dim=tuple(range(1, value.ndim)), dtype=torch.float64)
            for value in self.optimiser.parameters.values()
        ]
        by_lane = torch.stack(parts, 1).tolist()
        return [self._norms(by_lane[lane]) for lane in lanes]

    def _norms(self, parts: Sequence[float]) -> dict[str, float]:
        squares = dict.fromkeys(groups(self.config), 0.0)
        for name, part in zip(self.optimiser.parameters, parts, strict=True):
            squares[group_of(name)] += part**2
        total = sum(v for k, v in squares.items() if not k.endswith("_embedding"))
        return {"norm": total**0.5, **{f"norm.{k}": v**0.5 for k, v in squares.items()}}
