"""See whether a config can memorise its train set, and name the likely cause if it cannot.

examples:
  python -m grokseed.overfit --preset mini
  python -m grokseed.overfit --preset mini --d-model 16 --lr 1e-2
  python -m grokseed.overfit --preset mini --layers 4 --sharing cycle --unique-layers 2

Run it before a long scan. The exit status is 0 only if the config can memorise.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grokseed.cli.command import FAILED, Prepare, run_command, say, warn

if TYPE_CHECKING:
    from jsonargparse import Namespace

    from grokseed.config import Config
    from grokseed.reports.overfit import Found
    from grokseed.seeds import Seeds
    from grokseed.training.ladder import Setting

COMMAND = "grokseed.overfit"


@dataclass(frozen=True)
class OverfitOptions:
    """Where the results go.

    Args:
        out: the folder of results; by default results/overfit_ and a name made of the options.
    """

    out: str | None = None


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; 1 if the config does not memorise, else as `run_command`."""
    return run_command(COMMAND, _command, argv)


def examine(at: Setting, seeds: Seeds, tell: Callable[[str], None] = lambda line: None) -> Found:
    """Train the ladder of a setting.

    Args:
        at: from `training.ladder.setting`.
        seeds: of the run that it was made from.
        tell: gets a line for each level and rate that has ended.
    """
    import pandas as pd

    from grokseed.analysis.ladder import trials
    from grokseed.reports.overfit import Found
    from grokseed.training.ladder import climb
    from grokseed.training.numerics import numerics

    found = trials(at.config)
    climb(at, found, lambda trial: tell(trial.said))
    examples = pd.DataFrame(_examples(at))
    made_with = numerics(at.config, "cpu")
    return Found(at.config, seeds, found, examples, len(at.val), made_with)


def _examples(at: Setting) -> dict[str, object]:
    """Columns that list the train set: equations, or windows with bytes as Python shows them."""
    from grokseed.vocabulary import RESIDUE

    *inputs, answer = at.step.examples[:, at.train].numpy()
    if at.config.task == "rote":
        rows = zip(*inputs, strict=True)
        text, following = [_spelled(row) for row in rows], [_spelled([byte]) for byte in answer]
        return {"window": at.train.numpy(), "text": text, "next": following}
    a, b = inputs
    return {"equation": at.train.numpy(), "a": a, "b": b, "result": answer - RESIDUE}


def _spelled(row: Iterable[int]) -> str:
    return repr(bytes(row))[2:-1]


def _command() -> Prepare:
    import torch

    from grokseed.cli.folder import default_folder
    from grokseed.cli.options import SeedOptions
    from grokseed.cli.output import output_folder
    from grokseed.cli.parser import parse, parser, take
    from grokseed.config import Config
    from grokseed.records.provenance import recorded
    from grokseed.reports.overfit import report
    from grokseed.texts import content_of
    from grokseed.training.ladder import setting

    def one_run(options: Namespace) -> Seeds:
        """The run that the options name; ValueError if they name none or several."""
        config = take(Config, options)
        if config.precision == "tf32":
            raise ValueError("precision tf32 needs a GPU, and the ladder is trained on the CPU")
        content_of(config.text)
        runs = take(SeedOptions, options).runs(config.scheme)
        if len(runs) > 1:
            raise ValueError(f"the ladder examines one run, and these options name {len(runs)}")
        return runs[0]

    def prepare(argv: Sequence[str], command: Sequence[str]) -> Callable[[], int | None]:
        made = parser(COMMAND, __doc__, OverfitOptions, SeedOptions)
        options = parse(made, argv, one_run)
        config, seeds = take(Config, options), one_run(options)
        usual = Path(default_folder(options.preset, config, take(SeedOptions, options)))
        named = usual.with_name(f"overfit_{usual.name}")
        out = output_folder(named if options.out is None else options.out)
        _check_folder(out, config, seeds)
        _check_room(config)

        def overfit() -> int:
            threads = torch.get_num_threads()
            torch.set_num_threads(1)  # the matrix products are too small for several threads
            try:
                found = examine(setting(config, seeds), seeds, warn)
            finally:
                torch.set_num_threads(threads)
            out.mkdir(parents=True, exist_ok=True)
            say(report(out, found, recorded(command).shown()))
            return 0 if found.memorises else FAILED

        return overfit

    return prepare


def _check_room(config: Config) -> None:
    """Refuse a config whose ladder needs more memory than this machine has.

    Raises:
        MemoryNeededError: one run, or the trainings that go side by side, would.
    """
    from grokseed.analysis.ladder import trials
    from grokseed.execution.memory import (
        MemoryNeededError,
        check_room,
        machine_bytes,
        needed_bytes,
        said,
    )

    check_room(config, 1, 1)  # before sizes that may be absurd are used
    lanes = Counter(trial.batch for trial in trials(config))
    needed = max(needed_bytes(config, n, 1) for n in lanes.values())
    if needed > (there := machine_bytes()):
        raise MemoryNeededError(
            f"the ladder's {max(lanes.values())} trainings side by side need about {said(needed)} "
            f"of memory, and this machine has {said(there)}: try a smaller config"
        )


def _check_folder(out: Path, config: Config, seeds: Seeds) -> None:
    """Refuse a folder that cannot be written, or that holds a scan or another run's ladder.

    Raises:
        OSError: it cannot be written.
        StoreError: it holds runs, another's files, or the ladder of another config or other seeds.
    """
    from grokseed.analysis.ladder import unregularised
    from grokseed.cli.output import check_output
    from grokseed.config import difference
    from grokseed.records.database import StoreError
    from grokseed.records.folder import holds_runs
    from grokseed.reports.overfit import VERDICT
    from grokseed.seeds import Seeds
    from grokseed.unlike import listed, unlike

    there = next(path for path in (out, *out.absolute().parents) if os.path.lexists(path))
    if not there.is_dir() or not os.access(there, os.W_OK):
        reason = "no permission" if there.is_dir() else "not a folder"
        raise OSError(f"{out} cannot be written: {reason}")
    if holds_runs(out):
        raise StoreError(f"{out} holds a scan: choose another --out")
    check_output(out, (VERDICT,))
    if not (out / VERDICT).exists():
        return
    try:
        about = json.loads((out / VERDICT).read_text("utf-8"))
        differs = difference(unregularised(config), about["config"])
        own = Seeds(**about["seeds"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError(f"{out / VERDICT} cannot be read: {error}") from None
    if own != seeds:
        differs.append(unlike("seeds", own, seeds))
    if differs:
        raise StoreError(
            f"{out} holds the ladder of another run: {listed(differs)}: choose another --out"
        )


if __name__ == "__main__":
    sys.exit(main())
