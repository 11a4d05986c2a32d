"""What made a scan's runs, for its README: commands without a machine's paths, day, commit.

No torch.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import NamedTuple

from grokseed.records.filesystem import real

FOLDERS = ("--out", "--scan")
FILES = ("--config", "--text", "--keep")
"""Options whose value is, or may be, the path of a folder of results, or of a file."""

NAMED_COMMIT = "GROKSEED_COMMIT"
"""The environment variable that names the package's commit where git does not track it."""

CHANGED = " with changes"

COMMIT = re.compile(f"[0-9a-f]{{3,40}}({CHANGED})?")


class Made(NamedTuple):
    """How a run was trained, as its worker reports it; empty if an earlier version did not.

    `numerics` is what decides its bits besides config and seeds, `commit` the package's, and `day`
    the day it ended, like 2026-01-31 (UTC).
    """

    numerics: str = ""
    commit: str = ""
    day: str = ""


class Command(NamedTuple):
    """A command that trained runs; the day and the package's commit are of its first time."""

    text: str
    date: str | None = None
    code: str | None = None

    def check(self) -> None:
        """Raise ValueError if it is not in the form that a scan stores."""
        words = (self.text, self.date or "", self.code or "")
        if not all(isinstance(word, str) and word.isprintable() for word in words):
            raise ValueError("a command that is no line of text")
        words = shlex.split(self.text)
        # It must be quoted as `recorded` does, so that a copied line runs this command and no
        # other.
        if self.text != shlex.join(words) or words[:1] != ["python"]:
            raise ValueError(f"no command of a scan: {self.text[:80]!r}")
        if self.date is not None and not re.fullmatch(r"\d{4}-\d\d-\d\d", self.date):
            raise ValueError(f"no day of a command: {self.date[:80]!r}")
        if self.code is not None and not COMMIT.fullmatch(self.code):
            raise ValueError(f"no commit of a command: {self.code[:80]!r}")

    def shown(self) -> str:
        """The command as a line of shell that runs on any machine, with its comment."""
        line = shlex.join(portable(shlex.split(self.text)))
        about = [self.date, self.code and f"grokseed {self.code}"]
        comment = ", ".join(part for part in about if part)
        return f"{line}  # {comment}" if comment else line


def how_they_differ(here: str, there: str) -> str:
    """The words in which numerics differ, as `here, not there`; empty if none do."""
    ours, theirs = here.split(), there.split()
    if not theirs:
        return "known, and not those of the runs"
    parts = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    return "; ".join(
        f"{' '.join(ours[a:b]) or 'nothing'}, not {' '.join(theirs[c:d]) or 'nothing'}"
        for kind, a, b, c, d in parts
        if kind != "equal"
    )


@cache
def own_commit() -> str:
    """The commit of the code that this process has loaded; empty if it is not known.

    It is read once: while the process trains, git may come to another commit, whose code it does
    not run.

    Raises:
        ValueError: as `commit` does.
    """
    return commit() or ""


def made_here(numerics: str) -> Made:
    """The record of a worker about the runs that it has just trained."""
    return Made(numerics, own_commit(), datetime.now(UTC).date().isoformat())


def recorded(words: Sequence[str]) -> Command:
    """The command that is running, as a store keeps it."""
    text = printable(shlex.join(portable(words, Path.cwd())))
    return Command(text, datetime.now(UTC).date().isoformat(), commit())


def printable(text: str) -> str:
    """A text in which escapes such as `\\xa0` and `\\n` stand for characters that no line shows."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def portable(words: Sequence[str], here: Path | None = None) -> list[str]:
    """A command line whose options hold no absolute path, and without an address.

    Args:
        words: the command line.
        here: the folder it ran in: paths below it are shown relative to it. Of others, `FOLDERS`
            become `results/` and the folder's name, and `FILES` the file's name. The value of
            `--scheduler` becomes `ADDRESS`.
    """
    shown = list(words)
    for i, word in enumerate(words):
        flag, equals, value = word.partition("=")
        if flag not in (*FOLDERS, *FILES, "--scheduler"):
            continue
        if equals:
            shown[i] = f"{flag}={_shown(flag, value, here)}"
        elif i + 1 < len(words):
            shown[i + 1] = _shown(flag, words[i + 1], here)
    return shown


def _shown(flag: str, value: str, here: Path | None) -> str:
    if flag == "--scheduler":
        return "ADDRESS"
    path = Path(value)
    if not path.is_absolute():
        return value
    if here is not None and real(path).is_relative_to(real(here)):
        return str(real(path).relative_to(real(here)))
    return f"results/{path.name}" if flag in FOLDERS else path.name


def commit() -> str | None:
    """The commit that last changed the package, and whether it has changes.

    Where git does not track the package, as in a copy without its repository, it is the one that
    `GROKSEED_COMMIT` names, if that is set.

    Raises:
        ValueError: as `named_commit` does.
    """
    named = named_commit()
    try:
        commit = _git("log", "-1", "--format=%h", "--", ".")
        changed = commit and _git("status", "--porcelain", "--", ".")
    except (OSError, subprocess.SubprocessError):
        return named
    return f"{commit}{CHANGED}" if changed else commit or named


def named_commit() -> str | None:
    """The commit that the environment names.

    Raises:
        ValueError: it is none.
    """
    named = os.environ.get(NAMED_COMMIT)
    if named and not COMMIT.fullmatch(named):
        raise ValueError(
            f"{NAMED_COMMIT} must be a commit's 3 to 40 hexadecimal digits, and maybe "
            f"'{CHANGED.strip()}', not {named[:80]!r}"
        )
    return named or None


def _git(*words: str) -> str:
    package = str(Path(__file__).parents[1])
    command = ["git", "--no-optional-locks", "-C", package, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    return done.stdout.strip()
