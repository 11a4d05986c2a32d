"""Command lines of commands on existing folders, which have a config already."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jsonargparse import ArgumentError, Namespace

from grokseed.cli.help import suggested
from grokseed.cli.parser import add_options, bare, one_line
from grokseed.records.filesystem import real


def named_once(folders: Sequence[Path]) -> list[Path]:
    """The folders as absolute paths.

    Raises:
        ValueError: two of them are the same folder.
    """
    places = [real(path) for path in folders]
    for path, place in zip(folders, places, strict=True):
        if places.count(place) > 1:
            raise ValueError(f"{path} is named twice: name folders of different runs")
    return places


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
        raise ValueError(suggested(one_line(str(error)), made)) from None
