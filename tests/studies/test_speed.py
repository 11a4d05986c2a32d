"""What the speed study times: every contender trains the runs that the engine trains."""

import re
import subprocess
import sys
from functools import cache, partial
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from grokseed.config import Config
from grokseed.model.layout import layers_of
from grokseed.training import numerics
from grokseed.training.batches import batch_sizes
from grokseed.training.trainer import train
from grokseed.vocabulary import vocabulary_size
from speed import __main__ as command
from speed.contenders import Turns, baseline, lane_seeds, mapped, plain
from speed.decoders import decoders, print_decoders
from speed.peak import products
from speed.table import contenders, gflop_of_a_run_step, print_table
from speed.timing import Contender

CONFIG = Config(
    p=11,
    d_model=16,
    heads=2,
    batch_size=16,
    lr=1e-2,
    weight_decay=1.0,
    sample_every=10,
    val_every=10,
    screen_step=10,
    max_steps=40,
)
"""Four batches an epoch, the last of seven examples; a turn is two and a half epochs."""


def turn_losses(losses: np.ndarray) -> np.ndarray:
    """Losses of batches [turns, steps, L] to the mean over a turn's examples, [L, turns]."""
    usual, last = batch_sizes(CONFIG)
    assert (usual, last, CONFIG.steps_per_epoch) == (16, 7, 4)
    step = 1 + np.arange(losses.shape[0] * losses.shape[1]).reshape(losses.shape[:2])
    sizes = np.where(step % CONFIG.steps_per_epoch == 0, last, usual)[..., None]
    return ((losses * sizes).sum(1) / sizes.sum(1)).T


def engine_losses(lanes: int) -> list[np.ndarray]:
    """The same from the engine's own records."""
    return [t.columns["train_loss"][1:] for t in train(CONFIG, lane_seeds(lanes))]


@pytest.mark.parametrize(("turns", "lanes"), [(plain, 1), (mapped, 3)])
@pytest.mark.usefixtures("float64")
def test_a_baselines_losses_are_the_engines(turns: Turns, lanes: int) -> None:
    theirs = torch.stack(list(islice(turns(CONFIG, lanes, "cpu"), 4))).numpy()
    assert theirs.shape == (4, 10, lanes)
    ours = engine_losses(lanes)
    np.testing.assert_allclose(turn_losses(theirs), ours, rtol=1e-9)
    assert all(run[-1] < 0.9 * run[0] for run in ours)  # and they do learn


class Enough(Exception):  # noqa: N818
    """Ends a loop that would go on for ever."""


@pytest.mark.parametrize(("turns", "lanes"), [(plain, 1), (mapped, 3)])
def test_a_baseline_counts_run_steps(turns: Turns, lanes: int) -> None:
    counted = []

    def on_point(steps: float) -> None:
        counted.append(steps)
        if len(counted) == 3:
            raise Enough

    with pytest.raises(Enough):
        partial(baseline, turns)(CONFIG, lanes, "cpu", on_point)
    assert counted == [10 * lanes] * 3


def test_products_of_a_run_step_are_counted_alike_at_any_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first call in a process chooses matmul kernels, by a product that is no run's."""
    monkeypatch.setattr(numerics, "_onednn_is_exact", cache(numerics._onednn_is_exact.__wrapped__))
    first, again = gflop_of_a_run_step(CONFIG), gflop_of_a_run_step(CONFIG)
    assert first == again


def test_the_plain_decoders_products_are_those_of_its_layers() -> None:
    """By hand: q, k, v, out and two layers of width 4 d a block, the head; thrice with backward."""
    rows, d = CONFIG.batch_size * 5, CONFIG.d_model
    multiplied = CONFIG.layers * rows * (4 * d * d + 2 * 4 * d * d)
    multiplied += CONFIG.batch_size * d * vocabulary_size(CONFIG)
    here, there = gflop_of_a_run_step(CONFIG)
    assert there == pytest.approx(1e-9 * 3 * 2 * multiplied)
    assert 0 < here < there


def test_a_rows_first_figure_is_its_share_of_the_peak(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        Contender("products", products, CONFIG, seconds=[0.02, 0.01], memory=[0]),
        Contender("plain", print, CONFIG, seconds=[1.2, 1.0, 0.8], memory=[5 << 20]),
        Contender("ours", print, CONFIG, 4, 2, seconds=[0.3, 0.25, 0.2], memory=[7 << 20]),
    ]
    print_table(rows, "plain", gflop=10)  # in 0.25 s at 100 GFLOP/s
    lines = capsys.readouterr().out.splitlines()
    assert "peak: 100 GFLOP/s in fp32" in lines
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[3:]]
    assert cells[0][1] == "share of peak"
    spread = "1000.00 (900.00 to 1100.00)", "250.00 (225.00 to 275.00)"
    assert cells[2] == ["plain", "10%", "1 x 1", "1", spread[0], "1.00", "5"]
    assert cells[3] == ["ours", "40%", "2 x 1", "4", spread[1], "4.00", "7"]


def test_decoders_differ_in_what_their_names_say() -> None:
    unshared, shared, full = (c.config for c in decoders(CONFIG, 2))
    assert layers_of(unshared) == ("block1", "block2", "block3", "block4")
    assert layers_of(shared) == ("block1", "block2") * 2
    assert layers_of(full) == layers_of(unshared)
    assert (shared.attention, full.attention) == ("causal", "full")
    assert [c.lanes for c in decoders(CONFIG, 2)] == [2, 2, 2]


def test_a_decoders_time_is_compared_turn_by_turn(capsys: pytest.CaptureFixture[str]) -> None:
    rows = decoders(CONFIG, 2)
    for row, seconds in zip(rows, ([1.0, 2.0, 4.0], [0.5, 1.0, 3.0], [2.0, 6.0, 8.0]), strict=True):
        row.seconds[:], row.memory[:] = seconds, [3 << 20]
    print_decoders(rows)
    lines = capsys.readouterr().out.splitlines()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[3:]]
    # By hand: 22 tokens, 5 positions, 12 d² + 13 d a set of layers, a norm and 22 (d + 1), at d 16.
    assert [row[1] for row in cells] == [f"{838 + 3280 * sets:,}" for sets in (4, 2, 4)]
    assert cells[1][3:5] == ["1000.00 (750.00 to 2000.00)", "0.50 (0.50 to 0.62)"]
    assert cells[2][4] == "2.00 (2.00 to 2.50)"


def test_every_contender_has_a_name_of_its_own() -> None:
    names = [c.name for c in contenders([CONFIG], compile=True, lanes=2, cores=2, gpu=False)]
    assert len(set(names)) == len(names)


def test_bad_input_is_one_line_and_status_2() -> None:
    """In a process of its own, as only there the study's folder alone is on Python's path."""
    done = subprocess.run(
        [sys.executable, "studies/speed", "--device=cpu,cuda"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "device must be cpu, cuda, auto" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    ("option", "said"), [("--lanes=0", "must be at least 1"), ("--preset=large", "diary")]
)
def test_bad_numbers_and_names_are_one_line(
    option: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["speed", option])
    with pytest.raises(SystemExit, match="2"):
        command.auto_cli(command.main)
    told = capsys.readouterr()
    assert said in told.err.splitlines()[-1]
    assert not told.out


def test_without_jax_its_row_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="2"):
        command.main(jax=True)
    told = capsys.readouterr()
    assert told.err == "speed: error: --jax needs --device cpu, and JAX: pip install .[peers]\n"
    assert not told.out


def test_the_page_on_speed_has_the_tables_numbers() -> None:
    """Its table: the compiled step and the plain loop of a core, and both ratios."""
    folder = Path(__file__).parents[2] / "results" / "speed"
    page = (folder / "README.md").read_text()
    for name in ("mini", "diary"):
        lines = [line for line in (folder / f"{name}.md").read_text().splitlines() if "|" in line]
        cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
        one, two = (row for row in cells if row[0] == "compiled, fp32")
        plain = next(row for row in cells if row[0] == "plain loop")
        ms, loop = one[4].split()[0], plain[4].split()[0]
        assert f"| [{name}]({name}.md) | {ms} | {loop} | {one[5]} | {two[5]} |" in page
        assert f"{one[5]} times" in page
        jax = next(row for row in cells if row[0] == "JAX")[4].split()[0]
        assert f"{jax} ms at `{name}`" in page
        assert f"{float(jax) / float(ms):.1f} " in page


def milliseconds(name: str, row: str, column: int) -> float:
    """Of a run-step, from the first row of that name in a table of results/speed."""
    text = (Path(__file__).parents[2] / "results" / "speed" / f"{name}.md").read_text()
    line = next(line for line in text.splitlines() if line.startswith(f"| {row} "))
    return float(line.split("|")[1:-1][column].split()[0])


def test_the_readme_has_the_ratios_of_the_speed_tables() -> None:
    said = " ".join((Path(__file__).parents[2] / "README.md").read_text().split())
    mini, diary = (
        milliseconds(name, "this engine, fp32", 4) / milliseconds(name, "compiled, fp32", 4)
        for name in ("mini", "diary")
    )
    assert f"{mini:.1f} times as fast at `mini` and {diary:.1f} times at `diary`" in said
    full = milliseconds("decoders", "full attention", 4)  # its column of times the first
    assert f"a step at four layers of `mini` takes {full:.1f} times as long" in said
    low, high = (milliseconds(name, "compiled, fp32", 5) for name in ("diary", "mini"))
    assert f"a training step is {low:.0f} to {high:.0f} times as fast on the same core" in said


def test_the_readme_has_no_other_speed() -> None:
    """Numbers that no table has once said how fast dropout, prefixes and overfit are."""
    said = " ".join((Path(__file__).parents[2] / "README.md").read_text().split())
    typed = re.sub(r"<!-- (\w+): python.*?<!-- end of \1 -->", "", said)
    speeds = r"[\w.]+ times (?:faster|slower|as fast|as long|the time|less)"
    found = ["12 times as fast", "1.3 times as long", "1.5 times as fast"]
    assert sorted(re.findall(speeds, typed)) == sorted(found)
    assert "seconds of one core" not in typed


def test_the_readme_has_the_numbers_of_a_million_runs() -> None:
    root = Path(__file__).parents[2]
    lines = (root / "results" / "speed" / "million.md").read_text().splitlines()
    few, many = (line.split("|")[1:-1] for line in lines if line.startswith(("| 20,", "| 1,0")))
    said = " ".join((root / "README.md").read_text().split())
    took, resumed = many[1].split()[0], many[2].strip().rstrip(")").split(" (")
    assert f"{took} ms a run" in said
    assert f"starts in {resumed[0]} s ({resumed[1]} s of processor time)" in said
    most, least = (max(map(int, cells[5].split(","))) for cells in (many, few))
    assert f"{most} MiB of memory are used at most, of which {least} are there" in said
