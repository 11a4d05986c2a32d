"""How much of your own result is luck? A config, a few seeds, and what more seeds would show.

    python studies/my_luck.py --p 59 --train-fraction 0.7 --seeds 16

Question: with this config, how far apart are the times to generalise of runs that differ in their
initial weights alone, and how often would the best of three seeds look twice as good as the median?
Design: one split, one batch order, `--seeds` initial weights. Only the figure is kept on disk.
"""

import argparse

import numpy as np

import grokseed


def best_of(n: int, times: np.ndarray, draws: int = 10_000) -> np.ndarray:
    """The earliest of n runs drawn from these times, (draws,); infinite stands for never
    reached."""
    return np.random.default_rng(0).choice(times, (draws, n)).min(1)


def main(argv: list[str] | None = None) -> str:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--p", type=int, default=97)
    options.add_argument("--train-fraction", type=float, default=0.6)
    options.add_argument("--max-steps", type=int, default=22_000)
    options.add_argument("--seeds", type=int, default=16)
    options.add_argument("--figure", default="my_luck.png")
    asked = options.parse_args(argv)
    config = grokseed.preset(
        "mini",
        p=asked.p,
        train_fraction=asked.train_fraction,
        max_steps=asked.max_steps,
        stop_when="t98",
    )
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
    main()
