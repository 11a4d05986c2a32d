"""The overfit ladder: the examples to memorise, the targets, and the criteria of success.

Levels, targets, rates and criteria are those of the document's stage 3, overfitting. No torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from grokseed.config import Config

RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
"""Learning rates of the sweep."""

RATE_EPOCHS = 10
"""Epochs of each rate of the sweep."""

MOST_EPOCHS = 200
"""Epochs after which a level has failed: "try 200 epochs"."""

SMALL_BATCH = 32
"""Batch size on a part of the train set."""

LOW_LOSS = 0.1
"""The mean loss below which the whole train set counts as memorised."""

SURE = 0.5
"""An answer is confident if its probability is above this."""

MOST = 0.95
"""More than this share of the train set must be right, and confident."""

Status = Literal["done", "diverged", "out of memory"]


@dataclass(frozen=True)
class Level:
    """A level of the ladder.

    Attributes:
        name: what it is called.
        n: examples to memorise.
        above: the share of right answers must exceed this; 1 asks for all of them.
        epochs: the epochs that the document allows; None if it gives no number.
        batch: examples a step.
        whole: whether it is the whole train set, which must also reach `LOW_LOSS`, with confidence.
    """

    name: str
    n: int
    above: float
    epochs: int | None
    batch: int
    whole: bool = False

    @property
    def least(self) -> int:
        """The fewest right answers that reach the target."""
        return min(self.n, int(self.above * self.n) + 1)


def levels(config: Config) -> list[Level]:
    """The levels of a config: 4, 100 and 1,000 examples, if it has more, and the whole train set.

    A batch has 32 examples as in the document, or fewer if the config's batch is smaller. On the
    whole train set it is the config's batch.
    """
    small = min(SMALL_BATCH, config.batch_size)
    parts = [
        Level("4 examples", 4, 1.0, None, small),
        Level("100 examples", 100, 0.95, 20, small),
        Level("1,000 examples", 1000, 0.90, 50, small),
    ]
    whole = Level("train set", config.n_train, MOST, None, config.batch_size, whole=True)
    return [*(level for level in parts if level.n < config.n_train), whole]


def unregularised(config: Config) -> Config:
    """The config with all regularisation off: no weight decay, no dropout.

    The rate stays constant, as a trial may be longer than the decay to 0 at max_steps.
    """
    return replace(config, weight_decay=0.0, dropout=0.0, schedule="constant")


@dataclass
class Trial:
    """One training of the ladder, a level or a rate of the sweep, and its outcome.

    Attributes:
        name: the level's or the rate's.
        n: examples it trains on, the first n of the train set.
        rate: learning rate after warm-up.
        batch: examples a step.
        level: the level, or None for a rate of the sweep.
        loss: mean train loss of each epoch, measured during training.
        right: right answers of each epoch, measured during training.
        reached: epoch after which its target was met; None for never.
        end_loss: mean loss on its examples at the end.
        end_right: right answers on its examples at the end.
        sure: examples whose right answer had a probability above `SURE` at the end.
        val_loss, val_right: on the validation set at the end; for the whole train set's level
            alone.
        norms: for each parameter the norms of its gradients at the steps in `steps`.
        status: done, diverged (a loss that is not finite), or out of memory.
    """

    name: str
    n: int
    rate: float
    batch: int
    level: Level | None = None
    loss: list[float] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    reached: int | None = None
    end_loss: float = np.nan
    end_right: int = 0
    sure: int = 0
    val_loss: float = np.nan
    val_right: int = 0
    norms: dict[str, list[float]] = field(default_factory=dict)
    steps: list[int] = field(default_factory=list)
    status: Status = "done"

    @property
    def steps_per_epoch(self) -> int:
        """Steps of an epoch, including the smaller last batch."""
        return -(-self.n // self.batch)

    @property
    def epochs(self) -> int:
        """Epochs it trains at most."""
        return MOST_EPOCHS if self.level else RATE_EPOCHS

    @property
    def met(self) -> bool:
        """Whether its target was met, on the whole train set with loss and confidence."""
        return self.reached is not None

    @property
    def said(self) -> str:
        """How it ended, in a line."""
        if self.status != "done":
            return f"{self.name}: {self.status}"
        if not self.level:
            return f"rate {self.name}: train loss {lowest(self):.4g} at the lowest"
        end = f"{self.end_right:,} of {self.n:,} right after {len(self.loss)} epochs"
        return f"{self.name}: {end}, loss {self.end_loss:.4g}"

    def meets(self, right: int, loss: float, sure: int | None = None) -> bool:
        """Whether these numbers reach the target. Rates have none.

        On the whole train set all criteria of success are asked for, so that it does not end before
        the last of them.

        Args:
            right: right answers.
            loss: mean loss.
            sure: confident right answers; None while they are not counted.
        """
        level = self.level
        if level is None or right < level.least:
            return False
        return not level.whole or (loss < LOW_LOSS and (sure is None or sure > MOST * self.n))


def trials(config: Config) -> list[Trial]:
    """All trainings of a config's ladder: its levels, then the rates of the sweep."""
    made = [Trial(at.name, at.n, config.lr, at.batch, at) for at in levels(config)]
    return made + [Trial(f"{r:g}", config.n_train, r, config.batch_size) for r in RATES]


@dataclass(frozen=True)
class Criterion:
    """A criterion of success, and whether it holds.

    Attributes:
        name: the criterion in words.
        holds: whether it does.
        found: the numbers behind it.
        needed: whether the config must meet it to count as memorising.
    """

    name: str
    holds: bool
    found: str
    needed: bool = True


def criteria(found: Sequence[Trial], n_val: int) -> list[Criterion]:
    """The targets of the levels, then the document's four success criteria on the whole train set.

    Args:
        found: the trials after their training.
        n_val: examples of the validation set.
    """
    ticked = []
    for trial in found:
        if level := trial.level:
            share = "all" if level.above == 1 else f"over {level.above:.0%}"
            when = "never" if trial.reached is None else f"epoch {trial.reached:,}"
            if level.epochs:
                soon = (trial.reached or MOST_EPOCHS) <= level.epochs
                when += f", {'within' if soon else 'not in'} the document's {level.epochs} epochs"
            when += f"; {trial.end_right:,} of {trial.n:,} right at the end"
            name = f"{level.name}: {share} right"
            if level.whole:
                name += f" and confident, loss below {LOW_LOSS:g}"
            ticked.append(Criterion(name, trial.met, when))
    whole = train_set(found)
    sure = whole.sure / whole.n
    gap = f"validation loss {whole.val_loss:.4g}, {whole.val_right:,} of {n_val:,} right"
    share = f"{whole.end_right:,} of {whole.n:,}, {whole.end_right / whole.n:.1%}"
    loss = f"{whole.end_loss:.4g}"
    return [
        *ticked,
        Criterion(f"train loss below {LOW_LOSS:g}", whole.end_loss < LOW_LOSS, loss),
        Criterion("train accuracy over 95%", whole.end_right > MOST * whole.n, share),
        Criterion(
            f"over 95% of right answers have a probability over {SURE:g}",
            sure > MOST,
            f"{whole.sure:,} of {whole.n:,}, {sure:.1%}",
        ),
        Criterion(
            "validation worse than training", whole.val_loss > whole.end_loss, gap, needed=False
        ),
    ]


def train_set(found: Sequence[Trial]) -> Trial:
    """The trial of the whole train set."""
    return next(trial for trial in found if trial.level and trial.level.whole)


def best_rate(found: Sequence[Trial]) -> Trial | None:
    """The rate of the sweep with the lowest train loss of an epoch; None where all diverged."""
    rates = [trial for trial in found if trial.level is None and lowest(trial) < np.inf]
    return min(rates, key=lowest, default=None)


def lowest(trial: Trial) -> float:
    """The lowest train loss of an epoch; infinite if none is finite."""
    finite = [loss for loss in trial.loss if np.isfinite(loss)]
    return min(finite, default=np.inf)
