"""Operations of your own: expressions in x and y mod p, read by a parser, never by `eval`.

    sum     = term, then any number of + term or - term
    term    = factor, then any number of * factor or / factor; * may be left out before x, y and (
    factor  = - factor, or power
    power   = atom, or atom ^ exponent
    atom    = x, y, an integer, or ( sum )

`/` is division mod p. Pairs (x, y) at which a divisor is 0 mod p are no equations. An exponent is
an integer constant. Loads no torch: an expression is evaluated on arrays and on tensors alike.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

KNOWN = (
    "(x//y)if(y%2==1)else(x-y)",
    "x+y",
    "x-y",
    "x/y",
    "x^2+xy+y^2",
    "x^2+xy+y^2+x",
    "x^2+y^2",
    "x^3+xy",
    "x^3+xy^2+x",
)
"""The diary's operations. Each has its own token, and the parser does not read them."""

LONGEST = 100
LARGEST_EXPONENT = 9999
LARGEST_P_DIVIDED = 2003
"""Largest p for an expression that divides: its equations are counted by trying all p² pairs."""

Tree = tuple[Any, ...]
"""`("x",)`, `("y",)`, `("number", n)`, `("-", a)`, `("^", a, n)`, or `(sign, a, b)`."""


def spelled(operation: str) -> str:
    """An operation without its spaces, so that configs that differ in spaces alone are equal.

    Raises:
        ValueError: with one line, if the operation is neither a known one nor a readable
            expression.
    """
    if not isinstance(operation, str):
        raise ValueError(f"operation must be text, not {operation!r}")
    text = "".join(operation.split())
    if text in KNOWN:
        return text
    if len(text) > LONGEST:
        raise ValueError(f"operation must have at most {LONGEST} characters, not {len(text):,}")
    parsed(operation)
    return text


@cache
def parsed(operation: str) -> Tree:
    """The tree of an expression.

    Raises:
        ValueError: with one line that says where it cannot be read.
    """
    tree = _Reader(operation).whole()
    if not _has_variable(tree):
        raise ValueError(f'operation: "{operation}" holds neither x nor y')
    return tree


def evaluate(tree: Tree, x: Any, y: Any, p: int) -> tuple[Any, list[Any]]:
    """The residues of an expression, and those of every divisor in it.

    Every intermediate result is below p², which fits int64 for p below 2^31. A quotient whose
    divisor is 0 comes out as 0 and means nothing.

    Args:
        x, y: residues: numbers, arrays or tensors of integers.
        p: a prime.
    """
    divisors: list[Any] = []

    def of(tree: Tree) -> Any:
        match tree:
            case ("x",):
                return x % p
            case ("y",):
                return y % p
            case ("number", number):
                return number % p
            case ("^", base, exponent):
                return _power(of(base), exponent, p)
            case ("-", operand):
                return -of(operand) % p
        sign, left, right = tree[0], of(tree[1]), of(tree[2])
        if sign == "/":
            divisors.append(right)
            right = _power(right, p - 2, p) if p > 2 else right  # Fermat: r^(p-1) = 1 for r != 0
        return (left + right if sign == "+" else left - right if sign == "-" else left * right) % p

    return of(tree), divisors


def divides(operation: str) -> bool:
    """Whether an operation divides, so that some pairs may be left out."""
    return "/" in operation


@cache
def count_equations(operation: str, p: int) -> int:
    """Number of pairs (x, y) of residues for which an operation is defined.

    Raises:
        ValueError: p is too large to try all pairs, or there is no such pair.
    """
    if operation in KNOWN:
        return p * (p - 1 if divides(operation) else p)
    if not divides(operation):
        return p * p
    if p > LARGEST_P_DIVIDED:
        raise ValueError(f"p must be at most {LARGEST_P_DIVIDED:,} for an expression that divides")
    import numpy as np

    x, y = np.arange(p).reshape(-1, 1), np.arange(p).reshape(1, -1)
    valid = np.ones((p, p), bool)
    for divisor in evaluate(parsed(operation), x, y, p)[1]:
        valid &= divisor != 0
    if not valid.any():
        raise ValueError(f'operation: "{operation}" divides by 0 mod {p} for every x and y')
    return int(valid.sum())


@cache
def only_answer(operation: str, p: int) -> int | None:
    """The answer of an operation if it is the same for every pair (x, y); None if it is not.

    For a p above `LARGEST_P_DIVIDED` nothing is tried, and the answer is None.
    """
    if operation in KNOWN or p > LARGEST_P_DIVIDED:
        return None
    import numpy as np

    found: set[int] = set()
    y = np.arange(p)
    for x in range(p):  # nearly every expression has two answers in the first two rows
        answers, divisors = evaluate(parsed(operation), np.full(p, x), y, p)
        valid = np.ones(p, bool)
        for divisor in divisors:
            valid &= divisor != 0
        found.update(answers[valid].tolist())
        if len(found) > 1:
            return None
    return found.pop() if found else None


def _power(base: Any, exponent: int, p: int) -> Any:
    """Power by repeated squaring; anything to the power of 0 is 1."""
    result = base * 0 + 1
    while exponent:
        if exponent % 2:
            result = result * base % p
        base, exponent = base * base % p, exponent // 2
    return result


def _has_variable(tree: Tree) -> bool:
    return tree[0] in ("x", "y") or any(_has_variable(t) for t in tree if isinstance(t, tuple))


class _Reader:
    """A recursive-descent parser of the grammar at the top of this file: one method per rule."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text.strip(), 0
        self._skip_spaces()

    def whole(self) -> Tree:
        tree = self._sum()
        if self.at < len(self.text):
            raise self._error()
        return tree

    def _sum(self) -> Tree:
        tree = self._term()
        while sign := self._take(r"[+-]"):
            tree = (sign, tree, self._term())
        return tree

    def _term(self) -> Tree:
        tree = self._factor()
        while True:
            if sign := self._take(r"[*/]"):
                tree = (sign, tree, self._factor())
            elif self._peek(r"[xy(]"):
                tree = ("*", tree, self._power())
            else:
                return tree

    def _factor(self) -> Tree:
        return ("-", self._factor()) if self._take("-") else self._power()

    def _power(self) -> Tree:
        atom = self._atom()
        if not self._take(r"\^"):
            return atom
        start = self.at
        digits = self._take("[0-9]+")
        if not digits or int(digits) > LARGEST_EXPONENT:
            reason = f"an exponent is an integer of 0 to {LARGEST_EXPONENT:,}"
            self.at = start
            raise self._error(f": {reason}")
        return "^", atom, int(digits)

    def _atom(self) -> Tree:
        if variable := self._take("[xy]"):
            return (variable,)
        if digits := self._take("[0-9]+"):
            return "number", int(digits)
        if not self._take(r"\("):
            raise self._error()
        tree = self._sum()
        if not self._take(r"\)"):
            raise self._error()
        return tree

    def _peek(self, pattern: str) -> re.Match[str] | None:
        return re.compile(pattern).match(self.text, self.at)

    def _take(self, pattern: str) -> str:
        """The text that matches here, with the spaces after it; empty if nothing matches."""
        found = self._peek(pattern)
        if not found:
            return ""
        self.at = found.end()
        self._skip_spaces()
        return found[0]

    def _skip_spaces(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def _error(self, reason: str = "") -> ValueError:
        rest = "".join(self.text[self.at :].split())
        where = f'at "{rest}"' if rest else "at its end"
        shown = " ".join(self.text.split())
        return ValueError(f'operation: cannot read "{shown}" {where}{reason}')
