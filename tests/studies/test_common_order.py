"""Study A with orders that splits share: the design of plan.md, and answers from made-up times."""

from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import anatomy_power
import common_order
from common.study import VERDICTS
from grokseed.grafts import parse_graft

ALIKE, EACH = ("model", "loader"), ("split", "model", "loader")


def runs(*of: str) -> pd.DataFrame:
    """All runs, with times that are luck of split and weights, and of the seeds of some streams."""
    rows = []
    for run in common_order.design():
        kinds = ("split", "model"), of
        lucks = ([getattr(run, stream) for stream in streams] for streams in kinds)
        luck = sum(np.random.default_rng(seeds).normal() for seeds in lucks)
        row = {f"{s}_seed": getattr(run, s) for s in ("split", "model", "loader", "val")}
        rows.append({**row, "graft": run.graft, "t98_step": 9000 * np.exp(0.4 * luck)})
    return pd.DataFrame(rows)


def test_every_cell_is_there_once_and_its_order_is_that_of_its_loader_seed() -> None:
    design = common_order.design()
    cells = {(run.split, run.model, run.loader) for run in design}
    assert cells == set(product(range(1, 9), range(5000, 5008), range(100, 108)))
    assert len(design) == len(cells)
    assert design != sorted(design)
    for run in design:
        graft = parse_graft(run.graft)
        assert (graft.kind, graft.seed) == ("order", run.loader)


@pytest.mark.parametrize(("streams", "said"), [(ALIKE, "yes"), (EACH, "no")])
def test_a_match_on_all_splits_is_told_from_one_on_each(streams: tuple, said: str) -> None:
    found = common_order.table(runs(*streams))
    row = found.set_index("term").loc["model:loader"]
    assert row["matters"] == said
    verdict = common_order.verdict(found, 0.1)
    assert (verdict.verdict, verdict.n, verdict.units) == (said, 512, 8)
    text = common_order.answer(found, {}, runs(*streams))
    assert f"match on all splits alike: **{said}**" in text


def test_the_page_is_not_answered_until_all_runs_are_there(tmp_path: Path, monkeypatch) -> None:
    said: dict[str, str] = {}
    some = runs(*EACH)
    monkeypatch.setattr(common_order, "OUT", tmp_path)
    monkeypatch.setattr(common_order, "export_stored", lambda folder: [])
    monkeypatch.setattr(common_order, "finish", lambda folder, text, pictures: said.update(a=text))
    scan = SimpleNamespace(runs=some)
    monkeypatch.setattr(common_order.grokseed, "load", lambda _: scan)
    for left, line in ((12, "12 of 512 runs are still"), (0, "All 512 runs reached t98")):
        scan.runs = some.iloc[left:]
        common_order.main(["--export"])
        assert line in said["a"]
        assert (tmp_path / VERDICTS).exists() == (left == 0)


def test_the_share_that_would_be_seen_is_simulated_without_twins() -> None:
    found = common_order.table(runs(*EACH))
    made = anatomy_power.powers(found, 8, ["model:loader"], (0.02, 0.4))
    assert list(made["power"] >= 0.8) == [False, True]
