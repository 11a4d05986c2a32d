"""How much of your own result is luck? A config, a few seeds, and what more seeds would show.

    python studies/my_luck.py --p 59 --train-fraction 0.7 --seeds 16

Question: with this config, how far apart are the times to generalise of runs that differ in their
initial weights alone, and how often would the best of three seeds look twice as good as the median?
Design: one split, one batch order, `--seeds` initial weights. Only the figure is kept on disk.
"""

import argparse
import json
import sys
from dataclasses import asdict

import numpy as np

import grokseed
from grokseed.cli.help import HelpFormatter
from grokseed.cli.parser import help_of


def best_of(n: int, times: np.ndarray, draws: int = 10_000) -> np.ndarray:
    """The earliest of n runs drawn from these times, (draws,); infinite stands for never
    reached."""
    return np.random.default_rng(0).choice(times, (draws, n)).min(1)


def main(argv: list[str] | None = None) -> str:
    about = (__doc__ or "").splitlines()[0]
    options = argparse.ArgumentParser(description=about, formatter_class=HelpFormatter)
    options.add_argument("--seeds", type=int, default=16, help="how many initial weights")
    options.add_argument("--figure", default="my_luck.png", help="file of the figure")
    helps = help_of(grokseed.Config)
    usual = asdict(grokseed.preset("mini", max_steps=22_000, stop_when="t98"))
    for name, value in usual.items():  # every field of a config
        kind = json.loads if isinstance(value, bool) else type(value)  # true or false
        flag = f"--{name.replace('_', '-')}"
        options.add_argument(flag, type=kind, default=value, help=helps[name])
    asked = options.parse_args(argv)
    config = grokseed.preset("mini", **{name: getattr(asked, name) for name in usual})
    scan = grokseed.scan(config, model_seeds=range(asked.seeds), loader_seeds=8)
    scan.plot.accuracy().savefig(asked.figure)
    curve, times = scan.survival(), scan.runs["t98_step"].fillna(np.inf).to_numpy()
    low, middle, high = (curve.quantile(q) for q in (0.1, 0.5, 0.9))
    twice = float(np.mean(best_of(3, times) <= middle / 2)) if np.isfinite(middle) else np.nan
    told = (
        f"{curve.n} seeds, {curve.censored} never reached t98. 10 % by step {low:,.0f}, half by "
        f"{middle:,.0f} (95 %: {curve.median_low:,.0f} to {curve.median_high:,.0f}), 90 % by "
        f"{high:,.0f}. The best of three seeds looks twice as good as the median in {twice:.0%}."
    )
    print(told.replace("nan%", "an unknown share of tries").replace("nan", "unknown"))
    return told


if __name__ == "__main__":
    try:
        main()
    except (ValueError, grokseed.StoreError, OSError) as bad:
        print(f"my_luck: error: {bad}", file=sys.stderr)
        sys.exit(2)
