"""Commands as a README shows them, and how numerics differ in words."""

import shlex
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grokseed import params
from grokseed.records import provenance
from grokseed.records.provenance import (
    Command,
    how_they_differ,
    made_here,
    own_commit,
    portable,
    printable,
    recorded,
)

HERE = Path("/home/someone/work")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("--out /home/someone/work/results/a --jobs 2", "--out results/a --jobs 2"),
        ("--out=/home/someone/work/results/a", "--out=results/a"),
        ("--out /scratch/deep/a --lanes 4", "--out results/a --lanes 4"),
        ("--config /home/someone/work/b.yaml --p 97", "--config b.yaml --p 97"),
        ("--config=/scratch/b.yaml", "--config=b.yaml"),
        ("--scan /scratch/deep/a --shams 3", "--scan results/a --shams 3"),
        ("--scan=/home/someone/work/results/a", "--scan=results/a"),
        ("--text /home/me/book.txt --keep=/home/me/r.json", "--text book.txt --keep=r.json"),
        ("--keep sample_loss<9.5,norm<44", "--keep sample_loss<9.5,norm<44"),
        ("--out results/a --config b.yaml", "--out results/a --config b.yaml"),
        ("--executor dask --scheduler tcp://h:8786", "--executor dask --scheduler ADDRESS"),
        ("--scheduler=tcp://h:8786 --lanes 4", "--scheduler=ADDRESS --lanes 4"),
        ("--operation x/y --out", "--operation x/y --out"),
    ],
)
def test_paths_are_relative_and_addresses_are_not_shown(words, shown):
    assert portable(words.split(), HERE) == shown.split()


def test_stored_commands_are_shown_without_the_path_they_hold():
    text = (
        "python -m grokseed.scan --operation 'x^2+xy+y^2' --jobs 2 --out /home/me/work/results/a/"
    )
    shown = "python -m grokseed.scan --operation 'x^2+xy+y^2' --jobs 2 --out results/a"
    assert Command(text).shown() == shown
    assert Command(text, "2026-01-02").shown() == f"{shown}  # 2026-01-02"
    assert Command(text, "2026-01-02", "abc").shown() == f"{shown}  # 2026-01-02, grokseed abc"


@pytest.mark.parametrize(
    "odd", ["caf\u00e9\u00a0x", "two\nlines", "x*y\t", "a\u200db", "it's\u00a0x"]
)
def test_characters_that_no_line_shows_are_recorded_as_escapes(odd):
    command = recorded(["python", "-m", "grokseed.scan", "--out", odd])
    command.check()
    assert command.text.isprintable()
    assert shlex.split(command.text)[-1] == printable(odd) != odd


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    command = ["git", "-C", str(folder), *who, *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_day_and_the_commit_of_the_package_are_recorded(tmp_path, monkeypatch):
    monkeypatch.delenv("GROKSEED_COMMIT", raising=False)
    package = tmp_path / "package"
    (package / "records").mkdir(parents=True)
    (package / "module.py").touch()
    monkeypatch.setattr(provenance, "__file__", str(package / "records" / "module.py"))
    days = {datetime.now(UTC).date().isoformat()}
    made = recorded(["python", "-m", "x"])
    assert made.text == "python -m x"
    assert made.date in days | {datetime.now(UTC).date().isoformat()}
    assert made.code is None  # no repository
    git(tmp_path, "init", "-q")
    (tmp_path / "README").touch()
    git(tmp_path, "add", "README")
    git(tmp_path, "commit", "-qm", "another's")
    assert recorded([]).code is None  # installed below someone's repository
    git(tmp_path, "add", "package")
    git(tmp_path, "commit", "-qm", "the package")
    commit = git(tmp_path, "log", "-1", "--format=%h")
    assert recorded([]).code == commit
    (package / "module.py").write_text("changed")
    assert recorded([]).code == f"{commit} with changes"
    monkeypatch.setenv("GROKSEED_COMMIT", "0123abc")
    assert recorded([]).code == f"{commit} with changes"  # git knows better
    monkeypatch.delenv("GROKSEED_COMMIT")
    monkeypatch.setenv("PATH", "")
    assert recorded([]).code is None  # no git


@pytest.mark.parametrize("named", ["0123abc", "0123abc with changes", "0" * 40])
def test_a_copy_without_its_repository_is_of_the_commit_that_is_named(named, tmp_path, monkeypatch):
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / "records" / "module.py"))
    monkeypatch.setenv("GROKSEED_COMMIT", named)
    command = recorded(["python", "-m", "x"])
    command.check()
    own_commit.cache_clear()
    assert (command.code, made_here("numerics").commit) == (named, named)
    own_commit.cache_clear()  # for the tests after this one
    monkeypatch.setenv("GROKSEED_COMMIT", "")
    assert recorded([]).code is None


def test_what_names_no_commit_is_one_line_and_status_2(monkeypatch, capsys):
    monkeypatch.setenv("GROKSEED_COMMIT", "HEAD")
    assert params.main(["--preset=mini"]) == 2
    said = "GROKSEED_COMMIT must be a commit's 3 to 40 hexadecimal digits, and maybe"
    assert capsys.readouterr().err.startswith(f"grokseed.params: error: {said} 'with changes'")


def test_what_differs_in_numerics_is_in_words():
    there = (
        "cpu AuthenticAMD onednn AVX512 fp32 torch 2.13.0 engine 5 compiled by g++ 12.2.0 lanes 16"
    )
    here = "cpu GenuineIntel onednn AVX512 fp32 torch 2.13.0 engine 5"
    assert how_they_differ(here, there) == (
        "GenuineIntel, not AuthenticAMD; nothing, not compiled by g++ 12.2.0 lanes 16"
    )
    assert how_they_differ(here, here) == ""
    assert how_they_differ(here, "") == "known, and not those of the runs"
