"""Short runs: their checkpoints' files, a state to write there, and harm done to it."""

from dataclasses import replace
from pathlib import Path

from made_up import CONFIG

from grokseed.execution.checkpoints import Checkpoints
from grokseed.seeds import Seeds
from grokseed.training.numerics import numerics
from grokseed.training.trainer import train

RUNS = [Seeds(0, model, 8, 9) for model in range(3)]
SMALLER = {"d_model": 16, "layers": 1, "heads": 2}
SHORT = replace(CONFIG, **SMALLER, max_steps=100, val_every=50, screen_step=100)


def kept_in(folder: Path, seconds: float = 0.0) -> Checkpoints:
    return Checkpoints(folder / "checkpoints", SHORT.key(), numerics(SHORT, "cpu"), seconds)


def state_of(seeds: Seeds) -> dict:
    """The first state of a run."""
    states: list[dict] = []
    train(SHORT, [seeds], on_pause=lambda take: states.extend(state for _, state in take()))
    return states[0]


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def empty(path: Path) -> None:
    path.write_bytes(b"")
