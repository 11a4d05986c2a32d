"""What every column means of the tables that commands write into a folder. No torch."""

from __future__ import annotations

from typing import NamedTuple

from grokseed.records.measure import SCALARS
from grokseed.records.row import COLUMNS, SEEDS
from grokseed.seeds import STREAMS


class Column(NamedTuple):
    """A column's type, unit, meaning, and what an empty cell says (nothing where none is empty)."""

    kind: str
    unit: str
    meaning: str
    empty: str = ""


NEVER = "not reached: censored at `steps`"
SCREEN = "the run ended before the screen step"

RECORDED: dict[str, tuple[str, str, str]] = {
    "steps": ("optimiser steps", "steps that the run took", "crashed"),
    "memorised_step": ("steps", "first evaluation with train accuracy ≥ 0.99", NEVER),
    "t50_step": (
        "steps",
        "first evaluation of the whole validation set with accuracy ≥ 0.5",
        f"{NEVER}, or made before it was recorded",
    ),
    "t98_step": ("steps", "the same, ≥ 0.98", NEVER),
    "completed_step": ("steps", "first evaluation with every validation answer right", NEVER),
    "held": ("", "all later evaluations were all right too", "never completed, or ended there"),
    "screen_val_accuracy": ("share", "validation accuracy at the config's screen step", SCREEN),
    "final_train_loss": ("nats", "mean over the batches since the last evaluation", "diverged"),
    "final_train_accuracy": ("share", "the same of the accuracy", "ended at step 0"),
    "final_val_loss": ("nats", "of the whole validation set at the end", "not evaluated there"),
    "final_val_accuracy": ("share", "of the whole validation set at the end", "not evaluated"),
    "final_test_accuracy": ("share", "of the test set at the end", "no test set"),
    "sample_loss_start": ("nats", "of the validation sample at step 0", ""),
    "sample_loss_peak": ("nats", "largest loss of the validation sample", ""),
    "sample_loss_peak_step": ("steps", "when that was", ""),
    "norm_start": ("", "L2 norm of all weights but the embeddings at step 0", ""),
    "norm_peak": ("", "largest such norm", ""),
    "norm_peak_step": ("steps", "when that was", ""),
    "norm_completed": ("", "the norm at `completed_step`", "never completed"),
    "norm_final": ("", "the norm at the end", ""),
    "norm_fall_step": (
        "steps",
        "first evaluation after the peak with the norm at ≤ 98 % of it",
        "it never fell so far",
    ),
}

SEED_MEANINGS = {
    "split": "train/validation split",
    "model": "initial weights",
    "loader": "order of the batches",
    "val": "validation sample",
}

RUNS: dict[str, Column] = {
    **{f"{s}_seed": Column("whole number", "", f"seed of the {SEED_MEANINGS[s]}") for s in STREAMS},
    "graft": Column("text", "", "what else was changed about the run", "nothing"),
    "status": Column(
        "text", "", "done, diverged (a loss was not finite), stopped (early verdict) or crashed"
    ),
    "early": Column(
        "text", "", "early verdict (kept, spared though it failed, or stopped) and its rule", "none"
    ),
    **{
        name: Column(
            {"int": "whole number", "float": "number", "bool": "True or False"}[kind.__name__],
            RECORDED[name][0],
            RECORDED[name][1],
            RECORDED[name][2],
        )
        for name, kind in SCALARS.items()
    },
    "numerics": Column("text", "", "all that decides a run's bits besides config and seeds"),
    "commit": Column("text", "", "of the package that trained it", "not recorded then"),
    "day": Column("date", "", "on which it ended (UTC)", "not recorded then"),
    "digest": Column("text", "", "SHA-256 of the whole trajectory", "crashed"),
    "seal": Column("text", "", "checksum of the row and the config's key"),
}

TRAIN = "step 0; all of an earlier version's"

TRAJECTORIES: dict[str, Column] = {
    "run": Column("whole number", "", "row of the run in runs.csv, from 0"),
    "step": Column("whole number", "steps", "optimiser steps taken"),
    "train_loss": Column("number", "nats", "over the batches since the point before", TRAIN),
    "train_accuracy": Column("number", "share", "the same of the accuracy", TRAIN),
    "sample_accuracy": Column("number", "share", "of the validation sample"),
    "sample_loss": Column("number", "nats", "of the validation sample"),
    "norm": Column("number", "", "L2 norm of all weights but the embeddings"),
    "norm.<group>": Column("number", "", "L2 norm of a layer group", "earlier versions"),
}

CELLS: dict[str, Column] = {
    "kind": Column("text", "", "donor, recipient, graft, reverse, sham or fresh"),
    "groups": Column("text", "", "the layer groups exchanged, as asked for", "none"),
    "parts": Column("text", "", "the layers that these hold", "none"),
    "recipient": Column("whole number", "", "model seed that receives", "the kind has none"),
    "donor": Column("whole number", "", "model seed that gives", "the kind has none"),
    "split": Column("text", "", "whose split: donor, recipient, or its seed"),
    **{name: RUNS[name] for name in [*SEEDS, "status", "steps", "memorised_step"]},
    **{name: RUNS[name] for name in ("t98_step", "completed_step", "screen_val_accuracy")},
    "accuracy": Column(
        "number",
        "share",
        "validation accuracy at the screen step; the last, if a run ended before, at t98 or later",
        "undecided",
    ),
    "won": Column("True or False", "", "super or fast by the screen rule", "undecided"),
    "class": Column("text", "", "super, fast or normal by the screen rule", "undecided"),
}

EFFECTS: dict[str, Column] = {
    "outcome": Column("text", "", "what is compared: accuracy at the screen step, or won"),
    "question": Column(
        "text", "", "gain, loss or among others (weights), or split or order (what else differs)"
    ),
    "groups": Column("text", "", "the layer groups exchanged, or the two levels compared"),
    "kind": Column("text", "", "of the cells: graft, sham, reverse, fresh, ..."),
    "place": Column("text", "", "split and loader of a row about one of them", "all pooled"),
    "n": Column("whole number", "pairs", "runs compared two by two"),
    "recipients": Column("whole number", "", "different seeds that get the groups"),
    "donors": Column("whole number", "", "different seeds that give them"),
    "mean": Column("number", "of the outcome", "mean difference"),
    "low": Column("number", "of the outcome", "lower 95 % limit", "one seed on each axis"),
    "high": Column("number", "of the outcome", "upper 95 % limit", "one seed on each axis"),
    "detectable": Column(
        "number", "of the outcome", "smallest effect found with 80 % power", "no interval"
    ),
    "p": Column("number", "", "two-sided p-value of no effect", "no interval"),
    "p_holm": Column("number", "", "the same after Holm, within question and kind", "no interval"),
    "excess": Column("number", "of the outcome", "mean minus the control's", "no control"),
    **{
        f"excess_{name}": Column("number", "", f"of the excess: as `{name}`", "no control")
        for name in ("low", "high", "detectable", "p", "p_holm")
    },
    "as_large": Column("whole number", "", "control donors with as large a mean", "many donors"),
    "controls": Column("whole number", "", "control donors", "many donors"),
    "places": Column("whole number", "", "splits and loaders pooled", "a row about one"),
    "interaction": Column("number", "of the outcome", "largest difference of places", "one place"),
    "interaction_low": Column("number", "of the outcome", "its lower 95 % limit", "one place"),
    "interaction_high": Column("number", "of the outcome", "its upper 95 % limit", "one place"),
    "interaction_p": Column("number", "", "smallest Holm p of two places", "one place"),
    "between": Column("text", "", "the two places that differ most", "one place"),
}

COMPONENTS: dict[str, Column] = {
    "term": Column("text", "", "factor, interaction (a:b), or rounding; `in split`: within one"),
    "variance": Column("number", "log steps squared", "variance component"),
    "share": Column("number", "share", "of the sum of all components"),
    "low": Column("number", "share", "lower 95 % limit"),
    "high": Column("number", "share", "upper 95 % limit"),
    "freedom": Column("number", "", "degrees of freedom of its mean square"),
    "p": Column("number", "", "F test that it is none", "no test"),
    "p_holm": Column("number", "", "the same after Holm", "no test"),
    "matters": Column("text", "", "yes, no or cannot tell, by the plan's rule", "rounding"),
}

SCANS: dict[str, dict[str, Column]] = {
    "runs.csv": RUNS,
    "trajectories.npz": TRAJECTORIES,
    "cells.csv": CELLS,
    "effects.csv": EFFECTS,
    "components.csv": COMPONENTS,
    "components_t50.csv": COMPONENTS,
    "components_memorised.csv": COMPONENTS,
    "components_crossed.csv": COMPONENTS,
    "excluded.csv": {
        "model_seed": Column("whole number", "", "seed that no rate counts"),
        "reason": Column("text", "", "why"),
    },
}
"""The tables by their files' names."""

assert list(RUNS) == COLUMNS
