"""What --dry-run says of memory and time, and that it says nothing of what cannot run."""

import re

import pytest
from commands import SMALL, everything, small_scan
from made_up import Failing

from grokseed import ablate, scan
from grokseed.execution import scanner

pytestmark = pytest.mark.usefixtures("made_up_training")


def test_a_dry_run_says_no_time_for_what_cannot_run(monkeypatch, capsys):
    monkeypatch.setattr(scanner, "train", Failing(raising=range(9)))
    assert small_scan("--model-seeds=0:2", "--dry-run") == 1
    out, err = capsys.readouterr()
    assert out == "out: 0 done, 2 missing, 0 failed\n"
    assert err.startswith("the rest cannot be trained with --jobs 1 on cpu: a run that was tried ")
    assert err.endswith("crashed: RuntimeError: out of memory\n")


def test_a_dry_run_says_memory_and_time(capsys):
    assert small_scan("--model-seeds=0:2", "--dry-run") == 0
    line = capsys.readouterr().out.splitlines()[1]
    assert re.fullmatch(
        r"about 00:0[1-9] for the rest with --jobs 1 on cpu, in at most [\d.]+ MiB of memory", line
    )


@pytest.mark.parametrize("command", [scan, ablate])
def test_a_dry_run_that_would_write_is_refused(command, tmp_path, capsys):
    assert command.main([*SMALL, "--out=out", "--export", "--dry-run"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "--export writes tables and figures, and --dry-run nothing" in err
    assert everything(tmp_path) == {}
