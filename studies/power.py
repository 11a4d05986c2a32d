"""Which effects can the planned studies find? Power by simulation, before anything is trained.

    python studies/power.py               simulate, and say what was found
    python studies/power.py --export      simulate nothing

Each row of results/power/power.csv is a study's design with a true effect, and the share of 2,000
simulated studies (200 for the crossed design) whose test at 5 % finds it. The spread of log t98
over initial weights, 0.40, is that of results/mini_generalise (n 300); base rates are assumed.
The rows of study A were too hopeful: see `anatomy`, and studies/anatomy_power.py for what it could
see.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binom, f, t

from common.study import render
from grokseed.records.export import write_atomically

OUT = Path("results/power")
SPREAD = 0.40  # standard deviation of log t98
SIMULATED = 2000
ENOUGH = 0.8


def anatomy(levels: int, share: float, random: np.random.Generator) -> float:
    """Power to find a factor with this share of the variance if the rest is the highest
    interaction, as was assumed before the study.

    F test of the factor's mean square against that of its interactions: levels³ runs. The study
    then found a quarter of the variance in split x weights, against which these two factors are
    tested.
    """
    found = 0
    for _ in range(200):
        rows = random.normal(0, SPREAD * share**0.5, levels)
        rest = random.normal(0, SPREAD * (1 - share) ** 0.5, (levels, levels, levels))
        y = rows[:, None, None] + rest
        between = levels**2 * y.mean((1, 2)).var(ddof=1)
        within = y.var((1, 2), ddof=1).mean()
        p_value = f.sf(between / within, levels - 1, levels * (levels**2 - 1))
        found += p_value < 0.05
    return float(found) / 200


def clustered(rate: float, base: float, clusters: int, each: int, icc: float, random) -> float:
    """Power of a paired t test over seeds: winners' rate of wins against their controls' base rate.

    A seed's own rate is drawn from a beta distribution with this intraclass correlation.
    """

    def rates(mean: float) -> np.ndarray:
        size = (1 - icc) / icc
        own = random.beta(mean * size, (1 - mean) * size, (SIMULATED, clusters))
        return np.asarray(binom.rvs(each, own, random_state=random)) / each

    difference = rates(rate) - rates(base)
    spread = difference.std(1, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = difference.mean(1) / (spread / clusters**0.5)
    return float(np.mean(np.abs(score) > t.ppf(0.975, clusters - 1)))


def paired(ratio: float, n: int, match: float, random) -> float:
    """Power of a paired t test on log t98 of n matched seeds, for a ratio of times.

    Args:
        match: share of the variance that two runs of one seed have in common.
    """
    noise = random.normal(0, SPREAD * (2 * (1 - match)) ** 0.5, (SIMULATED, n))
    difference = np.log(ratio) + noise
    score = difference.mean(1) / (difference.std(1, ddof=1) / n**0.5)
    return float(np.mean(np.abs(score) > t.ppf(0.975, n - 1)))


def rows() -> Iterator[tuple[str, str, str, float]]:
    random = np.random.default_rng(0)
    for levels in (8, 12):
        for share in (0.01, 0.02, 0.05, 0.1):
            power = anatomy(levels, share, random)
            yield "A anatomy", f"{levels}³ runs", f"factor has {share:.0%} of variance", power
    for rate in (0.1, 0.12, 0.15, 0.2):
        power = clustered(rate, 0.066, 24, 32, 0.1, random)
        yield "B symmetry", "24 winners, 24 losers x 32", f"{rate:.0%} win, base 6.6 %", power
    for rate in (0.15, 0.2, 0.3):
        power = clustered(rate, 0.066, 48, 1, 0.05, random)
        yield "C subsets", "48 pairs, 48 null pairs, a set", f"{rate:.0%} win, base 6.6 %", power
    for rate in (0.1, 0.15, 0.2):
        power = clustered(rate, 0.066, 32, 8, 0.1, random)
        yield "D basin", "32 winners, 32 losers x 8, a radius", f"{rate:.0%}, base 6.6 %", power
    for rate in (0.15, 0.25, 0.4):
        power = clustered(rate, 0.066, 8, 16, 0.1, random)
        yield "E commitment", "8 winners, 8 losers x 16, a step", f"{rate:.0%}, base 6.6 %", power
    for ratio in (1.02, 1.03, 1.05):
        power = paired(ratio, 1024, 0.3, random)
        yield "F dose", "1,024 matched seeds a dose", f"times {ratio:g}, match 0.3", power
    for ratio in (1.05, 1.1, 1.2):
        yield "weight decay", "64 matched seeds", f"times {ratio:g}", paired(ratio, 64, 0.3, random)


def answer(table: pd.DataFrame) -> str:
    """What the designs find, from the table of their powers."""
    lines = []
    for _, tried in table.groupby(["study", "n"], sort=False):
        own = tried.to_dict("records")  # effects rise
        found = next((row for row in own if row["power"] >= ENOUGH), None)
        lines.append(
            {
                "study": own[0]["study"],
                "n": own[0]["n"],
                "found": found["true_effect"] if found else "none of those tried",
                "power": f"{found['power']:.2f}" if found else "",
                "least": own[0]["true_effect"],
                "least_power": f"{own[0]['power']:.2f}",
            }
        )
    found = sum(bool(line["power"]) for line in lines)
    sure = sum(float(line["least_power"]) >= ENOUGH for line in lines)
    return render("power", rows=lines, found=found, sure=sure)


def main(argv: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--export", action="store_true")
    OUT.mkdir(parents=True, exist_ok=True)
    if not options.parse_args(argv).export:
        table = pd.DataFrame(rows(), columns=["study", "n", "true_effect", "power"])
        table.to_csv(OUT / "power.csv", index=False, float_format="%.2f")
    text = answer(pd.read_csv(OUT / "power.csv"))
    write_atomically(OUT / "README.md", text.encode())
    print(text)


if __name__ == "__main__":
    main()
