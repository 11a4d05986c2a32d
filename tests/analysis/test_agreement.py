"""How often runs trained again agree with those on file, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from grokseed.analysis.agreement import agreement


def test_agreement_counts_what_both_lack_and_leaves_out_what_nobody_looked_at():
    there = pd.DataFrame({"class": ["fast", None, "normal"], "t98_step": [5, np.nan, np.nan]})
    here = pd.DataFrame({"class": ["fast", None, "fast"], "t98_step": [5.0, 7, np.nan]})
    there["t50_step"], here["t50_step"] = np.nan, 3.0
    found = agreement(there, here)
    assert {name: (rate.k, rate.n) for name, rate in found.items()} == {
        "class": (2, 3),
        "t98_step": (2, 3),
    }
    with pytest.raises(ValueError, match="3 runs cannot be compared with 2"):
        agreement(there, here.head(2))
