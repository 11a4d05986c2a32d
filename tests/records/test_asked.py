"""What commands asked for: written without a list of its seeds, read again, and joined."""

import pytest

from grokseed.records.asked import Asked
from grokseed.seeds import Seeds


@pytest.mark.parametrize("text", ["", "0", "0:2073", "3,5,8:12", "0:2,2:4"])
def test_what_was_asked_is_read_without_a_list_of_its_seeds(text):
    asked = Asked(7, split=text, model="0:4")
    assert Asked.read(asked._asdict()) == asked


@pytest.mark.parametrize(
    "text", ["x", "-1", "3,3", "5,3", "0:4,2:6", "4:4", "4:2", "0:", "0:1000000000000", None, 3]
)
def test_what_nobody_asked_is_refused(text):
    with pytest.raises((ValueError, TypeError, AttributeError)):
        Asked.read(Asked(7)._asdict() | {"model": text})


def test_what_two_commands_ask_for_together():
    few = Asked(8, "0", "0:8", "3", "4")
    assert few.joined(few) == few
    assert few.joined(Asked(4, "0", "4:8", "3", "4")) == few
    assert few.joined(Asked(4, "0", "8:12", "3", "4")) == Asked(12, "0", "0:12", "3", "4")
    assert Asked().joined(few) == few
    older = Asked(5)  # a folder that did not say which seeds: its runs may be among these
    assert older.joined(few) == few.joined(older) == few
    assert Asked(9).joined(few) == few.at_least(9)


def test_a_scheme_that_ties_streams_has_no_more_runs_than_its_seeds_allow():
    diary = Asked(2126, "0:2073", "0:2073", "8", "9")
    assert diary.at_most("diary", own_split=True).runs == 2073
    assert diary.at_most("independent", own_split=True) == diary
    assert Asked(12, "0:5", "0:5", "3,8", "4,9").at_most("diary", own_split=True).runs == 12
    assert Asked(12, "0:5", "0:5", "0:5", "0:5").at_most("shared", own_split=True).runs == 5


def test_a_split_of_its_own_ties_nothing_to_the_model_seed():
    crossed = Asked(6, "0:2", "0:3", "8", "9")
    assert crossed.at_most("diary", own_split=False) == crossed
    assert crossed.at_most("diary", own_split=True) == crossed  # so far split 0 with model 0
    square = Asked(9, "0:3", "0:3", "8", "9")
    assert square.at_most("diary", own_split=False) == square
    assert square._replace(runs=20).at_most("diary", own_split=False) == square
    older = Asked(5)  # a folder that did not say which seeds
    assert older.at_most("diary", own_split=True) == older


def test_what_was_asked_for_is_asked_of_the_union():
    low, high, some = (
        Asked.of([Seeds(0, model, 8, 9) for model in models])
        for models in (range(5), range(5, 9), range(3, 7))
    )
    assert low.joined(high).runs == high.joined(low).runs == 9
    assert low.joined(high).model == "0:9"
    assert low.joined(high).joined(high).runs == 9
    assert low.joined(low) == low.joined(Asked()) == Asked().joined(low) == low
    assert (
        low.joined(some).runs == some.joined(low).runs == 7
    )  # some may be the same: each seed one
    assert Asked(6, "0:2", "0:3", "8", "9").joined(Asked(2, "1:3", "0", "8", "9")).runs == 6
