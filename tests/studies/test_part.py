"""Runs of a stopped scan that count have hardly more wins than all runs of its design."""

import heapq
from pathlib import Path

import numpy as np
import pytest
from made_studies import even, scan

import basin
import graft_pairs
import grokseed
import rates
from common import part
from experiments.study_of_pairs import carry_out
from grokseed.execution.chunks import cut
from grokseed.seeds import Seeds
from grokseed.training.lane_counts import default_lanes

WORKERS, RUNS, SCANS = 2, 160, 400
LANES = default_lanes(grokseed.preset("mini"))
DESIGN = [Seeds(1, number, 8, 9) for number in range(RUNS)]


def times(length: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """When each run begins and ends on CPUs: those of a chunk begin together, and a worker takes
    the next chunk when all of its last one have ended."""
    free, begin, end = [0.0] * WORKERS, np.empty(RUNS), np.empty(RUNS)
    for chunk in cut(DESIGN, WORKERS, LANES):
        own = [run.model for run in chunk]
        begin[own] = heapq.heappop(free)
        end[own] = begin[own] + length[own]
        heapq.heappush(free, end[own].max())
    return begin, end


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_stop_in_the_middle_gives_less_than_a_win_too_many(share: float) -> None:
    random = np.random.default_rng(0)
    table = scan(DESIGN, even, 1000)
    counted, stored = [], []
    for _ in range(SCANS):
        won = random.random(RUNS) < share
        begin, end = times(np.where(won, random.uniform(0.33, 0.67, RUNS), 1.0))
        stop = random.uniform(1, 4)
        found = part.counted(table.loc[end <= stop], DESIGN).index.to_numpy()
        assert found.tolist() == list(range(len(found)))
        more = won - share
        begun = more[begin <= stop].sum()  # 0 on average: a start does not depend on the outcome
        counted.append(more[found].sum() - begun)
        stored.append(more[end <= stop].sum() - begun)
    errors = [np.std(some) / SCANS**0.5 for some in (counted, stored)]
    assert np.mean(counted) < 0.5 + 3 * errors[0]
    # Half of a chunk's wins are stored, and no other run of it, at a stop while its losers train.
    assert WORKERS * LANES == 32
    assert np.mean(stored) == pytest.approx(32 * share * (1 - share) / 2, abs=3 * errors[1])
    if share == 0.5:
        assert np.mean(stored) > np.mean(counted) + 3


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
