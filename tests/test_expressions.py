"""Operations of one's own: read and evaluated against Python's own arithmetic, on whole tables."""

from dataclasses import replace
from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grokseed.cli.folder import named_folder
from grokseed.config import Config, preset
from grokseed.expressions import KNOWN, evaluate, parsed, spelled
from grokseed.model.layout import parameter_shapes
from grokseed.task import OPERATIONS, equations
from grokseed.vocabulary import operation_token, vocabulary_size

POLYNOMIALS = [name for name in KNOWN if "/" not in name]


@pytest.mark.parametrize("name", POLYNOMIALS)
def test_a_known_polynomial_is_read_as_the_table_has_it(name: str) -> None:
    x, y = torch.arange(31).repeat_interleave(31), torch.arange(31).repeat(31)
    result, divisors = evaluate(parsed(name), x, y, 31)
    assert result.equal(OPERATIONS[name](x, y) % 31)
    assert divisors == []


def test_division_gives_the_equations_of_the_known_quotient() -> None:
    own = {tuple(row) for row in torch.stack(equations("(x)/y", 13), 1).tolist()}
    known = {tuple(row) for row in torch.stack(equations("x/y", 13), 1).tolist()}
    assert own == known
    assert len(own) == 13 * 12


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> tuple[str, str]:
    """An expression as it is written here, and the same for Python's own arithmetic."""
    if depth == 0 or draw(st.booleans()):
        atom = draw(st.sampled_from(["x", "y", "2", "17", "300"]))
        return atom, f"Fraction({atom})"
    kind = draw(st.sampled_from(["+", "-", "*", "/", "^", "minus"]))
    (left, left_python) = draw(expressions(depth=depth - 1))
    if kind == "minus":
        return f"(-{left})", f"(-{left_python})"
    if kind == "^":
        n = draw(st.integers(0, 4))
        return f"({left})^{n}", f"({left_python})**{n}"
    (right, right_python) = draw(expressions(depth=depth - 1))
    return f"({left} {kind} {right})", f"({left_python}{kind}{right_python})"


@given(expressions(), st.sampled_from([2, 3, 5, 13]))
def test_values_are_those_of_exact_fractions_mod_p(written: tuple[str, str], p: int) -> None:
    text, python = written
    if not {"x", "y"} & set(text):
        with pytest.raises(ValueError, match="neither x nor y"):
            parsed(text)
        return
    tree = parsed(text)
    for x in range(p):
        for y in range(p):
            result, divisors = evaluate(tree, x, y, p)
            if all(divisors):
                # Python's fraction is n/d; a divisor that is not 0 mod p leaves d prime to p.
                exact = eval(python, {"Fraction": Fraction, "x": x, "y": y})
                assert result == exact.numerator * pow(exact.denominator, -1, p) % p


@pytest.mark.parametrize(
    ("text", "x", "y", "value"),
    [
        ("2xy^2", 3, 5, 150),
        ("-x^2", 3, 0, -9),
        ("x-y-1", 7, 2, 4),
        ("x-(y-1)", 7, 2, 6),
        ("2*x+3*y^2", 4, 5, 83),
        ("(x+1)(y+1)", 2, 3, 12),
        ("x*-y", 2, 3, -6),
        ("x^0+y", 0, 3, 4),
        (" x ( y + 10 ) ", 2, 3, 26),
    ],
)
def test_precedence(text: str, x: int, y: int, value: int) -> None:
    assert evaluate(parsed(text), x, y, 997) == (value % 997, [])


def test_a_quotient_binds_from_the_left() -> None:
    result, divisors = evaluate(parsed("x/y*2"), 12, 3, 997)
    assert (result, divisors) == (8, [3])


def test_intermediate_results_do_not_overflow() -> None:
    p = 2**31 - 1
    x = torch.tensor([p - 1, p - 2])
    assert evaluate(parsed("x^3-2xy"), x, x, p)[0].tolist() == [
        ((p - 1) ** 3 - 2 * (p - 1) ** 2) % p,
        ((p - 2) ** 3 - 2 * (p - 2) ** 2) % p,
    ]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("x+*y", 'cannot read "x+*y" at "*y"'),
        ("x +", 'cannot read "x +" at its end'),
        ("", 'cannot read "" at its end'),
        ("(x+y", 'cannot read "(x+y" at its end'),
        ("x+y)", 'at ")"'),
        ("x2", 'at "2"'),
        ("1 2+x", 'at "2+x"'),
        ("x^y", 'at "y": an exponent is an integer of 0 to 9,999'),
        ("x^-1", 'at "-1": an exponent'),
        ("x^10000", 'at "10000": an exponent'),
        ("x^2^3", 'at "^3"'),
        ("x//y", 'at "/y"'),
        ("__import__('os')", 'at "__import__'),
        ("z+1", 'at "z+1"'),
        ("7", "holds neither x nor y"),
        ("x+" * 60 + "y", "at most 100 characters, not 121"),
    ],
)
def test_what_cannot_be_read_is_one_line_that_says_where(text: str, where: str) -> None:
    with pytest.raises(ValueError, match=r"^operation") as error:
        spelled(text)
    assert where in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text", ["x*y", "x/(y-1)", "1/(x/y)", "x/2", "(x^2+1)/(x-y)", "x/(x^10+y)"]
)
def test_the_config_counts_the_equations_without_torch(text: str) -> None:
    p = 31
    config = preset("diary", operation=text, p=p, batch_size=16)
    a, b, result = equations(text, p)
    assert config.n_examples == len(a) == len(b) == len(result)
    assert (config.n_examples < p * p) == (text not in ("x*y", "x/2"))
    assert len({*zip(a.tolist(), b.tolist(), strict=True)}) == len(a)


def test_pairs_at_which_a_divisor_is_0_are_left_out() -> None:
    a, b, result = equations("x/(y-1)", 5)
    assert 1 not in b.tolist()
    assert (result * (b - 1) % 5).equal(a)


def test_an_operation_that_always_divides_by_0_is_refused() -> None:
    with pytest.raises(ValueError, match='"x/11" divides by 0 mod 11 for every x and y'):
        preset("diary", operation="x/11", p=11, batch_size=16)
    with pytest.raises(ValueError, match="p must be at most 2,003"):
        preset("diary", operation="x/(y+1)", p=2011)


@pytest.mark.parametrize(
    ("text", "p", "answer"),
    [("x-x", 7, 0), ("x/x", 7, 1), ("x^0", 7, 1), ("x^2-x", 2, 0), ("x^7-x-1", 7, 6)],
)
def test_an_operation_with_one_answer_is_refused(text: str, p: int, answer: int) -> None:
    """Fermat: x^p = x mod p."""
    with pytest.raises(ValueError, match=rf"is {answer} mod {p} for every x and y$"):
        preset("diary", operation=text, p=p, batch_size=1)


@pytest.mark.parametrize("text", ["x/y-x/y+1/(x+1)", "x^6", "(x-1)/(x-1)*y"])
def test_an_operation_with_two_answers_is_not(text: str) -> None:
    preset("diary", operation=text, p=7, batch_size=1)


def test_equal_spelling_is_an_equal_config() -> None:
    assert Config(operation="x * y").key() == Config(operation="x*y").key()
    assert Config(operation="x*y").key() != Config(operation="y*x").key()
    assert Config(operation=" x / y ") == Config()


def test_an_own_operation_has_the_shapes_and_the_token_of_the_default() -> None:
    own = Config(operation="x*y")
    assert parameter_shapes(own) == parameter_shapes(Config())
    assert (vocabulary_size(own), operation_token(own)) == (234, operation_token(Config()))


def test_folders_of_unlike_operations_have_unlike_names() -> None:
    texts = ["x-y", "x*y", "(x-y)", "x^2y", "x*2y"]
    names = {named_folder("mini", replace(preset("mini"), operation=t), []) for t in texts}
    assert len(names) == len(texts)
    assert all("/" not in name.removeprefix("results/") for name in names)
