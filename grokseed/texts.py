"""The texts of the task `rote`: named by their content, wherever their files are. Loads no torch.

The text shipped with the package, `alice.txt`, is the first two chapters of Lewis Carroll's Alice's
Adventures in Wonderland (1865, in the public domain), after Project Gutenberg's Millennium Fulcrum
edition 2.9 as the Canterbury corpus has it (`alice29.txt`), with line ends of one byte.

A config names another text by the SHA-256 of its bytes. A process that has read the file keeps its
content for all configs that name it. A pickled config carries the content, so that workers need no
file.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

SHIPPED = ""
"""The name of the shipped text."""

LARGEST = 2**20
"""Bytes of a text at most: all of its windows are kept in memory."""

_content: dict[str, bytes] = {}


def name_of(text: str) -> str:
    """The name of a text: `sha256:` and 64 hex digits, or nothing for the shipped one.

    Args:
        text: a file, which is read and kept, or a name, which is given back.

    Raises:
        ValueError: it is not text, or the file cannot be read or is too large.
    """
    if not isinstance(text, str):
        raise ValueError(f"text must be the name of a file, not {text!r}")
    if text == SHIPPED or re.fullmatch(r"sha256:[0-9a-f]{64}", text):
        return text
    try:
        with Path(text).open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"text {text!r} cannot be read: {reason}") from None
    if len(content) > LARGEST:
        raise ValueError(f"text {text!r} is too large: at most {LARGEST:,} bytes")
    return keep(content)


def keep(content: bytes) -> str:
    """Keep a text for this process, and return its name."""
    name = f"sha256:{hashlib.sha256(content).hexdigest()}"
    if content == content_of(SHIPPED):
        return SHIPPED
    _content[name] = content
    return name


def content_of(name: str) -> bytes:
    """The bytes of a text.

    Raises:
        ValueError: this process has not read the file.
    """
    if name == SHIPPED:
        return _shipped()
    if name not in _content:
        raise ValueError(f"the text {name} is not here: name its file with --text")
    return _content[name]


def is_here(name: str) -> bool:
    """Whether `content_of` has the text."""
    return name == SHIPPED or name in _content


@cache
def starts(name: str, length: int) -> tuple[int, ...]:
    """Where each distinct window of this length, with a byte after it, first begins."""
    content, first = content_of(name), dict[bytes, int]()
    for start in range(len(content) - length):
        window = content[start : start + length]  # a digest: windows are long
        first.setdefault(hashlib.blake2b(window, digest_size=16).digest(), start)
    return tuple(first.values())


def windows(name: str, n: int, length: int) -> list[bytes]:
    """n distinct windows of a text, evenly spaced over it, each with the byte after it.

    Window i is distinct window number `i * distinct // n` of the text, where it first occurs.

    Args:
        n: windows.
        length: bytes of a window; the byte after them is its label.

    Raises:
        ValueError: the text has not been read, or has fewer distinct windows.
    """
    content, places = content_of(name), starts(name, length)
    check_windows(name, n, length)
    chosen = (places[i * len(places) // n] for i in range(n))
    return [content[start : start + length + 1] for start in chosen]


def check_windows(name: str, n: int, length: int) -> None:
    """Raise ValueError if a text that has been read has fewer than n distinct windows."""
    if is_here(name) and n > (there := len(starts(name, length))):
        raise ValueError(
            f"examples must be at most {there:,}, the different windows of {length:,} bytes that "
            f"the text has, not {n:,}"
        )


@cache
def _shipped() -> bytes:
    return (files("grokseed") / "alice.txt").read_bytes()
