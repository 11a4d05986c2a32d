"""A dask worker's environment: `dask worker ADDRESS --preload-nanny grokseed.execution.nanny`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grokseed.execution.worker import ENVIRONMENT

if TYPE_CHECKING:
    from distributed import Nanny


def dask_setup(nanny: Nanny) -> None:
    """Give a nanny's worker process the environment that a local worker has from its start."""
    nanny.pre_spawn_env = {**nanny.pre_spawn_env, **ENVIRONMENT}
