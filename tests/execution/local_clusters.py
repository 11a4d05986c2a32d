"""Clusters of dask workers on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager

from distributed import LocalCluster


@contextmanager
def local_cluster(n_workers: int, processes: bool, **how) -> Iterator[LocalCluster]:
    how = {"threads_per_worker": 1, "dashboard_address": ":0", **how}
    made = LocalCluster(n_workers=n_workers, processes=processes, **how)
    try:
        yield made
    finally:
        made.close()
