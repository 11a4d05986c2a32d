"""Modules that are a command and a function: `python -m grokseed.scan` and `grokseed.scan(...)`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from inspect import Signature, signature
from types import ModuleType


def make_callable(module: str, function: Callable[..., object]) -> None:
    """Let a module that is loaded be called as one of its functions."""

    class Called(ModuleType):
        @property
        def __signature__(self) -> Signature:  # which notebooks show
            return signature(function)

        def __call__(self, *args: object, **named: object) -> object:
            return function(*args, **named)

    sys.modules[module].__class__ = Called
