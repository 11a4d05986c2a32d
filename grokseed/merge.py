"""Join the runs of several folders of one config, from any machines, in one folder.

examples:
  python -m grokseed.merge results/shard1 results/shard2 --out results/whole
  python -m grokseed.merge shards/shard-1 shards/shard-2 shards/shard-3 --out whole
  python -m grokseed.merge results/here results/there --out results/both --mixed-numerics

A folder may hold a store or only exported files. If the folder of `--out` exists, it is the first
of those joined. Everything is checked before anything is written.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from grokseed.cli.command import Prepare, run_command, warn

if TYPE_CHECKING:
    import pandas as pd

    from grokseed.records.source import Source
    from grokseed.records.store import Store
    from grokseed.records.union import Union

COMMAND = "grokseed.merge"


@dataclass(frozen=True)
class MergeOptions:
    """Where the runs go.

    Args:
        out: the folder of all the runs.
        mixed_numerics: allow runs of different numerics in one folder; if several folders have a
            run under different numerics, keep that of the folder named first.
    """

    out: str = ""
    mixed_numerics: bool = False


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is `run_command`'s."""
    return run_command(COMMAND, _command, argv)


def _command() -> Prepare:
    from grokseed.cli.folders import named_once, parse_folders
    from grokseed.cli.output import output_folder
    from grokseed.cli.parser import take
    from grokseed.records.filesystem import real

    def prepare(argv: Sequence[str], command: Sequence[str]) -> Callable[[], None]:
        help = "folders of runs, of one config"
        options = parse_folders(COMMAND, __doc__, help, MergeOptions, argv)
        asked = take(MergeOptions, options)
        if not asked.out:
            raise ValueError("say which folder gets the runs: --out FOLDER")
        out = output_folder(asked.out)
        if named_once(options.folders) == [real(out)]:
            raise ValueError(f"{out} cannot be merged with itself: name another folder")
        return prepared(options.folders, out, asked.mixed_numerics)

    return prepare


def prepared(folders: Sequence[Path], out: Path, mixed: bool = False) -> Callable[[], None]:
    """Check everything, and return the function that merges the folders and prints the results.

    Args:
        folders: of stores or exported files, all scans or all ablations.
        out: made if it is missing; if it exists, it goes before the others.
        mixed: allow runs of different numerics. Of a run that several folders have, the first
            folder's is kept.

    Returns:
        A function that raises StoreError or OSError where `out` cannot be written.

    Raises:
        StoreError: a folder is damaged or holds no runs; folders differ in config, in kind or,
            without `mixed`, in numerics; `out` cannot be written.
        NondeterminismError: a run has two digests.
        OSError, ValueError: a table of cells or of excluded seeds, or the answer in `out`, cannot
            be read.
    """
    from grokseed.cli.output import check_output
    from grokseed.records.database import StoreError
    from grokseed.records.filesystem import real
    from grokseed.records.folder import check_holds_runs, holds_runs
    from grokseed.records.provenance import how_they_differ
    from grokseed.records.source import sources
    from grokseed.records.store import Store
    from grokseed.records.union import union
    from grokseed.reports.cells import stored
    from grokseed.reports.scan import check_readable, excluded
    from grokseed.unlike import listed

    others = [path for path in folders if real(path) != real(out)]
    own = [out] if len(others) < len(folders) or holds_runs(out) else []
    parts = list(dict.fromkeys([*own, *others]))
    for path in parts:
        check_holds_runs(path)
    ablations = _are_ablations(parts, out)
    check_output(out)
    cells = [stored(path) for path in parts]
    check_readable(out)
    chosen = {seed: why for path in reversed(parts) for seed, why in excluded(path).items()}
    chosen |= excluded(out)  # which is no part while it has no runs
    found = [source for path in parts for source in sources(path)]
    n_own = sum(source.folder == out for source in found)
    runs = union(found, n_own)
    if not runs.place:
        raise StoreError(f"no runs yet in {', '.join(map(str, parts))}")
    if len(runs.numerics) > 1 and not mixed:
        first, *others = sorted(runs.numerics)
        apart = [how_they_differ(first, other) for other in others]
        raise StoreError(
            f"runs of different numerics need --mixed-numerics; they differ: {listed(apart)}"
        )
    store = Store(out, found[0].config)
    return partial(_merge, store, found, runs, n_own, cells if ablations else [], chosen)


def _are_ablations(parts: Sequence[Path], out: Path) -> bool:
    """Whether all folders are ablations; StoreError if some are and others are scans."""
    from grokseed.cli.folder import check_kind
    from grokseed.records.database import StoreError
    from grokseed.records.folder import CELLS

    kinds = [(path / CELLS).exists() for path in parts]
    if len(set(kinds)) > 1:
        scan, cells = parts[kinds.index(False)], parts[kinds.index(True)]
        raise StoreError(f"{scan} holds a scan, and {cells} an ablation: they cannot be merged")
    check_kind(out, ablation=kinds[0])
    return kinds[0]


def _merge(
    store: Store,
    found: Sequence[Source],
    runs: Union,
    n_own: int,
    cells: Sequence[pd.DataFrame],
    chosen: Mapping[int, str],
) -> None:
    """Write the union into a store's folder, and its tables and figures as scan and ablate do."""
    import pandas as pd

    from grokseed.ablate import write_ablation
    from grokseed.cli.results import write_results
    from grokseed.records.export import write_atomically
    from grokseed.reports.cells import remember
    from grokseed.reports.scan import EXCLUDED

    out, others = store.folder, range(n_own, len(found))
    with store:
        if cells:  # first, as grokseed.ablate does: by them a folder is known to be an ablation's
            remember(out, pd.concat(cells).drop_duplicates())
        if chosen:
            table = pd.DataFrame(sorted(chosen.items()), columns=["model_seed", "reason"])
            write_atomically(out / EXCLUDED, table.to_csv(index=False).encode())
        with store.at_once():
            for place in others:
                for row, points, trajectory in found[place].each():
                    if runs.place.get(row.seeds) == place:
                        store.take(row, points, trajectory)
                store.notes.ask_as(found[place].asked)
                store.notes.note_rules(found[place].rules)
            commands = {command for place in others for command in found[place].commands}
            for command in sorted(commands, key=lambda c: (c.date or "", c.text, c.code or "")):
                store.notes.remember(command)
    if runs.left_out:
        warn(
            f"{COMMAND}: runs that exist under several numerics: {runs.left_out:,}; of each, that "
            "of the folder named first is kept"
        )
    (write_ablation if cells else write_results)(out)


if __name__ == "__main__":
    sys.exit(main())
