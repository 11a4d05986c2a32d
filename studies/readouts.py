"""Which readouts memorise 432 windows of a text, in how many steps, and does the ratio of block to
readout parameters say so? (documents 000 and 001; plan.md, "Readouts")

    python studies/readouts.py                    train what is missing, say what was found
    python studies/readouts.py --arms last,tied   these alone
    python studies/readouts.py --export           train nothing

Design: 432 windows of 32 bytes, 431 of them trained on, at the documents' id 4 sizes (one block of
width 16): every readout, bottlenecks of 1 to 21, and flatten in decoders that are deeper, wider or
shorter; 16 arms x 16 matched seeds, each with a split, weights and an order of its own, to step
2,100 (300 epochs), flatten to 1,000. A folder an arm below results/readouts. Outcome: the step of
memorising (train accuracy 0.99), censored where it was not reached. Contrast: the ratio of times to
flatten's on the same seeds; the rank correlation of ratio and median step over arms.
"""

from pathlib import Path

import pandas as pd

import grokseed
from common.arms import to_train, unshared
from common.study import render
from grokseed.cli.again import again
from grokseed.cli.results import export_stored
from grokseed.params import count_config
from grokseed.records.export import write_atomically
from grokseed.reports.pictures import save
from grokseed.reports.scan import report
from grokseed.seeds import Seeds
from older_documents.memorising_figure import steps_by_arm
from older_documents.readout_sentences import sentences
from older_documents.readout_tables import contrasts, equal_runs, impedes, predicted, table

OUT = Path("results/readouts")
EACH, FIRST_SEED = 16, 70_000
MAX_STEPS, FLATTEN_STEPS, LONGER_STEPS = 2_100, 1_000, 5_000
OWN, PLACES, AGAIN = "flatten", "time_distributed", "conv_1"
SIZES = {
    OWN: {"readout": "flatten"},
    "last": {"readout": "last"},
    PLACES: {"readout": "time-distributed"},
    **{
        f"bottleneck_{width}": {"readout": "bottleneck", "bottleneck_width": width}
        for width in (16, 4, 1, 21, 8, 2)
    },
    AGAIN: {"readout": "conv"},
    "conv_3": {"readout": "conv", "conv_kernel": 3},
    "tied": {"readout": "tied"},
}
"""The arms of id 4's sizes: folder below results/readouts, and what its config has."""
DEEP, WIDE, ADVICE = "flatten_layers_4", "flatten_d_32", "flatten_all_three"
ARMS = SIZES | {
    DEEP: {"readout": "flatten", "layers": 4},
    WIDE: {"readout": "flatten", "d_model": 32},
    "flatten_length_8": {"readout": "flatten", "length": 8},
    ADVICE: {"readout": "flatten", "layers": 4, "d_model": 64, "length": 8},
    "bottleneck_1_longer": {**SIZES["bottleneck_1"], "max_steps": LONGER_STEPS},
    "last_longer": {**SIZES["last"], "max_steps": LONGER_STEPS},
    "tied_longer": {**SIZES["tied"], "max_steps": LONGER_STEPS},
}
"""All arms. The three longer ones were added when these had not memorised; no verdict is theirs."""
NOTES = {ADVICE: "4 layers, d 64, length 8"}
ONE_SIZE = set(SIZES) - {AGAIN}  # without the arm that equals another
PAIRS = [("bottleneck_21", PLACES), ("conv_3", PLACES), (DEEP, WIDE), (ADVICE, OWN)]


def design() -> list[Seeds]:
    """The runs of every arm: no two share a split, weights or an order."""
    return unshared(FIRST_SEED, EACH)


def config(arm: str) -> grokseed.Config:
    last = FLATTEN_STEPS if ARMS[arm]["readout"] == "flatten" else MAX_STEPS
    plain = {"task": "rote", "d_model": 16, "heads": 1, "ffn_multiple": 1, "batch_size": 64}
    when = {"train_fraction": 0.999, "sample_every": 10, "val_every": 500, "screen_step": 500}
    return grokseed.preset("mini", **{"max_steps": last, **plain, **when, **ARMS[arm]})


def read() -> dict[str, pd.DataFrame]:
    """The runs of every arm that has any."""
    there = [arm for arm in ARMS if (OUT / arm / "runs.csv").exists()]
    return {arm: grokseed.load(OUT / arm).runs for arm in there}


def main(argv: list[str] | None = None) -> None:
    arms, how = to_train(__doc__, "arms", ARMS, argv)
    for arm in arms:
        grokseed.scan(config(arm), runs=design(), out=OUT / arm, **how)
    analyse()


def analyse() -> None:
    """Write the tables, the figure and the answer, of as many arms as have runs."""
    for arm in ARMS:
        if (OUT / arm).exists():
            for picture in (OUT / arm).glob("*.png"):  # of validation, which is one window here
                picture.unlink()
            commands = export_stored(OUT / arm)
            report(OUT / arm, commands, formats=(), again=again(OUT / arm))
    runs = read()
    if not runs:
        raise SystemExit(f"{OUT} holds no runs yet")
    found = table(runs, {arm: count_config(config(arm)) for arm in runs}, OWN)
    pairs = contrasts(runs, PAIRS)
    for name, some in (("readouts", found), ("contrasts", pairs)):
        some.to_csv(OUT / f"{name}.csv", index=False, float_format="%.6g")
    save(steps_by_arm(runs, found, config(OWN).n_train, NOTES), OUT / "steps")
    write_atomically(OUT / "README.md", answer(runs, found, pairs).encode())


def answer(runs: dict[str, pd.DataFrame], found: pd.DataFrame, pairs: pd.DataFrame) -> str:
    rows = found.to_dict("records")
    return render(
        "readouts",
        found=rows,
        impedes={row["arm"]: impedes(row) for row in rows if row["arm"] != OWN},
        ratio=predicted(found, ONE_SIZE),
        sentences=judged(runs, found, pairs),
        missing=[arm for arm in ARMS if arm not in runs],
        each=EACH,
    )


def judged(
    runs: dict[str, pd.DataFrame], found: pd.DataFrame, pairs: pd.DataFrame
) -> list[dict[str, str]]:
    """The documents' sentences, their verdicts and what these rest on."""
    rows = found.to_dict("records")
    impeded = {row["arm"]: impedes(row) for row in rows if row["arm"] != OWN}
    both = {AGAIN, PLACES} <= set(runs)
    equal = equal_runs(runs[AGAIN], runs[PLACES]) if both else (0, 0)
    by_pair = {(row["arm"], row["than"]): row for row in pairs.to_dict("records")}
    ratio = predicted(found, ONE_SIZE)
    return sentences({row["arm"]: row for row in rows}, impeded, by_pair, ratio, equal)


if __name__ == "__main__":
    main()
