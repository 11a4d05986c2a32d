"""Which cells of an ablation have won, of runs of every class."""

import numpy as np
import pandas as pd

from grokseed.reports.cells import DESIGN, OUTCOMES, SEEDS, with_outcomes


def test_a_super_or_fast_run_has_won() -> None:
    """And of a run that crashed, or is still to come, nothing is known."""
    classes = ["super", "fast", "normal", np.nan]
    runs = pd.DataFrame(dict.fromkeys(OUTCOMES, np.nan), index=range(4))
    runs = runs.assign(**dict.fromkeys(SEEDS, 0), graft="", screen=classes)
    runs["model_seed"] = range(4)
    runs["screen_val_accuracy"] = [0.99, 0.5, 0.1, np.nan]
    cells = pd.DataFrame(dict.fromkeys(DESIGN, 0), index=range(5))
    cells = cells.assign(graft="", model_seed=[4, 3, 2, 1, 0])
    found = with_outcomes(cells, runs)
    assert found["won"].fillna(-1).tolist() == [-1, -1, 0, 1, 1]
    assert found["accuracy"].fillna(-1).tolist() == [-1, -1, 0.1, 0.5, 0.99]
