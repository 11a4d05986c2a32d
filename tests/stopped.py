"""Trainings that are stopped over and over, and go on from what files hold of them."""

import io
from collections.abc import Callable

import torch

from grokseed.config import Config
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds
from grokseed.training.moments import OnWeights
from grokseed.training.run import State
from grokseed.training.trainer import train


class StopError(Exception):
    """The training is asked to end."""


def through_a_file(state: State) -> State:
    held = io.BytesIO()
    torch.save(state, held)
    held.seek(0)
    return torch.load(held, weights_only=True)


def stopped_over_and_over(
    config: Config,
    runs: list[Seeds],
    pauses: list[int],
    lanes: int,
    on_weights: Callable[[], OnWeights | None] = lambda: None,
    **how: object,
) -> tuple[dict[Seeds, Trajectory], list[int]]:
    """Train, stop after so many pauses, go on from the states, and so forth; then to the end.

    The runs left change their order, and so their lanes and neighbours.

    Args:
        on_weights: makes what `train` calls with weights, anew each time: so a new worker has it.

    Returns:
        The trajectories, and the steps at which runs went on.
    """
    done: dict[Seeds, Trajectory] = {}
    states: dict[Seeds, State] = {}
    steps: list[int] = []
    left = list(runs)
    for stop_after in [*pauses, 10**9]:
        left = [run for run in (*left[1:], *left[:1]) if run not in done]
        seen = 0

        def saved(number: int, left=left) -> State | None:
            state = states.get(left[number])
            if state:
                steps.append(state["run"]["step"])
            return state

        def on_pause(take, left=left, stop_after=stop_after) -> None:
            nonlocal seen
            seen += 1
            if seen == stop_after:
                states.update({left[n]: through_a_file(state) for n, state in take()})
                raise StopError

        def on_end(number: int, trajectory: Trajectory, left=left) -> None:
            done[left[number]] = trajectory

        try:
            hooks = {"saved": saved, "on_pause": on_pause, "on_end": on_end}
            hooks["on_weights"] = on_weights()
            train(config, left, lanes=lanes, **hooks, **how)  # type: ignore[arg-type]
        except StopError:
            continue
    return done, steps
