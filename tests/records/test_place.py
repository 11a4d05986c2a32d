"""Where a folder is that was moved while it was written."""

import fcntl
import os
import sys
from pathlib import Path

import pytest

from grokseed.records.database import DATABASE
from grokseed.records.place import Place

GETPATH = 50


def getpath(handle: int, command: int, buffer: bytes) -> bytes:
    """As macOS: the path, and zeros to the end of the buffer."""
    assert command == GETPATH
    return os.fsencode(os.readlink(f"/proc/self/fd/{handle}")).ljust(len(buffer), b"\0")


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_a_folder_that_is_moved_is_found(platform, tmp_path: Path, monkeypatch):
    folder, moved = tmp_path / "out0", tmp_path / "moved\\0"
    folder.mkdir()
    (folder / DATABASE).touch()
    place = Place(folder)
    folder.rename(moved)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(fcntl, "F_GETPATH", GETPATH, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", getpath)
    try:
        assert place.moved_to() == moved
        (moved / DATABASE).unlink()
        assert place.moved_to() is None
    finally:
        place.close()
