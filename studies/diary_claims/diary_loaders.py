"""Claims about loader seeds at the diary's own sizes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.stats import norm

from common.verdict import UNKNOWN, Number, near, share
from diary import further_designs
from diary_claims.diary_folders import EARLY, LOADERS, SCREENED, against_models, most_runs
from diary_claims.rates_of_seeds import SLOW_LOADERS, SUPER, SUPER_LOADERS, screened
from diary_claims.row import DIARY, Evidence, row

FIRST_LOADERS = share(3, 709)


def of_loader_8(found: Evidence, ours: Number, n: int) -> Iterator[dict[str, object]]:
    """What its good loader seed does for other model seeds.

    Args:
        found: runs with loader seed 8.
        ours: the share of them that is super.
        n: of how many.
    """
    text = (
        "a loader seed that is good with one model seed may be of no use to another: share of "
        "model seeds that are not super with loader seed 8, with which 42 is (no test: where about "
        "1 % of seeds are super, so it is with every loader seed; each model seed has its own "
        "split, on which the loader seed gives an unrelated order; found by looking)"
    )
    others = Number(1 - ours.value, 1 - ours.high, 1 - ours.low)
    yield row(text, DIARY, Number(), others, n, found, UNKNOWN)
    claimed, needed = 1.25, runs_to_see(SUPER.value, 1.25 * SUPER.value)
    text = (
        "with a good loader seed, 25 % more of the model seeds are good: super seeds with loader "
        f"seed 8 over those with another (no test: at the diary's {SUPER.value:.2%} it needs about "
        f"{needed:,.0f} model seeds with each to be seen in 80 % of studies)"
    )
    yield row(text, DIARY, Number(claimed), Number(), 0, found, UNKNOWN)


def runs_to_see(one: float, other: float) -> float:
    """Runs in each of two groups with which a difference of their rates is seen in 80 % of
    studies.

    Source: the two-sided test of two proportions; Fleiss, Statistical Methods for Rates and
    Proportions (1981), section 3.2, rounded to three digits.
    """
    both = (one + other) / 2
    alike = norm.isf(0.025) * np.sqrt(2 * both * (1 - both))
    apart = norm.isf(0.2) * np.sqrt(one * (1 - one) + other * (1 - other))
    runs = ((alike + apart) / (one - other)) ** 2
    return float(f"{runs:.3g}")


def claims(results: Path) -> Iterator[dict[str, object]]:
    found = most_runs(results, LOADERS)
    ours, some, n = Number(), Number(), 0
    if found.there:
        runs = further_designs.sample(found.runs, further_designs.LOADERS)
        (ours, n), (some, _) = screened(runs, ("super",)), screened(runs, EARLY)
    for words, figure, rate in (
        (f"super with model seed 42 ({SCREENED})", SUPER_LOADERS, ours),
        ("super with one model seed, the diary's first 709 loader seeds", FIRST_LOADERS, ours),
        ("not normal with one model seed (0.25 or more at step 3,000)", SLOW_LOADERS, some),
    ):
        text = f"share of loader seeds that are {words}"
        yield row(text, DIARY, figure, rate, n, found, near(figure, rate))
    text = (
        "with further loader seeds, too, model seed 42 is super or fast more often than other "
        "model seeds are with loader seed 8: its share less theirs (yes if above 0; no if below "
        f"{further_designs.SMALL[further_designs.LOADERS]}, so that up to 2.5 times as often may "
        "be a no)"
    )
    yield against_models(results, found, text, further_designs.LOADERS)
