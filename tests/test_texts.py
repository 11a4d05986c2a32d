"""Texts: named by content, cut into different windows, brought along by pickled configs."""

import hashlib
import pickle
import subprocess
import sys
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grokseed import texts
from grokseed.config import Config, preset
from grokseed.vocabulary import sequence, vocabulary_size

ROTE = {"task": "rote", "batch_size": 64}


def test_the_shipped_text_is_two_chapters_of_alice_byte_for_byte() -> None:
    content = (files("grokseed") / "alice.txt").read_bytes()
    digest = "1b045b67778e57463b7f2af25b020c3548a2834e1531f4df23018c1bb2e3c5f8"
    assert hashlib.sha256(content).hexdigest() == digest  # its name in every config is empty
    assert texts.content_of("") == content
    assert content.count(b"CHAPTER") == 2
    content.decode("ascii")


def test_the_documents_windows_are_432_apart_and_different() -> None:
    content = texts.content_of("")
    windows = texts.windows("", 432, 32)
    assert len({window[:-1] for window in windows}) == 432
    assert {len(window) for window in windows} == {33}
    starts = [content.index(window[:-1]) for window in windows]
    assert all(later - start > 32 for start, later in pairwise(starts))
    assert all(content[at : at + 33] == window for at, window in zip(starts, windows, strict=True))
    config = Config(**ROTE)  # type: ignore[arg-type]
    assert (len(sequence(config)), vocabulary_size(config)) == (32, 257)


@given(st.binary(max_size=60), st.integers(1, 5))
def test_windows_are_the_first_of_their_kind_evenly_spaced(content: bytes, length: int) -> None:
    name = texts.keep(content)
    kinds: list[bytes] = []
    for at in range(len(content) - length):
        if content[at : at + length] not in kinds:
            kinds.append(content[at : at + length])
    every = texts.windows(name, len(kinds), length)
    assert [window[:-1] for window in every] == kinds
    assert all(content[content.index(window[:-1]) + length] == window[-1] for window in every)
    half = texts.windows(name, len(kinds) // 2, length)
    assert half == [every[i * len(kinds) // len(half)] for i in range(len(half))]
    with pytest.raises(ValueError, match="examples must be at most"):
        texts.windows(name, len(kinds) + 1, length)


def test_a_texts_name_is_its_content(tmp_path: Path) -> None:
    content = bytes(range(256)) * 3
    paths = [tmp_path / "one", tmp_path / "two"]
    for path in paths:
        path.write_bytes(content)
    one, two = (Config(**ROTE, text=str(path), examples=200) for path in paths)  # type: ignore[arg-type]
    assert one == two
    assert one.key() == two.key()
    assert one.text == f"sha256:{hashlib.sha256(content).hexdigest()}"
    paths[0].write_bytes(texts.content_of(""))
    assert Config(**ROTE, text=str(paths[0])) == Config(**ROTE)  # type: ignore[arg-type]


def test_bad_texts_are_one_line(tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(bytes(texts.LARGEST + 1))
    small = tmp_path / "small"
    small.write_bytes(b"abcabcabc")
    for text, line in (
        (tmp_path / "none", "cannot be read: No such file"),
        (tmp_path, "cannot be read: Is a directory"),
        ("\0", "cannot be read"),
        (large, "too large: at most 1,048,576 bytes"),
        (small, "examples must be at most 0, the different windows of 32 bytes"),
    ):
        with pytest.raises(ValueError, match=line) as error:
            Config(**ROTE, text=str(text))  # type: ignore[arg-type]
        assert "\n" not in str(error.value)
    for wrong in (3, b"text"):
        with pytest.raises(ValueError, match=f"text must be the name of a file, not {wrong!r}"):
            Config(**ROTE, text=wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="length must be at most 1,024"):
        Config(**ROTE, length=1025)  # type: ignore[arg-type]


def test_a_pickled_config_brings_its_text(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(bytes(range(200)))
    config = preset("mini", task="rote", text=str(path), examples=100, batch_size=32)
    (tmp_path / "config").write_bytes(pickle.dumps(config))
    path.unlink()
    code = (
        "import pickle, sys; from grokseed.texts import windows\n"
        "c = pickle.load(open(sys.argv[1], 'rb'))\n"
        "print(c.key(), len(windows(c.text, c.examples, c.length)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "config"], capture_output=True, text=True
    )
    assert done.stdout.split() == [config.key(), "100"], done.stderr
    named = preset("mini", task="rote", text=f"sha256:{1:064}", batch_size=32)
    assert pickle.loads(pickle.dumps(named)) == named  # a name without its text is a config too
    with pytest.raises(ValueError, match=r"the text sha256:0+1 is not here: .* --text"):
        texts.content_of(named.text)
