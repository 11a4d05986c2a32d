"""Command lines and YAML files that nobody would write: a status with a name, and no traceback."""

import atexit
import io
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from functools import cache
from importlib import import_module
from itertools import chain
from pathlib import Path
from types import SimpleNamespace

import made_up
import pytest
import yaml
from commands import SMALL, everything
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from inline import InlineExecutor

from grokseed.cli import main
from grokseed.cli import results as cli_results
from grokseed.config import Config
from grokseed.execution import scanner
from grokseed.execution.how import How

OF_A_CONFIG = "scan", "ablate", "params", "overfit"
OF_FOLDERS = "compare", "luck", "merge", "verify", "report"

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
    **{f: [None, "x"] for f in ("checkpoints", "no-checkpoints")},
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

FOLDERS = "scan", "tables", "other", "damaged", "nothing", "a file"
"""What is beside the commands of folders, as `beside` makes it."""

LANDMARKS = ["t98", "t50", "memorised", "x", ""]
OPTIONS = {
    "compare": {"landmark": LANDMARKS, "trend": [None, "x"], "out": [*FOLDERS, "new"]},
    "luck": {"landmark": LANDMARKS, "run": [*SEEDS, "0", "0,3,8,9"], "at": SIZES + FRACTIONS},
    "merge": {"out": [*FOLDERS, "new", "x" * 300], "mixed-numerics": [None, "x"]},
    "verify": {"rows": SIZES, "seed": SIZES, "jobs": SIZES, "text": [*FOLDERS, *WORDS]},
    "report": {"lines": SIZES + FRACTIONS},
}
"""The options of each, with values."""

SPOKEN = st.sampled_from([*FOLDERS, *FOLDERS, ".", "--preset mini", "--lr 1e-3", *WORDS])


def of_folders(command: str) -> st.SearchStrategy[tuple[str, list[str]]]:
    options = [
        f"--{name}" if value is None else f"--{name}={value}"
        for name, values in {**OPTIONS[command], "help": [None], "no-such": [None]}.items()
        for value in values
    ]
    lists = st.lists(SPOKEN, max_size=3), st.lists(st.sampled_from(options), max_size=3)
    return st.tuples(*lists).map(lambda found: (command, [*found[0], *found[1]]))


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


of_config = st.sampled_from(OF_A_CONFIG)
any_command = st.one_of(
    st.tuples(of_config, lines), st.sampled_from(OF_FOLDERS).flatmap(of_folders)
)


@cache
def beside() -> Path:
    """A folder with a scan, its tables alone, another config's, damaged ones, none, and a file."""
    made = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, made)
    scan, said = import_module("grokseed.scan"), io.StringIO()
    with chdir(made), made_up_commands(), redirect_stdout(said), redirect_stderr(said):
        for out, steps in (("scan", "400"), ("other", "300")):
            argv = [*SMALL, f"--max-steps={steps}", "--model-seeds=0:12", f"--out={out}"]
            assert scan.main(argv) == 0
    for name in ("tables", "damaged"):
        shutil.copytree(made / "scan", made / name, ignore=shutil.ignore_patterns("scan.*"))
    table = made / "damaged" / "runs.csv"
    table.write_text(table.read_text().replace("done", "gone", 1))
    (made / "nothing").mkdir()
    (made / "a file").write_text("text")
    return made


@contextmanager
def made_up_commands() -> Iterator[None]:
    """Commands train made-up runs in this process, and draw nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanner, "train", made_up.train)
        patch.setattr(scanner, "LocalExecutor", InlineExecutor)
        patch.setattr(cli_results, "report", lambda *_: "")
        patch.setattr("grokseed.reports.ablation.report", lambda *_: "")
        patch.setattr("grokseed.training.ladder.setting", lambda *_: None)
        patch.setattr("grokseed.overfit.examine", lambda *_: SimpleNamespace(memorises=True))
        patch.setattr("grokseed.reports.overfit.report", lambda *_: "")
        patch.setattr("grokseed.reports.page.page", lambda *_: "")
        patch.setattr("torch.cuda.is_available", lambda: False)
        yield


def status_of(command: str, argv: list[str], yaml_file: bytes | None = None) -> int:
    """Run a command in an empty folder, or beside others; fails where it behaves badly."""
    module = import_module(f"grokseed.{command}")
    out, err = io.StringIO(), io.StringIO()
    with tempfile.TemporaryDirectory() as parent:
        cwd = Path(parent) / "here"
        if command in OF_FOLDERS:
            shutil.copytree(beside(), cwd)
        else:
            cwd.mkdir()
        if yaml_file is not None:
            (cwd / "made.yaml").write_bytes(yaml_file)
            argv = [*argv, "--config=made.yaml"]
        before = everything(cwd)
        began = time.process_time()  # which other programs do not make longer
        with chdir(cwd), made_up_commands(), redirect_stdout(out), redirect_stderr(err):
            try:
                status = module.main(argv)
            except SystemExit as ended:  # --help and --print-config
                status = ended.code
        assert time.process_time() - began < 20
        said = err.getvalue()
        assert status in (0, 1, 2)
        assert "Traceback" not in said
        several = command == "verify" and out.getvalue()  # which goes on with the other folders
        if status and not several:
            assert said.splitlines()[-1].startswith(f"grokseed.{command}: error: ")
        if status == 2 and not several:
            assert len(said.splitlines()) == 1
            assert len(said) < 300
            assert out.getvalue() == ""
        if status == 2 or command in ("luck", "params", "verify"):
            assert everything(cwd) == before
    return int(status)


def check(n: int):
    slow = (HealthCheck.too_slow, HealthCheck.data_too_large)
    return settings(max_examples=n, derandomize=True, suppress_health_check=slow, database=None)


@check(40)
@given(any_command)
def test_command_lines(words):
    status_of(*words)


@check(15)
@example("scan", [], b"config: 0\n")
@given(of_config, lines, files)
def test_yaml_files(command, argv, content):
    status_of(command, argv, content)


@pytest.mark.slow
@check(1200)
@given(any_command)
def test_many_command_lines(words):
    status_of(*words)


@pytest.mark.slow
@check(800)
@given(of_config, lines, files)
def test_many_yaml_files(command, argv, content):
    status_of(command, argv, content)


def test_bytes_that_are_no_text_are_refused():
    assert status_of("scan", [f"--out={os.fsdecode(bytes([255, 254]))}"]) == 2


def test_the_options_tried_are_the_commands_own():
    """A new option is tried too once it is listed; a list of the dead would try nothing."""
    own = {f.replace("_", "-") for f in (*Config.__dataclass_fields__, *How.__dataclass_fields__)}
    assert own <= FLAGS.keys()
    assert main.COMMANDS.keys() == {*OF_A_CONFIG, *OF_FOLDERS}
    assert sys.getrecursionlimit() < 3000  # so that the nested YAML is deep
