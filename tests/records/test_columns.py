"""Every column of every checked-in table is explained, and the dictionary on file is today's."""

import csv
from pathlib import Path

import numpy as np
import pytest

from grokseed.analysis import effects
from grokseed.records.columns import TABLES, dictionary
from grokseed.records.scan_columns import EFFECTS

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
