"""How and where runs are trained. No torch: `--help` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Compile = Literal["auto", "yes", "no"]
Where = Literal["local", "dask"]
SaveWeights = Literal["no", "last", "generalised", "all"]


@dataclass(frozen=True)
class How:
    """How and where runs are trained; but for rounding, none of it decides a result.

    Args:
        executor: on this machine (local), or on the workers of a dask.distributed cluster (dask),
            which needs --scheduler.
        scheduler: the address of the cluster's scheduler, like tcp://10.0.0.5:8786.
        device: where to train: cpu, cuda, several GPUs like cuda:0,1, or auto, which takes the GPU
            where there is one.
        jobs: worker processes; by default one a core, or one a GPU.
        lanes: runs that one worker trains side by side at most; by default what is fastest. On a
            GPU the lane count changes rounding, so runs with other lanes have other numerics; by
            default it is what its memory holds.
        compile: compile the whole step, a quarter to a half faster after about a minute: yes, no,
            or auto, which goes on as the folder was made, and in a new folder compiles if the runs
            would take more than 10 minutes and there is a C++ compiler. --compile alone means yes.
        mixed_numerics: let runs of this machine's numerics lie in one folder with runs of others;
            tables say which is which.
        save_weights: leave the weights of each run in OUT/weights/, a safetensors file a run: those
            at its end (last), those at its t98, of runs that reach it (generalised), or both and
            the initial ones (all). Runs stored already are not trained again for their weights.
    """

    executor: Where = "local"
    scheduler: str | None = None
    device: str = "auto"
    jobs: int | None = None
    lanes: int | None = None
    compile: Compile = "auto"
    mixed_numerics: bool = False
    save_weights: SaveWeights = "no"
