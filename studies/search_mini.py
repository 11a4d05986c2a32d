"""Which small config shows the diary's phenomenon on a laptop? The search behind preset `mini`.

    python studies/search_mini.py               try what is missing, say what was found
    python studies/search_mini.py --export      train nothing

A row a candidate. The same command continues where it stopped. results/LOG.md says what was chosen.
"""

import argparse
import ast
from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.between_points import on_line, points_of
from common.study import render
from grokseed.analysis.survival import numbers
from grokseed.records.export import write_atomically

OUT = Path("results/search_mini/candidates.csv")
SEEDS = range(16)
BASE = {"d_model": 64, "layers": 1, "lr": 2e-3, "batch_size": 256, "stop_when": "completed"}
TAKEN = {"p": 97, "train_fraction": 0.6, "weight_decay": 0.05, "max_steps": 9000}
CANDIDATES = [
    *({**TAKEN, **size} for size in ({}, {"d_model": 48}, {"d_model": 96}, {"layers": 2})),
    {"p": 59, "train_fraction": 0.7, "max_steps": 10000},
    {"p": 97, "train_fraction": 0.7, "batch_size": 512, "max_steps": 4000},
    {"p": 97, "train_fraction": 0.65, "weight_decay": 0.03, "max_steps": 8000},
    {"p": 97, "train_fraction": 0.6, "max_steps": 9000},
    {"p": 97, "train_fraction": 0.58, "max_steps": 14000},
    {"p": 97, "train_fraction": 0.55, "weight_decay": 0.2, "max_steps": 2500},
    *({"p": 97, "train_fraction": 0.5, "lr": lr, "max_steps": 6000} for lr in (2e-3, 1e-3)),
]


def candidate(overrides: dict) -> dict:
    """One candidate's row: when its runs memorise and generalise, and its best screen step."""
    config = grokseed.Config(**{**BASE, **overrides})
    scan = grokseed.scan(config, model_seeds=SEEDS, loader_seeds=8)
    generalised = numbers(scan.runs, "completed_step")
    times = scan.survival("completed")
    memorised = float(np.nanmedian(numbers(scan.runs, "memorised_step")))
    return {
        "candidate": str(overrides),
        "batches_an_epoch": config.steps_per_epoch,
        "n": times.n,
        "memorised_median": memorised,
        "generalised_first": np.fmin.reduce(generalised),
        "generalised_median": times.median,
        "censored": times.censored,
        "generalised_to_memorised": times.median / memorised,
        **best_screen(scan),
    }


def best_screen(scan: grokseed.Scan) -> dict:
    """The step at which a screen finds most super runs while at least 80 % are normal; the first
    one."""
    steps = np.arange(500, scan.config.max_steps + 1, scan.config.sample_every * 10)
    runs = points_of(scan.runs, scan.trajectories)
    accuracy = np.array([on_line(run, "sample_accuracy", steps) for run in runs])
    normal, best = (accuracy < 0.25).mean(0), (accuracy > 0.98).mean(0)
    at = int(np.argmax(np.where(normal >= 0.8, best, -1)))
    return {"screen_step": steps[at], "normal": normal[at], "super": best[at]}


def answer(done: pd.DataFrame) -> str:
    """What the search has found so far, from the table of candidates."""
    rows = []
    for row in done.to_dict("records"):
        overrides = ast.literal_eval(row["candidate"])
        steps = ("memorised_median", "generalised_first", "generalised_median")
        memorised, first, median = ("" if np.isnan(row[n]) else f"{row[n]:,.0f}" for n in steps)
        rows.append(
            {
                "words": ", ".join(f"{name} {value}" for name, value in overrides.items()),
                "taken": overrides == TAKEN,
                "n": row["n"],
                "memorised": memorised,
                "reached": row["n"] - row["censored"],
                "first": first,
                "median": median,
                "last": f"{overrides['max_steps']:,}",
            }
        )
    return render("search_mini", rows=rows, candidates=len(CANDIDATES))


def main(argv: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--export", action="store_true")
    export = options.parse_args(argv).export
    done = pd.read_csv(OUT) if OUT.exists() else pd.DataFrame({"candidate": []})
    OUT.parent.mkdir(parents=True, exist_ok=True)
    for overrides in [] if export else CANDIDATES:
        if str(overrides) not in set(done["candidate"]):
            done = pd.concat([done, pd.DataFrame([candidate(overrides)])], ignore_index=True)
            done.to_csv(OUT, index=False, float_format="%.4g")
            print(done.tail(1).to_string(index=False))
    text = answer(done)
    write_atomically(OUT.parent / "README.md", text.encode())
    print(text)


if __name__ == "__main__":
    main()
