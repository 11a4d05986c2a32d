"""Where a scan's folder is while a scan has its database open: it may be moved, or removed."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from grokseed.records.database import DATABASE, StoreError


class FolderLostError(StoreError):
    """The folder is no longer where it was; the message says where the runs are."""


class Place:
    """The folder of a database that is open.

    Raises:
        OSError: the folder or the database cannot be opened.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self._path = folder, folder.absolute() / DATABASE
        self._handle = os.open(folder, os.O_RDONLY)
        self._file = self._identity(self._path)

    def close(self) -> None:
        """Close the folder."""
        os.close(self._handle)

    def is_kept(self) -> bool:
        """Whether the database is still where it was opened."""
        return self._file is not None and self._identity(self._path) == self._file

    def moved_to(self) -> Path | None:
        """The folder's present path, or None if it, or its database, is gone."""
        path: str | None = None
        with suppress(OSError):
            if sys.platform == "darwin":
                import fcntl

                found = fcntl.fcntl(self._handle, fcntl.F_GETPATH, bytes(1024))
                path = os.fsdecode(found.split(b"\0", 1)[0])
            else:
                path = os.readlink(f"/proc/self/fd/{self._handle}")
        if path is None or self._identity(Path(path) / DATABASE) != self._file:
            return None
        return Path(path)

    def lost(self, copy: Callable[[sqlite3.Connection], None]) -> FolderLostError:
        """The error to stop with. Saves the runs first, if needed, and says where they are.

        Args:
            copy: copies the whole database, which can still be read, into another one.
        """
        if moved := self.moved_to():
            return FolderLostError(
                f"{self.folder} was moved to {moved} while it was written: what is finished is "
                "stored there, and goes on with it as --out"
            )
        gone = f"{self.folder} was removed while it was written"
        try:
            beside = self._new_folder()
            with closing(sqlite3.connect(beside / DATABASE)) as there:
                copy(there)
        except (OSError, sqlite3.Error) as error:
            return FolderLostError(f"{gone}, and what was finished with it: {error}")
        return FolderLostError(
            f"{gone}: what is finished was stored in {beside}, and goes on with it as --out"
        )

    def _new_folder(self) -> Path:
        number = 1
        while True:
            suffix = f"-saved-{number}" if number > 1 else "-saved"
            beside = self._path.parent.with_name(self._path.parent.name + suffix)
            try:
                beside.mkdir(parents=True)
                return beside
            except FileExistsError:
                number += 1

    @staticmethod
    def _identity(path: Path) -> tuple[int, int] | None:
        try:
            found = path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino
