"""Modules that are a command and a function: `python -m grokseed.scan` and `grokseed.scan(...)`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from inspect import Signature, getdoc, signature
from types import ModuleType


def make_callable(module: str, function: Callable[..., object]) -> None:
    """Let a module that is loaded be called as one of its functions.

    From outside its docstring is the function's, with the command's after it, which
    `help(grokseed.scan)` and notebooks show. In its own code `__doc__` stays the command's.
    """
    command = vars(sys.modules[module])["__doc__"]

    class Called(ModuleType):
        @property
        def __doc__(self) -> str:
            return f"{getdoc(function)}\n\nThe command, `python -m {module}`: {command}"

        @property
        def __signature__(self) -> Signature:  # which notebooks show
            return signature(function)

        def __call__(self, *args: object, **named: object) -> object:
            return function(*args, **named)

    sys.modules[module].__class__ = Called
