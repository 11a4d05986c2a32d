"""Folders of made-up runs that were trained here and there, and what a merge leaves of them."""

from pathlib import Path

from made_up import CONFIG, trajectory

from grokseed import merge
from grokseed.config import Config
from grokseed.records.export import export
from grokseed.records.provenance import Command, Made
from grokseed.records.store import Store
from grokseed.seeds import Seeds

HERE, THERE = "cpu here", "cpu there"
THAT = Made(THERE, "def5678", "2026-03-04")
MADE = Made(HERE, "abc1234", "2026-01-02")


def runs(*models: int) -> list[Seeds]:
    return [Seeds(0, model, 8, 9) for model in models]


def filled(
    name: str,
    models: range,
    made: Made = MADE,
    config: Config = CONFIG,
    exported: bool = False,
) -> Path:
    """A folder with a store of made-up runs, or with its exported files alone."""
    where = Path(name)
    with Store(where, config, made.numerics, mixed=True) as store:
        store.notes.ask(runs(*models))
        for seeds in runs(*models):
            store.add(seeds, trajectory(config, seeds), 1.0, made)
        command = f"python -m grokseed.scan --model-seeds {models.start}:{models.stop}"
        store.notes.remember(Command(command, made.day, made.commit))
        if exported:
            export(store)
    if exported:
        (where / "scan.db").unlink()
    return where


def merged(*argv: str) -> tuple[bytes, bytes]:
    """The table and the points that a merge leaves in a folder of that name."""
    assert merge.main(list(argv)) == 0
    out = Path(argv[-1])
    return (out / "runs.csv").read_bytes(), (out / "trajectories.npz").read_bytes()
