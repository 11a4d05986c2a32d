"""What a folder's README says beside the results: that runs are missing, that an earlier engine
made them, or which study they are a part of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from grokseed.config import ENGINE


def incomplete(stored: int, asked: int, config: Mapping[str, Any], judged: bool) -> str:
    """A text that says how many of the runs are stored. If runs end at a landmark, it also says in
    which direction shares and times are biased until all are stored.

    Args:
        stored: number of runs that are stored.
        asked: number of runs that were asked for.
        config: of all runs.
        judged: whether a study has an answer, which counts a fair sample of the stored runs alone
            (`studies/common/part.py`).
    """
    text = f"Not complete: {stored:,} of the {asked:,} runs asked for."
    if not ends_early(config):
        return text
    text += (
        f" A run is stored when it ends, and it ends at {config['stop_when']}. So early runs come "
        "first: until all are there, shares and intervals below may count too many of them, and "
        "times may be too short."
    )
    fair = (
        " The study's answer is free of this: it counts a run only if all runs before it in the "
        "order of training are stored, which gives a fair sample."
    )
    return text + fair * judged


def study_above(folder: Path) -> str:
    """The name of the study whose page is in the folder above, if there is one: it has the question
    of this folder's runs."""
    return folder.resolve().parent.name if page_above(folder) else ""


def page_above(folder: Path) -> str:
    """The page of that study; empty if there is none. A page that cannot be read is no error, as
    this is for remarks."""
    text = ""
    with suppress(OSError):
        page = folder.resolve().parent / "README.md"
        text = page.read_text("utf-8", errors="replace")
    return text if "**Question.**" in text else ""


def ends_early(config: Mapping[str, object]) -> bool:
    """Whether runs end at a landmark, so that a scan that is not complete has too many early
    ones."""
    return config.get("stop_when", "never") != "never"


def frozen(about: Mapping[str, Any]) -> str:
    """A sentence if an earlier engine made runs, whose bits today's engine does not reproduce."""
    engines = {int(n) for name in about["numerics"] for n in re.findall(r"engine (\d+)", name)}
    if not engines or min(engines) == ENGINE:
        return ""
    commits = sorted({c["code"] for c in about.get("commands", []) if c["code"]})
    where = f" (at {', '.join(commits)})" if commits else ""
    return (
        f"Frozen: engine {min(engines)} made these runs{where}, and today's engine {ENGINE} sums "
        "in another order. To add to them with the same bits, use that commit."
    )
