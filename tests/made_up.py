"""Trajectories made up from the seeds alone, in the trainer's form, and stand-ins for `train`.

A module of its own because worker processes import it by name.
"""

import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from grokseed.config import Config
from grokseed.early import EarlyRule, Judge
from grokseed.execution.checkpoints import AskedToEndError
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds

CONFIG = Config(p=11, batch_size=16, max_steps=400, sample_every=25, val_every=100, screen_step=200)


def trajectory(config: Config, seeds: Seeds) -> Trajectory:
    """An S-shaped rise at a step that depends on the seeds; every hundredth run diverges."""
    graft = list(seeds.graft.encode())
    random = np.random.default_rng([seeds.split, seeds.model, seeds.loader, seeds.val, *graft])
    diverged = random.random() < 0.01
    step = np.arange(0, config.max_steps + 1, config.sample_every, dtype=np.int32)
    middle = random.lognormal(np.log(config.max_steps * 0.8), 0.7)
    right = 1 / (1 + np.exp(-12 * (step / middle - 1)))
    right[right > 0.98] = 1
    whole = (step > 0) & ((step % config.val_every == 0) | (right >= 0.95))
    seen = np.where(step > 0, config.sample_every * config.batch_size, 0)
    columns = {
        "step": step,
        "train_loss": np.where(step > 0, 3.0 * np.exp(-step / 100), np.nan),
        "train_correct": (seen * np.minimum(1, step / 150)).astype(np.int64),
        "train_seen": seen.astype(np.int64),
        "sample_loss": 5 + 2 * random.random() * step / 100 * (1 - right) - 5 * right,
        "sample_correct": (right * config.n_sample).astype(np.int64),
        "val_loss": np.where(whole, 5 - 5 * right, np.nan),
        "val_correct": np.where(whole, (right * config.n_val).astype(np.int64), -1),
        "norm": 40 + 20 * np.sin(step / config.max_steps * 2.5),
    }
    if config.stop_when == "completed" and (columns["val_correct"] == config.n_val).any():
        end = int(np.argmax(columns["val_correct"] == config.n_val)) + 1
        columns = {name: column[:end] for name, column in columns.items()}
    if diverged:
        columns = {name: column[:5] for name, column in columns.items()}
    return Trajectory("diverged" if diverged else "done", columns)


def judged(config: Config, seeds: Seeds, rule: EarlyRule) -> Trajectory:
    """The made-up run under an early rule on the validation sample's loss."""
    whole, judge = trajectory(config, seeds), Judge(rule, seeds)
    if not rule.judges(seeds):
        return whole
    columns = whole.columns
    for step, loss in zip(columns["step"][:-1], columns["sample_loss"], strict=False):
        if judge.stops(int(step), {"sample_loss": float(loss)}):
            whole = whole.stopped_at(int(step))
            break
    return replace(whole, early=str(judge))


def train(config, runs, *, on_point=None, on_end=None, on_pause=None, rule=None, **how):
    """As the trainer: all runs side by side, one report at each evaluation point."""
    made = [judged(config, s, rule) if rule else trajectory(config, s) for s in runs]
    for point in range(max(len(t.columns["step"]) for t in made)):
        for number, t in enumerate(made):
            if on_end and len(t.columns["step"]) == point + 1:
                on_end(number, t)
        if on_point and point:
            on_point(config.sample_every * sum(len(t.columns["step"]) > point for t in made))
        if on_pause:
            on_pause(lambda: iter(()))
    return made


class Failing:
    """`train`, but a chunk with some model seed raises or takes its process down.

    Args:
        raising: model seeds that raise.
        dying: model seeds that end their worker.
        once: a folder; a seed whose mark lies there is well the next time.
        log: a file that gets a line for each chunk tried: its model seeds and the process.
    """

    def __init__(self, raising=(), dying=(), once: Path | None = None, log: Path | None = None):
        self.raising, self.dying, self.once, self.log = raising, dying, once, log

    def __call__(self, config, runs, **how):
        if self.log:
            with self.log.open("a") as file:
                file.write(" ".join(str(seeds.model) for seeds in runs) + f" {os.getpid()}\n")
        for seeds in runs:
            mark = self.once and self.once / str(seeds.model)
            if mark and mark.exists():
                continue
            if mark and seeds.model in (*self.raising, *self.dying):
                mark.touch()
            if seeds.model in self.raising:
                raise RuntimeError("out of\nmemory")
            if seeds.model in self.dying:
                os._exit(7)
        return train(config, runs, **how)


def sleepy(config, runs, *, on_point, on_pause=None, **how):
    """`train` that takes a minute unless it is stopped, with a progress bar as torch's compiler."""
    bar = tqdm(disable=True)
    for _ in range(600):
        time.sleep(0.1)
        on_point(len(runs))
        if on_pause:
            on_pause(lambda: iter(()))
    bar.close()
    return train(config, runs, **how)


def sleepy_but_first(config, runs, **how):
    """`train` of a chunk that begins with model seed 0, and `sleepy` of others."""
    return (sleepy if runs[0].model else train)(config, runs, **how)


def ends_when_asked(config, runs, *, on_point, on_end, on_pause, **how):
    """`sleepy`, but as its worker is asked to end, the chunk's first run has just ended."""

    def on_pause_or_end(take):
        try:
            on_pause(take)
        except AskedToEndError:
            on_end(0, trajectory(config, runs[0]))
            raise

    return sleepy(config, runs, on_point=on_point, on_pause=on_pause_or_end, on_end=on_end, **how)
