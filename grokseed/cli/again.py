"""How a folder's runs are asked for today: presets and options have changed since some commands."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pandas as pd

from grokseed.cli.config_file import options_of_a_scan
from grokseed.records.folder import ABOUT, CELLS, TABLE, read_about
from grokseed.records.provenance import portable
from grokseed.reports.remarks import frozen, page_above
from grokseed.reports.scan import answer


def again(folder: Path) -> str:
    """A sentence for a folder's README with the command that goes on with its runs today, or with
    the script of the study that made them; empty if neither is known."""
    about = read_about(folder)
    if command := _command(folder, about):
        return f"Today this command asks for the same runs{_goes_on(about)}: `{command}`"
    said = answer(folder) or page_above(folder)
    script = re.search(r"`(python studies/\w+\.py[^`]*)`", said)
    return f"The study's script is `{script[1]}`." if script else ""


def _goes_on(about: dict) -> str:
    """What else it does, where runs that were asked for are missing."""
    if about.get("asked", about)["runs"] <= about["runs"]:
        return ""
    return ", and goes on with them" + ", in other numerics" * bool(frozen(about))


def _command(folder: Path, about: dict) -> str:
    """The command that takes a folder's config and seeds from its `config.json`; empty if these do
    not say all that it asked for."""
    if (folder / CELLS).exists() or about.get("early") or _has_grafts(folder):
        return ""
    try:
        options_of_a_scan(ABOUT, json.dumps(about), wants_seeds=True, seeds_named=False)
    except ValueError:
        return ""
    out = portable(["--out", str(folder)], Path.cwd())[1]
    mixed = len(about["numerics"]) > 1 or frozen(about)
    words = ["--config", f"{out}/{ABOUT}", "--out", out, *["--mixed-numerics"] * bool(mixed)]
    return shlex.join(["python", "-m", "grokseed.scan", *words])


def _has_grafts(folder: Path) -> bool:
    table = pd.read_csv((folder / TABLE).absolute(), usecols=lambda name: name == "graft")
    return bool(table.notna().to_numpy().any())
