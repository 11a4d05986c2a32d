"""Command lines and YAML files that nobody would write: a status with a name, and no traceback."""

import io
import os
import sys
import tempfile
import time
from contextlib import chdir, redirect_stderr, redirect_stdout
from importlib import import_module
from itertools import chain
from pathlib import Path

import made_up
import pytest
import yaml
from commands import everything
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from inline import InlineExecutor

from grokseed.cli import results as cli_results
from grokseed.config import Config
from grokseed.execution import scanner
from grokseed.execution.how import How

COMMANDS = ("scan", "ablate", "params")

SIZES = [0, 1, 2, 3, 11, 64, 97, 9_999_991, 2**31 - 1, 2**61 - 1, 2**63, 10**400, -1]
FRACTIONS = [0.5, 0.0, 1.0, 0.999999, 1e-320, 1e38, 1e308, "1e999", "nan", "-inf", "0x1"]
WORDS = [
    "",
    " ",
    "cpu",
    "true",
    "null",
    "x/y",
    "mini",
    "é💥",
    "a" * 5000,
    "%s",
    "{",
    "-",
    "--",
    "\x1b",
]
SEEDS = ["0:3", "3,5", "5:5", "0:99999999999", "1e3", ":", "-1", "4294967296", "1,,2", "0:3,1"]
FLAGS = {
    **dict.fromkeys(("jobs", "lanes", "val-seed", "shams", "fresh"), SIZES + FRACTIONS),
    **{f.replace("_", "-"): SIZES + FRACTIONS + WORDS for f in Config.__dataclass_fields__},
    **dict.fromkeys(("model-seeds", "loader-seed", "split-seeds", "donor", "recipients"), SEEDS),
    **dict.fromkeys(
        ("preset", "device", "out", "scan", "groups", "design", "config", "pairs", "executor"),
        WORDS,
    ),
    **{f: [None, "x"] for f in ("dry-run", "export", "compile", "no-reverse", "print-config")},
    **{f: [None] for f in ("help", "no-such-option", "", "mixed-numerics")},
    "scheduler": ["", "x", "tcp://127.0.0.1:1", "a" * 5000],
    "save-weights": ["last", "generalised", "all", "none"],
    "shard": ["1/1", "2/3", "0/1", "4/3", "x", "1/9999999999"],
    "figures": ["png", "pdf,svg", "gif", ""],
    **dict.fromkeys(("for-ratio", "for-params"), SIZES + FRACTIONS),
}
"""Values by option, some of which can be."""

option = st.sampled_from(sorted(FLAGS)).flatmap(
    lambda flag: st.sampled_from(FLAGS[flag]).map(
        lambda value: [f"--{flag}"] if value is None else [f"--{flag}={value}"]
    )
)
words = st.one_of(option, st.sampled_from(WORDS).map(lambda word: [word]))
usable = st.sampled_from([[], ["--preset=mini"], ["--donors=1", "--recipients=2"], ["--dry-run"]])
lines = st.tuples(usable, usable, st.lists(words, max_size=4)).map(
    lambda parts: [*parts[0], *parts[1], *chain(*parts[2])]
)

keys = st.sampled_from(sorted(flag.replace("-", "_") for flag in FLAGS))
values = st.one_of(
    st.sampled_from([*SIZES, *FRACTIONS, *WORDS, *SEEDS]),
    st.recursive(
        st.sampled_from([None, True, 1, "x"]),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner)),
        max_leaves=6,
    ),
)
files = st.one_of(
    st.dictionaries(keys, values, max_size=4).map(lambda d: yaml.safe_dump(d).encode()),
    st.binary(max_size=60),
    st.sampled_from([b"[" * 3000, b"a: &a [*a]\n", b"p: !!python/object:os.system x\n", b"- 1\n"]),
)


def status_of(command: str, argv: list[str], yaml_file: bytes | None = None) -> int:
    """Run a command in an empty folder; fails where it behaves badly."""
    module = import_module(f"grokseed.{command}")
    out, err = io.StringIO(), io.StringIO()
    with tempfile.TemporaryDirectory() as cwd, chdir(cwd), pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanner, "train", made_up.train)
        patch.setattr(scanner, "LocalExecutor", InlineExecutor)
        patch.setattr(cli_results, "report", lambda *_: "")
        patch.setattr("grokseed.reports.ablation.report", lambda *_: "")
        patch.setattr("torch.cuda.is_available", lambda: False)
        if yaml_file is not None:
            Path("made.yaml").write_bytes(yaml_file)
            argv = [*argv, "--config=made.yaml"]
        before = everything(Path(cwd))
        began = time.monotonic()
        with redirect_stdout(out), redirect_stderr(err):
            try:
                status = module.main(argv)
            except SystemExit as ended:  # --help and --print-config
                status = ended.code
        assert time.monotonic() - began < 20
        said = err.getvalue()
        assert status in (0, 1, 2)
        assert "Traceback" not in said
        if status:
            assert said.splitlines()[-1].startswith(f"grokseed.{command}: error: ")
        if status == 2:
            assert len(said.splitlines()) == 1
            assert len(said) < 300
            assert out.getvalue() == ""
            assert everything(Path(cwd)) == before
    return int(status)


def check(n: int):
    slow = (HealthCheck.too_slow, HealthCheck.data_too_large)
    return settings(max_examples=n, derandomize=True, suppress_health_check=slow, database=None)


@check(25)
@given(st.sampled_from(COMMANDS), lines)
def test_command_lines(command, argv):
    status_of(command, argv)


@check(15)
@example("scan", [], b"config: 0\n")
@given(st.sampled_from(COMMANDS), lines, files)
def test_yaml_files(command, argv, content):
    status_of(command, argv, content)


@pytest.mark.slow
@check(1200)
@given(st.sampled_from(COMMANDS), lines)
def test_many_command_lines(command, argv):
    status_of(command, argv)


@pytest.mark.slow
@check(800)
@given(st.sampled_from(COMMANDS), lines, files)
def test_many_yaml_files(command, argv, content):
    status_of(command, argv, content)


def test_bytes_that_are_no_text_are_refused():
    assert status_of("scan", [f"--out={os.fsdecode(bytes([255, 254]))}"]) == 2


def test_the_options_tried_are_the_commands_own():
    """A new option is tried too once it is listed; a list of the dead would try nothing."""
    own = {f.replace("_", "-") for f in (*Config.__dataclass_fields__, *How.__dataclass_fields__)}
    assert own <= FLAGS.keys()
    assert sys.getrecursionlimit() < 3000  # so that the nested YAML is deep
