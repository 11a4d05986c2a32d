"""A scan's folder: its name, and what may be written into it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Set
from dataclasses import asdict
from pathlib import Path

from grokseed.cli.options import SeedOptions
from grokseed.config import Config, preset
from grokseed.execution.design import levels
from grokseed.expressions import KNOWN, spelled
from grokseed.limits import idle_fields
from grokseed.records.database import DATABASE, StoreError
from grokseed.records.folder import CELLS, TABLE, Tables, holds_runs
from grokseed.records.from_tables import new_tables
from grokseed.records.look import has_grafts
from grokseed.records.store import Store
from grokseed.seeds import STREAMS, read_seeds, spell_seeds
from grokseed.texts import name_of
from grokseed.unlike import clipped, listed, unlike

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
    """`results/` and a name made of the preset, what differs from it, and the options of runs."""
    base, own = asdict(preset(preset_name)), asdict(config)
    own["text"] = config.text[:15]  # the hash's first digits
    parts = [preset_name]
    if config.operation not in KNOWN:  # else x*y, x-y and (x-y) would have one name
        own["operation"] += f"-{hashlib.sha256(config.operation.encode()).hexdigest()[:6]}"
    parts += [
        f"{name.replace('_', '-')}-{v}"
        for name, v in own.items()
        if v != base[name] and name not in idle_fields(config.task)
    ]
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
    if ablation and holds_runs(folder) and not (folder / CELLS).exists():
        if has_grafts(folder):
            raise StoreError(f"{folder} holds grafted runs and no {CELLS}: restore that file")
        raise StoreError(f"{folder} holds a scan: choose another --out")
    if not ablation and (folder / CELLS).exists():
        raise StoreError(f"{folder} holds an ablation: use grokseed.ablate, or another --out")
    if (folder / "overfit.json").exists():
        raise StoreError(f"{folder} holds an overfit ladder: choose another --out")


def check_no_grafts(folder: Path) -> None:
    """Refuse to add plain runs to grafted ones: to an ablation's that lost its table of cells.

    Raises:
        StoreError: the folder holds grafted runs, or cannot be read.
    """
    if has_grafts(folder):
        raise StoreError(f"{folder} holds grafted runs: choose another --out")


def check_same(
    folder: Path,
    config: Mapping[str, object],
    seeds: Mapping[str, object],
    splits: Set[str] = frozenset(),
) -> None:
    """Refuse options that do not fit the folder's runs.

    At least one seed given for a stream must be in the folder: a scan that was stopped has not
    trained all that was asked for.

    Args:
        folder: a scan's or an ablation's.
        config: the fields of a config that were given.
        seeds: the options of seeds that were given.
        splits: the levels of the split that an ablation's cells have: donor, recipient or seeds.

    Raises:
        ValueError: an operation or seeds cannot be read.
        StoreError: a field differs, a stream has none of the seeds given, or the folder holds no
            scan or a damaged one.
    """
    stored, used = _contents(folder)
    settled = idle_fields(stored["task"])  # whatever the preset has
    differs = [
        unlike(k, stored[k], v)
        for k, v in ((name, _as_stored(name, value)) for name, value in config.items())
        if stored[k] != v and (k not in settled or "task" not in config)
    ]
    if differs:
        raise StoreError(f"{folder} holds another config's scan: {listed(differs)}")
    if not all(used.values()):
        raise StoreError(f"{folder} holds no runs yet")
    for option, stream in STREAM_OF.items():
        if (asked := seeds.get(option)) is None:
            continue
        named = splits if option == "split_seeds" else frozenset()
        there = {*named, *map(str, used[stream])}
        wanted = levels(str(asked)) if named else map(str, read_seeds(str(asked)))
        if there.isdisjoint(wanted):
            words = sorted(level for level in named if not level.isdigit())
            found = ",".join([*words, spell_seeds(used[stream])])
            those = f"{clipped(found)}, not {clipped(str(asked))}"
            raise StoreError(f"{folder} holds other runs: {option}: {those}")


def _as_stored(name: str, value: object) -> object:
    """A field of a config in the form in which configs keep it."""
    if name == "text":
        return name_of(str(value))
    return spelled(str(value)) if name == "operation" else value


def _contents(folder: Path) -> tuple[dict, dict[str, set[int]]]:
    """The config and each stream's seeds of the scan that a folder holds."""
    if (folder / DATABASE).exists():
        with Store(folder, read_only=True) as store:
            used = {s: set(store.seeds(s)) for s in STREAMS}
            config, new = store.config, new_tables(store)
        tables = new.tables if new else None
    elif (folder / TABLE).exists():
        tables, used = Tables(folder), {s: set[int]() for s in STREAMS}
        tables.check()
        config = tables.config
    else:
        raise StoreError(f"{folder} holds no scan")
    for row in tables.rows() if tables else ():
        for stream, seeds in used.items():
            seeds.add(getattr(row.seeds, stream))
    return asdict(config), used
