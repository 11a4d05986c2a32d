"""How much of what a small network learns, and when, is luck of the seed, and which luck.

    import grokseed

    config = grokseed.preset("mini", operation="x+y", weight_decay=1.0)
    scan = grokseed.scan(config, model_seeds=range(8), loader_seeds=8)
    print(scan.rates(), scan.survival().median)

Names are loaded when they are first used: importing this costs nothing, and torch comes with the
first training.
"""

from __future__ import annotations

import sys

if sys.argv[:1] == ["-m"]:  # `python -m grokseed.scan` is being found; its main comes next
    # Ctrl-C until then just ends it, without the traceback of whatever is being imported.
    def _hook(kind: type[BaseException], error: BaseException, trace: object) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)  # type: ignore[arg-type]

    sys.excepthook = _hook

TYPE_CHECKING = False  # what type checkers take for true; to import `typing` takes its time
if TYPE_CHECKING:
    from grokseed.config import Config as Config
    from grokseed.config import preset as preset
    from grokseed.records.database import StoreError as StoreError
    from grokseed.reports.result import Scan as Scan
    from grokseed.reports.result import load as load
    from grokseed.scan import scan as scan
    from grokseed.seeds import Seeds as Seeds
    from grokseed.training.trainer import train as train

__all__ = ["Config", "Scan", "Seeds", "StoreError", "load", "preset", "scan", "train"]

_HOMES = {
    "Config": "grokseed.config",
    "Scan": "grokseed.reports.result",
    "Seeds": "grokseed.seeds",
    "StoreError": "grokseed.records.database",
    "load": "grokseed.reports.result",
    "preset": "grokseed.config",
    "train": "grokseed.training.trainer",
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name == "scan":  # the module is the function too: see there
        return import_module("grokseed.scan")
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version  # here: it takes its time

        try:
            return version("grokseed")
        except PackageNotFoundError:  # run from a checkout that is not installed
            return "0+unknown"
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'grokseed' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
