"""What `--help` shows: options in groups, each with its default, and examples at the end."""

from __future__ import annotations

import argparse
import re
from dataclasses import fields
from difflib import get_close_matches

from grokseed.config import Config

PLURALS = ("-seeds", "--donors", "--recipients")
"""Ends of flags that exist in singular and plural, as they take one seed or many."""

CONFIG_GROUPS = {
    "the task": (
        "task",
        "operation",
        "p",
        "text",
        "examples",
        "length",
        "train_fraction",
        "test_fraction",
    ),
    "the model": (
        "d_model",
        "layers",
        "heads",
        "ffn_multiple",
        "activation",
        "sharing",
        "unique_layers",
        "attention",
        "biases",
        "kv_heads",
        "readout",
        "bottleneck_width",
        "conv_kernel",
        "init_scale",
    ),
    "its training": (
        "lr",
        "beta1",
        "beta2",
        "eps",
        "weight_decay",
        "dropout",
        "warmup_steps",
        "schedule",
        "batch_size",
        "max_steps",
        "stop_when",
        "precision",
    ),
    "what is evaluated when": ("sample_every", "sample_size", "val_every", "screen_step"),
    "random streams": ("scheme", "val_shuffle"),
}
"""The fields of a config by topic, in the order of `--help`."""


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of examples, and shows an option's default if it has one."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28)

    def _get_help_string(self, action: argparse.Action) -> str:
        text = (action.help or "").removesuffix(".")
        unsaid = action.default in (None, "", argparse.SUPPRESS) or not action.option_strings
        return text if unsaid else f"{text} (default: {shown(action.default)})".replace("%", "%%")

    def _format_action_invocation(self, action: argparse.Action) -> str:
        """`--out TEXT`, and `--export` alone for an option that is on or off."""
        flags = ", ".join(f for f in action.option_strings if not f.startswith("--no-"))
        if not flags or action.nargs in (0, "?"):
            return flags or super()._format_action_invocation(action)
        return f"{flags} {self._format_args(action, _placeholder(action))}".rstrip()


def _placeholder(action: argparse.Action) -> str:
    """The placeholder of an option's value: its type, not its name again."""
    if action.option_strings[0].endswith(PLURALS):
        return "SEEDS"
    if action.option_strings[0].endswith("-seed"):  # read by a function of its own
        return "N"
    kinds = {int: "N", int | None: "N", float: "X", float | None: "X"}
    kind = getattr(action, "_typehint", None) or action.type
    return kinds.get(kind, "TEXT")  # choices are shown instead


def shown(default: object) -> str:
    """A default as it is written on a command line."""
    return ("no", "yes")[default] if isinstance(default, bool) else str(default)


def suggested(message: str, made: argparse.ArgumentParser) -> str:
    """A message about words that are no option, with the parser's options that the first of them
    may have meant; any other message as it is."""
    unknown = re.match(r"unrecognized arguments: (--[^\s=]+)", message, re.IGNORECASE)
    flags = {flag for action in made._actions for flag in action.option_strings}
    meant = _meant(unknown[1], sorted(f for f in flags if f[:-1] not in flags)) if unknown else []
    return f"{message}; did you mean {' or '.join(meant)}?" if meant else message


def _meant(word: str, flags: list[str]) -> list[str]:
    """The flags with all parts of a word, such as --loader-seed for --loader, or that it begins
    with; else the one that is spelled most like it, if it is near."""
    alike = [f for f in flags if _parts(word) <= _parts(f) or word.startswith(f"{f}-")]
    return get_close_matches(word, alike, 4, 0) if alike else get_close_matches(word, flags, 1, 0.7)


def _parts(flag: str) -> set[str]:
    return {part.removesuffix("s") for part in flag.split("-")}


def sections(documentation: str | None) -> tuple[str, str]:
    """A module's docstring as the help's first sentence, and all that follows it."""
    first, _, rest = (documentation or "").partition("\n")
    return first, rest.strip("\n")


def grouped(cls: type) -> list[tuple[str, tuple[str, ...]]]:
    """The fields of a dataclass of options in groups: those of a config by topic, others by class,
    with the first sentence of the class's docstring as the title.
    """
    if cls is Config:
        return list(CONFIG_GROUPS.items())
    known = {f.name for f in fields(cls)}
    found = []
    for base in reversed(cls.__mro__):
        names = tuple(name for name in vars(base).get("__annotations__", ()) if name in known)
        if names:
            title = (base.__doc__ or "").split("\n\n")[0].split(". ")[0].split("; ")[0]
            found.append((" ".join(title.split()).rstrip("."), names))
    return found
