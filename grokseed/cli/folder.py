"""A scan's folder: its name, what may be written into it, and the writing of its results."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from grokseed.cli.options import SeedOptions
from grokseed.config import Config, difference, preset
from grokseed.records.database import DATABASE, StoreError
from grokseed.records.export import export
from grokseed.records.store import Store
from grokseed.records.upgrade import upgraded_config, upgraded_names
from grokseed.reports.scan import load, report
from grokseed.seeds import STREAMS, Seeds, read_seeds, spell_seeds

CELLS = "cells.csv"
"""What tells an ablation's folder from a scan's."""

LONGEST_NAME = 100
STREAM_OF = {
    "split_seeds": "split",
    "model_seeds": "model",
    "loader_seeds": "loader",
    "val_seed": "val",
}


def default_folder(preset_name: str, config: Config, seeds: SeedOptions) -> str:
    """`results/` and a name made of the preset, what differs from it, and the seeds."""
    parts = [f"model-{seeds.model_seeds}", f"loader-{seeds.loader_seeds}"]
    parts += [f"split-{seeds.split_seeds}"] * (seeds.split_seeds is not None)
    parts += [f"val-{seeds.val_seed}"] * (seeds.val_seed is not None)
    parts += ["zip"] * (seeds.pairs == "zip")
    return named_folder(preset_name, config, parts)


def named_folder(preset_name: str, config: Config, runs: list[str]) -> str:
    """`results/` and a name made of the preset, what differs from it, and what says which runs."""
    base, own = asdict(preset(preset_name)), asdict(config)
    parts = [preset_name]
    parts += [f"{name.replace('_', '-')}-{v}" for name, v in own.items() if v != base[name]]
    parts += runs
    name = re.sub(r"[^\w.,+-]+", "-", "_".join(parts))
    if len(name) > LONGEST_NAME:
        name = f"{name[: LONGEST_NAME - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return f"results/{name}"


def check_kind(folder: Path, ablation: bool) -> None:
    """Refuse to write a scan's results over an ablation's, or the other way round.

    Raises:
        StoreError: the folder holds the other kind.
    """
    held = (folder / DATABASE).exists() or (folder / "runs.csv").exists()
    if ablation and held and not (folder / CELLS).exists():
        raise StoreError(f"{folder} holds a scan: choose another --out")
    if not ablation and (folder / CELLS).exists():
        raise StoreError(f"{folder} holds an ablation: use grokseed.ablate, or another --out")


def check_free(folder: Path, config: Config, numerics: str, asked: Collection[Seeds]) -> None:
    """Refuse to start a scan where results lie without their store, unless it makes them anew.

    Raises:
        StoreError: they are of another config or numerics, cannot be read, or hold runs that are
            not asked for; or the folder's path leads through a file.
    """
    if any(path.exists() and not path.is_dir() for path in (folder, *folder.parents)):
        raise StoreError(f"{folder} cannot be written: not a folder")
    about = folder / "config.json"
    if about.exists():
        try:
            stored = json.loads(about.read_text())
            differs = difference(config, upgraded_config(stored["config"]))
            theirs = stored["numerics"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise StoreError(f"{about} cannot be read: {error}") from None
        if differs:
            raise StoreError(f"{folder} holds another config's results: {'; '.join(differs)}")
        if theirs != numerics:
            raise StoreError(f"{folder} holds results of {theirs}, not of {numerics}")
    try:
        lost = exported(folder) - set(asked)
    except ValueError as error:
        raise StoreError(str(error)) from None
    if lost:
        raise StoreError(
            f"{folder} holds results without their store; choose another --out, or ask for all of "
            f"its runs: {len(lost):,} of them are not asked for"
        )


def check_covered(folder: Path, runs: Collection[Seeds]) -> None:
    """Refuse to write a table that would lose runs of the table that lies there.

    Raises:
        StoreError: `runs.csv` holds others than these.
    """
    with suppress(ValueError):  # a table that cannot be read holds nothing to lose
        if lost := exported(folder) - set(runs):
            raise StoreError(
                f"{folder}/runs.csv holds {len(lost):,} runs that its store does not: run these "
                "as well, or choose another --out"
            )


def exported(folder: Path) -> set[Seeds]:
    """The runs of a folder's table; none where there is no table.

    Raises:
        ValueError: the table cannot be read.
    """
    table = folder / "runs.csv"
    if not table.exists():
        return set()
    try:
        with table.open(newline="") as file:
            return {
                Seeds(*(int(row[f"{s}_seed"]) for s in STREAMS), graft=row.get("graft", ""))
                for row in map(upgraded_names, csv.DictReader(file))
            }
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise ValueError(f"{table} cannot be read: {error!r}") from None


def check_same(folder: Path, config: Mapping[str, object], seeds: Mapping[str, object]) -> None:
    """Refuse options that are not of the folder's scan.

    Of a stream's seeds one must be there: a scan that was stopped has not trained all that was
    asked for.

    Args:
        folder: the scan's.
        config: the fields of a config that were given.
        seeds: the options of seeds that were given.

    Raises:
        StoreError: a field differs, a stream has none of the seeds given, or the folder holds no
            scan or a damaged one.
    """
    stored, used = _contents(folder)
    differs = [f"{k}: {stored[k]!r}, not {v!r}" for k, v in config.items() if stored[k] != v]
    if differs:
        raise StoreError(f"{folder} holds another config's scan: {'; '.join(differs)}")
    for option, stream in STREAM_OF.items():
        asked, there = seeds.get(option), used[stream]
        if asked is not None and there.isdisjoint(read_seeds(str(asked))):
            raise StoreError(
                f"{folder} holds other runs: {option}: {spell_seeds(there)}, not {asked}"
            )


def write_results(folder: Path) -> None:
    """Write a scan's tables and figures from its store, or redraw from its tables alone.

    Prints what it found.

    Raises:
        StoreError: as `export_stored` does.
        OSError: a file cannot be written.
    """
    say(report(folder, export_stored(folder)))


def export_stored(folder: Path) -> list[str]:
    """Write a folder's tables from its store, where it has one. A scan may be writing it meanwhile.

    Returns:
        The commands that made the runs, as `Command.shown` gives them; none without a store.

    Raises:
        StoreError: the store is damaged, holds no runs, or fewer than the table that lies there.
        OSError: a file cannot be written.
    """
    commands: list[str] = []
    if _has_store(folder):
        with Store(folder, read_only=True, verify=False) as store:  # export reads all there is
            rows = store.rows()
            if not rows:
                raise StoreError(f"{folder} holds no runs yet")
            check_covered(folder, [row.seeds for row in rows])
            commands = [command.shown() for command in store.commands()]
            export(store)
        for error, n in Counter(row.error for row in rows if row.error).items():
            print(f"{n:,} crashed: {error}", file=sys.stderr)
    return commands


def say(text: str) -> None:
    """Print, and let nobody hear of it where the reader has gone, as `head` does."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _has_store(folder: Path) -> bool:
    return (folder / DATABASE).exists() or not (folder / "runs.csv").exists()


def _contents(folder: Path) -> tuple[dict, dict[str, set[int]]]:
    """The config and each stream's seeds of the scan that a folder holds."""
    if _has_store(folder):
        with Store(folder, read_only=True) as store:
            runs = [row.seeds for row in store.rows()]
            config = asdict(store.config)
        return config, {stream: {getattr(run, stream) for run in runs} for stream in STREAMS}
    try:
        _, _, about = load(folder)
        config = {**asdict(Config()), **about["config"]}
        return config, {s: set(read_seeds(about["seeds"][s])) for s in STREAMS}
    except FileNotFoundError as error:
        raise StoreError(f"{folder} holds no {Path(error.filename).name}") from None
    except Exception as error:  # json, csv, zip and numpy each raise their own
        raise StoreError(f"{folder}: its tables cannot be read: {error!r}") from None
