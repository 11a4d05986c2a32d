"""The folder of `--out`: what a command may write into. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grokseed.records.database import DATABASE, StoreError
from grokseed.records.folder import ABOUT, TABLE

RUNS = (DATABASE, TABLE)
"""The files by which a folder of runs is known."""

WRITTEN = ("README.md", ABOUT)
"""Files that a command replaces, and that folders of other origin often have."""


def output_folder(asked: str | Path) -> Path:
    """The folder that `--out` names.

    Raises:
        ValueError: it is empty, as a shell's variable is that was not set.
    """
    if not str(asked).strip():
        raise ValueError("--out is empty: name a folder")
    return Path(asked)


def check_output(folder: Path, own: Sequence[str] = RUNS) -> None:
    """Refuse to replace files that the command has not written.

    Args:
        own: names of files. A folder that the command has written has at least one of them.

    Raises:
        StoreError: the folder has none of these files, but it has another file that the command
            would replace.
    """
    if any((folder / name).exists() for name in own):
        return
    for name in WRITTEN:
        if (folder / name).exists():
            raise StoreError(
                f"{folder} holds {name} and no {' or '.join(own)}, so it is another's: "
                "choose another --out"
            )
