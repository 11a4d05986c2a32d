"""When times show no luck of which limits could be made: by hand."""

import numpy as np
import pytest

from grokseed.analysis.varied import varies

NAN = np.nan


def told(*sets, ended=()):
    """Whether times of some sets vary; `ended` are the censored ones, as (set, seed)."""
    times = np.array(sets, float)
    reached = ~np.isnan(times)
    for place in ended:
        reached[place] = False
    return varies(times.T, reached.T)


@pytest.mark.parametrize(
    "sets",
    [
        ([1000] * 3, [2000] * 3),
        ([1000, 1000, NAN, NAN], [NAN, NAN, 2000, 2000]),
        ([1000, 3000, 5000], [2000, 6000, 10_000]),
        ([1000, 3000, 5000], [2000, 6000, NAN], [3000, NAN, 15_000]),
        ([1000, 3000, 5000], [2000, 6000, NAN]),
    ],
)
def test_one_time_a_set_or_one_ratio_a_set_is_no_spread(sets):
    assert not told(*sets)


@pytest.mark.parametrize(
    "sets",
    [
        ([1000, 1000], [2000, 2100]),
        ([1000, 3000, 5000], [2000, 6000, 9975]),
        ([1000, 2000, NAN, NAN], [NAN, NAN, 2000, 4000]),
    ],
)
def test_times_that_differ_otherwise_are_a_spread(sets):
    assert told(*sets)


def test_too_few_times_cannot_tell():
    assert told([1000, NAN], [2000, NAN])
    assert told([1000, NAN], [NAN, 2000])
    assert told([NAN, NAN], [NAN, NAN])


def test_a_run_that_ended_before_it_was_due_agrees_and_one_that_went_on_does_not():
    assert not told([1000, 3000, 5000], [2000, 6000, 9000], ended=[(1, 2)])
    assert told([1000, 3000, 5000], [2000, 6000, 11_000], ended=[(1, 2)])
    assert not told([1000] * 4, [2000, 2000, 2000, 500], ended=[(1, 3)])
    assert told([1000] * 4, [2000, 2000, 2000, 9000], ended=[(1, 3)])
    assert not told([1000, 3000, 9000], [2000, 6000, 9000], ended=[(0, 2), (1, 2)])
