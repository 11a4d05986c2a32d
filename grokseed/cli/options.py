"""Options that commands share: where results go, and which seeds to run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import Literal

from grokseed.cli.shard import Shard
from grokseed.config import Scheme
from grokseed.early import EarlyRule, read_rule
from grokseed.execution.how import How
from grokseed.limits import check_choices
from grokseed.seeds import MOST_RUNS, Seeds, read_seeds, val_of

FORMATS = ("png", "pdf", "svg")
"""Of figures."""


@dataclass(frozen=True)
class HowOptions(How):
    """Where results go, and whether to train at all.

    Args:
        out: the folder of results; by default results/ and a name made of the options.
        dry_run: write nothing; say which runs are done, missing and failed, and how long the rest
            takes.
        export: train nothing; write tables and figures again from what is stored.
        figures: file formats of the figures, some of png, pdf and svg, like png,pdf. Older files of
            these figures in other formats are deleted.
        shard: train only part i of n of the runs, such as 2/5, the same part on any machine. The
            folder notes that the whole command was asked for, and grokseed.merge joins the parts.
            Where machines differ give --compile yes or no: auto may choose differently on each.
    """

    out: str | None = None
    dry_run: bool = False
    export: bool = False
    figures: str = "png"
    shard: str = "1/1"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.export and self.dry_run:
            raise ValueError("--export writes tables and figures, and --dry-run nothing: give one")
        Shard.read(self.shard)

    def formats(self) -> list[str]:
        """The figures' formats.

        Raises:
            ValueError: one that there is not.
        """
        names = [name.strip() for name in self.figures.split(",")]
        if wrong := [name for name in names if name not in FORMATS]:
            raise ValueError(f"--figures takes {', '.join(FORMATS)}, not {wrong[0]!r}")
        return list(dict.fromkeys(names))


@dataclass(frozen=True)
class ClassOptions:
    """How runs are classified.

    Args:
        rule: the rule whose classes figures and lists show: screen (the validation accuracy at
            --screen-step), speedup (t98 against the scan's own median; it needs 20 runs or more),
            or auto, which takes speedup if there are 20 runs or more, half of them reach t98, and
            none has a graft but one-ulp twins or an order of all examples. Tables show every rule
            that applies.
    """

    rule: Literal["auto", "screen", "speedup"] = "auto"


@dataclass(frozen=True)
class EarlyOptions:
    """An early verdict, which stops runs that will not be early.

    Args:
        screen_at: stop runs that will not be early at this step, or at several like 800,1200. A
            random tenth of the runs goes on in any case, so that the results say how many early
            ones were missed.
        keep: the check that a run must pass there to go on, like sample_loss<9.5. Give one check a
            step, of train_loss, train_accuracy, sample_loss, sample_accuracy, norm or norm.<group>;
            or a file of studies/early.py, which is not applied to the seeds that it was fitted on.
            The same scan without it trains the stopped runs to their end.
    """

    screen_at: str = ""
    keep: str = ""

    def __post_init__(self) -> None:
        self.rule()

    def rule(self) -> EarlyRule | None:
        """The rule of the early verdict; None if there is none.

        Raises:
            ValueError: it cannot be read.
        """
        return read_rule(self.screen_at, self.keep)


@dataclass(frozen=True)
class SeedOptions:
    """Which runs: the seeds of each stream, written like 0:2073 (half-open) or 3,5,8:12.

    Args:
        model_seeds: seeds of the initial weights.
        loader_seeds: seeds of the batch order.
        split_seeds: seeds of the train/validation split; by default the model's own in scheme
            diary, else 0.
        val_seed: seed of the validation stream; by default each loader seed + 1.
        pairs: every combination of the seeds (grid), or the first with the first and the second
            with the second (zip), where a single seed goes with all.
    """

    model_seeds: str = "0"
    loader_seeds: str = "0"
    split_seeds: str | None = None
    val_seed: int | None = None
    pairs: Literal["grid", "zip"] = "grid"

    def __post_init__(self) -> None:
        check_choices(self)

    def runs(self, scheme: Scheme) -> list[Seeds]:
        """The seeds of every run, each once.

        Raises:
            ValueError: seeds that cannot be read, cannot be paired, have no meaning in the scheme,
                or make too many runs.
        """
        model, loader = read_seeds(self.model_seeds), read_seeds(self.loader_seeds)
        if scheme == "shared":
            others = self.loader_seeds, self.split_seeds, self.val_seed, self.pairs
            if others != ("0", None, None, "grid"):
                raise ValueError("scheme shared has one stream: it takes --model-seeds alone")
            if len(model) > MOST_RUNS:
                raise ValueError(f"more than {MOST_RUNS:,} runs: {len(model):,} model seeds")
            return [Seeds(s, s, s, s) for s in model]
        split = read_seeds(self.split_seeds) if self.split_seeds is not None else None
        if split is None and scheme == "independent":
            split = [0]
        columns = [split or [None], model, loader]
        n = (math.prod if self.pairs == "grid" else max)([len(column) for column in columns])
        if n > MOST_RUNS:
            lengths = " x ".join(f"{len(column):,}" for column in columns)
            raise ValueError(f"more than {MOST_RUNS:,} runs: {lengths} split, model, loader seeds")
        if self.pairs == "grid":
            triples = product(*columns)
        else:
            if any(len(column) not in (1, n) for column in columns):
                given = zip(columns, ("split", "model", "loader"), strict=True)
                lengths = ", ".join(
                    f"{len(column):,} {name} seed{'s' * (len(column) > 1)}"
                    for column, name in given
                    if name != "split" or self.split_seeds is not None
                )
                raise ValueError(f"--pairs zip needs lists of one length or of 1, not {lengths}")
            triples = zip(*(c * (n if len(c) == 1 else 1) for c in columns), strict=True)
        return [Seeds(m if s is None else s, m, t, val_of(t, self.val_seed)) for s, m, t in triples]
