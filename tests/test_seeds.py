"""Named streams: each moves alone, equal seeds are unrelated, and the diary's coupling is kept."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from plain_training import mixed, murmur3

from grokseed.config import Config, Scheme
from grokseed.model.weights import initial_parameters
from grokseed.seeds import MAX_SEED, STREAMS, Seeds
from grokseed.streams import Generators, generators
from grokseed.task import split
from grokseed.training.batches import epoch_order

N = 110
CONFIG = Config(p=11, batch_size=16, d_model=16)

seeds = st.builds(Seeds, *[st.integers(0, MAX_SEED)] * 4)


def head(generator: torch.Generator) -> list[int]:
    return torch.randint(2**62, (4,), generator=generator).tolist()


def heads(streams: Generators) -> dict[str, list[int]]:
    return {stream: head(getattr(streams, stream)) for stream in STREAMS}


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("seed", [-1, 2**32])
def test_seeds_fit_what_a_generator_keeps(stream: str, seed: int) -> None:
    with pytest.raises(ValueError, match=f"{stream} seed must lie in"):
        replace(Seeds(0, 0, 0, 0), **{stream: seed})
    assert head(torch.Generator().manual_seed(2**32)) == head(torch.Generator().manual_seed(0))
    assert MAX_SEED == 2**32 - 1


def test_seeds_are_integers_of_any_type_and_nothing_else() -> None:
    seeds = Seeds(np.int64(0), np.uint8(1), 2, True, graft="ulp=1")  # type: ignore[arg-type]
    assert seeds == Seeds(0, 1, 2, 1, graft="ulp=1")
    assert {type(getattr(seeds, stream)) for stream in STREAMS} == {int}
    for wrong in (0.5, "0", None):
        with pytest.raises(ValueError, match=f"val seed must be a whole number, not {wrong!r}"):
            Seeds(0, 0, 0, wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="a graft is spelled like"):
        Seeds(0, 0, 0, 1, "head=\u0663")  # a 3 of another script
    for wrong in (None, 3, 0, b"", ()):
        with pytest.raises(ValueError, match=f"graft must be text, not {re.escape(repr(wrong))}"):
            Seeds(0, 0, 0, 1, wrong)  # type: ignore[arg-type]


def test_seeds_sort_by_split_model_train_val() -> None:
    runs = [Seeds(1, 0, 0, 0), Seeds(0, 0, 0, 1), Seeds(0, 0, 1, 0), Seeds(0, 1, 0, 0)]
    assert sorted(runs) == [runs[1], runs[2], runs[3], runs[0]]


@pytest.mark.parametrize("scheme", ["independent", "diary"])
@pytest.mark.parametrize("stream", STREAMS)
@given(one=seeds, other=st.integers(0, MAX_SEED))
def test_a_seed_moves_its_own_stream_alone(
    scheme: str, stream: str, one: Seeds, other: int
) -> None:
    before = heads(generators(one, scheme, N))  # type: ignore[arg-type]
    changed = replace(one, **{stream: other})
    after = heads(generators(changed, scheme, N))  # type: ignore[arg-type]
    moved = {name for name in STREAMS if before[name] != after[name]}
    assert moved == (set() if other == getattr(one, stream) else {stream})


@given(st.integers(0, MAX_SEED))
def test_equal_seeds_of_independent_streams_are_unrelated(seed: int) -> None:
    streams = heads(generators(Seeds(seed, seed, seed, seed), "independent", N))
    bare = head(torch.Generator().manual_seed(seed))
    assert len({tuple(numbers) for numbers in [*streams.values(), bare]}) == 5


def test_independent_streams_stay_what_they_were() -> None:
    """Literals: were the mixing to change, every stored run would mean another training.

    Murmur3's finalizer takes 1 to 0x514E28B7, and split seed 0x61C88648 is mixed to 1 before it.
    """
    seeds = Seeds(0x61C88648, 1, 2, 3)
    streams = generators(seeds, "independent", N)
    drawn = [getattr(streams, stream).initial_seed() for stream in STREAMS]
    assert drawn == [0x514E28B7, 314344336, 311582648, 1507035486]
    assert mixed(seeds) == Seeds(*drawn)


@pytest.mark.parametrize("scheme", ["independent", "diary"])
def test_dropouts_stream_stays_what_it_was(scheme: Scheme) -> None:
    """The loader's seed in a fifth role."""
    drawn = generators(Seeds(0, 1, 2, 3), scheme, N).dropout.initial_seed()
    assert drawn == murmur3(2 + 5 * 0x9E3779B9) == 2476576637


@given(st.integers(0, MAX_SEED), st.integers(0, MAX_SEED))
def test_no_two_seeds_of_a_role_share_a_stream(one: int, other: int) -> None:
    """50,699 and 55,170 did, when seeds were hashed to more bits than a generator keeps."""
    for a, b in ((one, other), (one, one ^ 1), (50699, 55170)):
        ours, theirs = (generators(Seeds(s, s, s, s), "independent", N) for s in (a, b))
        for stream in STREAMS:
            equal = getattr(ours, stream).initial_seed() == getattr(theirs, stream).initial_seed()
            assert equal == (a == b)


def test_diary_draws_split_and_weights_from_one_stream() -> None:
    """One `manual_seed` on the global generator; its split, then its weights."""
    streams = generators(Seeds(42, 42, 8, 9), "diary", N)
    ours = split(CONFIG, streams.split)
    weights = initial_parameters(CONFIG, streams.model)["token_embedding.weight"]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(42)
        order = torch.randperm(N)
        assert torch.cat((ours.train, ours.val)).equal(order)
        assert weights.equal(torch.nn.Embedding(22, 16).weight)


def test_diary_keeps_a_seeds_weights_on_another_split() -> None:
    one = generators(Seeds(42, 42, 8, 9), "diary", N)
    other = generators(Seeds(56, 42, 8, 9), "diary", N)
    assert head(one.split) != head(other.split)
    assert head(one.model) == head(other.model)


def test_shared_is_one_stream_seeded_with_the_models_seed() -> None:
    streams = generators(Seeds(1, 5, 2, 3), "shared", N)
    assert streams.split is streams.model is streams.loader is streams.val
    assert head(streams.val) == head(torch.Generator().manual_seed(5))


@pytest.mark.parametrize("scheme", ["independent", "diary"])
def test_adjacent_loader_seeds_share_no_epoch(scheme: str) -> None:
    orders = [
        tuple(epoch_order(N, streams.loader).tolist())
        for streams in (generators(Seeds(0, 0, s, 0), scheme, N) for s in range(20))  # type: ignore[arg-type]
        for _ in range(5)
    ]
    assert len(set(orders)) == len(orders)


@pytest.mark.usefixtures("global_streams")
@pytest.mark.parametrize("scheme", ["independent", "diary", "shared"])
def test_drawing_leaves_the_global_streams_alone(scheme: str) -> None:
    streams = generators(Seeds(1, 2, 3, 4), scheme, N)  # type: ignore[arg-type]
    split(CONFIG, streams.split)
    initial_parameters(CONFIG, streams.model)
    epoch_order(N, streams.loader)
