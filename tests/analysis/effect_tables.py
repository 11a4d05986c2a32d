"""Tables of cells, small enough to work out their effects by hand."""

import pandas as pd


def table(*rows: tuple) -> pd.DataFrame:
    columns = [
        "kind",
        "groups",
        "parts",
        "recipient",
        "donor",
        "split_seed",
        "loader_seed",
        "accuracy",
    ]
    made = pd.DataFrame(rows, columns=columns)
    return made.assign(split=made["split_seed"].astype(str))


def the(found: pd.DataFrame, question: str, groups: str, kind: str, place: str = "") -> dict:
    named = "question == @question and groups == @groups and kind == @kind and place == @place"
    (row,) = found.query(named).to_dict("records")
    return row


def crossed_over_places(*, shams: bool = True) -> pd.DataFrame:
    """Two grafts and a sham of three recipients each, on two splits in two orders.

    A graft gains 0.38, 0.4 or 0.42 on split 42 and nothing on split 7, in loader 9 as in loader 10.
    """
    rows, of = [], {5: 0.38, 6: 0.4, 7: 0.42}
    for split, loader in ((42, 10), (7, 9), (42, 9), (7, 10)):
        for recipient, gain in of.items():
            rows.append(("recipient", "", "", recipient, recipient, split, loader, 0.1))
            for donor, more in ((1, 0.01), (2, -0.01)):
                graft = 0.1 + (split == 42) * (gain + more) + more * (split == 7) * (recipient - 6)
                seeds = recipient, donor, split, loader
                rows.append(("graft", "head", "head", *seeds, graft))
                if shams and split == 42:
                    rows.append(("sham", "head", "head", recipient, 50 + donor, *seeds[2:], 0.2))
    return table(*rows)
