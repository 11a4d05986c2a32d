"""Do bf16 products change which seeds win? The first 64 of mini's screen again, in bf16.

    python studies/precision.py

Needs results/mini_screen/runs.csv. The test, chosen before looking: the share of seeds with the
same class by the screen rule, and the rank correlation of their validation accuracies.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from grokseed import scan
from grokseed.classify import classify
from grokseed.stats import numbers, rate

FP32, OUT = Path("results/mini_screen/runs.csv"), Path("results/mini_bf16")
SEEDS = 64
OPTIONS = f"--preset mini --model-seeds 0:{SEEDS} --loader-seed 8 --precision bf16 --out {OUT}"


def main() -> None:
    if scan.main(OPTIONS.split()):
        raise SystemExit("the bf16 scan did not finish")
    runs = [pd.read_csv(path).query(f"model_seed < {SEEDS}") for path in (FP32, OUT / "runs.csv")]
    fp32, bf16 = (classify(r, "screen") for r in runs)
    same = rate(int((fp32 == bf16).sum()), len(fp32))
    one, other = (numbers(r, "screen_val_accuracy") for r in runs)
    table = pd.crosstab(fp32.rename("fp32"), bf16.rename("bf16"), dropna=False)
    lines = [
        "# bf16 against fp32, seed by seed\n",
        "`python studies/precision.py`\n",
        f"Same class: {same.k} of {same.n}, {same.share:.1%} (95 % interval {same.low:.1%} to "
        f"{same.high:.1%}). Rank correlation of validation accuracy at the screen step: "
        f"{np.corrcoef(rankdata(one), rankdata(other))[0, 1]:.3f}; largest difference "
        f"{np.abs(one - other).max():.3f}.\n",
        f"```\n{table.to_string()}\n```",
    ]
    (OUT / "comparison.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
