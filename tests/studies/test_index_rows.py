"""The index shows two sentences of an answer: the second has numbers, as the tables give them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import commitment
import power
import search
from common.study import render
from experiments import transport_verdicts
from grokseed.reports.studies import Study, question_and_answer
from predictors import early_page

RESULTS = Path(__file__).parents[2] / "results"


def second_sentence(page: str) -> str:
    question, answer = question_and_answer(page)
    shown = Study("a", Path("a"), question, answer, None, 0, float("nan")).briefly()[1]
    return shown.partition(". ")[2]


@pytest.mark.parametrize("name", ["transport", "transport_add"])
def test_of_transport_it_has_the_rates_of_wins(name: str) -> None:
    found = pd.read_csv(RESULTS / name / "ways.csv")
    page = render(
        "transport",
        found=found.to_dict("records"),
        verdict=transport_verdicts.verdict(found),
        share=(np.nan,) * 3,
        near=0,
        rest=[],
        operation="x/y",
        chosen_with=0.0,
        there="all",
    )
    weights, _, same = found.to_dict("records")
    rates = [f"{100 * row[role]:.0f} %" for row in (weights, same) for role in ("winner", "loser")]
    said = second_sentence(page)
    assert [said.partition(rate)[1] for rate in rates] == rates
    assert f"({weights['runs']} runs), winners' weights win in {rates[0]} (95 %: " in said
    assert f"renamed too ({same['runs']} runs), in {rates[2]} (" in said
    assert said.endswith(f"({100 * same['loser_low']:.0f} to {100 * same['loser_high']:.0f}).")


def test_of_searches_it_has_what_they_save_at_most_or_cost() -> None:
    found = pd.read_csv(RESULTS / "search" / "search.csv")
    said = second_sentence(search.answer(found))
    rows = found.to_dict("records")
    high = {way: max(r["high"] for r in rows if r["way"] == way) for way in search.WAYS}
    most = high[search.RESTARTS]
    assert f" each) restarts at the best step save at most {100 - 100 / most:.0f} % of" in said
    for way in search.SIDE:
        times = sorted(1 / row["gain"] for row in rows if row["way"] == way)
        assert f"{way} takes {times[0]:.2f} to {times[-1]:.2f} times the steps of one" in said
        assert f"({1 / high[way]:.2f} or more by the limits)" in said


def test_of_power_it_has_the_smallest_effect_of_each_design() -> None:
    table = pd.read_csv(RESULTS / "power" / "power.csv")
    said = second_sentence(power.answer(table))
    found = table.loc[table["power"] >= power.ENOUGH].drop_duplicates(["study", "n"])
    assert len(found) == 8
    for row in found.to_dict("records"):
        note = "; too hopeful, see anatomy" * (row["study"] == "A anatomy")
        assert f"{row['study']} ({row['n']}{note}): {row['true_effect']}" in said


def test_of_early_verdicts_it_has_what_a_plain_limit_of_steps_saves() -> None:
    names = ("early", "fits", "elsewhere", "fresh")
    tables = [pd.read_csv(RESULTS / "early" / f"{name}.csv") for name in names]
    page = early_page.page(*tables, scans={})
    said = second_sentence(page)
    (row,) = tables[-1].loc[tables[-1]["said"] == "certain"].to_dict("records")
    assert said.startswith(f"A plain limit of steps (the cap) at {row['cap_step']:,}, two thirds")
    assert f"by itself saves a factor of {row['cap_saved']:.2f} (" in said
    assert f"the rule saves a further factor of {row['over_cap']:.2f} (" in said
    assert said.endswith(f"(found by looking, on the {row['known_n']} known seeds).")


def test_of_commitment_it_has_the_rates_at_the_start_and_at_the_step() -> None:
    found = pd.read_csv(RESULTS / "commitment" / "branches.csv")
    verdict, step = commitment.committed(found)
    said = second_sentence(commitment.said(found, "all"))
    rates = {r["branch"]: r["rate"] for r in found.to_dict("records") if r["role"] == "winner"}
    assert said.startswith(
        f"Branched into fresh orders at step 0, winners win in {100 * rates[0]:.0f} %"
    )
    later = "those that are not at t98 yet win in"
    assert verdict != "yes" or f"; at step {step} {later} {100 * rates[step]:.0f} % of" in said
