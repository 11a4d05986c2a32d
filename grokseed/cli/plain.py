"""Command lines of a few options of their own, without a config's: argparse alone."""

from __future__ import annotations

import shlex
from argparse import ArgumentError, ArgumentParser, Namespace
from collections.abc import Sequence

from grokseed.cli.help import HelpFormatter, sections, suggested


def plain_parser(command: str, about: str | None, usage: str | None = None) -> ArgumentParser:
    """A parser without options.

    Args:
        command: the module's name, such as `grokseed.luck`.
        about: the module's docstring: what it does, and examples.
        usage: what follows the name; by default what argparse makes of the options.
    """
    first, rest = sections(about)
    return ArgumentParser(
        prog=f"python -m {command}",
        usage=f"python -m {command} {usage}" if usage else None,
        description=first,
        epilog=rest,
        formatter_class=HelpFormatter,
        allow_abbrev=False,
        exit_on_error=False,
    )


def known(made: ArgumentParser, argv: Sequence[str]) -> tuple[Namespace, list[str]]:
    """A command line's options, and the words that are none of them.

    Raises:
        ValueError: a value that cannot be.
    """
    try:
        return made.parse_known_args(list(argv))
    except ArgumentError as error:
        raise ValueError(str(error)) from None


def parsed(made: ArgumentParser, argv: Sequence[str]) -> Namespace:
    """A command line's options.

    Raises:
        ValueError: a value that cannot be, or a word that is no option.
    """
    options, rest = known(made, argv)
    if rest:
        raise unrecognized(rest, made)
    return options


def unrecognized(words: Sequence[str], made: ArgumentParser) -> ValueError:
    """The error about words of a command line that are none of its options."""
    return ValueError(suggested(f"unrecognized arguments: {shlex.join(words)}", made))
