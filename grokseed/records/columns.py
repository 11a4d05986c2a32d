"""What every column of every checked-in table means: the data dictionary. No torch."""

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

TRAJECTORIES: dict[str, Column] = {
    "run": Column("whole number", "", "row of the run in runs.csv, from 0"),
    "step": Column("whole number", "steps", "optimiser steps taken"),
    "train_loss": Column("number", "nats", "over the batches since the point before", "step 0"),
    "train_accuracy": Column("number", "share", "the same of the accuracy", "step 0"),
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
    "accuracy": Column("number", "share", "validation accuracy at the screen step", SCREEN),
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
    "recipients": Column("whole number", "", "different recipients among them"),
    "donors": Column("whole number", "", "different donors among them"),
    "mean": Column("number", "of the outcome", "mean difference"),
    "low": Column("number", "of the outcome", "lower 95 % limit", "one seed on each axis"),
    "high": Column("number", "of the outcome", "upper 95 % limit", "one seed on each axis"),
    "detectable": Column(
        "number", "of the outcome", "smallest effect found with 80 % power", "no interval"
    ),
    "p": Column("number", "", "two-sided p-value of no effect", "no interval"),
    "p_holm": Column("number", "", "the same after Holm, within question and kind", "no interval"),
    "excess": Column("number", "of the outcome", "mean less the control's", "no control"),
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
    "term": Column("text", "", "factor, interaction (a:b), or rounding"),
    "variance": Column("number", "log steps squared", "variance component"),
    "share": Column("number", "share", "of the sum of all components"),
    "low": Column("number", "share", "lower 95 % limit"),
    "high": Column("number", "share", "upper 95 % limit"),
    "freedom": Column("number", "", "degrees of freedom of its mean square"),
    "p": Column("number", "", "F test that it is none", "no test"),
    "p_holm": Column("number", "", "the same after Holm", "no test"),
    "matters": Column("text", "", "yes, no or cannot tell, by the plan's rule", "rounding"),
}

SHARING = {
    "accuracy": ("share", "of the validation set"),
    "loss": ("nats", "of the validation set"),
    "off_by_one": ("share", "of minimal pairs, foil off by one"),
    "other_operation": ("share", "of minimal pairs, foil the other operation's result"),
    "swapped": ("share", "of minimal pairs, foil with operands swapped"),
    "pairs": ("share", "mean of the three kinds of minimal pairs"),
}
"""Outcomes of a training of studies/sharing.py: unit and meaning."""

TABLES: dict[str, dict[str, Column]] = {
    "runs.csv": RUNS,
    "trajectories.npz": TRAJECTORIES,
    "cells.csv": CELLS,
    "effects.csv": EFFECTS,
    "components.csv": COMPONENTS,
    "components_t50.csv": COMPONENTS,
    "excluded.csv": {
        "model_seed": Column("whole number", "", "seed that no rate counts"),
        "reason": Column("text", "", "why"),
    },
    "rates.csv": {
        "class": Column("text", "", "super, or not normal, by the screen rule"),
        "axis": Column("text", "", "split or loader: a row about one seed", "all runs"),
        "seed": Column("whole number", "", "of the axis", "all runs"),
        "n": Column("whole number", "runs", "whose class is known"),
        "k": Column("whole number", "runs", "of the class"),
        "share": Column("number", "share", "k / n"),
        "low": Column("number", "share", "lower 95 % limit: over splits and loaders, or exact"),
        "high": Column("number", "share", "upper 95 % limit"),
    },
    "weight_decay.csv": {
        "weight_decay": Column("number", "", "of the config"),
        "n": Column("whole number", "runs", "with a last step"),
        "reached": Column("whole number", "runs", "that reached t98"),
        "median": Column("number", "steps", "to t98, Kaplan-Meier", "fewer than half reached it"),
        "median_low": Column("number", "steps", "its lower 95 % limit", "not known"),
        "median_high": Column("number", "steps", "its upper 95 % limit, inf for none"),
        "matched": Column("whole number", "seeds", "that weight decay 0.05 has too"),
        "ratio": Column("number", "", "time over that at 0.05", "0.05, or two runs did not reach"),
        "low": Column("number", "", "lower 95 % limit of the ratio", "no ratio"),
        "high": Column("number", "", "upper 95 % limit of the ratio", "no ratio"),
    },
    "readouts.csv": {
        "arm": Column("text", "", "folder beside the table"),
        "blocks": Column("whole number", "parameters", "of all blocks"),
        "readout": Column(
            "whole number", "parameters", "that the readout uses, tied ones included"
        ),
        "ratio": Column("number", "", "blocks over readout"),
        "n": Column("whole number", "runs", "with a last step"),
        "memorised": Column("whole number", "runs", "that reached train accuracy 0.99"),
        "share": Column("number", "share", "memorised / n"),
        "share_low": Column("number", "share", "lower 95 % limit"),
        "share_high": Column("number", "share", "upper 95 % limit"),
        "median": Column("number", "steps", "to memorising, Kaplan-Meier", "fewer than half did"),
        "median_low": Column("number", "steps", "its lower 95 % limit", "not known"),
        "median_high": Column("number", "steps", "its upper 95 % limit, inf for none"),
        "accuracy": Column("number", "share", "median train accuracy at the end"),
        "memorises": Column("text", "", "yes, no or cannot tell, by the rule of studies/plan.md"),
        "later": Column("number", "", "time over that of flatten", "flatten, or two runs did not"),
        "low": Column("number", "", "lower 95 % limit of it", "no ratio"),
        "high": Column("number", "", "upper 95 % limit of it", "no ratio"),
        "matched": Column("whole number", "seeds", "that flatten has too"),
    },
    "contrasts.csv": {
        "arm": Column("text", "", "of readouts.csv"),
        "than": Column("text", "", "the arm it is compared with"),
        "ratio": Column("number", "", "time over the other's", "two runs did not memorise"),
        "low": Column("number", "", "lower 95 % limit of it", "no ratio"),
        "high": Column("number", "", "upper 95 % limit of it", "no ratio"),
        "matched": Column("whole number", "seeds", "that both have"),
        "later": Column("text", "", "whether the first takes longer, by the interval"),
    },
    "coins.csv": {
        "cell": Column("text", "", "folder beside the table"),
        "n": Column("whole number", "runs", "with a last step"),
        "reached": Column("whole number", "runs", "that reached t98"),
        "median": Column("number", "steps", "to t98, Kaplan-Meier", "fewer than half reached it"),
        "spread": Column("number", "log", "median over the time of the soonest tenth", "no median"),
        "spread_low": Column("number", "log", "lower 95 % limit", "no median"),
        "spread_high": Column("number", "log", "upper 95 % limit", "no median"),
        "ratio": Column("number", "", "spread over that of mini", "mini, or no median"),
        "ratio_low": Column("number", "", "lower 95 % limit", "mini, or no median"),
        "ratio_high": Column("number", "", "upper 95 % limit", "mini, or no median"),
    },
    "trainings.csv": {
        "model": Column("text", "", "decoder (causal attention) or encoder (full)"),
        "cell": Column("text", "", "shape and sharing: a row of the document's grid"),
        "config": Column("text", "", "key of the config"),
        **{name: RUNS[name] for name in SEEDS if name != "graft"},
        **{
            f"{name}_{training}": Column("number", unit, f"{meaning}, {training} training")
            for training in ("short", "long")
            for name, (unit, meaning) in SHARING.items()
        },
        **{name: RUNS[name] for name in ("steps", "memorised_step", "t50_step", "t98_step")},
        **{name: RUNS[name] for name in ("status", "numerics", "commit", "digest")},
    },
    "grid.csv": {
        "model": Column("text", "", "decoder or encoder"),
        "training": Column("text", "", "short or long"),
        "outcome": Column("text", "", "accuracy, loss or pairs (minimal pairs)"),
        "cell": Column("text", "", "shape and sharing"),
        "n": Column("whole number", "seeds", "with a finite outcome"),
        "mean": Column("number", "of the outcome", "over seeds"),
        "low": Column("number", "of the outcome", "lower 95 % limit"),
        "high": Column("number", "of the outcome", "upper 95 % limit"),
        "difference": Column("number", "of the outcome", "less the baseline's", "the baseline"),
        "difference_low": Column("number", "of the outcome", "lower 95 % limit", "the baseline"),
        "difference_high": Column("number", "of the outcome", "upper 95 % limit", "the baseline"),
        "p_holm": Column("number", "", "of no difference, Holm in the column", "the baseline"),
        "told": Column("whole number", "cells", "that are surely worse", "not a column's best"),
        "others": Column("whole number", "cells", "compared with", "not a column's best"),
        "best": Column("text", "", "yes where all others are surely worse", "not a column's best"),
    },
    "luck.csv": {
        "model": Column("text", "", "decoder or encoder"),
        "cell": Column("text", "", "shape and sharing"),
        "n": Column("whole number", "runs", "with a last step"),
        "reached": Column("whole number", "runs", "that reached t50"),
        "median": Column("number", "steps", "to t50, Kaplan-Meier", "fewer than half reached it"),
        "median_low": Column("number", "steps", "its lower 95 % limit", "not known"),
        "median_high": Column("number", "steps", "its upper 95 % limit, inf for none"),
        "early": Column("whole number", "runs", "t50 at most half of the median", "no median"),
        "share": Column("number", "share", "early / n", "no median"),
        "share_low": Column("number", "share", "exact lower 95 % limit", "no median"),
        "share_high": Column("number", "share", "exact upper 95 % limit", "no median"),
        "spread": Column("number", "log", "median over the time of the soonest tenth", "no median"),
        "spread_low": Column("number", "log", "lower 95 % limit", "no median"),
        "spread_high": Column("number", "log", "upper 95 % limit", "no median"),
        "ratio": Column("number", "", "spread over the baseline's", "baseline, or no median"),
        "ratio_low": Column("number", "", "lower 95 % limit", "no ratio"),
        "ratio_high": Column("number", "", "upper 95 % limit", "no ratio"),
        "matched": Column("whole number", "seeds", "that the baseline has too", "the baseline"),
        "time": Column("number", "", "t50 over the baseline's", "fewer than two reached it"),
        "time_low": Column("number", "", "lower 95 % limit", "no ratio"),
        "time_high": Column("number", "", "upper 95 % limit", "no ratio"),
    },
    "claims.csv": {
        "claim": Column("text", "", "what is claimed, with its unit and cuts"),
        "source": Column("text", "", "who claims it"),
        "figure": Column("number", "as claimed", "the claim's own", "none given"),
        "figure_low": Column("number", "as claimed", "its lower 95 % limit", "not known"),
        "figure_high": Column("number", "as claimed", "its upper 95 % limit", "not known"),
        "ours": Column("number", "as claimed", "the same quantity here", "not run yet"),
        "ours_low": Column("number", "as claimed", "lower 95 % limit", "not known"),
        "ours_high": Column("number", "as claimed", "upper 95 % limit", "not known"),
        "n": Column("whole number", "runs", "behind ours; 0 where none was run yet"),
        "preset": Column("text", "", "of the runs"),
        "numerics": Column("text", "", "what decides bits, of all runs", "not run yet"),
        "folder": Column("text", "", "where the runs are, or will be", "no study is planned"),
        "verdict": Column(
            "text", "", "holds, holds in part, does not hold, or cannot tell at this n"
        ),
    },
    "power.csv": {
        "study": Column("text", "", "of studies/plan.md"),
        "n": Column("text", "", "size of the design"),
        "true_effect": Column("text", "", "what was simulated"),
        "power": Column("number", "share", "of simulated studies that find it at 5 %"),
    },
    "early.csv": {
        "scan": Column("text", "", "which scan, and where its runs end"),
        "signal": Column("text", "", "what a rule reads, as `trajectories.npz` calls it"),
        "step": Column("whole number", "steps", "at which it does"),
        "auc": Column("number", "share", "area under the ROC curve, where fitted"),
        "low": Column("number", "share", "lower 95 % limit of it"),
        "high": Column("number", "share", "upper 95 % limit of it"),
        "rule": Column("text", "", "as `--keep` and `--screen-at` spell it"),
        "n": Column("whole number", "runs", "that it was fitted on"),
        "fit_recall": Column("number", "share", "runs kept of those not normal, where fitted"),
        "fit_saved": Column("number", "", "times fewer steps, where fitted"),
        "kept": Column("whole number", "runs", "not normal and kept, of the other seeds"),
        "early": Column("whole number", "runs", "not normal, of the other seeds"),
        "recall": Column("number", "share", "kept of these"),
        "recall_low": Column("number", "share", "lower exact 95 % limit"),
        "recall_high": Column("number", "share", "upper exact 95 % limit"),
        "saved": Column("number", "", "times fewer steps, of the other seeds"),
        "chosen": Column("True or False", "", "saves most where fitted"),
    },
    "laws.csv": {
        "paper": Column("text", "", "arXiv numbers of the papers that name the predictor"),
        "predictor": Column("text", "", "what they say decides the time"),
        "n": Column("whole number", "runs", "runs that have it"),
        "rho": Column("number", "", "its rank correlation with t98, within splits"),
        "low": Column("number", "", "lower 95 % limit"),
        "high": Column("number", "", "upper 95 % limit"),
        "p": Column("number", "", "two-sided p-value of none"),
        "detectable": Column("number", "", "smallest correlation found with 80 % power"),
        "r2": Column("share", "", "R² of its log on the log of t98 less the memorised step"),
        "known": Column("number", "share of t98", "median step at which it is known"),
        "of_use": Column("text", "", "as an early verdict, by the rule of studies/plan.md"),
        "folder": Column("text", "", "whose runs they are"),
    },
    "candidates.csv": {
        "candidate": Column("text", "", "what a config changes"),
        "batches_an_epoch": Column("whole number", "", "batches of an epoch"),
        "n": Column("whole number", "runs", "seeds trained"),
        "memorised_median": Column("number", "steps", "of those that memorised"),
        "generalised_first": Column("number", "steps", "first run to complete", "none did"),
        "generalised_median": Column("number", "steps", "Kaplan-Meier", "half never did"),
        "censored": Column("whole number", "runs", "that did not complete"),
        "generalised_to_memorised": Column("number", "", "ratio of medians", "half never did"),
        "screen_step": Column("whole number", "steps", "best step for a screen"),
        "normal": Column("number", "share", "of runs below 0.25 there"),
        "super": Column("number", "share", "of runs above 0.98 there"),
    },
    "ladder.csv": {
        "fault": Column("text", "", "what differs from `mini`; none: nothing"),
        "model_seed": Column("whole number", "", "seed of the initial weights"),
        "memorises": Column("True or False", "", "whether all criteria of the ladder hold"),
        "cause": Column("text", "", "likely causes of what does not hold", "all holds"),
        "seconds": Column("number", "seconds", "of the whole ladder"),
        "numerics": Column("text", "", "of the ladder"),
        "training": Column("text", "", "level, or learning rate of the sweep"),
        "status": Column("text", "", "done, diverged or out of memory"),
        "n": Column("whole number", "examples", "trained on"),
        "rate": Column("number", "", "learning rate after warm-up"),
        "reached": Column("whole number", "epochs", "until the target was met", "it was not"),
        "epochs": Column("whole number", "epochs", "trained"),
        "end_loss": Column("number", "nats", "train loss at the end", "not finite"),
        "end_right": Column("whole number", "examples", "answered right at the end"),
        "sure": Column("whole number", "examples", "with a probability above 0.5 at the end"),
        "val_loss": Column("number", "nats", "validation loss at the end", "not the train set"),
        "val_right": Column("whole number", "examples", "of the validation set", "likewise"),
        "early_loss": Column("number", "nats", "lowest train loss of 10 epochs", "none finite"),
        "lowest_loss": Column("number", "nats", "lowest train loss of an epoch", "none finite"),
        "rises": Column("number", "share", "of epochs with a higher loss than before", "one epoch"),
        "norm_first_low": Column("number", "", "lowest gradient norm at step 1", "not measured"),
        "norm_first_high": Column("number", "", "highest gradient norm at step 1", "not measured"),
        "norm_low": Column("number", "", "lowest norm of all measured steps", "not measured"),
        "norm_high": Column("number", "", "highest norm of all measured steps", "not measured"),
        "norm_last_low": Column("number", "", "lowest norm at the last step", "not finite"),
        "zero_throughout": Column("whole number", "parameters", "zero throughout", "not measured"),
    },
}
"""Every table by its file's name."""

assert list(RUNS) == COLUMNS


def dictionary() -> str:
    """All tables as Markdown."""
    head = "| column | type | unit | meaning | empty means |\n|---|---|---|---|---|\n"
    parts = ["# Columns\n\nWritten by `python studies/columns.py`.\n"]
    for name, columns in TABLES.items():
        parts.append(f"\n## {name}\n\n{head}")
        parts += [
            f"| `{column}` | {c.kind} | {c.unit} | {c.meaning} | {c.empty} |\n"
            for column, c in columns.items()
        ]
    return "".join(parts)
