"""The early verdict: a rule that stops runs which will not be early, and the tenth that it spares.

A rule is a list of checks such as `sample_loss<9.5@800`: a run goes on past step 800 only if its
loss on the validation sample is below 9.5 there. A random tenth of the runs, which a fixed hash of
the seeds chooses, goes on in any case: they say what the rule has missed. No torch.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from grokseed.config import Config
from grokseed.seeds import Seeds, read_seeds

Verdict = Literal["kept", "spared", "stopped"]
"""A rule's verdict on a run: it passed every check (kept), or it failed one (spared, stopped)."""

SHARE_SPARED = 10
"""One run in this many is spared."""

SIGNALS = ("train_loss", "train_accuracy", "sample_loss", "sample_accuracy", "norm")
"""What a rule may read, named as in `trajectories.npz`. It may also read `norm.<group>`."""

_KEEP = re.compile(r"\s*([a-z_][a-z_0-9.]*)\s*([<>])\s*([-+.0-9e]+)\s*", re.ASCII)


@dataclass(frozen=True)
class Check:
    """A run goes on past a step if a signal is on the right side of a cut there."""

    step: int
    signal: str
    side: str
    cut: float

    def __str__(self) -> str:
        return f"{self.signal}{self.side}{self.cut:g}@{self.step}"

    def passes(self, value: float) -> bool:
        """Whether a run with this value goes on."""
        return value < self.cut if self.side == "<" else value > self.cut


@dataclass(frozen=True)
class EarlyRule:
    """The checks of an early verdict, and where it was fitted.

    Args:
        checks: in the order of their steps.
        folder: of the runs that it was fitted on; empty if unknown.
        model_seeds: those it was fitted on, as `spell_seeds` writes them; it is not applied to
            them.
    """

    checks: tuple[Check, ...]
    folder: str = ""
    model_seeds: str = ""

    def __str__(self) -> str:
        return ",".join(map(str, self.checks))

    @cached_property
    def fitted(self) -> frozenset[int]:
        """The model seeds that it was fitted on."""
        return frozenset(read_seeds(self.model_seeds)) if self.model_seeds else frozenset()

    def judges(self, seeds: Seeds) -> bool:
        """Whether it applies to a run: it does not if it was fitted on the run's model seed."""
        return seeds.model not in self.fitted

    def check(self, config: Config, groups: Collection[str]) -> None:
        """Raise ValueError if runs of a config do not record these signals at these steps.

        Args:
            groups: the config's layer groups.
        """
        names = [*SIGNALS, *(f"norm.{group}" for group in groups)]
        for check in self.checks:
            if check.signal not in names:
                raise ValueError(
                    f"--keep reads {check.signal!r}, which these runs do not record: use one of "
                    f"{', '.join(names)}"
                )
            if not 0 < check.step < config.max_steps:
                raise ValueError(
                    f"--screen-at must lie between 0 and --max-steps {config.max_steps:,}, not "
                    f"{check.step:,}"
                )
            if check.step % config.sample_every:
                raise ValueError(
                    f"--screen-at must be a multiple of --sample-every {config.sample_every}, not "
                    f"{check.step}"
                )


def read_rule(screen_at: str, keep: str) -> EarlyRule | None:
    """The rule given by the two options; None if both are empty.

    Args:
        screen_at: steps, such as `800` or `800,1200`; empty where `keep` is a file.
        keep: for each step a check, such as `sample_loss<9.5`; or the path of a rule that
            `studies/early.py` fitted, a file that ends in `.json`.

    Raises:
        ValueError: it is no rule.
    """
    if keep.endswith(".json"):
        rule = _read_file(Path(keep))
        steps = ",".join(str(check.step) for check in rule.checks)
        if screen_at.replace(" ", "") not in ("", steps):
            raise ValueError(f"{keep} is for --screen-at {steps}, not {screen_at}")
        return rule
    if not screen_at and not keep:
        return None
    if not screen_at or not keep:
        raise ValueError("--screen-at and --keep go together")
    steps, cuts = screen_at.split(","), keep.split(",")
    if len(steps) != len(cuts):
        raise ValueError(f"--screen-at has {len(steps)} steps and --keep {len(cuts)} checks")
    return spelled_rule(",".join(f"{c}@{s.strip()}" for c, s in zip(cuts, steps, strict=True)))


def spelled_rule(text: str) -> EarlyRule:
    """Read a rule that `str` has written.

    Raises:
        ValueError: it is no rule.
    """
    checks = []
    for one in text.split(","):
        keep, _, step = one.partition("@")
        found = _KEEP.fullmatch(keep)
        if not found:
            raise ValueError(f"--keep takes checks like sample_loss<9.5, not {keep!r}")
        if not (step.isascii() and step.isdigit()):
            raise ValueError(f"--screen-at takes whole numbers of steps, not {step!r}")
        signal, side, cut = found.groups()
        try:
            number = float(cut)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise ValueError(f"--keep compares with a number, not {cut!r}")
        checks.append(Check(int(step), signal, side, float(f"{number:g}")))
    steps = [check.step for check in checks]
    if steps != sorted(set(steps)):
        raise ValueError("--screen-at takes steps in rising order, each once")
    return EarlyRule(tuple(checks))


def is_spared(seeds: Seeds) -> bool:
    """Whether a run is in the random tenth that goes on in any case; the same on every machine."""
    s = seeds
    named = hashlib.sha256(f"spared {s.split} {s.model} {s.loader} {s.val} {s.graft}".encode())
    return int(named.hexdigest(), 16) % SHARE_SPARED == 0


def read_verdict(text: str) -> tuple[str, str]:
    """The verdict and the rule of a record's `early`, such as `stopped norm<44@800`.

    Raises:
        ValueError: the text is neither empty nor a verdict and a rule.
    """
    if not text:
        return "", ""
    verdict, _, rule = text.partition(" ")
    if verdict not in ("kept", "spared", "stopped") or str(spelled_rule(rule)) != rule:
        raise ValueError(f"early is {text!r}")
    return verdict, rule


@dataclass
class Judge:
    """One run under a rule.

    Attributes:
        verdict: so far.
    """

    rule: EarlyRule
    seeds: Seeds
    verdict: Verdict = "kept"

    def __str__(self) -> str:
        return f"{self.verdict} {self.rule}"

    def stops(self, step: int, signals: Mapping[str, float]) -> bool:
        """Judge the run at an evaluation point; return whether it ends here."""
        for check in self.rule.checks:
            if check.step == step and not check.passes(signals[check.signal]):
                self.verdict = "spared" if is_spared(self.seeds) else "stopped"
        return self.verdict == "stopped"


def _read_file(path: Path) -> EarlyRule:
    try:
        about = json.loads(path.read_text("utf-8"))
        rule = spelled_rule(about["rule"])
        folder, model = (str(about["fitted_on"][k]) for k in ("folder", "model"))
        if model:
            read_seeds(model)  # here, not in every run
        return EarlyRule(rule.checks, folder, model)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        line = " ".join(str(error).split())
        raise ValueError(f"{path} is no rule that studies/early.py wrote: {line}") from None
