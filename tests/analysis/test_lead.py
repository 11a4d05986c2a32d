"""The donors' lead, worked by hand."""

import numpy as np

from grokseed.analysis.lead import leads


def test_a_lead_is_of_the_cells_that_are_there_on_one_split_and_in_one_order() -> None:
    rows = [
        *(("donor", 0, 8, 0.9), ("donor", 0, 8, 0.7), ("recipient", 0, 8, 0.3)),
        *(("donor", 0, 8, np.nan), ("recipient", 0, 8, np.nan), ("graft", 0, 8, 0.1)),
        *(("donor", 0, 9, 0.5), ("recipient", 0, 9, np.nan)),  # still to come
        *(("donor", 1, 8, 0.5), ("recipient", 1, 8, 0.75), ("recipient", 2, 8, 0.1)),
    ]
    names = ("kind", "split_seed", "loader_seed", "accuracy")
    found = leads([dict(zip(names, row, strict=True)) for row in rows], "accuracy")
    assert {where: round(lead, 12) for where, lead in found.items()} == {(0, 8): 0.5, (1, 8): -0.25}
