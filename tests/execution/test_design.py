"""Designs: the sets they exchange, and the cells and runs these stand for."""

from collections.abc import Sequence

import pytest

from grokseed.config import Config
from grokseed.execution.design import FRESH, Cell, Design, cells, label, levels, sets
from grokseed.model.layout import parts, select
from grokseed.seeds import Seeds

CONFIG = Config(scheme="diary")
SEVEN = [
    *("token_embedding", "position_embedding", "block1.attention", "block1.ffn"),
    *("block2.attention", "block2.ffn", "head"),
]


def labels(design: Design, *names: str) -> list[str]:
    return [label(CONFIG, chosen) for chosen in sets(CONFIG, design, names)]


def test_the_sets_of_each_design() -> None:
    assert labels("singles") == SEVEN
    assert labels("singles", "head", "block1+head") == ["head", "block1+head"]
    assert labels("leave-one-out") == [f"all but {name}" for name in SEVEN]
    assert labels("cumulative", "head", "block2") == ["head", "block2+head"]
    assert labels("cumulative")[-1] == "all but head"
    assert labels("subsets", "head", "block1", "block2") == [
        *("head", "block1", "block2", "block1+head", "block2+head", "block1+block2"),
        "block1+block2+head",
    ]
    assert len(labels("subsets")) == 2**7 - 2  # but all: that is the donor's own run


def test_labels_are_short() -> None:
    assert label(CONFIG, select(CONFIG, "block2.attention+block2.ffn+head")) == "block2+head"
    all_but_head = set(parts(CONFIG)) - {"head"}
    assert label(CONFIG, all_but_head) == "all but head"
    assert label(CONFIG, {"head"}) == "head"


def test_the_diarys_ladder_is_its_24_modules_in_order_and_its_combinations() -> None:
    modules = [
        *("token_embedding", "position_embedding", "block1+block2+head"),
        *("block1", "block1.attention", "block1.attention.out"),
        *("block1.ffn", "block1.ffn.up", "block1.ffn.down"),
        *("block2", "block2.attention", "block2.attention.out"),
        *("block2.ffn", "block2.ffn.up", "block2.ffn.down"),
        "head",
    ]
    together = [
        *("token_embedding+block2", "token_embedding+head", "block2+head"),
        "token_embedding+block2+head",
    ]
    assert labels("diary") == modules + together
    # The whole decoder, the GELU of each block, and the five norms: nothing, or all, to exchange.
    assert len(modules) + 1 + 2 + 5 == 24


def test_sets_that_cannot_be() -> None:
    cases: list[tuple[Design, Sequence[str], str]] = [
        ("singles", ["tail"], "no group 'tail'"),
        ("singles", ["head.norm"], "has no drawn initial weights"),
        ("cumulative", ["block1", "block1.ffn"], "overlap"),
        ("subsets", ["head", "head+block1"], "overlap"),
        ("subsets", parts(CONFIG), "at most 10 groups"),
        ("diary", ["head"], "groups of its own"),
    ]
    for design, names, said in cases:
        with pytest.raises(ValueError, match=said):
            sets(CONFIG, design, names)


def made(**more) -> list[Cell]:
    how = {"splits": ["recipient"], "loaders": [8]} | more
    return cells(CONFIG, [42], [56], [select(CONFIG, "head")], **how)


def test_cells_of_a_graft_and_their_runs() -> None:
    assert made() == [
        Cell("recipient", "", "", 56, 56, "recipient", Seeds(56, 56, 8, 9)),
        Cell("donor", "", "", 42, 42, "recipient", Seeds(56, 42, 8, 9)),
        Cell("graft", "head", "head", 56, 42, "recipient", Seeds(56, 56, 8, 9, "head=42")),
    ]


def test_controls_leave_split_and_order_alone() -> None:
    found = made(shams=[3, 4], reverse=True, fresh=2, splits=["donor", "5"], loaders=[8, 7])
    assert len(found) == 2 * 2 * (2 + 1 + 2 + 1 + 2)
    kinds = {(c.kind, c.recipient, c.donor, c.seeds.model, c.seeds.graft) for c in found}
    assert kinds == {
        ("recipient", 56, 56, 56, ""),
        ("donor", 42, 42, 42, ""),
        ("graft", 56, 42, 56, "head=42"),
        ("sham", 56, 3, 56, "head=3"),
        ("sham", 56, 4, 56, "head=4"),
        ("reverse", 42, 56, 42, "head=56"),
        ("fresh", 42, FRESH, 42, f"head={FRESH}"),
        ("fresh", 42, FRESH + 1, 42, f"head={FRESH + 1}"),
    }
    assert {(c.split, c.seeds.split, c.seeds.loader, c.seeds.val) for c in found} == {
        *(("donor", 42, 8, 9), ("donor", 42, 7, 8), ("5", 5, 8, 9), ("5", 5, 7, 8))
    }
    assert {c.seeds.val for c in made(val_seed=3)} == {3}


def test_each_cell_is_made_once_and_shared_runs_are_one() -> None:
    head = select(CONFIG, "head")
    both = [head, frozenset(parts(CONFIG)) - head]
    found = cells(CONFIG, [1, 2], [3, 4], both, splits=["0"], loaders=[8], reverse=True, shams=[5])
    assert len(found) == len(set(found)) == 4 + 2 * (4 + 2 + 4)
    # All but the head of 1 in 3 is the head of 3 in 1.
    graft, reverse = (
        next(c for c in found if c.kind == kind and (c.recipient, c.donor) == pair and c.parts == p)
        for kind, pair, p in (
            ("graft", (3, 1), "+".join(part for part in parts(CONFIG) if part != "head")),
            ("reverse", (1, 3), "head"),
        )
    )
    assert graft.seeds == reverse.seeds


def test_levels_of_the_split_that_are_the_same_seed_keep_their_cells() -> None:
    head = [select(CONFIG, "head")]
    found = cells(CONFIG, [0], [5], head, splits=["donor", "0"], loaders=[8])
    assert [cell.split for cell in found if cell.kind == "graft"] == ["donor", "0"]
    assert len({cell.seeds for cell in found}) == 3


def test_fresh_seeds_are_nobodys() -> None:
    with pytest.raises(ValueError, match="reserved for groups that are redrawn"):
        cells(CONFIG, [FRESH], [1], [], splits=["0"], loaders=[8])


def test_levels_of_the_split() -> None:
    assert levels("donor, recipient,0:3") == ["donor", "recipient", "0", "1", "2"]
    for text in ("donor,donor", "0:3,2", "donors", ""):
        with pytest.raises(ValueError, match=r"twice|seeds are written"):
            levels(text)
