"""A signal that comes before a command has started, and one that it was told to ignore."""

import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import grokseed
from grokseed.cli.command import run_command
from grokseed.cli.main import COMMANDS

pytestmark = pytest.mark.usefixtures("made_up_training")


LOADS_FOREVER = """
import grokseed.scan, sys, time

class Slow:
    def find_spec(self, name, *_):
        if name == "grokseed.cli.parser":
            print("loading", flush=True)
            time.sleep(60)

sys.meta_path.insert(0, Slow())
sys.exit(grokseed.scan.main())
"""


def ended_by(number: int, script: str, word: str) -> str:
    """What a script that a signal ends, once it has said something, writes to stderr."""
    command = [sys.executable, "-c", script, word]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as started:
        assert started.stdout is not None
        started.stdout.readline()
        started.send_signal(number)
        _, err = started.communicate(timeout=20)
    assert started.returncode == 128 + number
    return err


SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_modules_load_is_one_line(tmp_path, number):
    err = ended_by(number, LOADS_FOREVER, "--p=10")
    assert err.startswith("Stopped; what is finished is stored")
    assert err.count("\n") == 1


ENDS_FOREVER = """
import atexit, sys, time
from grokseed.cli.command import run_command

def end():
    print("ending", flush=True)
    time.sleep(60)

def prepare():
    def work():
        if sys.argv[1] == "interrupted":
            raise KeyboardInterrupt
    return lambda argv, command: work

atexit.register(end)
sys.exit(run_command("grokseed.scan", prepare, None))
"""


@pytest.mark.parametrize("how", ["interrupted", "done"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_process_ends_prints_nothing(how, number):
    err = ended_by(number, ENDS_FOREVER, how)
    assert err.count("\n") == (how == "interrupted") * 2
    assert "Stopped" in err or not err


def test_ctrl_c_before_anything_is_loaded_leaves_no_traceback(tmp_path):
    """`python -m` has found the package, and loads the command's module."""
    package = Path(grokseed.__file__).parent
    script = (
        "import sys, signal, os, runpy; sys.argv = ['-m']; import grokseed; os.kill(os.getpid(), 2)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(package.parent)},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (-signal.SIGINT, b"")


def test_what_was_started_to_ignore_a_signal_goes_on_ignoring_it(monkeypatch):
    """As `nohup` has it: the terminal closes, and the scan goes on."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    seen = []

    def prepare():
        os.kill(os.getpid(), signal.SIGHUP)
        seen.append(signal.getsignal(signal.SIGHUP))
        return lambda argv, command: lambda: None

    try:
        assert run_command("grokseed.scan", prepare, []) == 0
    finally:
        signal.signal(signal.SIGHUP, before)
    assert seen == [signal.SIG_IGN]


@pytest.mark.parametrize("name", COMMANDS)
def test_only_what_is_true_of_a_command_is_said_when_it_is_stopped(name, monkeypatch, capsys):
    def stop(argv, command):
        raise KeyboardInterrupt

    module = import_module(f"grokseed.{name}")
    if hasattr(module, "_command"):
        monkeypatch.setattr(module, "_command", lambda: stop)
    else:
        monkeypatch.setattr(module, "_prepare", stop)
    assert module.main(["word"]) == 130
    if name in ("scan", "ablate"):
        said = "Stopped; what is finished is stored, and --export writes what there is. To go on:"
    else:
        said = "Stopped. To start again:"
    assert capsys.readouterr().err == f"\n{said} python -m grokseed.{name} word\n"
    assert module.main(["word", "--dry-run"]) == 130
    said = f"Stopped. To start again: python -m grokseed.{name} word --dry-run"
    assert capsys.readouterr().err == f"\n{said}\n"
