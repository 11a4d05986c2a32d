"""The stacked tensors of runs that train side by side, one a lane, and the step that moves them.

Lanes are independent: a run's bits are the same in any lane, with any neighbours, whenever it
entered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

from grokseed.config import Config
from grokseed.model.layout import group_of, groups
from grokseed.training.batches import draw_ahead, next_batches
from grokseed.training.buffer import views
from grokseed.training.capture import captured
from grokseed.training.compiled import compiled as compiled_step
from grokseed.training.dropout import draw_masks
from grokseed.training.lane_counts import compiled_lanes, default_lanes
from grokseed.training.numerics import check_dropout, has_constant_width
from grokseed.training.run import Run, State
from grokseed.training.state import TrainState
from grokseed.training.step import Step
from grokseed.vocabulary import sequence

EVALUATION_ROWS = 4096
"""Examples of five positions that an evaluation runs at a time in all default lanes of a chunk
together, and fewer longer ones. More would not fit a core's cache, and the size must not depend on
how many lanes are left."""

CONSTANT_LANES, CONSTANT_ROWS = 32, 2048
"""Lanes and examples that an evaluation runs at a time if both are constant."""


class Lanes:
    """Lanes for runs, all empty at first.

    If the width is constant (`numerics.has_constant_width`), empty lanes train like the others, and
    an epoch's last batch is filled up with examples of weight 0. So a step is always the same
    operations on the same tensors, and can be captured once.

    Args:
        count: how many; if compiled, rounded up to whole groups of lanes.
        compiled: see `trainer.train`.

    Attributes:
        runs: the run in each lane, or None.
    """

    def __init__(self, config: Config, count: int, device: str, compiled: bool) -> None:
        check_dropout(config, device, compiled)
        self.config, self.device, self.constant = config, device, has_constant_width(device)
        self.group = compiled_lanes(config) if compiled and not self.constant else 0
        count = self._whole_groups(count)
        self.runs: list[Run | None] = [None] * count
        self.step = Step(config, device)
        self.state = TrainState(self.step.optimiser, self.step.shapes, count, device)
        rows = CONSTANT_ROWS if self.constant else EVALUATION_ROWS // default_lanes(config)
        self.evaluation_rows = max(1, 5 * rows // len(sequence(config)))
        self.loss = torch.zeros(count, dtype=torch.float64, device=device)
        self.correct = torch.zeros(count, dtype=torch.int64, device=device)
        # A captured step reads its batches here; they also serve as example for compiling.
        self.rows = torch.zeros(count, config.batch_size, dtype=torch.int64, device=device)
        self.last = torch.zeros(count, dtype=torch.int64, device=device)
        self.function = self.step.static
        if compiled:
            group = slice(0, self.group or count)
            self.function = compiled_step(
                config, device, self._tensors(group, self.rows, self.last)
            )
        if self.constant:
            self.replay = captured(lambda: self._static(self.rows, self.last), device)

    @property
    def busy(self) -> list[int]:
        """The lanes that hold a run."""
        return [lane for lane, run in enumerate(self.runs) if run is not None]

    @property
    def empty(self) -> list[int]:
        """The empty lanes."""
        return [lane for lane, run in enumerate(self.runs) if run is None]

    def run(self, lane: int) -> Run:
        """The run in a busy lane."""
        run = self.runs[lane]
        assert run is not None, f"lane {lane} is empty"
        return run

    def _whole_groups(self, lanes: int) -> int:
        """The number of lanes for some runs: a compiled step takes whole groups."""
        return lanes + -lanes % (self.group or 1)

    def enter(self, lane: int, run: Run, parameters: Mapping[str, Tensor]) -> None:
        """Put a run into an empty lane."""
        self.runs[lane] = run
        self.state.enter(lane, parameters)
        self.loss[lane], self.correct[lane] = 0, 0

    def states(self) -> Iterator[tuple[int, State]]:
        """The number and whole state of every run here: `enter_again` puts it into any lane."""
        for lane in self.busy:
            run = self.run(lane)
            sums = {"loss": self.loss[lane].item(), "correct": self.correct[lane].item()}
            yield run.number, {"run": run.state(), **self.state.row(lane), **sums}

    def enter_again(self, lane: int, run: Run, state: State) -> None:
        """Put a run with a saved state into an empty lane."""
        self.runs[lane] = run
        self.state.set_row(lane, state)
        self.loss[lane], self.correct[lane] = state["loss"], state["correct"]

    def leave(self, lane: int) -> Run:
        """Take a run out. The lane trains on, but its results are ignored."""
        run = self.run(lane)
        self.runs[lane] = None
        return run

    def weights(self, lane: int) -> dict[str, Tensor]:
        """Views of a lane's weights, by name."""
        return {name: value[lane] for name, value in self.state.parameters.items()}

    def shrink(self) -> None:
        """Remove whole groups of empty lanes, and move the other lanes together."""
        busy = self.busy
        left = self._whole_groups(len(busy))
        if 0 < left < len(self.runs) and not self.constant:
            lanes = [*busy, *self.empty][:left]
            self.runs = [self.runs[lane] for lane in lanes]
            index = torch.tensor(lanes, device=self.device)
            self.state.keep(index)
            self.loss, self.correct = self.loss[index], self.correct[index]

    def advance(self, steps: int) -> None:
        """Take some optimiser steps in every lane."""
        rows, last = next_batches(self.config, self.runs, steps)
        for batch, ends in zip(rows.to(self.device), last.to(self.device), strict=True):
            self._step(batch, ends)
        for lane, shorter in enumerate(last.sum(0).tolist()):
            if (run := self.runs[lane]) is not None:
                run.step += steps
                run.seen += (steps - shorter) * self.step.sizes[0] + shorter * self.step.sizes[1]
                if self.constant and self.config.scheme != "shared":  # validation draws there
                    draw_ahead(self.config, run, steps)  # while the device is still computing

    def _step(self, rows: Tensor, last: Tensor) -> None:
        """One step on batches of examples [L, B]; `last` [L] marks batches that end an epoch."""
        if self.constant:
            self.rows.copy_(rows)
            self.last.copy_(last)
            self.replay()
        elif self.group:
            self._static(rows, last)
        else:
            masks = draw_masks(self.config, self.runs)
            self.step.eager(self.state, self.loss, self.correct, rows, last.tolist(), masks)

    def _static(self, rows: Tensor, last: Tensor) -> None:
        """The same without any transfer to the host."""
        width = self.group or len(self.runs)
        for low in range(0, len(self.runs), width):
            self.function(*self._tensors(slice(low, low + width), rows, last))
        self.state.clock.add_(1)

    def _tensors(self, lanes: slice, rows: Tensor, last: Tensor) -> list[Tensor]:
        """The arguments of a step of some lanes."""
        own = self.state.weights, self.loss, self.correct
        return [
            *(tensor[lanes] for tensor in own),
            self.step.optimiser.factors(self.state.clock[lanes]),
            self.step.examples[:, rows[lanes]],
            self.step.shares[last[lanes]],
            *(buffer[lanes] for buffer in self.state.buffers),
        ]

    def sums(self, lanes: Sequence[int]) -> tuple[list[float], list[int]]:
        """Total train loss and number of right answers of some lanes since the last call."""
        index = torch.tensor(lanes, device=self.device)
        sums = self.loss[index].tolist(), self.correct[index].tolist()
        self.loss[index], self.correct[index] = 0, 0
        return sums

    @torch.no_grad()
    def evaluate(
        self, lanes: Sequence[int], rows: Sequence[Tensor]
    ) -> tuple[list[float], list[int]]:
        """Mean loss and number of right answers of some lanes, each on examples of its own."""
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
        # Read after everything is queued, so that the host waits for the device once.
        means = torch.cat(losses) / len(rows[0])
        return means.tolist()[: len(lanes)], torch.cat(corrects).tolist()[: len(lanes)]

    def _evaluate(self, lanes: list[int], rows: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Total loss and number of right answers, each [lanes]."""
        index = torch.tensor(lanes, device=self.device)
        p = views(self.state.weights[index], self.step.shapes)
        loss = torch.zeros(len(lanes), dtype=torch.float64, device=self.device)
        correct = torch.zeros(len(lanes), dtype=torch.int64, device=self.device)
        for block in torch.stack(rows).to(self.device).split(self.evaluation_rows, 1):
            losses, right = self.step.losses(p, self.step.examples[:, block])
            loss += losses.double().sum(1)
            correct += right
        return loss, correct

    @torch.no_grad()
    def norms(self, lanes: Sequence[int]) -> list[dict[str, float]]:
        """L2 norms of some lanes by group, and in total without embeddings; summed in float64."""
        parts = [
            torch.linalg.vector_norm(value, dim=tuple(range(1, value.ndim)), dtype=torch.float64)
            for value in self.state.parameters.values()
        ]
        by_lane = torch.stack(parts, 1).tolist()
        return [self._norms(by_lane[lane]) for lane in lanes]

    def _norms(self, parts: Sequence[float]) -> dict[str, float]:
        squares = dict.fromkeys(groups(self.config), 0.0)
        for name, part in zip(self.step.shapes, parts, strict=True):
            squares[group_of(name)] += part**2
        total = sum(v for k, v in squares.items() if not k.endswith("_embedding"))
        return {"norm": total**0.5, **{f"norm.{k}": v**0.5 for k, v in squares.items()}}
