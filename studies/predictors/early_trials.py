"""The rules of an early verdict that fresh seeds judge.

Their plans are in plan.md: "An early verdict with a margin, on fresh seeds" and "A second check,
with a check at step 5,000".
"""

from dataclasses import dataclass
from math import nan

from grokseed.analysis.verdicts import Whole
from grokseed.early import Check, spelled_rule
from grokseed.seeds import Seeds
from predictors.early_candidates import halves
from predictors.early_fits import saves_most

FOLDER, KNOWN, SCAN = "early_fresh", "mini_generalise", "mini to t98"
"""The fresh runs; those that the rules are from, as a folder and as a scan of `early.py`."""


@dataclass(frozen=True)
class Trial:
    """A rule and the fresh runs that judge it.

    Args:
        name: of the rule, as in the tables of `early.py`.
        file: with the rule, for `--keep`.
        source: the folders of the runs that it is from.
        first, last: model seeds that it may use, the last one excluded.
        known: of these, seeds whose end was known when the rule was made; they are left out.
        needed: how many runs that are not normal judge it.
        level: of its exact interval.
        margin: of the cut, in standard deviations of the fit's runs that are not normal.
        rule: chosen by hand; empty if it is fitted on the odd seeds of `KNOWN`.
    """

    name: str
    file: str
    source: str
    first: int
    last: int
    needed: int
    level: float
    margin: float = nan
    rule: str = ""
    known: frozenset[int] = frozenset()

    @property
    def design(self) -> list[Seeds]:
        seeds = (model for model in range(self.first, self.last) if model not in self.known)
        return [Seeds(0, model, 8, 9) for model in seeds]

    @property
    def looked_at(self) -> set[int]:
        """Model seeds that the rule is from: the fit's, or all whose end was known."""
        return {*range(self.first), *self.known} if self.rule else set(range(1, self.first, 2))

    def check(self, known: Whole) -> Check:
        """The rule's only check."""
        if self.rule:
            return spelled_rule(self.rule).checks[0]
        odd, _ = halves(known)
        return saves_most(odd, (self.margin,))[0]

    def shown(self, known: Whole) -> Whole:
        """The known runs that show what the rule saves: those not in its fit, or all."""
        return known if self.rule else halves(known)[1]


TRIALS = (
    Trial(
        name=f"{SCAN}, with a margin",
        file="mini_to_t98_with_margin.json",
        source=KNOWN,
        first=300,
        last=809,
        needed=240,
        level=0.95,
        margin=3.0,
    ),
    Trial(
        name=f"{SCAN}, at step 5,000",
        file="mini_to_t98_at_5000.json",
        source=f"{KNOWN},{FOLDER}",
        first=809,
        last=2000,
        needed=210,
        level=0.975,
        rule="sample_loss<2.9@5000",
        known=frozenset({834}),
    ),
)
"""The first one ended at seed 809, as it could not become certain; seed 834 had ended too, in
training with others. The second one's limits are wider, as it is a second try."""
