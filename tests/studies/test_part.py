"""Runs of a stopped scan that count have hardly more wins than all runs of its design."""

from pathlib import Path

import basin
import graft_pairs
import numpy as np
import part
import pytest
import rates
from made_studies import even, scan
from study_of_pairs import carry_out

from grokseed.seeds import Seeds

LANES, RUNS, SCANS = 8, 60, 400
DESIGN = [Seeds(1, number, 8, 9) for number in range(RUNS)]


def ends(length: np.ndarray) -> np.ndarray:
    """When each run ends if the next run takes the first free lane."""
    free, end = np.zeros(LANES), np.empty(len(length))
    for i, own in enumerate(length):
        lane = free.argmin()
        end[i] = free[lane] = free[lane] + own
    return end


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_stop_in_the_middle_gives_less_than_a_win_too_many(share: float) -> None:
    random = np.random.default_rng(0)
    table = scan(DESIGN, even, 1000)
    counted, stored = [], []
    for _ in range(SCANS):
        won = random.random(RUNS) < share
        ended = ends(np.where(won, random.uniform(0.33, 0.67, RUNS), 1.0)) <= random.uniform(2, 4)
        found = part.counted(table.loc[ended], DESIGN).index.to_numpy()
        assert found.tolist() == list(range(len(found)))
        counted.append(won[found].sum() - share * len(found))
        stored.append(won[ended].sum() - share * ended.sum())
    error = np.std(counted) / SCANS**0.5
    assert np.mean(counted) < 0.5 + 3 * error
    assert np.mean(stored) < 1.4 + 3 * np.std(stored) / SCANS**0.5
    if share == 0.5:
        assert np.mean(stored) > np.mean(counted) + 0.5


@pytest.mark.parametrize(
    "export",
    [
        lambda: carry_out("D", basin.OUT, basin.PAIRS, basin.plan, basin.analyse, ["--export"]),
        lambda: rates.main(["--export"]),
        lambda: graft_pairs.main(["--export"]),
    ],
)
def test_before_any_run_a_study_says_so_and_writes_nothing(export, tmp_path, monkeypatch) -> None:
    results = Path("results").absolute()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(graft_pairs, "SCAN", results / "diary_scan")
    with pytest.raises(SystemExit, match="still to be trained"):
        export()
    assert not list(tmp_path.iterdir())
