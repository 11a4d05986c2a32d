"""Does shuffling the validation loader change training, and does it make runs sooner?
(the bug that the diary starts with)

    python studies/val_shuffle.py             train what is missing, then say what was found
    python studies/val_shuffle.py --export    train nothing

Design: `mini` with everything drawn from one stream (scheme shared), 64 fresh seeds, each with the
validation loader shuffled and not; to t98 or step 22,000. A folder each below results/val_shuffle.
Outcome: whether a seed's last step or weight norm differs, and log t98. Contrast: shuffled over
not, matched by seed.
"""

from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.part import counted, read, there
from common.study import options_of, render
from diary.matched_figure import matched_times
from experiments.anatomy_tables import COMPONENTS
from grokseed.analysis import paired
from grokseed.analysis.outcomes import outcome
from grokseed.analysis.rates import Rate, rate
from grokseed.analysis.significance import least_ratio
from grokseed.records.export import write_atomically
from grokseed.reports.pictures import save
from grokseed.seeds import Seeds

OUT = Path("results/val_shuffle")
ARMS = {"plain": False, "shuffled": True}
EACH, FIRST_SEED, MAX_STEPS, SOONER = 64, 60_000, 22_000, 3


def design() -> list[Seeds]:
    """The runs of both arms. In scheme shared a run has one seed."""
    return [Seeds(s, s, s, s) for s in range(FIRST_SEED, FIRST_SEED + EACH)]


def config(shuffled: bool) -> grokseed.Config:
    return grokseed.preset(
        "mini", scheme="shared", val_shuffle=shuffled, max_steps=MAX_STEPS, stop_when="t98"
    )


def arms(plain: pd.DataFrame, shuffled: pd.DataFrame) -> paired.Arms:
    return paired.pair(outcome(plain, "t98"), outcome(shuffled, "t98"))


def stored(folder: Path = OUT) -> paired.Arms:
    """The two arms, from a folder's tables alone."""
    return arms(*(counted(grokseed.load(folder / arm).runs, design()) for arm in ARMS))


def changed(plain: pd.DataFrame, shuffled: pd.DataFrame) -> Rate:
    """On how many matched seeds the two trained differently: they ended at other steps, or with
    another weight norm. A time to t98 alone may agree, as it is read every 25 steps."""
    both = plain.merge(shuffled, on="model_seed", suffixes=("_a", "_b"))
    differ = [both[f"{name}_a"] != both[f"{name}_b"] for name in ("steps", "norm_final")]
    return rate(int(np.sum(np.any(differ, axis=0))), len(both))


def sooner(found: paired.Arms) -> Rate:
    """On how many matched seeds the shuffled run is at least 3 times sooner than the plain one."""
    here = found.matched & found.b_reached
    return rate(int(np.sum(found.a[here] >= SOONER * found.b[here])), int(found.matched.sum()))


def fitted(found: paired.Arms) -> paired.Paired | None:
    """The ratio of times; None while fewer than two runs of an arm have reached t98."""
    return paired.fit(found) if min(found.events) >= 2 else None


def main(argv: list[str] | None = None) -> None:
    asked = options_of(__doc__).parse_args(argv)
    how = {"mixed_numerics": asked.mixed_numerics, "compile": "yes"}
    for arm, shuffled in ARMS.items() if not asked.export else ():
        grokseed.scan(config(shuffled), runs=design(), out=OUT / arm, **how)
    runs = [read(OUT / arm, design()) for arm in ARMS]
    found = arms(*runs)
    fit = fitted(found)
    ratio = (fit.ratio, fit.ratio_low, fit.ratio_high) if fit and found.varies else None
    save(matched_times(found, ("plain", "shuffled"), ratio), OUT / "times")
    write_atomically(OUT / "README.md", answer(*runs).encode())


def answer(plain: pd.DataFrame, shuffled: pd.DataFrame) -> str:
    """The answer from the runs of the two arms."""
    found = arms(plain, shuffled)
    fit = fitted(found)
    return render(
        "val_shuffle",
        changed=changed(plain, shuffled),
        sooner=sooner(found),
        other=sooner(paired.Arms(found.b, found.b_reached, found.a, found.a_reached)),
        same=found.same,
        fit=fit,
        first_pass=config(True).val_every,
        least=least_ratio(fit.se, fit.n - 1) if fit else np.nan,
        kept=share_kept(OUT.parent / "anatomy" / COMPONENTS),
        there=[there(n, EACH, "all seeds") for n in found.n],
    )


def share_kept(components: Path) -> float:
    """The share of the variance that runs have in common if only their orders differ: that of
    split, weights and their match in study A; NaN without it."""
    if not components.exists():
        return np.nan
    shares = pd.read_csv(components).set_index("term")["share"]
    return float(shares.loc[["split", "model", "split:model"]].sum())


if __name__ == "__main__":
    main()
