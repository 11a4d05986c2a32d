"""What does a results folder show, and how certain is it? Reads tables alone; needs no torch.

    python studies/judge_folder.py results/mini_generalise

Question: is the folder intact, how many seeds win by each rule, how long do runs take, and does an
early signal (the validation accuracy at the screen step) predict which seeds will be early?
"""

import sys

import numpy as np
from scipy.stats import spearmanr

import grokseed
from grokseed.analysis.dependence import why_no_limits


def main(argv: list[str] | None = None) -> str:
    words = sys.argv[1:] if argv is None else argv
    if len(words) != 1:
        raise ValueError(f"name one folder of results, not {len(words)}")
    scan = grokseed.load(words[0])  # every row is checked against its seal
    curve = scan.survival()
    lines = [f"{len(scan.runs):,} runs, all seals right; numerics: {', '.join(scan.numerics)}"]
    for rule in ("screen", "speedup"):
        known = scan.rates(rule).loc[["super", "fast", "normal"]]
        if known["n"].sum():
            shares = [f"{r.Index} {r.n}{_limits(r.low, r.high)}" for r in known.itertuples()]
            lines.append(f"{rule} rule: {', '.join(shares)}")
    if np.isfinite(curve.median):
        high = f"to {curve.median_high:,.0f}" if np.isfinite(curve.median_high) else "or more"
        span = "" if np.isnan(curve.median_low) else f"{curve.median_low:,.0f} {high}; "
        lines.append(
            f"half of the runs reach t98 by step {curve.median:,.0f} "
            f"({span}{curve.censored} censored)"
        )
        both = scan.runs.dropna(subset=["screen_val_accuracy"])
        time = both["t98_step"].fillna(both["steps"].max() + 1)
        sign, _ = spearmanr(both["screen_val_accuracy"], time)
        lines.append(f"rank correlation of the early signal with the time: {sign:.2f}")
    if why := why_no_limits(scan.runs):
        lines.append(f"{why}: limits that take runs as independent are left out")
    print("\n".join(lines))
    return "\n".join(lines)


def _limits(low: float, high: float) -> str:
    """Limits of a share; empty if it has none, as where runs share seeds."""
    return "" if np.isnan(low) else f" ({low:.1%} to {high:.1%})"


if __name__ == "__main__":
    if sys.argv[1:] in (["-h"], ["--help"]):
        print(__doc__)
        sys.exit()
    try:
        main()
    except (ValueError, grokseed.StoreError, OSError) as bad:
        print(f"judge_folder: error: {bad}", file=sys.stderr)
        sys.exit(2)
