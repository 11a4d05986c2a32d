"""Claims at the diary's own sizes are read from the folders that plan.md and on_gpu.sh name."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import grokseed
from common.verdict import FAILS, HOLDS, UNKNOWN
from diary import further_designs
from diary_claims import diary_folders, diary_rates
from diary_claims.row import Evidence

STUDIES = Path(__file__).parents[2] / "studies"
FOLDERS = (
    diary_folders.MODELS,
    diary_folders.ONE_SPLIT,
    diary_folders.LOADERS,
    diary_folders.NO_DECAY_AT,
    diary_folders.COMPLETED,
)

Fill = Callable[..., None]


def runs(n: int, won: int, stream: str = "model") -> pd.DataFrame:
    """Runs with rising seeds of a stream, the last of which are super."""
    seeds = {"split_seed": 0, "model_seed": 42, "loader_seed": 8, "val_seed": 9}
    table = pd.DataFrame({**seeds, "status": "done", "steps": 3000, "t98_step": np.nan}, range(n))
    accuracy = np.where(np.arange(n) >= n - won, 1.0, 0.01)
    return table.assign(**{f"{stream}_seed": range(n), "screen_val_accuracy": accuracy})


@pytest.fixture
def fill(monkeypatch: pytest.MonkeyPatch) -> Fill:
    scans: dict[str, grokseed.Scan] = {}
    for name in further_designs.LOOKED_AT:
        monkeypatch.setitem(further_designs.LOOKED_AT, name, ())
    named = property(lambda self: [scans[name] for name in self.name.split(",")])
    monkeypatch.setattr(Evidence, "scans", named)
    there = property(lambda self: all(name in scans for name in self.name.split(",")))
    monkeypatch.setattr(Evidence, "there", there)

    def add(name: str, table: pd.DataFrame) -> None:
        scans[name] = grokseed.Scan(grokseed.preset("diary"), table, pd.DataFrame(), {"made up": 1})

    return add


def row_of(results: Path, words: str) -> dict:
    rows: list[dict] = list(diary_rates.claims(results))
    (found,) = [row for row in rows if words in row["claim"]]
    return found


def test_the_folder_with_more_runs_is_read(fill: Fill, tmp_path: Path) -> None:
    fill("diary_scan", runs(100, 1))
    assert row_of(tmp_path, "are super (validation")["folder"] == "results/diary_scan"
    fill("diary_gpu", runs(2001, 18))
    row = row_of(tmp_path, "are super (validation")
    assert (row["folder"], row["n"], row["ours"]) == ("results/diary_gpu", 2000, 0.009)
    assert row["verdict"] == HOLDS


def test_loader_seeds_of_42_fill_their_rows(fill: Fill, tmp_path: Path) -> None:
    fill("loaders_of_42", runs(2002, 12, "loader"))
    for words in ("seeds that are super with model seed 42", "first 709", "not normal with one"):
        row = row_of(tmp_path, words)
        assert (row["n"], row["folder"]) == (2000, "results/loaders_of_42")  # without 0 and 8
        assert row["ours"] == 0.006
    assert row_of(tmp_path, "seeds that are super with model seed 42")["verdict"] == HOLDS


@pytest.mark.parametrize(
    ("name", "stream", "words", "verdict"),
    [
        ("loaders_gpu", "loader", "with further loader seeds, too", FAILS),
        ("models_of_split_0", "model", "one split for all changes how often", UNKNOWN),
    ],
)
def test_further_designs_are_compared_with_the_scan(
    fill: Fill, tmp_path: Path, name: str, stream: str, words: str, verdict: str
) -> None:
    fill(name, runs(200, 14, stream))
    assert row_of(tmp_path, words)["n"] == 0  # without a control
    fill("diary_scan", runs(701, 42))
    row = row_of(tmp_path, words)
    own = 198 if stream == "loader" else 199
    assert row["ours"] == pytest.approx(14 / own - 42 / 700)
    assert (row["n"], row["units"]) == (own + 700, own)
    assert row["of"] == f"{'loader ' * (stream == 'loader')}seeds (and 700 model seeds)"
    assert (row["folder"], row["verdict"]) == (f"results/{name},results/diary_scan", verdict)
    assert "judged" not in row["claim"]
    design = further_designs.LOADERS if stream == "loader" else further_designs.ONE_SPLIT
    further_designs.LOOKED_AT[design] = ((50, 700),)  # the fixture gives back what was there
    assert (
        "[judged 2 times while runs were added: its limits are of 97.5%, -"
        in (row_of(tmp_path, words)["claim"])
    )


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("models_gpu", "all with split seed 0"),
        ("no_decay_gpu", "super without weight decay"),
    ],
)
def test_other_designs_have_rows(fill: Fill, tmp_path: Path, folder: str, words: str) -> None:
    assert row_of(tmp_path, words)["n"] == 0
    fill(folder, runs(201, 2))
    row = row_of(tmp_path, words)
    assert (row["n"], row["ours"], row["folder"]) == (200, 0.01, f"results/{folder}")


def test_the_median_of_completion_needs_all_seeds(fill: Fill, tmp_path: Path) -> None:
    """Runs that complete early are stored first, and on a card all are trained at once."""
    step = np.concatenate((np.linspace(9000, 16_000, 54), [np.nan] * 10))
    ends = np.nan_to_num(step, nan=24_000)
    table = runs(64, 0).assign(completed_step=step, steps=ends, split_seed=range(64))
    fill("diary_completed", table)
    row = row_of(tmp_path, "every validation answer right")
    own = np.sort(np.nan_to_num(np.delete(step, 42), nan=np.inf))
    assert (row["n"], row["ours"]) == (63, own[31])
    assert row["ours_low"] < row["ours"] < row["ours_high"]
    assert row["verdict"] == HOLDS
    fill("diary_completed", table.loc[step < 10_000])
    assert row_of(tmp_path, "every validation answer right")["n"] == 0
    fill("diary_completed", table.assign(completed_step=np.nan, steps=12_000))
    assert row_of(tmp_path, "every validation answer right")["verdict"] == UNKNOWN


def test_that_a_loader_seed_does_not_help_others_is_no_finding(fill: Fill, tmp_path: Path) -> None:
    fill("diary_scan", runs(1000, 9))
    row = row_of(tmp_path, "may be of no use to another")
    assert row["ours"] == pytest.approx(0.991, abs=1e-3)
    assert row["verdict"] == UNKNOWN
    assert "it is with every loader seed" in row["claim"]


def test_every_scan_of_a_card_has_a_reader_and_a_design() -> None:
    """The oracle's runs are their own check, on their page."""
    script, plan = ((STUDIES / name).read_text() for name in ("on_gpu.sh", "plan.md"))
    written = set(re.findall(r"\) (?:wide|to_the_end) (\w+) ", script))
    read = {name for names in FOLDERS for name in names}
    assert len(written) == 5
    assert written <= read
    assert all(f"`{name}`" in plan for name in read)
