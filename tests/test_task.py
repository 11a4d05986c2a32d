"""The task against plain Python, and its random draws against torch's own split and loaders."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, random_split

from grokseed.config import Config, preset
from grokseed.task import OPERATIONS, equations, split
from grokseed.training.batches import draw_val_pass, epoch_order, shared_epoch_order
from grokseed.vocabulary import EOS, EQUALS, RESIDUE, VOCABULARY, vocabulary_size

PYTHON: dict[str, Callable[[int, int], int]] = {
    "(x//y)if(y%2==1)else(x-y)": lambda x, y: x // y if y % 2 == 1 else x - y,
    "x+y": lambda x, y: x + y,
    "x-y": lambda x, y: x - y,
    "x^2+y^2": lambda x, y: x * x + y * y,
    "x^2+xy+y^2": lambda x, y: x * x + x * y + y * y,
    "x^2+xy+y^2+x": lambda x, y: x * x + x * y + y * y + x,
    "x^3+xy": lambda x, y: x * x * x + x * y,
    "x^3+xy^2+x": lambda x, y: x * x * x + x * y * y + x,
}

primes = st.sampled_from([2, 3, 5, 7, 11, 13, 31])


@given(st.sampled_from(sorted(PYTHON)), primes)
def test_equations_are_plain_arithmetic(operation: str, p: int) -> None:
    first = 1 if operation.startswith("(x//y)") else 0
    expected = [(x, y, PYTHON[operation](x, y) % p) for x in range(p) for y in range(first, p)]
    rows = [tuple(row) for row in torch.stack(equations(operation, p), 1).tolist()]
    assert rows == expected


@given(primes)
def test_division_undoes_multiplication(p: int) -> None:
    rows = [tuple(row) for row in torch.stack(equations("x/y", p), 1).tolist()]
    assert rows == [(x * y % p, y, x) for x in range(p) for y in range(1, p)]
    assert len({(a, b) for a, b, _ in rows}) == p * (p - 1)


def test_sizes_of_the_diarys_task() -> None:
    a, b, result = equations("x/y", 223)
    assert len(a) == len(b) == len(result) == 49_506 == Config().n_examples
    assert (a.dtype, b.dtype, result.dtype) == (torch.int64,) * 3
    assert vocabulary_size(Config()) == 234
    sets = split(Config(), torch.Generator().manual_seed(0))
    assert (len(sets.train), len(sets.val), len(sets.test)) == (24_753, 24_753, 0)


def test_vocabulary() -> None:
    assert list(OPERATIONS) == sorted([*PYTHON, "x/y"])
    names = (
        "(x//y)if(y%2==1)else(x-y) x+y x-y x/y x^2+xy+y^2 x^2+xy+y^2+x x^2+y^2 x^3+xy x^3+xy^2+x"
    )
    assert list(VOCABULARY) == ["eos", "=", *names.split()]
    assert (VOCABULARY[EOS], VOCABULARY[EQUALS], RESIDUE) == ("eos", "=", 11)


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_the_config_knows_how_many_equations(operation: str) -> None:
    config = preset("diary", operation=operation, p=31, batch_size=16)
    assert config.n_examples == len(equations(operation, 31)[0])


@given(
    seed=st.integers(0, 2**32 - 1),
    p=st.sampled_from([7, 11, 31]),
    train=st.floats(0.1, 0.7),
    test=st.sampled_from([0.0, 0.1, 0.2]),
)
def test_split_is_random_split(seed: int, p: int, train: float, test: float) -> None:
    config = Config(operation="x-y", p=p, train_fraction=train, test_fraction=test, batch_size=1)
    ours = split(config, torch.Generator().manual_seed(seed))
    parts = random_split(
        range(config.n_examples),  # type: ignore[arg-type]
        [config.n_train, config.n_val, config.n_test],
        generator=torch.Generator().manual_seed(seed),
    )
    assert [part.tolist() for part in (ours.train, ours.val, ours.test)] == [
        list(part.indices) for part in parts
    ]
    together = torch.cat((ours.train, ours.val, ours.test))
    assert together.sort().values.equal(torch.arange(config.n_examples))


def loader_order(loader: DataLoader) -> list[int]:
    return torch.cat(list(loader)).tolist()


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 50))
def test_epochs_are_a_loaders_with_a_generator(seed: int, n: int, batch: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    loader = DataLoader(range(n), batch, shuffle=True, generator=generator)  # type: ignore[arg-type]
    ours = torch.Generator().manual_seed(seed)
    for _ in range(3):
        assert epoch_order(n, ours).tolist() == loader_order(loader)


@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 40),
    passes=st.lists(st.integers(0, 2), min_size=3, max_size=3),
    val_shuffle=st.booleans(),
)
def test_shared_epochs_are_those_of_loaders_without_generators(
    seed: int, n: int, passes: list[int], val_shuffle: bool
) -> None:
    ours = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        loader = DataLoader(range(n), 4, shuffle=True)  # type: ignore[arg-type]
        val = DataLoader(range(9), 4, shuffle=val_shuffle)  # type: ignore[arg-type]
        for passes_after in passes:
            assert shared_epoch_order(n, ours).tolist() == loader_order(loader)
            for _ in range(passes_after):
                loader_order(val)
                draw_val_pass(ours, val_shuffle)


def test_in_a_shared_stream_validation_moves_the_next_epoch() -> None:
    def second_epoch(val_passes: list[bool]) -> list[int]:
        generator = torch.Generator().manual_seed(3)
        shared_epoch_order(50, generator)
        for shuffle in val_passes:
            draw_val_pass(generator, shuffle)
        return shared_epoch_order(50, generator).tolist()

    orders = [second_epoch(passes) for passes in ([], [False], [True])]
    assert orders[0] != orders[1] != orders[2] != orders[0]
