"""What every column means of the tables of overfit ladders: those that the command writes into its
folder, and that of their study."""

from __future__ import annotations

from grokseed.records.scan_columns import Column

NAME = Column("text", "", "level, or learning rate of the sweep")

TRAINING = {
    "name": NAME,
    "n": Column("whole number", "examples", "trained on, the first rows of examples.csv"),
    "batch": Column("whole number", "examples", "of a step"),
    "rate": Column("number", "", "learning rate after warm-up"),
    "status": Column("text", "", "done, diverged or out of memory"),
    "end_loss": Column("number", "nats", "train loss at the end", "not finite"),
    "end_right": Column("whole number", "examples", "answered right at the end"),
    "sure": Column("whole number", "examples", "with a probability above 0.5 at the end"),
}

LADDERS: dict[str, dict[str, Column]] = {
    "levels.csv": {
        **TRAINING,
        "reached": Column("whole number", "epochs", "until the target was met", "it was not"),
        "least": Column("whole number", "examples", "fewest right answers of the target"),
        "met": Column("True or False", "", "whether the target was met"),
        "val_loss": Column("number", "nats", "validation loss at the end", "not the train set"),
        "val_right": Column(
            "whole number", "examples", "right answers on the validation set", "not the train set"
        ),
        "n_val": Column("whole number", "examples", "in the validation set", "not the train set"),
    },
    "sweep.csv": {
        **TRAINING,
        "lowest": Column("number", "nats", "lowest train loss of an epoch", "none finite"),
    },
    "epochs.csv": {
        "name": NAME,
        "epoch": Column("whole number", "epochs", "counted from 1"),
        "step": Column("whole number", "steps", "at its end"),
        "loss": Column("number", "nats", "mean train loss during the epoch", "not finite"),
        "right": Column("whole number", "examples", "answered right during the epoch"),
    },
    "gradients.csv": {
        "level": Column("text", "", "level of the ladder"),
        "parameter": Column("text", "", "whose gradient it is; q, k and v apart"),
        "step": Column("whole number", "steps", "of the measurement"),
        "norm": Column("number", "", "L2 norm of the gradient of the mean loss", "not finite"),
        "flag": Column(
            "text", "", "zero, small (below 1e-6), large (above 100), NaN, or unseen", "no flag"
        ),
    },
    "examples.csv": {
        "equation": Column("whole number", "", "row in the table of all equations"),
        "a": Column("whole number", "", "first operand"),
        "b": Column("whole number", "", "second operand"),
        "result": Column("whole number", "", "right answer"),
        "window": Column("whole number", "", "number of the window (task rote)"),
        "text": Column("text", "", "its bytes, as Python writes them (task rote)"),
        "next": Column("text", "", "the right byte, as Python writes it (task rote)"),
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
        "val_right": Column(
            "whole number", "examples", "right answers on the validation set", "not the train set"
        ),
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
"""The tables by their files' names."""
