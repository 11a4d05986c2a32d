"""A process that dies in the speed study, as one may at the most lanes, for lack of memory."""

import os
from collections.abc import Callable

import pytest

from grokseed.config import Config
from speed.decoders import decoders, print_decoders
from speed.table import print_table
from speed.timing import Contender, take_turns

CONFIG = Config(p=11, d_model=16, heads=2, batch_size=16)


def dies(config: Config, lanes: int, device: str, on_point: Callable[[float], None]) -> None:
    on_point(1)
    on_point(1)
    os._exit(7)


def ticks(config: Config, lanes: int, device: str, on_point: Callable[[float], None]) -> None:
    while True:
        on_point(1)


def test_a_contender_that_dies_does_not_take_the_table_with_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [Contender("large", dies, CONFIG, 1024), Contender("small", ticks, CONFIG)]
    take_turns(rows, "cpu", 3)
    assert [len(row.seconds) for row in rows] == [0, 3]
    print_table(rows, "large", gflop=1)
    told = capsys.readouterr()
    assert told.err == "speed: a process of large died\n"
    large, small = (
        [cell.strip() for cell in line.split("|")[1:-1]] for line in told.out.splitlines()[-2:]
    )
    assert large == ["large", "", "1 x 1", "1024", "died", "", ""]
    assert small[:3] == ["small", "", "1 x 1"]


def test_the_other_decoders_are_in_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    rows = decoders(CONFIG, 2)
    rows[1].seconds[:], rows[1].memory[:] = [1.0], [3 << 20]
    print_decoders(rows)
    first, second, _ = capsys.readouterr().out.splitlines()[3:]
    assert " died |" in first
    assert " 1000.00 (1000.00 to 1000.00) |" in second
