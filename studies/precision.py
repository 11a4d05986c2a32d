"""Do bf16 products change which seeds win, more than another summation order in fp32 does?

    python studies/precision.py             train what is missing, then say what was found
    python studies/precision.py --export    train nothing

Needs results/mini_screen/runs.csv, compiled steps in fp32. The first 64 of its seeds and its 64
best are trained again: in bf16 and, as a control, in fp32 with eager steps. The test, chosen before
looking: the share of seeds with the same class by the screen rule, and the rank correlation of
their validation accuracies. The best were chosen by their results, so their share has no interval,
and no rate counts them.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from common.study import options_of
from graft_mini import MINI
from grokseed import scan
from grokseed.analysis.classify import CLASSES, classify
from grokseed.analysis.rates import rate
from grokseed.analysis.survival import numbers
from grokseed.reports.scan import EXCLUDED
from grokseed.seeds import spell_seeds

FP32, OUT = Path("results/mini_screen/runs.csv"), Path("results/mini_bf16")
SEEDS = 64
ACCURACY = "screen_val_accuracy"
PICKED = f"among the {SEEDS} best of mini_screen, and chosen for that"
AGAIN = {
    "bf16": (OUT, "--precision bf16 --compile"),
    "fp32, other orders of sums": (Path("results/mini_eager"), ""),
}


def compare(
    fp32: pd.DataFrame, again: pd.DataFrame, picked: bool
) -> tuple[dict[str, str], pd.DataFrame]:
    """How similar two trainings of the same seeds are, and a table of classes.

    Args:
        fp32, again: a row a seed.
        picked: whether the seeds were chosen by their results: such a share has no interval.
    """
    one, other = (classify(runs, "screen") for runs in (fp32, again))
    same = rate(int((one == other).sum()), len(one))
    limits = "" if picked else f" ({same.low:.1%} to {same.high:.1%})"
    x, y = numbers(fp32, ACCURACY), numbers(again, ACCURACY)
    row = {
        "same class": f"{same.k} of {same.n}",
        "share (95 % interval)": f"{same.share:.1%}{limits}",
        "rank correlation": f"{np.corrcoef(rankdata(x), rankdata(y))[0, 1]:.3f}",
        "largest difference": f"{np.abs(x - y).max():.3f}",
    }
    before, after = (pd.Categorical(labels, CLASSES) for labels in (one, other))
    names = {"rownames": ["before"], "colnames": ["again"], "dropna": False}
    return row, pd.crosstab(index=before, columns=after, **names)  # type: ignore[arg-type]


def main(argv: list[str] | None = None) -> None:
    asked = options_of(__doc__).parse_args(argv)
    fp32 = pd.read_csv(FP32).set_index("model_seed")
    best = fp32.sort_values(ACCURACY, ascending=False, kind="stable").index[:SEEDS]
    groups = {f"the first {SEEDS}": [*range(SEEDS)], f"the {SEEDS} best": list(best)}
    seeds = spell_seeds(set().union(*groups.values()))
    rows, tables = [], []
    for how, (out, more) in AGAIN.items():
        options = f"{MINI} --model-seeds {seeds} --loader-seed 8 {more} --out {out}"
        picked = pd.DataFrame({"model_seed": sorted({*best} - {*range(SEEDS)})})
        out.mkdir(parents=True, exist_ok=True)  # the scan's own page must know them too
        picked.assign(reason=PICKED).to_csv(out / EXCLUDED, index=False)
        if not asked.export and scan.main(options.split()):
            raise SystemExit(f"the scan did not finish: {how}")
        again = pd.read_csv(out / "runs.csv").set_index("model_seed")
        for which, chosen in groups.items():
            row, table = compare(fp32.loc[chosen], again.loc[chosen], "best" in which)
            rows.append({"again in": how, "seeds": which, **row})
            tables.append(f"{how}, {which}:\n\n```\n{table.to_string()}\n```\n")
    said = f"```\n{pd.DataFrame(rows).to_string(index=False)}\n```\n"
    note = f"The {SEEDS} best were chosen by their results, so their share has no interval.\n"
    lines = ["# Seeds again, by seed\n", "`python studies/precision.py`\n", said, note, *tables]
    (OUT / "comparison.md").write_text("\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
