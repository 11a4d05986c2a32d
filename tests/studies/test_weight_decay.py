"""Ratios put into made-up times are found, and a part of the study says what is missing."""

from dataclasses import astuple

import numpy as np
import pandas as pd
import pytest

import weight_decay
from diary.weight_decay_figure import against, times
from grokseed.records.row import SEEDS


def made_up() -> dict[float, pd.DataFrame]:
    """Times fall by 0.8 a doubling of weight decay; at 0 they are 3 times those at 0.05."""
    luck = np.random.default_rng(0).normal(0, 0.4, 64)
    tables = {}
    for i, value in enumerate(sorted(weight_decay.VALUES)):
        factor = 0.8 ** np.log2(value / 0.05) if value else 3.0
        own = np.random.default_rng(i + 1).normal(0, 0.2, 64)
        time = 9000 * factor * np.exp(luck + own)
        last = weight_decay.config(value).max_steps
        rows = [dict(zip(SEEDS, astuple(run), strict=True)) for run in weight_decay.design()]
        tables[value] = pd.DataFrame(rows).assign(
            t98_step=np.where(time <= last, time, np.nan),
            steps=np.minimum(time, last),
            memorised_step=time / 10,
        )
    return tables


def trend_of(runs: dict[float, pd.DataFrame]):
    return weight_decay.doubling(runs, weight_decay.too_much(weight_decay.table(runs)))


def test_seeds_are_matched_fresh_and_share_no_stream() -> None:
    runs = weight_decay.design()
    assert len(runs) == 64
    for stream in ("split", "model", "loader", "val"):
        assert len({getattr(run, stream) for run in runs}) == 64
    assert min(run.split for run in runs) >= 40_000
    assert weight_decay.config(0.0).max_steps == 100_000
    assert weight_decay.config(0.05) == weight_decay.grokseed.preset(
        "mini", max_steps=22_000, stop_when="t98"
    )
    assert len({weight_decay.folder(value) for value in weight_decay.VALUES}) == 8


def test_the_ratios_are_what_was_put_in() -> None:
    runs = made_up()
    found = weight_decay.table({v: runs[v] for v in (0.0, 0.05, 0.2)})
    answer = weight_decay.answer(found, None, None)
    found = found.set_index("weight_decay")
    assert found.loc[0, "low"] < 3 < found.loc[0, "high"]
    assert found.loc[0.2, "ratio"] == pytest.approx(0.64, rel=0.12)
    assert found["matched"].tolist() == [64, 0, 64]
    assert "Still to be trained: weight decay 0.1, 0.02, 0.01, 0.5, 1." in answer


def test_the_trend_is_what_was_put_in() -> None:
    runs = {value: table.iloc[:24] for value, table in made_up().items() if 0 <= value <= 0.05}
    line = trend_of(runs)
    assert line is not None
    assert line.runs == 3 * 24  # that of weight decay 0 has no doubling
    assert line.low < 0.8 < line.high < 1
    text = weight_decay.answer(weight_decay.table(runs), line, line)
    assert "From 0.01 to 0.05 a doubling of weight decay multiplies" in text


def test_a_value_at_which_no_run_memorises_is_not_in_the_trend() -> None:
    """It would turn a trend of 0.8 a doubling round."""
    runs = {value: table for value, table in made_up().items() if value >= 0.05}
    none = {"t98_step": np.nan, "memorised_step": np.nan, "steps": weight_decay.MAX_STEPS}
    runs[1.0] = runs[1.0].assign(**none)
    line, found = trend_of(runs), weight_decay.table(runs)
    assert line is not None
    assert line.low < 0.8 < line.high < 1
    assert line.runs == 4 * 64
    assert weight_decay.too_much(found) == [1.0]
    text = weight_decay.answer(found, line, line)
    assert "sooner: **yes, up to a point**" in text
    ends = weight_decay.ends(found, weight_decay.too_much(found))
    assert ends["trend"] == [0.05, 0.1, 0.2, 0.5]
    whole = found.loc[found["reached"] == found["n"]].sort_values(by="median")
    assert ends["best"]["weight_decay"] == whole.iloc[0]["weight_decay"]
    assert "At 1 fewer than half of the runs memorise or reach t98, so it is left" in text
    late = runs | {1.0: runs[1.0].assign(memorised_step=900.0)}
    assert weight_decay.too_much(weight_decay.table(late)) == []  # late, or never: unknown


def test_runs_that_never_memorise_are_not_late() -> None:
    """An eighth of the runs at 0.5: the trend with them is above 0.8, that without them is not."""
    runs = {value: table for value, table in made_up().items() if value >= 0.05}
    lost = runs[0.5].index < 8
    steps = runs[0.5]["steps"].where(~lost, weight_decay.MAX_STEPS)
    t98, memorised = (runs[0.5][name].mask(lost) for name in ("t98_step", "memorised_step"))
    runs[0.5] = runs[0.5].assign(steps=steps, t98_step=t98, memorised_step=memorised)
    found = weight_decay.table(runs)
    assert (weight_decay.too_much(found), weight_decay.never(found)) == ([], [0.5])
    line, sure = trend_of(runs), weight_decay.doubling(runs, weight_decay.never(found))
    assert line is not None
    assert sure is not None
    assert sure.low < 0.8 < sure.high
    assert line.ratio > sure.ratio
    text = weight_decay.answer(found, line, sure)
    assert "at 0.5, 8 of 64 runs neither memorise nor reach t98; they are not just late" in text
    own = found.loc[found["weight_decay"] == 0.5].iloc[0]
    base = found.loc[found["weight_decay"] == 0.05].iloc[0]
    assert own["medians"] == own["median"] / base["median"]


def test_a_part_says_what_is_missing() -> None:
    runs = {value: table for value, table in made_up().items() if value in (0.0, 0.05)}
    assert trend_of(runs) is None
    text = weight_decay.answer(weight_decay.table(runs), None, None)
    assert "sooner: **cannot tell** yet." in text
    assert "Still to be trained: weight decay 0.1, 0.02, 0.2, 0.01, 0.5, 1." in text


def test_a_value_where_no_run_arrives_has_no_ratio() -> None:
    runs = {value: table for value, table in made_up().items() if value in (0.0, 0.05)}
    runs[0.0]["t98_step"] = np.nan
    found = weight_decay.table(runs).set_index("weight_decay")
    assert np.isnan(found.loc[0, "ratio"])
    assert found.loc[0, "reached"] == 0


def test_a_value_is_too_much_if_fewer_than_half_of_its_runs_learn() -> None:
    rows = [(0.0, 64, 0), (0.2, 64, 64), (0.5, 64, 32), (1.0, 64, 31)]
    found = pd.DataFrame(rows, columns=["weight_decay", "n", "learned"])
    assert weight_decay.too_much(found) == [1.0]
    assert weight_decay.never(found) == [0.5, 1.0]


def test_values_are_told_apart_where_one_factor_cannot() -> None:
    """Sooner at 0.02, later at 0, and at 1 no run arrives."""
    runs = {value: table for value, table in made_up().items() if value in (0.0, 0.02, 0.05, 1.0)}
    runs[0.02] = runs[0.02].assign(t98_step=runs[0.02]["t98_step"] / 4)
    runs[1.0] = runs[1.0].assign(t98_step=np.nan)
    found = weight_decay.table(runs)
    said = "sooner than with 0.05: 0.02; later than with 0.05: 0; at t98 in no run: 1"
    assert against(found, weight_decay.OWN) == said
    assert f"By single values, after Holm: runs are {said}." in weight_decay.answer(
        found, None, None
    )
    figure = times(found, 8, 0.05, (22_000, 100_000))
    assert figure.get_suptitle().replace("\n", " ").startswith(f"Weight decay: {said}")
    assert "to step 22,000; at 0 to step 100,000" in figure.get_suptitle().replace("\n", " ")
    assert "less than half at t98" in {text.get_text() for text in figure.axes[0].texts}
    assert against(found.loc[found["weight_decay"] == 0.05], 0.05) == ""


def test_a_few_runs_of_some_values_are_reported_with_what_they_can_say() -> None:
    parts = zip(made_up().items(), (3, 16, 16, 64, 24, 8, 1, 2), strict=True)
    runs = {value: table.iloc[:n] for (value, table), n in parts}
    found, line = weight_decay.table(runs), trend_of(runs)
    text = weight_decay.answer(found, line, line)
    assert "(134 of 512 runs count so far" in text
    assert "sooner: **yes**" in text
    assert "3 of 3 runs reach t98 within 100,000 steps (100 %, 29 to 100)" in text
    assert "nan" not in text
    single = {value: runs[value].iloc[:n] for value, n in ((0.05, 1), (0.1, 2))}
    assert trend_of(single) is None
