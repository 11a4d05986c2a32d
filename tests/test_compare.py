"""The command that compares two scans: verdicts, what it writes, bad input, training both."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import SMALL, everything
from compared_folders import folder

from grokseed import compare


@pytest.fixture
def times():
    """Of 40 runs, log-normal with spread 0.4, and a small noise of the same size."""
    random = np.random.default_rng(1)
    return np.exp(9 + random.normal(0, 0.4, 40)), np.exp(random.normal(0, 0.1, 40))


def test_a_difference_that_only_matching_shows(tmp_path, times, capsys):
    base, noise = times
    a = folder(tmp_path / "a", base)
    b = folder(tmp_path / "b", base * noise * 0.9, lr=0.002)
    alone = folder(tmp_path / "c", base * noise * 0.9, first=100)
    assert compare.main([str(a), str(b)]) == 0
    out = capsys.readouterr().out
    assert "B is sooner than A: it takes 0.8" in out
    assert "lr: 0.001, 0.002" in out
    assert "40 seeds are matched" in out
    assert compare.main([str(a), str(alone)]) == 0
    out = capsys.readouterr().out
    assert "These runs cannot tell B from A" in out
    assert "The smallest ratio that 40 seeds show with 80 % power is 0.7" in out
    assert "0 seeds are matched" in out
    assert "Their configs are the same." in out
    assert "on a matched seed" not in out


def test_the_other_way_round_it_is_later(tmp_path, times, capsys):
    a, b = folder(tmp_path / "a", times[0]), folder(tmp_path / "b", times[0] * times[1] * 1.2)
    assert compare.main([str(a), str(b)]) == 0
    assert "B is later than A" in capsys.readouterr().out


def test_the_same_runs_twice_are_no_difference_to_test(tmp_path, times, capsys):
    a, b = (folder(tmp_path / name, times[0]) for name in "ab")
    assert compare.main([str(a), str(b)]) == 0
    out = capsys.readouterr().out
    assert "takes as many steps as A's run with the same seeds" in out
    assert "time ratio" not in out


def test_censoring_is_told(tmp_path, times, capsys):
    a = folder(tmp_path / "a", times[0], steps=7000)
    b = folder(tmp_path / "b", times[0] * 0.5, steps=7000)
    assert compare.main([str(a), str(b)]) == 0
    out = capsys.readouterr().out
    assert "more than half of the runs are censored" in out
    assert f"{np.sum(times[0] < 7000)} of 40 runs of A" in out
    assert compare.main(["--trend", str(a), str(b)]) == 0
    assert "more than half of the runs are censored" in capsys.readouterr().out
    assert compare.main(["--trend", str(b), str(folder(tmp_path / "c", times[0] * 0.4))]) == 0
    assert "are censored" not in capsys.readouterr().out


def test_a_set_that_never_gets_there_is_still_compared(tmp_path, times, capsys):
    a, b = (
        folder(tmp_path / "a", times[0], steps=2000),
        folder(tmp_path / "b", times[0] * 0.1, 2000),
    )
    assert compare.main([str(a), str(b), "--out", str(tmp_path / "out")]) == 0
    out = capsys.readouterr().out
    assert "so none is given. The log-rank test's p-value is" in out
    assert "no limit" in out
    assert "nan" not in out


def test_what_is_infinite_is_named(tmp_path, times, capsys):
    """Seeds beyond a million are many, and a hazard ratio without a maximum is infinite."""
    base, noise = times
    a, b = folder(tmp_path / "a", base), folder(tmp_path / "b", base * noise**0.01)
    assert compare.main([str(a), str(b)]) == 0
    out = capsys.readouterr().out
    line = next(line for line in out.splitlines() if "unmatched seeds a set needs" in line)
    assert line.split("|")[2].strip() == "over a million"
    assert line.split("|")[3].endswith(" to over a million ")
    assert "no limit" not in out
    first = folder(tmp_path / "first", 100 + times[0] / 1000)
    assert compare.main([str(a), str(first)]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if "hazard" in line)
    assert line.split("|")[2].strip() == "infinite"
    assert line.split("|")[3].endswith(" to no limit ")


def test_a_trend_over_folders(tmp_path, times, capsys):
    random = np.random.default_rng(5)
    folders = [
        folder(tmp_path / str(lr), times[0] * 0.8**i * np.exp(random.normal(0, 0.1, 40)), lr=lr)
        for i, lr in enumerate((0.001, 0.002, 0.004))
    ]
    argv = ["--trend", *map(str, folders), "--out", str(tmp_path / "out")]
    assert compare.main(argv) == 0
    out = capsys.readouterr().out
    assert "Times to t98 fall: each doubling of lr multiplies them by 0.8" in out
    table = pd.read_csv(tmp_path / "out" / "comparison.csv").set_index("quantity")
    ratio = table.loc["time ratio a unit"]
    assert ratio["low"] < 0.8 < ratio["high"]
    one = folder(tmp_path / "one", times[0])
    other = folder(tmp_path / "other", times[0] * times[1])
    assert compare.main(["--trend", str(one), str(other)]) == 0
    out = capsys.readouterr().out
    assert "These runs show no trend" in out
    assert "each place" in out


def test_folders_are_compared_without_torch(tmp_path, times):
    a, b = (folder(tmp_path / name, times[0]) for name in "ab")
    code = (
        "import sys; from grokseed import compare, luck; "
        f"assert compare.main([{str(a)!r}, {str(b)!r}]) == 0; "
        f"assert luck.main([{str(a)!r}, '--at', '5000']) == 0; "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


BAD = {
    "": "name two folders or lists of options",
    "a": "name two folders or lists of options, or more with --trend, not 1",
    "a a a": "name two folders or lists of options, or more with --trend, not 3",
    "a nowhere": "nowhere holds no scan",
    "a file": "file holds no scan",
    "a damaged": "damaged/runs.csv cannot be read",
    "a list": "list/config.json cannot be read: it holds no config",
    "a short": "short/trajectories.npz cannot be read",
    "a edited": "edited/runs.csv cannot be read: line 5: Seeds(split=0, model=3",
    "a nothing": "nothing/runs.csv cannot be read",
    "a grafted": "grafted holds grafted runs",
    "a empty": "empty holds no run that trained",
    "a a": "a is named twice",
    "--trend a never ./never/../a": "a is named twice",
    "never again": "no run of never or again reached t98: try another landmark",
    "a a --landmark t99": "invalid choice: 't99'",
    "a a --landmark": "expected one argument",
    "a a --model-seeds 0:4": "unrecognized arguments: --model-seeds 0:4",
    "a a --out a": "a is a file or holds a scan",
    "a a --out file": "file is a file or holds a scan",
    "--trend never again": "a trend needs three runs that reached the landmark",
    "'--lr 1' a --out new": "give exactly two lists of options",
    "'--lr 1' '--lr 2'": "give exactly two lists of options, and --out",
    "'--lr 1' '--lr x' --out new": "'--lr x': --lr: expected float",
    """'--lr 1' '--operation "x' --out new""": """'--operation "x': No closing quotation""",
    "'--lr 1' '--lr 1.0' --out new": "the two lists name the same config",
    "'--lr 1' '--lr 2 --out b' --out new": "'--lr 2 --out b': --out, --export, --dry-run and",
    "'--lr 1' '--lr 2' --shard 1/2 --out new": "--shard cannot be in a list",
    "'--lr 1' '--lr 2' --dry-run --out new": "--dry-run and --shard cannot be in a list",
    "'--lr 1' '--lr 2 --figures gif' --out new": "--figures gif': --figures takes png, pdf, svg",
    "'--lr 1' '--lr 2 --jobs 0' --out new": "'--lr 2 --jobs 0': jobs must be at least 1",
    "'--lr 1' '--lr 2 --jobs 1000' --out new": "4 a core, not 1000",
    "'--lr 1' '--lr 2 --device cuda' --out new": "device cuda is not there",
    "'--lr 1' '--lr 2 --precision tf32' --out new": "precision tf32 is a GPU's",
    "'--lr 1' '--lr 2 --d-model 1000000000' --out new": "of this config needs about",
    "'--lr 1' '--lr 2 --executor dask' --out new": "--scheduler",
    "'--lr 1' '--lr 2' --out busy": "'--lr 2': busy/b holds another config's scan: lr: 0.001",
    "'--lr 1' '--lr 2 --stop-when t98' --landmark completed --out new": (
        "'--lr 2 --stop-when t98': runs end at their t98 here, so that it is not known when"
    ),
    "'--lr 1' '--lr 2 --keep norm<44@800' --out new": "unrecognized arguments: --keep",
    "'--lr 1' '--lr 2 --model-seeds 0:4' --out new": "train different seeds: no runs would match",
}


@pytest.mark.parametrize("line", BAD)
def test_bad_input_is_one_line_and_status_2(line, tmp_path, times, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder(Path("a"), times[0])
    folder(Path("never"), times[0], steps=10)
    folder(Path("again"), times[0], steps=10)
    folder(Path("damaged"), times[0])
    Path("damaged/runs.csv").write_text("x,y\n1")
    for name in ("short", "edited", "nothing"):
        folder(Path(name), times[0])
    lines = Path("a/runs.csv").read_text().splitlines(keepends=True)
    Path("short/runs.csv").write_text("".join(lines[:20]))
    lines[4] = lines[4].replace(f",{round(times[0][3])},", ",77,")
    Path("edited/runs.csv").write_text("".join(lines))
    Path("nothing/runs.csv").write_text("")
    folder(Path("list"), times[0])
    Path("list/config.json").write_text("[]")
    folder(Path("grafted"), times[0], graft="block1=3")
    folder(Path("empty"), times[0], status="crashed")
    Path("file").write_text("")
    folder(Path("busy/b"), times[0])
    before = everything(tmp_path)
    assert compare.main(shlex.split(line)) == 2
    out, err = capsys.readouterr()
    assert BAD[line] in err
    assert err.count("\n") == 1
    assert out == ""
    assert everything(tmp_path) == before


@pytest.mark.usefixtures("made_up_training")
def test_two_lists_are_trained_on_the_same_seeds_and_compared(tmp_path, capsys):
    small = " ".join(SMALL)
    lists = [f"{small} --lr 0.001", f"{small} --lr 0.002"]
    argv = [*lists, "--model-seeds", "0:6", "--jobs", "1", "--out", "both"]
    assert compare.main(argv) == 0
    out = capsys.readouterr().out
    assert "6 seeds are matched" in out
    assert "lr: 0.001, 0.002" in out
    for letter, lr in (("a", 0.001), ("b", 0.002)):
        about = json.loads(Path(f"both/{letter}/config.json").read_text())
        assert about["config"]["lr"] == lr
        assert about["seeds"]["model"] == "0:6"
    assert Path("both/comparison.csv").exists()


@pytest.mark.usefixtures("made_up_training")
def test_a_scan_that_fails_stops_the_comparison(monkeypatch):
    monkeypatch.setattr("grokseed.cli.train.prepared", lambda *_: lambda: 1)
    lists = [f"{' '.join(SMALL)} --lr 0.00{i}" for i in (1, 2)]
    assert compare.main([*lists, "--out", "both"]) == 1
    assert not Path("both").exists()


@pytest.mark.usefixtures("made_up_training")
def test_a_comparison_that_is_stopped_says_its_own_line(monkeypatch, capsys):
    """Not the scan's, which would train the first list alone."""

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("grokseed.execution.scanner.Scanner.run", stop)
    lists = [f"{' '.join(SMALL)} --lr 0.00{i}" for i in (1, 2)]
    argv = [*lists, "--jobs", "1", "--out", "both"]
    assert compare.main(argv) == 130
    line = f"python -m grokseed.compare {shlex.join(argv)}"
    said = "Stopped; what is finished is stored. To go on:"
    assert capsys.readouterr().err == f"\n{said} {line}\n"
