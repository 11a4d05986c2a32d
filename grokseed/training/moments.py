"""When a run's weights are shown: before its first step, at its t98, at its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from torch import Tensor

from grokseed.config import Config
from grokseed.model.graft import initial_weights
from grokseed.records.weights import Moment
from grokseed.seeds import Seeds
from grokseed.training.lanes import Lanes
from grokseed.training.run import Run, begin

OnWeights = Callable[[Seeds, Moment, int, Mapping[str, Tensor]], None]
"""Gets a run's seeds, a moment of it, its step, and its weights by name, views to be copied."""


class Moments:
    """Shows the weights of runs in lanes, if the caller asks for them.

    Args:
        runs: all that are trained.
    """

    def __init__(
        self, config: Config, runs: Sequence[Seeds], lanes: Lanes, on_weights: OnWeights | None
    ) -> None:
        self.config, self.runs, self.lanes, self.on_weights = config, runs, lanes, on_weights

    def show(self, moment: Moment, lane: int) -> None:
        """Show the weights in a lane as they are."""
        if self.on_weights:
            run = self.lanes.run(lane)
            self.on_weights(self.runs[run.number], moment, run.step, self.lanes.weights(lane))

    def keep(self, lane: int) -> None:
        """Show the weights at t98, and keep them: a run that is restored must show them again."""
        if self.on_weights:
            run, weights = self.lanes.run(lane), self.lanes.weights(lane)
            run.t98 = run.step
            run.weights_at_t98 = {
                name: value.detach().cpu().clone() for name, value in weights.items()
            }
            self.show("generalised", lane)

    def show_again(self, run: Run, seeds: Seeds) -> bool:
        """Show the moments that a restored run has passed; false if it cannot.

        The initial weights are drawn once more. Those at t98 are in the run's state.
        """
        if self.on_weights:
            if run.lacks_weights:  # its state was saved without weights
                return False
            fresh = begin(self.config, seeds, run.number)
            weights = initial_weights(self.config, seeds, fresh.generators.model)
            self.on_weights(seeds, "initial", 0, weights)
            if run.generalised:
                self.on_weights(seeds, "generalised", run.t98, run.weights_at_t98)
        return True
