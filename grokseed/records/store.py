"""One scan's runs on disk, in SQLite. A finished run stays stored, whatever stops the scan.

The folder's tables are the scan, and the database is the working copy: runs of `runs.csv` that it
lacks are read from there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path

from grokseed.config import Config
from grokseed.records.database import DATABASE, Database, NondeterminismError, lock, signature
from grokseed.records.from_tables import check_new_numerics, config_to_begin_with, take_tables
from grokseed.records.measure import SCALARS, measure
from grokseed.records.notes import Notes
from grokseed.records.opening import check_numerics, check_same, stored_config
from grokseed.records.place import Place
from grokseed.records.points import Points, thinned
from grokseed.records.provenance import Made
from grokseed.records.row import Row, rank
from grokseed.records.runs import Run, Runs
from grokseed.records.schema import bring_up_to_date, create
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds


class Store:
    """The runs of one scan: one config, any number of seeds.

    A writer holds the folder's lock while the store is open. Rows are inserted and never replaced,
    with three exceptions. A later try of a run replaces its `crashed` row. A run that an early
    verdict stopped is replaced by the same run under another verdict. A run read from a table has
    only thinned points, and is replaced by the same run trained again, with the same digest.

    Args:
        folder: the scan's folder; made where it is missing.
        config: the scan's config; None takes the stored one.
        numerics: of the runs that will be added; None if none will be.
        mixed: allow runs of other numerics beside these.
        read_only: take no lock and write nothing; the store must exist, and may have a writer.

    Attributes:
        notes: what is noted beside the runs.

    Raises:
        StoreError: the folder cannot be written, another scan is writing it, its config or numerics
            differ, it holds no runs, or its database or tables are damaged.
    """

    def __init__(
        self,
        folder: Path,
        config: Config | None = None,
        numerics: str | None = None,
        *,
        mixed: bool = False,
        read_only: bool = False,
    ) -> None:
        self.folder, self.numerics = folder, numerics
        path, self._read_only = folder / DATABASE, read_only
        with ExitStack() as opened:
            before, marked = None, False
            if not read_only:
                if path.exists():  # if anything is wrong, write nothing
                    before = signature(path)
                    with Store(folder, config, numerics, mixed=mixed, read_only=True) as seen:
                        marked = seen._runs.marked
                        check_new_numerics(seen, numerics, mixed)
                else:
                    config = config_to_begin_with(folder, config, numerics, mixed)
                opened.callback(lock(folder).release)
                if not path.exists():
                    assert config is not None
                    create(path, config)
            unchanged = before is not None and before == signature(path)
            self._db = opened.enter_context(closing(Database(path, read_only)))
            if not read_only:
                self._place = Place(folder)
                opened.callback(self._place.close)
                self._db.safe_from_power_cuts()
            bring_up_to_date(self._db)
            self.config = stored_config(self._db)
            check_same(folder, config, self.config)
            self.notes, self._runs = Notes(self._db), Runs(self._db, self.config.key())
            self.notes.commands()
            self.notes.asked()
            self.notes.rules()
            if unchanged:
                self._runs.marked = marked
            else:
                self._runs.check()
            check_numerics(folder, numerics, self.all_numerics(), mixed)
            if not read_only:
                self._runs.mark_earlier()
                take_tables(self)
            self._opened = opened.pop_all()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database and release the lock. Safe to call twice."""
        self._opened.close()

    def check_place(self) -> None:
        """Stop a scan whose folder is no longer where it was.

        Raises:
            FolderLostError: it was moved or removed; the message says where the runs are now.
        """
        if not self._place.is_kept():
            raise self._place.lost(self._db.backup)

    def each_row(self) -> Iterator[Row]:
        """All stored runs, sorted by their seeds, with the scalars they were stored with.

        Raises:
            StoreError: a row cannot be read, or does not match its seal.
        """
        return self._runs.each()

    def has_runs(self) -> bool:
        """Whether any run is stored."""
        return self._runs.any_has("status")

    def all_numerics(self) -> Counter[str]:
        """How many runs have each numerics; those that crashed do not count."""
        return self._runs.numerics()

    def seeds(self, stream: str) -> Iterator[int]:
        """The seeds that the runs have of a stream, each once, sorted."""
        return self._runs.seeds(stream)

    def uses(self, column: str) -> bool:
        """Whether any run has a graft, or an early verdict, by the name of its column."""
        return self._runs.any_has(column)

    def add(
        self, seeds: Seeds, trajectory: Trajectory, seconds: float = 0.0, made: Made | None = None
    ) -> Row:
        """Measure one run and commit its record and trajectory together.

        Args:
            made: where it was trained; by default with the store's own numerics.

        Raises:
            NondeterminismError: the run is stored with the same numerics and another digest.
            StoreError: the database cannot be written.
        """
        scalars, digest = measure(self.config, trajectory), trajectory.digest()
        made = made or Made(self.numerics or "")
        row = Row(seeds, trajectory.status, scalars, made, digest, seconds, early=trajectory.early)
        there = self._runs.there(seeds)
        if there.status in (None, "crashed"):
            self._runs.insert(there, row, trajectory, None)
        elif there.numerics == made.numerics and (found := there.disagreement(row, trajectory)):
            raise NondeterminismError(
                f"{self.folder}: {seeds} gave other numbers than those stored ({found[:12]}, not "
                f"{there.digest[:12]}); stopped, as no run of this scan can be trusted"
            )
        elif there.gives_way_to(row) or (there.digest == digest and not there.has_all):
            self._runs.insert(there, row, trajectory, None)
        return row

    def add_crashed(
        self, seeds: Seeds, error: str, seconds: float = 0.0, made: Made | None = None
    ) -> Row:
        """Commit a run that gave no result, with the reason. A stored result is left alone."""
        made = made or Made(self.numerics or "")
        row = Row(seeds, "crashed", dict.fromkeys(SCALARS), made, "", seconds, error)
        there = self._runs.there(seeds)
        if there.status in (None, "crashed"):
            self._runs.insert(there, row, None, None)
        return row

    def take(self, row: Row, points: Points, trajectory: Trajectory | None = None) -> None:
        """Commit a run of another folder unchanged, with its thinned points or its trajectory.

        A run that is stored with a result stays unchanged. One that an early verdict stopped gives
        way to one that went on, or was stopped later.

        Raises:
            NondeterminismError: it is stored with the same numerics and another digest.
            StoreError: the database cannot be written.
        """
        there = self._runs.there(row.seeds)
        if there.status not in (None, "crashed"):
            same = row.made.numerics == there.numerics
            if same and (found := there.disagreement(row, trajectory)):
                raise NondeterminismError(
                    f"{self.folder}: {row.seeds} has two digests: {there.digest[:12]} here, and "
                    f"{found[:12]}"
                )
            fuller = same and row.digest == there.digest and not there.has_all and trajectory
            ahead = rank(row.status, row.scalars["steps"]) < rank(there.status, there.steps)
            longer = ahead and there.gives_way_to(row)
            if not (fuller or longer):
                return
        thin = points if trajectory is None and row.status != "crashed" else None
        self._runs.insert(there, row, trajectory, thin)

    def at_once(self) -> AbstractContextManager[None]:
        """A block whose writes are committed together at its end, or not at all."""
        return self._db.at_once()

    def as_it_is(self) -> AbstractContextManager[None]:
        """A block whose reads all see one state, even if a writer is active."""
        return self._db.as_it_is()

    def exported(self, mark: str) -> None:
        """Note the checksum of the exported `runs.csv`, so that it is not read again."""
        if not self._read_only:
            self.notes.note_table(mark)

    def records(self) -> Iterator[tuple[Row, Points]]:
        """Every run as for the folder's tables, measured again if all its points are stored.

        Raises:
            StoreError: as `trajectories` does.
        """
        for row, trajectory, points in self._runs.each_with_points():
            if trajectory is not None:
                row = row._replace(scalars=measure(self.config, trajectory))
                points = thinned(trajectory, self.config.n_sample)
            yield row, points

    def trajectories(self) -> Iterator[tuple[Row, Trajectory]]:
        """The runs with all their points; runs that were read from a table have not all.

        Raises:
            StoreError: a trajectory does not match its digest or its record's status.
        """
        for row, trajectory, _ in self._runs.each_with_points():
            if trajectory is not None:
                yield row, trajectory

    def each_run(self) -> Iterator[Run]:
        """Every run as it is stored, with its whole trajectory if there is one.

        Raises:
            StoreError: as `trajectories` does.
        """
        return self._runs.each_with_points()
