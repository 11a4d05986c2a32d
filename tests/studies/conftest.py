"""Runs on file are read once for all tests of a module that only read them."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import grokseed


@pytest.fixture(scope="module")
def each_folder_is_read_once() -> Iterator[None]:
    """Reading the same runs for every test or claim would take most of the time."""
    read = cache(grokseed.load)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grokseed, "load", lambda path: read(Path(path).resolve()))
        yield
