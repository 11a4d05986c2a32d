"""Do layers that share their weights generalise worse, and is their luck different? (the grid of
document 002, row by row; plan.md, "Sharing between layers")

    python studies/sharing.py                      train what is missing, then say what was found
    python studies/sharing.py --models decoder     of these models alone
    python studies/sharing.py --luck               more seeds of the cells that luck is read from
    python studies/sharing.py --export             train nothing

Design: x-y mod 23 by a baseline of 4 blocks, and by 5 shapes of as many parameters within 2 %:
deep and very_deep (8 and 12 blocks of 4 sets), wide (4 of 2), very_wide (4 of 1), wide_deep (8 of
2), each with sets in sequence, cycle and cycle_rev, as decoder and as encoder, on 8 matched seeds.
With one set there is nothing to assign: very_wide is trained once for its three rows. Outcomes of a
short and of a 2.5 times longer training: accuracy, perplexity, minimal pairs. Contrast: the best
row of a column minus each other row, seed by seed. Luck: spread of log t50 over the baseline's.
"""

import argparse
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from grokseed.records.export import write_atomically
from grokseed.reports.pictures import save
from grokseed.seeds import Seeds
from older_documents import sharing_grid as grid
from older_documents.sharing_answer import answer, columns
from older_documents.sharing_figure import grid as picture
from older_documents.sharing_grid import CELLS, LUCK, MODELS, ROWS, config_of, design
from older_documents.sharing_luck import luck_table
from older_documents.sharing_tables import grid_table
from older_documents.sharing_training import Record, train_cell

OUT = Path("results/sharing")
RUNS = OUT / "trainings.csv"
FIGURE = "x-y mod 23; decoders and encoders at 600 and 1,500 steps"


def read() -> pd.DataFrame:
    """The trainings so far, of the configs that the cells have now."""
    if not RUNS.exists():
        raise SystemExit(f"{OUT} holds no runs yet")
    runs = pd.read_csv(RUNS)
    keys = [config_of(model, cell).key() for model in MODELS for cell in CELLS]
    return runs.loc[runs["config"].isin(keys)]


def missing(asked: Sequence[tuple[str, str]], number: int) -> list[tuple[str, str, list[Seeds]]]:
    """The runs of each model and cell asked for that are not stored yet."""
    runs = read() if RUNS.exists() else pd.DataFrame(columns=["model", "cell", "model_seed"])
    there = set(runs[["model", "cell", "model_seed"]].itertuples(index=False, name=None))
    left = (
        (*own, [seeds for seeds in design(number) if (*own, seeds.model) not in there])
        for own in asked
    )
    return [work for work in left if work[2]]


def trained(work: Sequence[tuple[str, str, list[Seeds]]], jobs: int) -> Iterator[list[Record]]:
    """The records of each piece of work as it ends; with one job, trained in this process."""
    if jobs == 1:
        yield from (train_cell(*some) for some in work)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for done in as_completed([pool.submit(train_cell, *some) for some in work]):
            yield done.result()


def train_missing(asked: Sequence[tuple[str, str]], number: int, jobs: int) -> None:
    """Train what is missing, a cell a process, and store a cell's runs as it ends."""
    for records in trained(missing(asked, number), jobs):
        before = [pd.read_csv(RUNS)] if RUNS.exists() else []
        runs = pd.concat([*before, pd.DataFrame(records)], ignore_index=True)
        OUT.mkdir(parents=True, exist_ok=True)
        runs = runs.sort_values(["model", "cell", "model_seed"], kind="stable")
        write_atomically(RUNS, runs.to_csv(index=False).encode())
        print(f"{records[0]['model']} {records[0]['cell']}: {len(records)} runs", flush=True)


def main(argv: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--models", default=",".join(MODELS), help="models to train")
    options.add_argument("--luck", action="store_true", help="more seeds of luck's cells")
    options.add_argument("--jobs", type=int, default=2, help="processes")
    options.add_argument("--export", action="store_true")
    asked = options.parse_args(argv)
    models = asked.models.split(",")
    if unknown := set(models) - set(MODELS):
        options.error(f"--models must be of {', '.join(MODELS)}, not {min(unknown)!r}")
    if asked.jobs < 1:
        options.error(f"--jobs must be at least 1, not {asked.jobs}")
    if not asked.export and asked.luck:
        train_missing([("decoder", cell) for cell in LUCK], grid.LUCKY, asked.jobs)
    elif not asked.export:
        train_missing([(model, cell) for cell in CELLS for model in models], grid.EACH, asked.jobs)
    analyse()


def analyse() -> None:
    """Write the tables and the answer, of as many cells as have runs."""
    runs = read()
    grid_runs = runs.loc[runs["model_seed"].isin([seeds.model for seeds in design()])]
    found, luck = grid_table(grid_runs, list(CELLS)), luck_table(runs, list(CELLS))
    found.to_csv(OUT / "grid.csv", index=False, float_format="%.6g")
    luck.to_csv(OUT / "luck.csv", index=False, float_format="%.6g")
    save(picture(found, ROWS, columns(), FIGURE), OUT / "grid")
    write_atomically(OUT / "README.md", answer(found, luck, grid_runs).encode())


if __name__ == "__main__":
    main()
