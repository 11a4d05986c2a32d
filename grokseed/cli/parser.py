"""From command line to options: a flat flag for every field of a command's dataclasses.

The preset sets all values. The file of `--config` overrides it, and flags override both.
"""

from __future__ import annotations

import re
import typing
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import fields
from typing import Any, TypeVar

import yaml
from docstring_parser import parse as parse_docstring
from jsonargparse import ActionYesNo, ArgumentError, ArgumentParser, Namespace

from grokseed.cli.config_file import files_first, read_files
from grokseed.cli.help import PLURALS, HelpFormatter, grouped, sections, suggested
from grokseed.cli.options import SeedOptions
from grokseed.config import Config
from grokseed.limits import idle_fields
from grokseed.presets import PRESETS
from grokseed.seeds import written

T = TypeVar("T")


def parser(command: str, about: str | None, *option_classes: type) -> ArgumentParser:
    """A parser with `--preset`, `--config`, and a flat option for every field of the dataclasses.

    Args:
        command: the module's name, such as `grokseed.scan`.
        about: the module's docstring: what it does, and examples.
        option_classes: the command's own dataclasses; their docstrings are the help.
    """
    made = bare(command, about, "[options]", print_config="--print-config")
    files = "YAML file of options, or a scan's config.json; options of the command line win over it"
    made.add_argument("--config", action="config", help=files)
    for action in made._actions:  # --print-config came with --config; its text is about internals
        if "--print-config" in action.option_strings:
            action.help = "print all options as YAML that --config reads, and train nothing"
            action.metavar = ""
    made.add_argument(
        "--preset", type=str, default="diary", help=f"start from: {', '.join(PRESETS)}"
    )
    add_options(made, *option_classes, Config)
    return made


def bare(command: str, about: str | None, usage: str, **more: Any) -> ArgumentParser:
    """A parser without options, whose help is the module's docstring."""
    first, rest = sections(about)
    return ArgumentParser(
        prog=f"python -m {command}",
        usage=f"python -m {command} {usage}",
        description=first,
        epilog=rest,
        formatter_class=HelpFormatter,
        exit_on_error=False,
        allow_abbrev=False,
        **more,
    )


def add_options(made: ArgumentParser, *option_classes: type) -> None:
    """Give a parser a flat option for every field of the dataclasses, with its help, in groups."""
    for cls in option_classes:
        hints, defaults = typing.get_type_hints(cls), {f.name: f.default for f in fields(cls)}
        help_texts = help_of(cls)
        for title, names in grouped(cls):
            group = made.add_argument_group(title)
            for name in names:
                flag = "--" + name.replace("_", "-")
                kwargs: dict[str, Any] = {"default": defaults[name], "help": help_texts[name]}
                if hints[name] is bool:
                    made_of = ActionYesNo(no_prefix="no-")
                    group.add_argument(flag, action=made_of, nargs="?", **kwargs)
                    continue
                one = [flag.removesuffix("s")] if flag.endswith(PLURALS) else []
                kind = _text if hints[name] == str | None else hints[name]
                kind = _seed if name.endswith("_seed") else kind
                group.add_argument(flag, *one, type=kind, **kwargs)


def help_of(cls: type) -> dict[str, str]:
    """The help of every field of a dataclass, from its docstring."""
    params = [p for base in cls.__mro__ for p in parse_docstring(base.__doc__ or "").params]
    return {p.arg_name: p.description or "" for p in params}


def _text(value: object) -> str | None:
    """The value of an option that is text or not given. jsonargparse reads `--out null` and
    `--out "~"` on the command line as not given; here only a YAML file's null is that."""
    if value is None or isinstance(value, str):
        return value
    raise ValueError(f"expected str. Got value: {value}")


def _seed(value: object) -> int | None:
    """The value of an option that is one seed or not given. jsonargparse reads numbers as YAML
    does, 1:30 as 90 for one."""
    with suppress(ValueError):
        if value is None or type(value) is int:
            return value
        if isinstance(value, str):
            return written(value)
    raise ValueError(f"expected int. Got value: {value}")


def parse(
    made: ArgumentParser, argv: Sequence[str], check: Callable[[Namespace], object]
) -> Namespace:
    """The options of a command line.

    Args:
        check: raises ValueError for options that cannot be used; they are not printed then.

    Raises:
        ValueError: with one line for the user.
    """
    argv = files_first(_spelled_out(argv))
    _refuse_repeated_seeds(argv)
    try:
        argv = read_files(argv, _defaults(made))
        quiet = _without_printing(argv)
        # The line is parsed twice. The preset decides the defaults, and it may be named by a flag,
        # a file or YAML in the line, so it is known only after the first pass.
        name = made.parse_args(quiet).preset
        if name not in PRESETS:
            raise ValueError(f"preset must be one of {', '.join(PRESETS)}, not {name!r}")
        made.set_defaults(PRESETS[name])
        options = made.parse_args(quiet)
        _refuse_idle(quiet, options["task"])
        if len(quiet) < len(argv):  # --help or --print-config
            if not {"-h", "--help"} & set(argv):  # what is printed must be usable
                check(options)
            made.parse_args(list(argv))
    except (ArgumentError, yaml.YAMLError) as error:
        raise ValueError(suggested(one_line(str(error)), made)) from None
    except (AttributeError, TypeError, LookupError, RecursionError) as error:
        # Raised by the parser itself on files such as `config: 0`.
        raise ValueError(f"the options cannot be read: {one_line(str(error))}") from None
    return options


def given(made: ArgumentParser, argv: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of the config and the options of seeds that a command line or its file sets.

    A preset that is given sets every field.
    """
    options, there = made.parse_args(_readable(made, argv)), named(made, argv)
    config = {f.name: options[f.name] for f in fields(Config) if {f.name, "preset"} & there}
    seeds = {f.name: options[f.name] for f in fields(SeedOptions) if f.name in there}
    return config, seeds


def named(made: ArgumentParser, argv: Sequence[str]) -> set[str]:
    """The options that a command line or its file sets, of one that `parse` takes."""
    return set(vars(made.parse_args(_readable(made, argv), defaults=False)))


def _readable(made: ArgumentParser, argv: Sequence[str]) -> list[str]:
    return _without_printing(read_files(files_first(_spelled_out(argv)), _defaults(made)))


def take(cls: type[T], options: Namespace) -> T:
    """One of the parser's dataclasses, filled from the options.

    Raises:
        ValueError: a field has a value that is not allowed.
    """
    return cls(**{field.name: options[field.name] for field in fields(cls)})  # type: ignore[arg-type]


def _spelled_out(argv: Sequence[str]) -> list[str]:
    """The command line with --compile and --no-compile given a value, and with values like -1:3 in
    one word with their option: alone they look like options."""
    short = {"--no-compile": "--compile=no"}
    spelled: list[str] = []
    for word in argv:
        if re.match(r"-[\d.]", word) and spelled and re.fullmatch(r"--[^=]+", spelled[-1]):
            spelled[-1] += f"={word}"
        else:
            spelled.append(short.get(word, word))
    for i, word in enumerate(spelled):
        if word == "--compile" and spelled[i + 1 : i + 2] not in (["auto"], ["yes"], ["no"]):
            spelled[i] = "--compile=yes"
    return spelled


def _defaults(made: ArgumentParser) -> dict[str, object]:
    return {action.dest: action.default for action in made._actions if action.dest != "config"}


def _without_printing(argv: Sequence[str]) -> list[str]:
    printing = ("-h", "--help", "--print-config")
    return [word for word in argv if word.partition("=")[0] not in printing]


def _refuse_repeated_seeds(argv: Sequence[str]) -> None:
    """Refuse --loader-seed beside --loader-seeds: they are one option, and only the last would
    count."""
    flags = (word.partition("=")[0].removesuffix("s") for word in argv)
    repeated = Counter(flag for flag in flags if f"{flag}s".endswith(PLURALS))
    for flag, n in repeated.items():
        if n > 1:
            raise ValueError(f"{flag} is given twice: write all its seeds in one, like 3,5,8:12")


def _refuse_idle(argv: Sequence[str], task: str) -> None:
    """Refuse a flag of another task, whatever its value: a file has all fields, as --print-config
    writes them."""
    flags = {word.partition("=")[0] for word in argv}
    for name in idle_fields(task):
        if f"--{name.replace('_', '-')}" in flags:
            raise ValueError(f"{name} means nothing for task {task}: leave it out")


def one_line(text: str) -> str:
    """jsonargparse's message about a bad value, in words of the command line."""
    line = " ".join(text.split())
    line = re.sub(r"typing\.Literal\[(.*?)\](?=\.)", r"one of \1", line)
    line = re.sub(r"<class '(\w+)'>", r"\1", line)
    line = line.replace("Expected a ", "expected ")
    union = r"Does not validate against any of the Union subtypes Subtypes: \[(\w+), NoneType\] .*"
    line = re.sub(rf"{union} Given value: (.*)", r"expected \1. Got value: \2", line)
    for function, what in (("_boolean_type", "yes or no"), ("_seed", "int")):
        line = re.sub(
            rf"^argument (--[\w-]+)\S*: invalid {function} value: '(.*)'$",
            rf"\1: expected {what}. Got value: \2",
            line,
        )
    line = re.sub(r"config:$", "config: it holds no options", line)
    one = re.fullmatch(r"Option '(\w+)' is not accepted", line)
    if one and f"-{one[1]}s".replace("_", "-").endswith(PLURALS):
        return f"{line}; in YAML it is {one[1]}s, with its value in quotes"
    key = re.match(r'Parser key "(\w+)": (.*)', line)
    if not key:
        return line
    flag = f"--{key[1].replace('_', '-')}"
    hint = ""
    if flag.endswith(PLURALS):
        hint = "; in YAML, put seeds in quotes"
    elif re.fullmatch(r"expected (str\. Got value: [^\[{].*|one of .* (True|False))", key[2]):
        hint = "; in YAML, put it in quotes"
    return f"{flag}: {key[2]}{hint}"
