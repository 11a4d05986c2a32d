"""Why a config does not memorise: the document's table of blockers, read from its trainings.

Each row of the table is a rule here. No torch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grokseed.analysis.gradients import broken, silent
from grokseed.analysis.ladder import (
    RATE_EPOCHS,
    Criterion,
    Trial,
    best_rate,
    lowest,
    train_set,
)
from grokseed.config import Config
from grokseed.vocabulary import n_answers

CLEARLY = 0.95
"""A loss below this share of another is clearly lower."""

BEATEN = 0.98
"""A rate of the sweep is better if its loss after the sweep's few epochs is below this share of the
loss of the config's own rate after many."""

SLOWER = 3.0
"""A rate of the sweep is much larger if it is at least this many times the config's."""

UNSTEADY = 0.05
"""A loss oscillates if it moves up and down by more than this share an epoch."""

NOTHING = 0.99
"""Nothing was learned if the loss is above this share of a blind guess's."""

BLIND = 1.5
"""A loss has exploded if it is above this many times a blind guess's."""

SOLUTIONS = {
    "out of memory": "reduce the batch or the model",
    "numerical instability": "reduce the learning rate, clip gradients",
    "dead activation": "check the initial weights and biases before the activation",
    "no gradient": "find where the backward pass is cut",
    "vanishing gradients": "check the initial weights and the layers after these",
    "loss does not match the task": "check the loss function and the labels it is given",
    "learning rate too high": "reduce it 3 to 10 times",
    "learning rate too low": "raise it 3 to 10 times",
    "insufficient capacity": "make the model larger",
    "too few epochs": "train longer, or make the model larger",
    "validation no worse than training": "see whether it has generalised already, or whether "
    "validation examples are in the train set",
}
"""What to do about each cause, in the order in which they are looked for."""


@dataclass(frozen=True)
class Cause:
    """A likely cause: its name, a key of `SOLUTIONS`, and the evidence for it."""

    name: str
    why: str

    @property
    def solution(self) -> str:
        """What to do about it."""
        return SOLUTIONS[self.name]


def causes(config: Config, found: Sequence[Trial], ticked: Sequence[Criterion]) -> list[Cause]:
    """The likely causes of the criteria that do not hold, the surest first.

    A gradient that is missing throughout is named even if all criteria hold.

    Args:
        found: the trials after their training.
        ticked: their criteria, from `ladder.criteria`.
    """
    missed = [trial for trial in found if trial.level and not trial.met]
    named = [*_memory(found), *_instability(missed)]
    if config.d_model > 2:
        named += _silence(found)
    if missed and not any(cause.name == "out of memory" for cause in named):
        named += [*_mismatch(missed), *_narrow(config), *_rate(config, found, missed)]
        named = named or [_plateau(config, found, missed[-1])]
    if any(not it.holds and not it.needed for it in ticked) and not missed:
        whole = train_set(found)
        why = f"validation loss {whole.val_loss:.4g}, train loss {whole.end_loss:.4g}"
        named.append(Cause("validation no worse than training", why))
    return named


def _memory(found: Sequence[Trial]) -> list[Cause]:
    short = [trial.name for trial in found if trial.status == "out of memory"]
    return [Cause("out of memory", f"when training on {_listed(short)}")] if short else []


def _instability(missed: Sequence[Trial]) -> list[Cause]:
    """Loss is NaN."""
    lost = [trial.name for trial in missed if trial.status == "diverged"]
    if not lost:
        return []
    gradients = broken(missed)
    why = f"the loss is not finite on {_listed(lost)}"
    return [
        Cause(
            "numerical instability",
            why + (f", nor are gradients of {_listed(gradients)}" if gradients else ""),
        )
    ]


def _silence(found: Sequence[Trial]) -> list[Cause]:
    """Gradients are zero."""
    named, quiet = [], silent(found)
    measured = {name for trial in found for name in trial.norms}
    for up in [name for name in quiet if name.endswith(".ffn.up.weight")]:
        ffn = up.removesuffix(".up.weight")
        dead = [f"{ffn}.{name}" for name in ("up.weight", "up.bias", "down.weight")]
        dead = [name for name in dead if name in measured]
        after = [f"{ffn}.{name}" for name in ("down.bias", "norm.bias")]
        after = next((name for name in after if name in measured), "")
        # If the activation is dead, the biases after it still learn. If they have no gradient
        # either, the fault is after them.
        if set(dead) <= quiet.keys() and after not in quiet:
            named.append(Cause("dead activation", f"no gradient in {_listed(dead)}"))
            quiet = {name: zero for name, zero in quiet.items() if name not in dead}
    for name, kind in (("no gradient", True), ("vanishing gradients", False)):
        if some := [parameter for parameter, zero in quiet.items() if zero == kind]:
            limit = "zero" if kind else "below 1e-6"
            named.append(Cause(name, f"{limit} at every step measured in {_listed(some)}"))
    return named


def _mismatch(missed: Sequence[Trial]) -> list[Cause]:
    """Loss decreases but accuracy is stuck.

    An answer whose loss is below ln 2 has a probability over 1/2, so it is given and right. If the
    mean loss is l, at least a share of 1 - l / ln 2 has such a loss (Markov's inequality).
    """
    for trial in missed:
        least = trial.n * (1 - trial.end_loss / math.log(2))
        if trial.end_right < least - 1e-6 * trial.n:
            why = (
                f"on {trial.name} a loss of {trial.end_loss:.3g} means at least "
                f"{math.ceil(least):,} of {trial.n:,} right, and {trial.end_right:,} are"
            )
            return [Cause("loss does not match the task", why)]
    return []


def _rate(config: Config, found: Sequence[Trial], missed: Sequence[Trial]) -> list[Cause]:
    """Loss oscillates, or progress is very slow: judged by the sweep, and by the loss itself."""
    whole, best, blind = train_set(found), best_rate(found), math.log(n_answers(config))
    higher = best is not None and best.rate > config.lr
    diverged = lowest(whole) == np.inf  # a higher rate would not help
    if whole in missed and best and lowest(best) < BEATEN * lowest(whole):
        if higher and diverged:
            return []
        side = "low" if higher else "high"
        why = _against(best, config.lr, lowest(whole), len(whole.loss))
        return [Cause(f"learning rate too {side}", why)]
    for trial in missed:
        late = _late(trial)
        if late > BLIND * blind:
            why = f"on {trial.name} the loss ends at {late:.3g}, a blind guess has {blind:.3g}"
            return [Cause("learning rate too high", why)]
    if whole in missed and best and _late(whole) > NOTHING * blind > lowest(best):
        side = "low" if best.rate >= SLOWER * config.lr else "high"
        if side == "low" or config.lr >= SLOWER * best.rate:
            why = f"the loss ends at {_late(whole):.3g}, no better than a blind guess"
            against = _against(best, config.lr, lowest(whole), len(whole.loss))
            return [Cause(f"learning rate too {side}", f"{why}, and {against}")]
    swing, back = _swing(missed[-1])
    if swing > UNSTEADY and back > 0.5:
        why = (
            f"on {missed[-1].name} the loss oscillates: it moves by {swing:.0%} an epoch and takes "
            f"back {back:.0%} of its fall"
        )
        return [Cause("learning rate too high", why)]
    return []


def _late(trial: Trial) -> float:
    """The mean loss of the last quarter of its epochs; NaN where one is not finite."""
    return float(np.mean(trial.loss[len(trial.loss) * 3 // 4 :] or [np.nan]))


def _swing(trial: Trial) -> tuple[float, float]:
    """Over the last half, the mean relative change of the loss an epoch, and rises over falls."""
    real = [loss for loss in trial.loss[len(trial.loss) // 2 :] if np.isfinite(loss) and loss > 0]
    moves = np.diff(np.log(real))
    falls = -moves[moves < 0].sum()
    return (float(abs(moves).mean()), float(moves[moves > 0].sum() / falls)) if falls else (0, 0)


def _narrow(config: Config) -> list[Cause]:
    """A width that cannot hold more than two answers, whatever is learned."""
    if config.d_model > 2:
        return []
    why = (
        f"a layer norm over {config.d_model} elements leaves only signs: for all examples the "
        f"readout sees one of {config.d_model} rows"
    )
    return [Cause("insufficient capacity", why)]


def _plateau(config: Config, found: Sequence[Trial], trial: Trial) -> Cause:
    """Loss plateaus early, or it still falls: faster at a larger rate, or too slowly at any."""
    before, end = trial.loss[len(trial.loss) * 3 // 4 - 1], trial.loss[-1]
    why = (
        f"on {trial.name} the loss went from {before:.3g} to {end:.3g} in the last quarter of "
        f"{len(trial.loss)} epochs"
    )
    if end > CLEARLY * before:
        return Cause(
            "insufficient capacity", f"{why}, and no rate of the sweep does clearly better"
        )
    best, early = best_rate(found), min(train_set(found).loss[:RATE_EPOCHS])
    if best and best.rate >= SLOWER * config.lr and lowest(best) < CLEARLY * early:
        against = _against(best, config.lr, early, RATE_EPOCHS)
        return Cause("learning rate too low", f"{why}, and {against}")
    return Cause("too few epochs", f"{why}, and the ladder ends there")


def _against(best: Trial, rate: float, loss: float, epochs: int) -> str:
    """The sweep's best rate compared with the config's."""
    return (
        f"rate {best.rate:g} comes to a train loss of {lowest(best):.3g} in {RATE_EPOCHS} epochs, "
        f"rate {rate:g} to {loss:.3g} in {epochs}"
    )


def _listed(names: Sequence[str], most: int = 4) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
