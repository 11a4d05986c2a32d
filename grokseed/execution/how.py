"""How and where runs are trained. No torch: `--help` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from grokseed.limits import check_choices
from grokseed.seeds import whole

Compile = Literal["auto", "yes", "no"]
Where = Literal["local", "dask"]
SaveWeights = Literal["no", "last", "generalised", "all"]


@dataclass(frozen=True)
class How:
    """How and where runs are trained; apart from rounding, none of it changes a result.

    Args:
        executor: on this machine (local), or on the workers of a dask.distributed cluster (dask),
            which needs --scheduler.
        scheduler: the address of the cluster's scheduler, like tcp://10.0.0.5:8786.
        device: where to train: cpu, cuda, several GPUs like cuda:0,1, or auto, which takes the GPU
            where there is one.
        jobs: worker processes; by default one a core, or one a GPU.
        lanes: runs that one worker trains side by side at most; by default what is fastest on a
            CPU, and what the memory of a GPU holds. On a GPU the lane count changes rounding, so
            runs with another lane count have other numerics.
        compile: compile the whole step, which takes about a minute and then trains a third to a
            half faster: yes, no, or auto. auto continues as the folder was made; in a new folder it
            compiles if the runs would take more than 10 minutes and there is a C++ compiler.
            --compile alone means yes.
        checkpoints: save runs in the middle of training, every 5 minutes and when the scan is
            stopped, and go on from what was saved. On a GPU all lanes wait meanwhile;
            --no-checkpoints is for a machine that keeps no files.
        mixed_numerics: allow runs of different numerics in one folder; tables say which is which.
        save_weights: save weights in OUT/weights/, a safetensors file a run: at its end (last), at
            its t98 if it reaches it (generalised), or both and the initial ones (all). Runs that
            are stored already are not trained again for their weights.
    """

    executor: Where = "local"
    scheduler: str | None = None
    device: str = "auto"
    jobs: int | None = None
    lanes: int | None = None
    compile: Compile = "auto"
    checkpoints: bool = True
    mixed_numerics: bool = False
    save_weights: SaveWeights = "no"

    def __post_init__(self) -> None:
        """Check what Python's callers give: the command line has types.

        Raises:
            ValueError: no such choice, or `jobs` or `lanes` is no whole number.
            TypeError: another option is of another type.
        """
        check_choices(self)
        for name in ("jobs", "lanes"):
            if (number := getattr(self, name)) is not None:
                object.__setattr__(self, name, whole(name, number))
        if not isinstance(self.device, str):
            raise TypeError(f"device must be text, not {self.device!r}")
        if not isinstance(self.scheduler, str | None):
            raise TypeError(f"scheduler must be text, not {self.scheduler!r}")
        for name in ("checkpoints", "mixed_numerics"):
            if not isinstance(flag := getattr(self, name), bool):
                raise TypeError(f"{name} must be True or False, not {flag!r}")
