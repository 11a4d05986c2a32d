"""Two values that differ: what is shown of them shows how."""

import re
from dataclasses import asdict, replace

from hypothesis import given
from hypothesis import strategies as st

from grokseed.config import Config, difference, preset
from grokseed.unlike import LONGEST_LIST, LONGEST_VALUE, clipped, joined, listed, unlike


def test_short_values_are_shown_whole() -> None:
    assert unlike("p", 97, 223) == "p: 97, not 223"
    assert unlike("operation", "x/y", "x*y") == "operation: 'x/y', not 'x*y'"


def test_of_long_values_the_part_that_differs_is_shown() -> None:
    one = "+".join(["x"] * 40) + "+y"
    other = one.replace("y", "3")
    assert re.fullmatch(r"name: …[+x]+y', not …[+x]+3'", unlike("name", one, other))
    operations = [f"{'x+' * 20}{one}{'+y' * 20}" for one in ("3*y", "4*y")]
    configs = [Config(operation=operation) for operation in operations]
    (said,) = difference(configs[0], asdict(configs[1]))
    assert "+4*y+" in said.split(", not ")[0]
    assert "+3*y+" in said.split(", not ")[1]


@given(st.text("ab", min_size=1, max_size=300), st.text("ab", min_size=1, max_size=300))
def test_two_values_never_look_the_same(one: str, other: str) -> None:
    said = unlike("name", one, other).removeprefix("name: ").split(", not ")
    assert (said[0] == said[1]) == (one == other)
    assert max(map(len, said)) <= LONGEST_VALUE + 2


def test_a_text_is_named_by_its_content_in_words() -> None:
    name = "sha256:" + "0123456789abcdef" * 4
    assert unlike("text", name, "") == (
        "text: a file whose sha256sum is 01234567…, not the shipped text"
    )


def test_of_many_differences_the_first_and_their_number_are_shown() -> None:
    differences = difference(preset("mini"), asdict(Config()))
    said = listed(differences)
    assert said.startswith("p: 223, not 97; train_fraction: 0.5, not 0.6; ")
    assert said.endswith(f"; and {len(differences) - said.count('not')} more")
    assert len(said) <= LONGEST_LIST + len("; and 10 more")
    assert listed(difference(replace(preset("mini"), p=101), asdict(preset("mini")))) == (
        "p: 97, not 101"
    )


def test_words_are_joined() -> None:
    assert joined(["split"]) == "split"
    assert joined(iter(["split", "model", "loader"]), "or") == "split, model or loader"


def test_a_long_text_is_clipped() -> None:
    assert clipped("0:8") == "0:8"
    assert clipped("1,3," * 100) == f"{'1,3,' * 8}…"
