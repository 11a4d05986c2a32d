"""Every column of every checked-in table is explained, and the dictionary on file is today's."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from dictionary.tables import TABLES, dictionary
from grokseed.analysis import effects
from grokseed.records.points import thinned
from grokseed.records.scan_columns import EFFECTS
from grokseed.records.trajectory import Trajectory

RESULTS = Path(__file__).parents[2] / "results"
FILES = sorted(RESULTS.glob("**/*.csv"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_every_column_is_explained(path: Path) -> None:
    with path.open(newline="") as file:
        header = next(csv.reader(file))
    assert set(header) <= set(TABLES[path.name])


def test_every_array_of_the_trajectories_is_explained() -> None:
    for path in RESULTS.glob("**/trajectories.npz"):
        with np.load(path) as arrays:
            names = {"norm.<group>" if n.startswith("norm.") else n for n in arrays.files}
        names = {n.replace("probe_", "sample_") for n in names}
        assert names <= set(TABLES["trajectories.npz"])


def test_the_tables_code_and_the_dictionary_agree() -> None:
    assert list(EFFECTS) == ["outcome", *effects.COLUMNS]


def test_the_dictionary_on_file_is_todays() -> None:
    assert (RESULTS / "columns.md").read_text() == dictionary()


def test_the_dictionary_says_how_trajectories_are_rounded() -> None:
    """By the number that holds for what is stored."""
    (note,) = re.findall(r"## trajectories\.npz\n\n(.*)\n\n\| column", dictionary())
    (one_in,) = (int(n.replace(",", "")) for n in re.findall(r"at most 1 in ([\d,]+) of", note))
    whole = np.random.default_rng(0).uniform(0.001, 100, 30_000)
    n = 40
    worst = 0.0
    for losses in whole.reshape(-1, n):
        columns = dict.fromkeys(("train_loss", "sample_loss", "norm", "norm.head"), losses)
        counts = dict.fromkeys(
            ("train_correct", "train_seen", "sample_correct"), np.arange(1, n + 1)
        )
        run = Trajectory("done", {"step": np.arange(n), **columns, **counts})
        kept = thinned(run, n)
        assert np.array_equal(kept["sample_accuracy"], np.float32(np.arange(1, n + 1) / n))
        for name in columns:
            worst = max(worst, float(np.max(np.abs(kept[name] / losses - 1))))
    assert 0.9 / one_in < worst <= 1.01 / one_in
    assert "At most 40 points of each run" in note
