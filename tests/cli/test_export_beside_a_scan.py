"""`--export` beside a scan that runs: no run that only the table has is lost."""

import shutil
from pathlib import Path

import pytest
from commands import everything, small_scan
from folder_tables import read_folder
from made_up import CONFIG, judged, trajectory

from grokseed.early import is_spared, spelled_rule
from grokseed.records.store import Store
from grokseed.seeds import Seeds
from grokseed.training.numerics import numerics

pytestmark = pytest.mark.usefixtures("made_up_training")

OUT = Path("out")
RUNS = [seeds for seeds in (Seeds(0, m, 0, 1) for m in range(9)) if not is_spared(seeds)]


def open_store() -> Store:
    return Store(OUT, CONFIG, numerics(CONFIG, "cpu"))


@pytest.mark.parametrize("model", [0, 20])
def test_a_table_with_a_run_that_the_store_lacks_is_not_replaced(model: int, capsys) -> None:
    """Before the first stored run, and after the last."""
    assert small_scan(f"--model-seeds={model}", "--out=other") == 0
    assert small_scan("--model-seeds=3:6") == 0
    with open_store():
        for name in ("runs.csv", "trajectories.npz", "config.json"):
            shutil.copy(Path("other") / name, OUT / name)
        before = everything(OUT)
        assert small_scan("--export") == 1
        assert "out/runs.csv has changed since the scan" in capsys.readouterr().err
        assert everything(OUT) == before


def test_a_run_that_goes_on_or_is_tried_again_is_exported_again() -> None:
    rule = spelled_rule("sample_loss<0@100")
    with open_store() as store:
        store.notes.note_rule(rule)
        store.add(RUNS[0], judged(CONFIG, RUNS[0], rule))
        store.add_crashed(RUNS[1], "out of memory")
        assert small_scan("--export") == 0
        assert [row.status for row in read_folder(OUT).rows] == ["stopped", "crashed"]
        for seeds in RUNS[:2]:
            store.add(seeds, trajectory(CONFIG, seeds))
            assert small_scan("--export") == 0
        assert [row.status for row in read_folder(OUT).rows] == ["done", "done"]


def test_a_table_with_other_numbers_is_not_replaced(capsys) -> None:
    with open_store() as store:
        store.add(RUNS[0], trajectory(CONFIG, RUNS[0]))
    with Store(Path("other"), CONFIG, numerics(CONFIG, "cpu")) as store:
        store.add(RUNS[0], trajectory(CONFIG, RUNS[1]))
    assert small_scan("--export", "--out=other") == 0
    with open_store():
        for name in ("runs.csv", "trajectories.npz", "config.json"):
            shutil.copy(Path("other") / name, OUT / name)
        assert small_scan("--export") == 1
        assert "out/runs.csv has changed since the scan" in capsys.readouterr().err
