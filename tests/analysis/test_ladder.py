"""Levels, targets and criteria of the overfit ladder, by hand."""

import pytest

from grokseed.analysis.ladder import (
    Level,
    Trial,
    best_rate,
    criteria,
    levels,
    lowest,
    trials,
    unregularised,
)
from grokseed.config import preset

WHOLE = "train set: over 95% right and confident, loss below 0.1"


def whole(**ended) -> Trial:
    trial = Trial("train set", 1000, 1e-3, 64, Level("train set", 1000, 0.95, None, 64, True))
    trial.__dict__.update({"end_loss": 0.05, "end_right": 990, "sure": 980, "val_loss": 5, **ended})
    met = trial.meets(trial.end_right, trial.end_loss, trial.sure)
    trial.reached = 120 if met else None
    return trial


def test_levels_targets_and_batches_are_the_documents():
    mini = levels(preset("mini"))
    assert [(it.n, it.least, it.epochs, it.batch) for it in mini] == [
        (4, 4, None, 32),
        (100, 96, 20, 32),
        (1000, 901, 50, 32),
        (5587, 5308, None, 256),
    ]
    assert [it.n for it in levels(preset("mini", p=13, batch_size=8))] == [4, 93]
    assert {it.batch for it in levels(preset("mini", p=13, batch_size=8))} == {8}


def test_the_sweep_has_seven_rates_and_regularisation_is_off():
    rates = [it.rate for it in trials(preset("mini")) if it.level is None]
    assert rates == [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2]
    config = unregularised(preset("mini", dropout=0.1, schedule="cosine"))
    assert (config.weight_decay, config.dropout, config.schedule) == (0, 0, "constant")


@pytest.mark.parametrize(
    ("ended", "missed"),
    [
        ({}, []),
        ({"end_loss": 0.1}, [WHOLE, "train loss below 0.1"]),
        ({"end_right": 950}, [WHOLE, "train accuracy over 95%"]),
        ({"sure": 950}, [WHOLE, "over 95% of right answers have a probability over 0.5"]),
        ({"val_loss": 0.04}, ["validation worse than training"]),
    ],
)
def test_criteria_are_ticked(ended, missed):
    ticked = criteria([whole(**ended)], 500)
    assert [it.name for it in ticked if not it.holds] == missed
    assert [it.name for it in ticked if not it.needed] == ["validation worse than training"]


def test_the_train_set_goes_on_until_all_criteria_hold():
    """Else a config that can memorise is refused, because its training ended too soon."""
    trial = whole()
    assert trial.meets(951, 0.09)
    assert trial.meets(951, 0.09, 951)
    assert not trial.meets(951, 0.09, 950)
    assert not trial.meets(951, 0.1, 951)
    assert not trial.meets(950, 0.09, 951)
    part = Trial("100 examples", 100, 1e-3, 32, Level("100 examples", 100, 0.95, 20, 32))
    assert part.meets(96, 2.0, 0)
    assert not part.meets(95, 0.0, 95)
    assert not Trial("0.001", 100, 1e-3, 32).meets(100, 0.0, 100)


def test_a_target_met_late_says_so():
    level = Level("100 examples", 100, 0.95, 20, 32)
    for reached, word in ((20, "within the document's 20"), (21, "not in the document's 20")):
        trial = Trial("100 examples", 100, 1e-3, 32, level, reached=reached, end_right=96)
        first, *_ = criteria([trial, whole()], 500)
        assert first.holds
        assert word in first.found


def test_the_best_rate_is_the_one_with_the_lowest_loss_of_an_epoch():
    slow = Trial("slow", 10, 1e-5, 5, loss=[3.0, 2.0])
    fast = Trial("fast", 10, 1e-3, 5, loss=[1.0, 4.0])
    lost = Trial("lost", 10, 1e-2, 5, loss=[float("nan")])
    assert best_rate([slow, fast, lost, whole()]) is fast
    assert best_rate([lost, whole()]) is None
    assert lowest(lost) == float("inf")
