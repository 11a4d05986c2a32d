"""Möbius effects of combinations, by hand and added up again."""

import numpy as np
import pytest

from grokseed.analysis.subsets import moebius, subsets


def test_all_subsets_of_five_parts_are_there_once() -> None:
    found = subsets("abcde")
    assert len(found) == len(set(found)) == 32
    assert found[0] == frozenset()
    assert found[-1] == frozenset("abcde")


def test_a_conjunction_is_one_effect() -> None:
    values = {s: float({"a", "b"} <= s) + 0.25 * ("c" in s) for s in subsets("abcd")}
    found = moebius(values)
    assert {"".join(sorted(s)): v for s, v in found.items() if v} == {"ab": 1.0, "c": 0.25}


def test_an_interaction_by_hand() -> None:
    names = {"": 0.0, "a": 0.1, "b": 0.2, "ab": 0.7}
    found = moebius({frozenset(name): value for name, value in names.items()})
    assert found[frozenset("ab")] == pytest.approx(0.7 - 0.1 - 0.2 + 0.0)


def test_effects_of_subsets_add_up_to_the_values_also_of_arrays() -> None:
    random = np.random.default_rng(0)
    values = {s: random.normal(size=3) for s in subsets("abcde")}
    found = moebius(values)
    for whole, value in values.items():
        total = np.sum([found[s] for s in subsets(whole)], axis=0)
        assert total == pytest.approx(value)


def test_a_subset_that_lacks_one_of_its_own_has_no_effect_known() -> None:
    values = {s: 1.0 for s in subsets("abc") if s != frozenset("a")}
    assert set(moebius(values)) == {frozenset(), *map(frozenset, ("b", "c", "bc"))}
