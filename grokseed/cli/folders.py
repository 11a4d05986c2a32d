"""Command lines of commands on existing folders, which have a config already."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jsonargparse import ArgumentError, Namespace

from grokseed.cli.parser import add_options, bare, one_line
from grokseed.records.database import DATABASE, StoreError
from grokseed.records.folder import TABLE


def parse_folders(
    command: str, about: str | None, folders: str, options: type, argv: Sequence[str]
) -> Namespace:
    """The options of a command line, and its `folders`: one or more paths.

    Args:
        command: the module's name, such as `grokseed.merge`.
        about: the module's docstring.
        folders: the help of `folders`.
        options: the command's own dataclass; its docstring is the help.

    Raises:
        ValueError: with one line for the user.
    """
    made = bare(command, about, "FOLDER ... [options]")
    made.add_argument("folders", nargs="+", type=Path, help=folders)
    add_options(made, options)
    try:
        return made.parse_args(list(argv))
    except ArgumentError as error:
        raise ValueError(one_line(str(error))) from None


def holds_runs(folder: Path) -> bool:
    """Whether a folder has a scan's database or its table."""
    return (folder / DATABASE).exists() or (folder / TABLE).exists()


def check_holds_runs(folder: Path) -> None:
    """Raise StoreError if it has neither."""
    if not holds_runs(folder):
        raise StoreError(f"{folder} holds no scan")
