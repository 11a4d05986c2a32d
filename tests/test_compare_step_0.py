"""Runs that have a landmark's accuracy before their first step are compared and ranked too."""

import numpy as np
import pytest
from compared_folders import folder

from grokseed import compare, luck
from grokseed.analysis import paired, trend
from grokseed.reports.compared import read

TIMES = [0, 0, 1000, 2000, 3000, 4000]


@pytest.fixture
def folders(tmp_path) -> list[str]:
    """Six runs each, of which two and none were there at step 0. Runs are evaluated every 10."""
    a = folder(tmp_path / "a", TIMES, sample_every=10)
    b = folder(tmp_path / "b", np.array(TIMES) + 500, sample_every=10, lr=0.002)
    return [str(a), str(b)]


def test_they_count_as_half_of_the_first_evaluation_step(folders, capsys):
    assert compare.main(folders) == 0
    out = capsys.readouterr().out
    assert "6 of 6 runs of A and 6 of 6 of B reached t98; 6 seeds are matched." in out
    assert "A: 2 runs were there at step 0. They count as step 5, half of the first" in out
    assert "B: 2 runs" not in out
    logs = np.log([[t or 5 for t in TIMES], [t + 500 for t in TIMES]])
    ratio = compare(*folders).loc["time ratio, B over A", "estimate"]
    assert ratio == pytest.approx(np.exp(np.diff(logs, axis=0).mean()), rel=1e-3)
    assert compare.main(["--trend", *folders]) == 0
    out = capsys.readouterr().out
    assert "12 runs of 6 seeds." in out
    assert "A: 2 runs were there at step 0." in out


def test_they_are_sooner_than_the_first_evaluation(folders, capsys):
    assert luck.main([folders[0], "--at", "5"]) == 0
    assert "33.3 % of the 6 other runs" in capsys.readouterr().out
    assert luck.main([folders[0], "--run", "0"]) == 0
    assert "at step 0 is later than 10.0 % of the 5 other" in capsys.readouterr().out


def test_a_model_of_log_times_never_loses_a_time_of_0(folders, tmp_path):
    tables = [read(tmp_path / name, "t98").outcome for name in "ab"]
    with pytest.raises(ValueError, match="a time of 0 has no logarithm"):
        paired.pair(*tables)
    with pytest.raises(ValueError, match="a time of 0 has no logarithm"):
        trend.side_by_side(tables, [0.0, 1.0])
