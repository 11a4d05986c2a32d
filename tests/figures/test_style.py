"""How the words of figures are set."""

from grokseed.figures.style import balanced


def test_no_line_of_a_title_begins_with_the_sign_of_its_number() -> None:
    text = "the share of runs (95 %: 1 to 2)"
    for across in range(12, len(text) + 1):
        lines = balanced(text, across)
        assert " ".join(lines) == text
        assert not any(line.startswith("%") for line in lines)
