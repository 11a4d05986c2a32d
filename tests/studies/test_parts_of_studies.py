"""Studies B to E on a part of their runs: an answer and a figure, no verdict without evidence."""

from functools import partial
from types import SimpleNamespace

import made_studies as made
import numpy as np
import pandas as pd
import pytest

import basin
import commitment
import subsets
import transport
from experiments import near_cut
from experiments.chosen import pairs_of
from grokseed.analysis.basin import half_radius

STUDIES = {"transport": transport, "basin": basin, "subsets": subsets, "commitment": commitment}
OTHER = {"winner": ("loser", "other"), "loser": ("winner",)}


def luck(row: dict) -> float:
    """Winners' runs mostly win, and others seldom."""
    return 0.95 if "winner" in (row.get("role"), row.get("donor")) else 0.05


def part_of(name: str, kept: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A study's plan and a quarter of its runs, or less."""
    study = STUDIES[name]
    again = name == "subsets"
    plan = study.plan(pairs_of(made.base_scan(), made.search(), made.CUTS, study.PAIRS, again))
    done = made.trained(plan, (lambda row: 0.0) if kept == "no wins" else luck)
    done = done.loc[np.random.default_rng(1).random(len(done)) < 0.25]
    side = done["donor" if again else "role"]
    if kept in OTHER:
        done = done.loc[~side.isin(OTHER[kept])]
    if kept == "a few losers":
        done = done.loc[(side == "winner") | (done["pair"] % 4 == 0)]
    return plan, done.iloc[:1] if kept == "one run" else done


@pytest.fixture
def analysed(tmp_path, monkeypatch):
    """What a study writes about a part of its runs: its answer and its figures' titles.

    Half of the winners were chosen by a hair.
    """
    pairs = pairs_of(made.base_scan(), made.search(), made.CUTS, 24)
    # A tenth of the study's bootstrap samples, which take most of its time.
    monkeypatch.setattr(basin, "half_radius", partial(half_radius, draws=100))
    monkeypatch.setattr(commitment, "LOOKED_AT", ())
    late = {"graft": "ulp=1", "t98_step": 0.99 * pairs["cut"]}
    hairs = pairs.rename(columns={"winner": "model_seed"}).assign(**late).loc[::2]

    def of(name: str, kept: str) -> tuple[str, list[str], int, int]:
        written = {}
        study = STUDIES[name]
        monkeypatch.setattr(
            study, "finish", lambda _, text, figures: written.update({text: figures})
        )
        plan, done = part_of(name, kept)
        pairs.to_csv(tmp_path / "seeds.csv")
        runs = {"base_scan": made.base_scan(), "base_search": pd.concat([made.search(), hairs])}
        monkeypatch.setattr(
            near_cut.grokseed, "load", lambda at: SimpleNamespace(runs=runs[at.name])
        )
        study.analyse(tmp_path, done, plan)
        ((text, figures),) = written.items()
        for figure in figures.values():
            figure.canvas.draw()
        titles = [figure.get_suptitle().replace("\n", " ") for figure in figures.values()]
        return text, titles, len(done), len(plan)

    return of


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize("kept", ["one run", "winner", "loser", "no wins", "a few losers"])
def test_it_says_how_many_runs_there_are_and_decides_nothing_without_both_sides(
    analysed, name: str, kept: str
) -> None:
    text, (title,), runs, planned = analysed(name, kept)
    assert f"({runs:,} of {planned:,} runs count so far, a random sample of all" in text
    assert f"{runs:,} of {planned:,} runs" in title
    assert "nan" not in text
    alone = kept == "winner" and name == "commitment"  # it asks about winners only
    if kept in ("one run", "winner", "loser") and not alone:
        assert "**cannot tell**" in text


@pytest.mark.parametrize("name", STUDIES)
def test_a_quarter_of_the_runs_finds_what_is_large(analysed, name: str) -> None:
    text, _, _, _ = analysed(name, "all sides")
    assert "**yes" in text
