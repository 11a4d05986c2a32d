"""How often each kind of cell won, as people read it, against cells made by hand."""

from itertools import product

import pandas as pd

from grokseed.analysis.effects import effects
from grokseed.analysis.seed_shares import crossed_share
from grokseed.reports.cell_tables import results
from grokseed.reports.cells import RUN
from grokseed.reports.listing import class_of


def cells(splits=(0,)) -> pd.DataFrame:
    """3 donors x 4 recipients x 2 groups a split: donor 2's grafts win."""
    rows = [
        {
            "kind": "graft",
            "groups": group,
            "parts": group,
            "recipient": r,
            "donor": d,
            "split_seed": s,
        }
        for d, r, group, s in product(range(3), range(10, 14), ("head", "ffn"), splits)
    ]
    rows += [
        {"kind": kind, "recipient": seed, "donor": seed, "split_seed": s}
        for kind, seeds in (("recipient", range(10, 14)), ("donor", range(3)))
        for seed in seeds
        for s in splits
    ]
    table = pd.DataFrame(rows).fillna("")
    graft = table["groups"] + "=" + table["donor"].astype(str)
    won = ((table["donor"] == 2) & (table["kind"] != "recipient")).astype(float)
    seeds = {"model_seed": table["recipient"], "loader_seed": 8, "val_seed": 9, "graft": graft}
    outcome = {"status": "done", "steps": 100, "accuracy": won, "won": won, "class": "fast"}
    blank = dict.fromkeys(["memorised_step", "t98_step"])
    return table.assign(split=table["split_seed"], **seeds, **outcome, **blank)


def row(text: str, kind: str) -> list[str]:
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {kind} ")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_rate_of_wins_has_limits_over_donors_and_recipients() -> None:
    table = cells()
    assert not table.duplicated(RUN).any()
    text = results(table, effects(table, "accuracy"), 100, brief=True)
    graft = table.query("kind == 'graft'")
    _, low, high = crossed_share(graft["won"], graft["donor"], graft["recipient"])
    limits = f"{low:.1%} to {high:.1%}"
    assert row(text, "graft") == ["graft", "24", "8", "33.3%", limits, "0.333"]
    assert low < 0.05 < 0.9 < high  # three donors say little, and 24 runs would seem to say more
    assert row(text, "donor") == ["donor", "3", "1", "33.3%", "", "0.333"]


def test_a_cell_without_a_class_is_undecided_or_says_how_it_ended() -> None:
    """As in the list of a scan's runs."""
    table = cells().query("kind == 'donor'").assign(status=["done", "diverged", "stopped"])
    table["class"] = [None, None, "normal"]
    text = results(table, effects(cells(), "accuracy").head(0), 100)
    rows = [line.split("|") for line in text.split("Every cell:")[1].splitlines()]
    found = [row[-2].strip() for row in rows if row[1:2] == [" donor     "]]
    assert found == [class_of(run) for run in table.to_dict("records")]
    assert found == ["undecided", "diverged", "normal"]


def test_several_splits_are_not_pooled_into_one_interval() -> None:
    table = cells(splits=(0, 1))
    text = results(table, effects(table, "accuracy"), 100, brief=True)
    assert row(text, "graft")[:5] == ["graft", "48", "16", "33.3%", ""]


def test_a_recipient_that_wins_without_a_graft_is_named_with_what_follows() -> None:
    table = cells(splits=(0, 1))
    assert "won without any graft" not in results(table, effects(table, "accuracy"), 100)
    own = (table["kind"] == "recipient") & (table["recipient"] == 11) & (table["split_seed"] == 1)
    table.loc[own, "won"] = 1.0
    for brief in (True, False):
        text = " ".join(results(table, effects(table, "won"), 100, brief=brief).split())
        assert "**Recipient 11 (in 1 of its 2 runs) won without any graft.**" in text
        assert "gains and losses below, which count it as any recipient, come out too small" in text
    table.loc[table["kind"] == "recipient", "won"] = 1.0
    one = table.query("split_seed == 0")
    text = results(one, effects(one, "won"), 100, brief=True)
    assert "**Recipients 10, 11, 12, 13 won without any graft.**" in text
