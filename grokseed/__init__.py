"""How much of the time to generalise is luck of the seed, and which seed carries that luck.

    import grokseed

    config = grokseed.preset("mini", max_steps=22000, stop_when="t98")
    scan = grokseed.scan(config, model_seeds=range(8), loader_seeds=8)
    print(scan.rates(), scan.survival("t98").median)

Names are loaded when they are first used: importing the package is cheap, and torch is loaded by
the first training.
"""

from __future__ import annotations

import sys

if sys.argv[:1] == ["-m"]:  # `python -m grokseed.scan` is being found; its main comes next
    # Until then Ctrl-C ends the process without the traceback of the import it interrupts.
    def _hook(kind: type[BaseException], error: BaseException, trace: object) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)  # type: ignore[arg-type]

    sys.excepthook = _hook

TYPE_CHECKING = False  # type checkers read it as true; importing `typing` is slow
if TYPE_CHECKING:
    from grokseed.compare import compare as compare
    from grokseed.config import Config as Config
    from grokseed.config import preset as preset
    from grokseed.luck import luck as luck
    from grokseed.records.database import StoreError as StoreError
    from grokseed.reports.result import CrashedError as CrashedError
    from grokseed.reports.result import Scan as Scan
    from grokseed.reports.result import load as load
    from grokseed.scan import scan as scan
    from grokseed.seeds import Seeds as Seeds
    from grokseed.training.trainer import train as train

__all__ = [
    "Config",
    "CrashedError",
    "Scan",
    "Seeds",
    "StoreError",
    "compare",
    "load",
    "luck",
    "preset",
    "scan",
    "train",
]

_HOMES = {
    "Config": "grokseed.config",
    "CrashedError": "grokseed.reports.result",
    "Scan": "grokseed.reports.result",
    "Seeds": "grokseed.seeds",
    "StoreError": "grokseed.records.database",
    "load": "grokseed.reports.result",
    "preset": "grokseed.config",
    "train": "grokseed.training.trainer",
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in ("scan", "compare", "luck"):  # these modules are callable: functions too
        return import_module(f"grokseed.{name}")
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version  # slow

        try:
            return version("grokseed")
        except PackageNotFoundError:  # run from a checkout that is not installed
            return "0+unknown"
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'grokseed' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
