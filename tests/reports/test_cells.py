"""The cells of an ablation with what became of their runs, against tables made by hand."""

import numpy as np
import pandas as pd
import pytest

from grokseed.analysis.effects import effects
from grokseed.records.folder import CELLS
from grokseed.reports.cells import DESIGN, screen_accuracy, stored, with_outcomes
from grokseed.reports.classes import with_classes

NEVER = np.nan


def runs(*rows: dict) -> pd.DataFrame:
    """Runs at a screen step of 1,000: as rows say, else normal."""
    usual = {"split_seed": 0, "loader_seed": 8, "val_seed": 9, "graft": "", "status": "done"}
    usual |= {"steps": 1000, "memorised_step": 100, "t98_step": NEVER, "completed_step": NEVER}
    usual |= {"screen_val_accuracy": 0.1, "final_val_accuracy": 0.1}
    return with_classes(pd.DataFrame([usual | row for row in rows]))


WINNER = {"steps": 600, "t98_step": 600.0, "screen_val_accuracy": NEVER}
WINNER |= {"final_val_accuracy": 0.985}


def test_a_run_that_ended_at_t98_before_the_screen_step_counts_in_effects_on_accuracy() -> None:
    table = runs(
        {"model_seed": 0} | WINNER, {"model_seed": 1}, {"model_seed": 1, "graft": "head=0"} | WINNER
    )
    design = pd.DataFrame(
        [
            ("recipient", "", "", 1, 1, "0", 0, 1, 8, 9, ""),
            ("donor", "", "", 0, 0, "0", 0, 0, 8, 9, ""),
            ("graft", "head", "head", 1, 0, "0", 0, 1, 8, 9, "head=0"),
        ],
        columns=DESIGN,
    )
    cells = with_outcomes(design, table)
    assert cells["won"].tolist() == [0, 1, 1]
    assert cells["accuracy"].tolist() == [0.1, 0.985, 0.985]
    gain = effects(cells, "accuracy").query("question == 'gain' and place == ''")
    assert gain["mean"].tolist() == pytest.approx([0.885])


def test_a_run_without_a_class_has_no_accuracy_but_one_that_was_seen() -> None:
    ended = {"steps": 600, "screen_val_accuracy": NEVER, "final_val_accuracy": 0.5}
    lost = {"status": "diverged", "t98_step": 500.0}
    table = runs(
        {"model_seed": 0} | ended, {"model_seed": 1} | ended | lost, {"model_seed": 2} | lost
    )
    assert np.all(table["screen"].isna())
    assert screen_accuracy(table).fillna(-1).tolist() == [-1, -1, 0.1]


def test_a_seed_that_fits_no_column_is_damage(tmp_path) -> None:
    row = ["donor", "", "", "0", "1" * 23, "0", "0", "0", "8", "9", ""]
    (tmp_path / CELLS).write_text(f"{','.join(DESIGN)}\n{','.join(row)}\n")
    with pytest.raises(ValueError, match=r"cells\.csv cannot be read"):
        stored(tmp_path)


def test_a_super_or_fast_run_has_won() -> None:
    """And of a run that crashed, or is still to come, nothing is known."""
    accuracies = (0.99, 0.5, 0.1)
    rows = [{"model_seed": i, "screen_val_accuracy": x} for i, x in enumerate(accuracies)]
    table = runs(*rows, {"model_seed": 3, "status": "crashed", "screen_val_accuracy": NEVER})
    cells = [("graft", "", "", 1, 0, "0", 0, model, 8, 9, "") for model in (4, 3, 2, 1, 0)]
    found = with_outcomes(pd.DataFrame(cells, columns=DESIGN), table)
    assert found["won"].fillna(-1).tolist() == [-1, -1, 0, 1, 1]
    assert found["accuracy"].fillna(-1).tolist() == [-1, -1, *reversed(accuracies)]
