"""A store of made-up runs."""

import random
from pathlib import Path

from made_up import CONFIG, trajectory

from grokseed.records.provenance import Command
from grokseed.records.store import Store
from grokseed.seeds import Seeds

NUMERICS = "cpu fp32"
RUNS = [Seeds(0, model, train, train + 1) for model in range(6) for train in (8, 9)]


def filled(folder: Path, runs=RUNS) -> Path:
    with Store(folder, CONFIG, NUMERICS) as store:
        for seeds in runs:
            store.add(seeds, trajectory(CONFIG, seeds), seconds=random.random())
        store.notes.remember(Command("python -m grokseed.scan", "2026-01-02", "abc1234"))
    return folder
