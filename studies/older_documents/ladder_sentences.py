"""What the overfit guide (document 003) says of levels, criteria and rates, and the verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grokseed.analysis.gradients import LARGE, SMALL
from grokseed.analysis.ladder import LOW_LOSS, MOST_EPOCHS
from grokseed.analysis.rates import rate
from older_documents.ladder_tables import LEVELS, Row, by_rate, epochs_of, of_first_seed
from older_documents.readout_sentences import VERDICTS, over
from older_documents.readout_tables import memorises as mostly

Said = tuple[str, str, str]
"""A sentence, its verdict, and what that rests on."""

ENOUGH = 0.95


def of_levels(rows: Sequence[Row]) -> Iterator[Said]:
    """Of `mini` without a fault.

    Args:
        rows: of `ladder.csv`, all of them.
    """
    base = [row for row in rows if row["fault"] == "none"]
    for name, given, text in (
        ("4 examples", None, "Level 1: 4 examples, all right (003:134-142)"),
        ("100 examples", 20, "Level 2: 100 examples, above 95 % in 20 epochs (003:144-152)"),
        ("1,000 examples", 50, "Level 3: 1,000 examples, above 90 % in 50 epochs (003:154-161)"),
    ):
        epochs = [row["reached"] for row in base if row["training"] == name]
        k = sum(epoch <= (given or MOST_EPOCHS) for epoch in epochs)
        yield _counted(text, k, len(epochs), f"epochs {epochs_of(epochs)}")
    whole = [row for row in base if row["training"] == "train set"]
    n = len(whole)
    right = [row["end_right"] / row["n"] for row in whole]
    by = f"lowest {100 * min(right):.1f} %"
    text = f"Level 4: the train set, above 95 % in {MOST_EPOCHS} epochs (003:163-167, 228)"
    yield _counted(text, sum(share > ENOUGH for share in right), n, by)
    loss = [row["end_loss"] for row in whole]
    text = f"Train loss below {LOW_LOSS:g} (003:227)"
    yield _counted(text, sum(x < LOW_LOSS for x in loss), n, f"highest {max(loss):.3g}")
    sure = [row["sure"] / row["n"] for row in whole]
    few = [row["sure"] for row in base if row["training"] == "4 examples"]
    by = f"lowest {100 * min(sure):.1f} %; of 4 examples, all right, at most {max(few):.0f}"
    text = "The model predicts train examples with confidence, over 95 % of them (003:229)"
    yield _counted(text, sum(share > ENOUGH for share in sure), n, by)
    worse = sum(row["val_loss"] > row["end_loss"] for row in whole)
    val = [row["val_loss"] for row in whole]
    by = f"validation loss {min(val):.3g} to {max(val):.3g}"
    yield _counted("Validation is worse than training (003:230)", worse, n, by)
    early = sum(row["reached"] <= 50 for row in whole)
    late = sum(row["reached"] <= MOST_EPOCHS for row in whole)
    text = "Not yet after 50 epochs: try 200 (003:260)"
    gained = [row for row in whole if not row["reached"] <= 50]
    told = mostly(sum(row["reached"] <= MOST_EPOCHS for row in gained), len(gained))
    yield text, VERDICTS[told], f"{early} of {n} by epoch 50, {late} by epoch {MOST_EPOCHS}"


def of_gradients(rows: Sequence[Row]) -> Iterator[Said]:
    """Of gradients where nothing is wrong, to the end of a training that went on."""
    sound = [row for row in rows if row["fault"] in ("none", "trained on")]
    sound = [row for row in sound if row["training"] in LEVELS]
    low = min(row["norm_low"] for row in sound)
    high = max(row["norm_high"] for row in sound)
    runs = len({(row["fault"], row["model_seed"]) for row in sound})
    by = f"{low:.1g} to {high:.2g} in {runs} ladders without a fault, memorised or not"
    text = f"Gradients are neither below {SMALL:g} nor above {LARGE:g} (003:196-197)"
    yield text, VERDICTS["yes" if low >= SMALL and high <= LARGE else "no"], by


def of_rates(rows: Sequence[Row]) -> Iterator[Said]:
    """Of the sweep and of higher rates, on the first model seed."""
    own = of_first_seed(rows, "none")
    if own is None:
        return
    sweep = by_rate([row for row in rows if row["fault"] == "none"])
    best = max(sweep, key=lambda row: row["best"])
    if there := of_first_seed(rows, f"lr {best['rate']:g}"):
        same = f"{own['rate']:g} by epoch {epochs_of([own['reached']])}"
        by = (
            f"best of ten epochs: {best['rate']:g} in {best['best']} of {best['n']} seeds; it "
            f"memorises by epoch {epochs_of([there['reached']])}, {same} (1 seed)"
        )
        told = VERDICTS["cannot tell" if there["memorises"] and own["memorises"] else "no"]
        yield (
            "The rate of the fastest decrease in ten epochs is the one to take (003:221)",
            told,
            by,
        )
    told, parts = [], []
    for fault in ("lr 0.003", "lr 0.01"):
        for name in LEVELS:
            a, b = (of_first_seed(rows, one, name) for one in (fault, "none"))
            if a and b:
                told.append("yes" if a["reached"] < b["reached"] else "no")
                epochs = " for ".join(epochs_of([one["reached"]]) for one in (a, b))
                parts.append(f"{fault.removeprefix('lr ')}, {name}: {epochs}")
    text = "A higher rate, 3e-3 or 1e-2, overfits sooner (003:116-126)"
    yield text, over(told), f"epochs, for those of {own['rate']:g}: {'; '.join(parts)} (1 seed)"
    pairs = (("lr 0.01", "none"), ("lr 0.01", "lr 0.003"), ("lr 0.1", "lr 0.03"))
    told, parts = [], []
    for high, lower in ([of_first_seed(rows, one) for one in pair] for pair in pairs):
        if high and lower and not high["memorises"]:
            told.append("yes" if lower["memorises"] else "no")
            does = "memorises" if lower["memorises"] else "does not memorise"
            parts.append(f"{lower['rate']:g} for {high['rate']:g} {does}")
    yield (
        "Unstable: a rate 3 to 5 times lower (003:128)",
        over(told),
        f"{'; '.join(parts)} (1 seed)",
    )


def _counted(text: str, k: int, n: int, by: str) -> Said:
    found = rate(k, n)
    said = f"{k} of {n} ({100 * found.low:.0f} to {100 * found.high:.0f} %), {by}"
    return text, VERDICTS[mostly(k, n)], said
