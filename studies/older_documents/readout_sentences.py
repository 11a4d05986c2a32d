"""What the documents say of readouts, sentence by sentence, and what `readouts.py` found of it."""

import re
from collections.abc import Iterator, Mapping

import numpy as np

from grokseed.analysis.correlation import Correlation

OPPOSITE = {"yes": "no", "no": "yes", "cannot tell": "cannot tell"}
VERDICTS = {"yes": "holds", "no": "does not hold", "cannot tell": "cannot tell"}

Row = Mapping


def sentences(
    arms: Mapping[str, Row],
    impeded: Mapping[str, str],
    pairs: Mapping[tuple[str, str], Row],
    ratio: Correlation,
    equal: tuple[int, int],
) -> list[dict[str, str]]:
    """A row a sentence that the arms trained so far can judge: `sentence`, `verdict`, `by`.

    Args:
        arms: rows of `readout_tables.table`, by arm.
        impeded: whether each arm but flatten impedes training.
        pairs: rows of `readout_tables.contrasts`, by their two arms.
        ratio: of `readout_tables.predicted`.
        equal: of `readout_tables.equal_runs`.
    """
    rows = [
        *_arms(arms, impeded),
        *_pairs(arms, pairs),
        *_same(equal),
        *_ratio(ratio),
    ]
    return [dict(zip(("sentence", "verdict", "by"), row, strict=True)) for row in rows]


def _arms(arms: Mapping[str, Row], impeded: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    if "flatten" in arms:
        text = "Without the bottleneck the train set is learned by heart (000:3-4, 001:4-5)"
        yield text, VERDICTS[arms["flatten"]["memorises"]], counted(arms["flatten"])
    narrow = sorted((arm for arm in arms if re.fullmatch(r"bottleneck_\d+", arm)), key=_width)
    if narrow:
        told = [arms[arm]["memorises"] for arm in narrow]
        by = "; ".join(f"width {_width(arm)}: {counted(arms[arm])}" for arm in narrow)
        text = "A bottleneck keeps 432 examples from being learned by heart (000:3, 20, 001:4, 32)"
        yield text, over([OPPOSITE[one] for one in told]), by
        by = "; ".join(f"width {_width(arm)}: {times_over_flatten(arms[arm])}" for arm in narrow)
        text = "A bottleneck strongly impedes training: more than twice the steps (000:20, 001:32)"
        yield text, over([impeded[arm] for arm in narrow]), by
    if "time_distributed" in impeded:
        row = arms["time_distributed"]
        text = "A layer a position, to d/8, is not too much of a bottleneck (001:33)"
        yield (
            text,
            VERDICTS[OPPOSITE[impeded["time_distributed"]]],
            (f"{counted(row)}, {times_over_flatten(row)}"),
        )


def _pairs(
    arms: Mapping[str, Row], pairs: Mapping[tuple[str, str], Row]
) -> Iterator[tuple[str, str, str]]:
    texts = {
        ("bottleneck_21", "time_distributed"): (
            "It is milder than a bottleneck of as many parameters, 21 wide (001:33)",
            False,
        ),
        ("conv_3", "time_distributed"): (
            "A convolution over 3 positions takes order into account, read as: sooner (001:34)",
            True,
        ),
        ("flatten_layers_4", "flatten_d_32"): (
            "Deep and narrow is harder to train than wide and shallow, with as many block "
            "parameters (000:21, 001:23)",
            False,
        ),
        ("flatten_all_three", "flatten"): (
            "Deeper, wider and shorter at once is better, read as: it memorises sooner "
            "(000:32, 001:40)",
            True,
        ),
    }
    for pair, (text, sooner) in texts.items():
        if pair not in pairs:
            continue
        told = pairs[pair]["later"]
        if told == "cannot tell":
            here, other = (arms[arm]["memorises"] for arm in pair)
            told = {("no", "yes"): "yes", ("yes", "no"): "no"}.get((here, other), told)
        yield text, VERDICTS[OPPOSITE[told] if sooner else told], times(pairs[pair])


def _same(equal: tuple[int, int]) -> Iterator[tuple[str, str, str]]:
    same, n = equal
    if n:
        text = "A convolution of width 1 is the layer a position (001:34)"
        by = f"{same} of {n} trainings are equal bit for bit"
        yield text, VERDICTS["yes" if same == n else "no"], by


def _ratio(found: Correlation) -> Iterator[tuple[str, str, str]]:
    if found.n:
        told = "no" if found.low > 0 else "yes" if found.high < 0 else "cannot tell"
        by = f"rank correlation with step {found.rho:.2f} ({found.low:.2f} to {found.high:.2f})"
        text = "A higher share of block parameters is better, read as: memorised sooner (000:13)"
        yield text, VERDICTS[told], f"{by}, {found.n} arms"


def over(told: list[str]) -> str:
    """One verdict over several: in part where some say yes and some no."""
    if len(set(told)) == 1:
        return VERDICTS[told[0]]
    return "holds in part" if "yes" in told else "cannot tell"


def counted(row: Row) -> str:
    """How many runs memorise, and by when half have."""
    text = f"{row['memorised']} of {row['n']}"
    return text if np.isnan(row["median"]) else f"{text}, median step {row['median']:,.0f}"


def times_over_flatten(row: Row) -> str:
    return times({**row, "ratio": row["later"]})


def times(row: Row) -> str:
    """A ratio of times with its interval."""
    if np.isnan(row["ratio"]):
        return "no ratio: fewer than 2 runs memorise"
    return f"{row['ratio']:.2f} times ({row['low']:.2f} to {row['high']:.2f})"


def _width(arm: str) -> int:
    return int(arm.rpartition("_")[2])
