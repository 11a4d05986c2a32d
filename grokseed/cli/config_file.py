"""`--config FILE` before it is parsed: each key once, with a value; or a scan's `config.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from grokseed.cli.options import SeedOptions
from grokseed.config import Config, difference, preset
from grokseed.presets import PRESETS
from grokseed.records.asked import Asked
from grokseed.records.upgrade import read_config
from grokseed.seeds import read_seeds, spell_seeds

FLAG = "--config"


def files_first(argv: Sequence[str]) -> list[str]:
    """A command line with its files before all other options, which win over a file then wherever
    they stand."""
    files: list[str] = []
    others: list[str] = []
    words = iter(argv)
    for word in words:
        if word != FLAG:
            (files if word.startswith(f"{FLAG}=") else others).append(word)
            continue
        value = next(words, None)
        if value is None or value.startswith("--"):  # it lacks its value, which the parser says
            others += [word] if value is None else [word, value]
        else:
            files.append(f"{FLAG}={value}")
    return files + others


def read_files(argv: Sequence[str], defaults: Mapping[str, object]) -> list[str]:
    """A command line whose files can be given to the parser.

    Args:
        argv: as `files_first` gives it.
        defaults: of the command's options, by their names. Those with the default None may have no
            value in a file.

    Raises:
        ValueError: a key is there twice, lacks its value, or is a seed that is not written in
            digits; or a scan's `config.json` cannot be used.
        yaml.YAMLError: a file is no YAML.
    """
    seeds_named = any(re.match("--model-seeds?(=|$)", word) for word in argv)
    read: list[str] = []
    for word in argv:
        flag, _, value = word.partition("=")
        found = _content(value) if flag == FLAG else None
        if found is None:
            read.append(word)
            continue
        name, text = found
        root = yaml.compose(text, yaml.SafeLoader)
        keys = dict(_checked(name, root, defaults))
        if "config" in keys:
            wants_seeds = "model_seeds" in defaults
            options = options_of_a_scan(name, text, wants_seeds, seeds_named)
            read.append(f"{FLAG}={json.dumps(options)}")
        elif not keys or not all(map(_is_null, keys.values())):  # all null: nothing is set
            read.append(word)
    return read


def _content(value: str) -> tuple[str, str] | None:
    """What a file is called in messages, and its text; None for one that cannot be read, of which
    the parser says why. The value may be YAML itself.

    Raises:
        ValueError: it is a pipe or a device, such as the `<(command)` of a shell.
    """
    path = Path(value)
    try:
        if path.is_file():
            return value, path.read_text("utf-8")
        can_be_read_once = path.is_fifo() or path.is_char_device()
    except (OSError, ValueError):
        return None
    if can_be_read_once:
        raise ValueError(f"{FLAG} is read several times, so it must be a file: {value} is none")
    return (FLAG, value) if ":" in value and not value.endswith((".yaml", ".yml")) else None


def _checked(
    name: str, root: yaml.Node | None, defaults: Mapping[str, object]
) -> Iterator[tuple[str, yaml.Node]]:
    """The keys of a file with their values."""
    seen: set[str] = set()
    for key_node, node in root.value if isinstance(root, yaml.MappingNode) else ():
        key = str(key_node.value)
        if key in seen:
            raise ValueError(f"{name}: {key} is there twice: leave one out")
        seen.add(key)
        if _is_null(node) and defaults.get(key, "") is not None:
            raise ValueError(f"{name}: {key} has no value: give it one, or leave it out")
        if isinstance(defaults.get(key), bool) and not _is_yes_or_no(node):
            raise ValueError(f"{name}: {key} must be yes or no, not {_written(node)}")
        is_number = isinstance(node, yaml.ScalarNode) and node.tag.endswith(":int")
        if key.endswith("_seed") and is_number and not re.fullmatch("-?[0-9]+", node.value):
            raise ValueError(f"{name}: {key} is a whole number in digits, not {node.value}")
        yield key, node


def _is_null(node: yaml.Node) -> bool:
    return node.tag.endswith(":null")


def _is_yes_or_no(node: yaml.Node) -> bool:
    return node.tag.endswith(":bool") or str(node.value).lower() in (
        "true",
        "yes",
        "false",
        "no",
    )


def _written(node: yaml.Node) -> str:
    return node.value if isinstance(node, yaml.ScalarNode) else "a list or a mapping"


def options_of_a_scan(
    name: str, text: str, wants_seeds: bool, seeds_named: bool
) -> dict[str, object]:
    """The options in the `config.json` of a scan's folder: its config and, if they say which runs
    it asked for, its seeds.

    Args:
        wants_seeds: whether the command has options of seeds.
        seeds_named: whether the command line names model seeds.

    Raises:
        ValueError: it is not a scan's, or its seeds do not say the runs, and are not named.
    """
    try:
        about = json.loads(text)
    except (ValueError, RecursionError):
        about = {}
    if "config_key" not in about:  # as in the file of an overfit ladder, whose config is another
        raise ValueError(f"{name}: config is no option: only a scan's config.json holds one")
    try:
        config = read_config(about["config"])
        asked = Asked.read(about.get("asked", {}))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{name}: its config cannot be used: {error}") from None
    nearest = min(PRESETS, key=lambda one: len(difference(preset(one), asdict(config))))
    options: dict[str, object] = {"preset": nearest, **asdict(config)}
    if not wants_seeds:
        return options
    seeds = _seeds_of(asked, config)
    if seeds is None and not seeds_named:
        raise ValueError(
            f"{name}: its runs are not every combination of its seeds: name seeds too, like "
            "--model-seeds 0:8"
        )
    return options | (seeds or {})


def _seeds_of(asked: Asked, config: Config) -> dict[str, Any] | None:
    """The options of seeds that ask for the same runs; None if there are none."""
    found: dict[str, Any] = {"model_seeds": asked.model}
    if config.scheme != "shared":
        found["loader_seeds"] = asked.loader
        usual = asked.model if config.scheme == "diary" else "0"
        if asked.split != usual:
            found["split_seeds"] = asked.split
        if asked.val.isdigit() and asked.val != _next(asked.loader):
            found["val_seed"] = int(asked.val)
    try:
        runs = SeedOptions(**found).runs(config.scheme)
    except ValueError:
        return None
    return found if Asked.of(runs) == asked else None


def _next(seeds: str) -> str:
    return spell_seeds(seed + 1 for seed in read_seeds(seeds))
