"""Runs that end as soon as they are begun, with made-up trajectories: a scan without training."""

import time
from collections.abc import Callable, Iterator

import numpy as np

from grokseed.config import Config
from grokseed.execution.executor import Chunk, Ended, Stopped
from grokseed.execution.scanner import Scanner
from grokseed.records.provenance import Made
from grokseed.records.trajectory import Trajectory


class Instant:
    """An executor whose runs end at once, all of a chunk together."""

    slots = 2

    def __init__(self, config: Config, numerics: str) -> None:
        self._made = Made(numerics, "", "2026-01-01")
        self._trajectories = [trajectory(config, number) for number in range(256)]
        self._chunks: dict[int, Chunk] = {}
        self.began: float | None = None

    def submit(self, slot: int, chunk: Chunk) -> None:
        self.began = self.began or time.perf_counter()
        self._chunks[slot] = chunk

    def events(self) -> Iterator[Ended | Stopped]:
        for slot, chunk in self._chunks.items():
            for number, seeds in enumerate(chunk.runs):
                made_up = self._trajectories[seeds.model % len(self._trajectories)]
                yield Ended(slot, number, made_up, 1.0, self._made)
            yield Stopped(slot, "", 0.0)
        self._chunks = {}

    def steps(self, slot: int) -> int:
        return 0

    def close(self, cancel: bool) -> None:
        self._chunks = {}


class InstantScanner(Scanner):
    """A scan on it."""

    def _executor(self, say: Callable[[str], None] = lambda line: None) -> Instant:
        self.instant = Instant(self.config, self.plan.numerics)
        return self.instant


def trajectory(config: Config, number: int) -> Trajectory:
    """A rise at some step, with noise that compresses no better than a real run's."""
    random = np.random.default_rng(number)
    step = np.arange(0, config.max_steps + 1, config.sample_every, dtype=np.int32)
    right = 1 / (1 + np.exp(-12 * (step / random.uniform(200, 2 * config.max_steps) - 1)))
    seen = np.where(step > 0, config.sample_every * config.batch_size, 0).astype(np.int64)
    whole = step % config.val_every == 0
    noise = random.lognormal(0, 0.01, (4, len(step)))
    columns = {
        "step": step,
        "train_loss": np.where(step > 0, 3 * np.exp(-step / 100) * noise[0], np.nan),
        "train_correct": (seen * np.minimum(1, step / 150)).astype(np.int64),
        "train_seen": seen,
        "sample_loss": (5 - 4.9 * right) * noise[1],
        "sample_correct": (right * config.n_sample).astype(np.int64),
        "val_loss": np.where(whole, (5 - 4.9 * right) * noise[2], np.nan),
        "val_correct": np.where(whole, (right * config.n_val).astype(np.int64), -1),
        "norm": (40 + 20 * np.sin(step / config.max_steps * 2.5)) * noise[3],
    }
    return Trajectory("done", columns)
