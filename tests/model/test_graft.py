"""Grafts: the right tensors, from the right streams, and one name for equal weights."""

import re
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grokseed.config import Config
from grokseed.model.graft import check_name, initial_weights
from grokseed.model.layout import groups, parameter_shapes, parts, select, spell, splice
from grokseed.model.weights import initial_parameters
from grokseed.seeds import Seeds
from grokseed.streams import generators
from grokseed.training.trainer import train

CONFIG = Config(
    p=11,
    d_model=16,
    batch_size=16,
    max_steps=30,
    screen_step=25,
    val_every=25,
    scheme="diary",
)
ALL = "+".join(["token_embedding", "position_embedding", "block1", "block2", "head"])
some_parts = st.sets(st.sampled_from(parts(CONFIG)))


def drawn(seed: int) -> dict[str, torch.Tensor]:
    """The diary's weights of a seed, by hand: the split's permutation, then the layers."""
    stream = torch.Generator().manual_seed(seed)
    torch.randperm(CONFIG.n_examples, generator=stream)
    return initial_parameters(CONFIG, stream)


def weights(seeds: Seeds, config: Config = CONFIG) -> dict[str, torch.Tensor]:
    stream = generators(seeds, config.scheme, config.n_examples).model
    return initial_weights(config, seeds, stream)


def same(a: torch.Tensor, b: torch.Tensor) -> bool:
    return torch.equal(a, b)


def test_the_parts_are_the_layers_that_differ_from_seed_to_seed() -> None:
    one, other = drawn(1), drawn(2)
    differ = {name.rpartition(".")[0] for name in one if not same(one[name], other[name])}
    assert differ == set(parts(CONFIG))
    by_group = [part for group in groups(CONFIG) for part in sorted(select(CONFIG, group))]
    assert sorted(by_group) == sorted(parts(CONFIG))


def test_names_stand_for_layers_groups_blocks_and_sums() -> None:
    assert select(CONFIG, "block2.ffn") == {"block2.ffn.up", "block2.ffn.down"}
    assert select(CONFIG, "head+block1.attention.out") == {"head", "block1.attention.out"}
    assert len(select(CONFIG, "block1")) == 4
    assert select(CONFIG, "block1.attention.norm") == set()
    assert select(CONFIG, ALL) == set(parts(CONFIG))
    for text, said in {
        "": "no group ''",
        "block3": "no group 'block3'",
        "block": "no group 'block'",
        "head.weight": "no group 'head.weight'",
        "block1+block1.ffn": "block1.ffn.down twice",
        "head+head": "holds head twice",
    }.items():
        with pytest.raises(ValueError, match=said):
            select(CONFIG, text)


@given(some_parts)
def test_spelling_is_the_inverse_of_selecting(chosen: set[str]) -> None:
    if chosen:
        assert select(CONFIG, spell(CONFIG, chosen)) == chosen


@given(some_parts)
def test_a_graft_takes_the_donors_tensors_and_leaves_the_others(chosen: set[str]) -> None:
    model, graft = splice(CONFIG, 56, 42, chosen)
    found, recipient, donor = weights(Seeds(56, model, 8, 9, graft)), drawn(56), drawn(42)
    for name, value in found.items():
        origin = donor if name.rpartition(".")[0] in chosen else recipient
        assert same(value, origin[name]), name


@given(some_parts)
def test_equal_weights_have_one_name(chosen: set[str]) -> None:
    rest = set(parts(CONFIG)) - chosen
    assert splice(CONFIG, 56, 42, chosen) == splice(CONFIG, 42, 56, rest)


def test_a_graft_of_all_is_the_donors_run_and_one_of_none_the_recipients() -> None:
    every, nothing = parts(CONFIG), []
    assert splice(CONFIG, 56, 42, every) == (42, "")
    assert splice(CONFIG, 56, 42, nothing) == (56, "")
    for scheme in ("diary", "independent"):
        config = replace(CONFIG, scheme=scheme)
        donor, grafted, recipient, half = train(
            config,
            [
                Seeds(42, 42, 8, 9),
                Seeds(42, 56, 8, 9, f"{ALL}=42"),
                Seeds(42, 56, 8, 9),
                Seeds(42, 56, 8, 9, "head+token_embedding=42"),
            ],
        )
        assert grafted.digest() == donor.digest()
        assert len({run.digest() for run in (donor, recipient, half)}) == 3


def test_a_graft_shifts_no_stream(global_streams: None) -> None:
    plain, grafted = (
        generators(seeds, "diary", CONFIG.n_examples)
        for seeds in (Seeds(56, 56, 8, 9), Seeds(56, 56, 8, 9, "block1=42"))
    )
    initial_weights(CONFIG, Seeds(56, 56, 8, 9), plain.model)
    initial_weights(CONFIG, Seeds(56, 56, 8, 9, "block1=42"), grafted.model)
    for stream in ("split", "model", "loader", "val"):
        one, other = getattr(plain, stream), getattr(grafted, stream)
        assert torch.equal(one.get_state(), other.get_state())


def test_what_cannot_be_grafted() -> None:
    for graft in ("head", "head=", "=3", "head=-1", "head=3=4", "head 3"):
        with pytest.raises(ValueError, match="a graft is spelled like"):
            Seeds(0, 1, 2, 3, graft)
    with pytest.raises(ValueError, match="graft seed must lie in"):
        Seeds(0, 1, 2, 3, f"head={2**32}")
    with pytest.raises(ValueError, match="scheme shared"):
        weights(Seeds(1, 1, 1, 1, "head=3"), replace(CONFIG, scheme="shared"))
    with pytest.raises(ValueError, match="no group 'tail'"):
        weights(Seeds(1, 1, 1, 1, "tail=3"))


OTHER_NAMES = {
    "head+token_embedding=2": (56, "token_embedding+head=2"),
    "block1.ffn+block1.attention=2": (56, "block1=2"),
    "token_embedding+block1+block2+head=2": (2, "position_embedding=56"),
    f"{ALL}=2": (2, ""),
    "head=02": (56, "head=2"),
    "head~1=2": (56, "head=2"),
    "head~0.50=2": (56, "head~0.5=2"),
    "head+block1~0.00001=2": (56, "block1+head~0.00001=2"),
    "ulp=03": (56, "ulp=3"),
    "relabel-weights=03": (56, "relabel-weights=3"),
    "characters-2~2.0=0": (56, "characters-2~2=0"),
    "characters-2~0.5=7": (56, "characters-2~0.5=0"),
    "branch-08=3": (56, "branch-8=3"),
    "head=56": (56, ""),
    "head~0=2": (56, ""),
    "block1.attention.norm=2": (56, ""),
    "relabel-weights=1": (56, ""),
    "characters-2~1=0": (56, ""),
}
"""Grafts of model seed 56, and the model seed and graft that name the same run."""


@pytest.mark.parametrize("graft", OTHER_NAMES)
def test_a_run_with_a_graft_has_one_name(graft: str) -> None:
    model, name = OTHER_NAMES[graft]
    one, other = weights(Seeds(56, 56, 8, 9, graft)), weights(Seeds(56, model, 8, 9, name))
    assert all(same(one[weight], other[weight]) for weight in one)
    said = f"same run as model seed {model} with graft {name}: name that"
    if not name:
        said = "changes nothing" if model == 56 else "same run as model seed 2 without a graft"
    with pytest.raises(
        ValueError, match=f"graft {re.escape(graft)} of model seed 56 .*{re.escape(said)}"
    ):
        check_name(CONFIG, 56, graft)
    if name:
        check_name(CONFIG, model, name)


@given(some_parts)
def test_the_name_that_a_cell_gets_is_the_one(chosen: set[str]) -> None:
    model, graft = splice(CONFIG, 56, 42, chosen)
    if graft:
        check_name(CONFIG, model, graft)


def test_every_parameter_has_an_origin() -> None:
    grafted = weights(Seeds(0, 1, 2, 3, "block1.ffn.up=4"))
    assert {name: tuple(v.shape) for name, v in grafted.items()} == parameter_shapes(CONFIG)
    up = [n for n in grafted if n.startswith("block1.ffn.up")]
    assert [same(grafted[n], drawn(4)[n]) for n in up] == [True, True]
