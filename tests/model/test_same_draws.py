"""What equal seeds share under two configs: against what is really drawn."""

from dataclasses import replace

import pytest
import torch
from compared_folders import folder

from grokseed import compare
from grokseed.config import Config, preset
from grokseed.model.layout import group_of, groups
from grokseed.model.same_draws import same_groups, same_order, same_split, shared_by_equal_seeds
from grokseed.model.weights import initial_parameters
from grokseed.seeds import Seeds
from grokseed.streams import generators
from grokseed.task import split
from grokseed.training.batches import epoch_order

BASE = preset("mini", p=11, batch_size=16)

CHANGES = [
    {"lr": 0.01, "heads": 2, "batch_size": 8, "activation": "relu", "sample_size": 9},
    {"p": 13},
    {"train_fraction": 0.4},
    {"test_fraction": 0.1},
    {"operation": "x+y"},  # without division there are p² equations
    {"operation": "x*y/y"},
    {"d_model": 32},
    {"layers": 2},
    {"layers": 2, "sharing": "cycle", "unique_layers": 1},
    {"ffn_multiple": 2},
    {"kv_heads": 1},
    {"biases": "none"},
    {"readout": "flatten"},
    {"readout": "tied"},
    {"init_scale": 0.5},
    {"scheme": "diary"},
    {"scheme": "diary", "p": 13},
]


def drawn(config: Config) -> tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]:
    """Rows of each set, the first epoch's order and the initial weights of a seed for each."""
    streams = generators(Seeds(1, 2, 3, 4), config.scheme, config.n_examples)
    found = split(config, streams.split)
    rows = torch.cat((found.train, torch.tensor([-1]), found.val, torch.tensor([-1]), found.test))
    weights = initial_parameters(config, streams.model)
    return rows, epoch_order(config.n_train, streams.loader), weights


def own(weights: dict[str, torch.Tensor], group: str) -> dict[str, torch.Tensor]:
    return {name: value for name, value in weights.items() if group_of(name) == group}


def equal(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("scheme", ["independent", "diary"])
@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_equal_seeds_share_what_they_draw_alike(change: dict, scheme: str) -> None:
    a = replace(BASE, scheme=scheme)
    b = replace(a, **change)
    ours, theirs = drawn(a), drawn(b)
    assert same_split(a, b) == torch.equal(ours[0], theirs[0])
    assert same_order(a, b) == torch.equal(ours[1], theirs[1])
    alike = [g for g in groups(a) if g in groups(b) and equal(own(ours[2], g), own(theirs[2], g))]
    assert same_groups(a, b) == alike
    whole = torch.equal(ours[0], theirs[0]) and torch.equal(ours[1], theirs[1])
    assert (shared_by_equal_seeds(a, b) == "") == (whole and alike == groups(a) == groups(b))


def test_on_one_stream_the_order_comes_after_all_else() -> None:
    a = replace(BASE, scheme="shared")
    assert same_order(a, replace(a, lr=0.1))
    for change in ({"d_model": 32}, {"val_every": 75}, {"batch_size": 8}, {"test_fraction": 0.1}):
        assert not same_order(a, replace(a, **change))


def test_a_comparison_says_what_its_matched_seeds_share(tmp_path, capsys) -> None:
    for name, change in {"a": {}, "lr": {"lr": 0.1}, "wide": {"d_model": 96}}.items():
        folder(tmp_path / name, [1000, 2000, 3000], **change)
    said = {}
    for name in ("lr", "wide"):
        assert compare.main([str(tmp_path / "a"), str(tmp_path / name)]) == 0
        said[name] = capsys.readouterr().out
        assert "3 seeds are matched." in said[name]
    assert "Equal seeds share" not in said["lr"]
    share = "Equal seeds share the split and the batch order here, and not the initial weights."
    assert share in said["wide"]
    folder(tmp_path / "apart", [1000, 2000, 3000], first=9, d_model=96)
    assert compare.main([str(tmp_path / "a"), str(tmp_path / "apart")]) == 0
    assert "Equal seeds" not in capsys.readouterr().out  # none are matched


def test_the_sentence_names_what_is_shared_and_what_is_not() -> None:
    flat = shared_by_equal_seeds(BASE, replace(BASE, readout="flatten"))
    assert flat == (
        "Equal seeds share the split, the batch order and the initial weights of token_embedding, "
        "position_embedding, block1.attention, block1.ffn here, and not the other initial weights."
    )
    none = "Equal seeds share no draw of these configs: only their numbers match."
    assert shared_by_equal_seeds(BASE, replace(BASE, p=13)) == none
    assert shared_by_equal_seeds(BASE, replace(BASE, scheme="diary")) == none


def test_of_several_configs_it_names_what_all_share() -> None:
    faster, wide = replace(BASE, lr=0.1), replace(BASE, d_model=2 * BASE.d_model)
    assert shared_by_equal_seeds(BASE, faster, faster) == ""
    share = "Equal seeds share the split and the batch order here, and not the initial weights."
    assert shared_by_equal_seeds(BASE, faster, wide) == share
    assert shared_by_equal_seeds(BASE, wide, replace(BASE, p=13)).startswith("Equal seeds share no")
