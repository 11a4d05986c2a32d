"""An executor without processes, for tests of what is around it."""

from collections.abc import Callable, Iterator, Sequence

from grokseed.execution.executor import Chunk, Ended, Stopped
from grokseed.records.provenance import made_here
from grokseed.training.numerics import numerics


class InlineExecutor:
    """Trains a chunk's runs in this process, one at each call of `events`.

    Args:
        jobs, devices: as `LocalExecutor`'s; there is one slot.
        after: called after each run with the number of runs that have ended.
    """

    slots = 1

    def __init__(
        self,
        jobs: int = 1,
        devices: Sequence[str] = ("cpu",),
        after: Callable[[int], None] = lambda n: None,
    ) -> None:
        self._after, self._n = after, 0
        self._left: list[tuple[int, Chunk]] = []

    def submit(self, slot: int, chunk: Chunk) -> None:
        self._left = [(number, chunk) for number in range(len(chunk.runs))]

    def events(self) -> Iterator[Ended | Stopped]:
        number, chunk = self._left.pop(0)
        try:
            (made,) = chunk.train(
                chunk.config,
                [chunk.runs[number]],
                device="cpu",
                compiled=False,
                lanes=1,
                on_point=lambda steps: None,
                on_end=lambda number, trajectory: None,
            )  # type: ignore[misc]
        except Exception as error:  # as a worker tells of it
            self._left = []
            said = " ".join(str(error).split())
            yield Stopped(0, f"{type(error).__name__}: {said}", 0.0)
            return
        self._n += 1
        how = numerics(chunk.config, "cpu", chunk.compiled, chunk.lanes)
        self._after(self._n)
        yield Ended(0, number, made, 0.1, made_here(how))
        if not self._left:
            yield Stopped(0, "", 0.0)

    def steps(self, slot: int) -> int:
        return 0

    def close(self, cancel: bool) -> None:
        self._left = []
