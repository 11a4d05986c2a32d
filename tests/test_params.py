"""`python -m grokseed.params`: what it prints, and bad input."""

from pathlib import Path

import pytest

from grokseed import params

MINI = ["--preset", "mini"]


def lines(capsys: pytest.CaptureFixture[str], *argv: str) -> list[list[str]]:
    assert params.main([*MINI, *argv]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return [line.split() for line in out.splitlines()]


def test_parts_shares_and_ratio(capsys):
    # By hand: d 64, 97 + 11 tokens, 5 positions; a block has 12 d² + 13 d.
    printed = lines(capsys)
    assert ["token_embedding", "6,912", "10.7%"] in printed
    assert ["position_embedding", "320", "0.5%"] in printed
    assert ["block1", "49,984", "77.7%"] in printed
    assert ["head", "7,148", "11.1%"] in printed
    assert ["in", "all", "64,364", "100.0%"] in printed
    assert ["blocks", "/", "readout", "6.99273"] in printed


def test_the_readme_shows_what_is_printed(capsys):
    readme = (Path(__file__).parents[1] / "README.md").read_text().split("## Count parameters")[1]
    command, shown = readme.split("```")[1], readme.split("```")[3]
    assert params.main(command.split()[4:]) == 0
    assert capsys.readouterr().out.startswith(shown.lstrip("\n"))


def test_a_smaller_block_has_its_own_closed_form(capsys):
    # By hand: d 64, one head of keys and values of four: 1.5 d² of q, k, v, d² of the output and
    # 8 d² of the feed-forward layer, 4 d of two norms; the head 108 d and its norm.
    printed = lines(capsys, "--biases=none", "--kv-heads=1")
    assert ["block1", "43,264", "75.2%"] in printed
    blocks = next(line for line in printed if line[:2] == ["blocks", "4*N*d^2"])
    assert blocks[4:] == ["21*N*d^2/2", "+", "4*N*d", "43,264"]
    assert ["last", "V*d", "+", "2*d", "7,040", "57,536", "6.14545"] in printed


def test_documents_forms_stand_beside_exact_counts(capsys):
    printed = lines(capsys)
    blocks = next(line for line in printed if line[:2] == ["blocks", "4*N*d^2"])
    assert blocks[2:4] == ["16,384", "-67.2%"]
    assert blocks[-1] == "49,984"
    assert ["id", "4", "1", "16", "32", "257", "132,929", "1,088", "-5.9%"] in [
        line[:9] for line in printed
    ]
    assert any(line[:2] == ["GPT-2", "124M"] and "124,439,808" in line for line in printed)


@pytest.mark.parametrize(
    ("option", "nearest", "total", "ratio"),
    [
        ("--for-ratio=10", "92", "123,388", "10.0473"),
        ("--for-params=64364", "64", "64,364", "6.99273"),
        ("--for-params=1", "4", "1,244", "0.445255"),
        ("--for-ratio=1e-100", "4", "1,244", "0.445255"),
        ("--for-ratio=5e-324", "4", "1,244", "0.445255"),
    ],
)
def test_widths_that_meet_a_target(option, nearest, total, ratio, capsys):
    printed = lines(capsys, option)
    header = printed.index(["d_model", "parameters", "blocks", "/", "readout"])
    assert printed[header + 1] == [nearest, total, ratio]


def test_a_tiny_ratio_has_a_width_by_the_documents_forms(capsys):
    # By hand: 4*N*d^2 / (L*V*d) = 1e-100, with N 1, L 5, V 108.
    assert params.main([*MINI, "--for-ratio=1e-100"]) == 0
    assert "the documents' forms give 1.35e-98" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "own", "total"),
    [  # by hand: 5 positions of 64, 108 tokens, a norm of 128
        ("flatten", 320 * 108 + 108 + 128, 92_012),
        ("bottleneck --bottleneck-width 3", 321 * 3 + 4 * 108 + 128, 58_739),
        ("time-distributed", 65 * 8 + 41 * 108 + 128, 62_292),
        ("conv", 65 * 8 + 41 * 108 + 128, 62_292),
        ("tied", 128, 57_344),
    ],
)
def test_every_readout_is_counted(words, own, total, capsys):
    printed = lines(capsys, "--readout", *words.split())
    (head,) = [line for line in printed if line[0:1] == ["head"]]
    assert head[1] == f"{own:,}"
    assert ["in", "all", f"{total:,}", "100.0%"] in printed
    rows = [line[-3:-1] for line in printed if line[0:1] == words.split()[:1]]
    assert [f"{own:,}", f"{total:,}"] in rows


def test_widths_for_a_readout_that_narrows_are_multiples_of_8(capsys):
    printed = lines(capsys, "--readout=conv", "--for-ratio=10")
    header = printed.index(["d_model", "parameters", "blocks", "/", "readout"])
    assert [int(line[0]) % 8 for line in printed[header + 1 : header + 3]] == [0, 0]


def test_a_width_is_found_for_heads_that_do_not_divide_the_presets(capsys):
    printed = lines(capsys, "--heads=3", "--for-params=64364")
    assert printed[0][4:7] == ["d", "63,", "length"]
    header = printed.index(["d_model", "parameters", "blocks", "/", "readout"])
    assert [line[0] for line in printed[header + 1 : header + 3]] == ["63", "66"]


def test_a_width_in_a_file_is_as_fixed_as_one_in_the_line(tmp_path, capsys):
    path = tmp_path / "c.yaml"
    for text, words in (
        ("preset: mini\nd_model: 50\nheads: 4\n", []),
        ("preset: mini\nd_model: 50\n", ["--heads=4"]),
    ):
        path.write_text(text)
        assert params.main([f"--config={path}", *words, "--for-ratio=10"]) == 2
        out, err = capsys.readouterr()
        assert (out, err) == (
            "",
            "grokseed.params: error: heads must divide d_model: 4 does not divide 50\n",
        )
    path.write_text("preset: mini\nheads: 3\n")
    assert params.main([f"--config={path}", "--for-ratio=10"]) == 0
    assert "width d 63" in capsys.readouterr().out


def test_readouts_that_cannot_be_have_no_numbers(capsys):
    printed = lines(capsys, "--d-model=12")
    for name in ("time-distributed", "conv"):
        assert f"{name} needs a width divisible by 8" in map(" ".join, printed)
    assert ["last", "V*d", "+", "V", "+", "2*d"] in [line[:6] for line in printed]
    assert not any("needs" in line for line in lines(capsys))


def test_the_batch_size_does_not_matter(capsys):
    assert lines(capsys, "--p=5") == lines(capsys, "--p=5", "--batch-size=4")
    assert lines(capsys, "--batch-size=999999") == lines(capsys)


def test_a_width_in_millions_that_is_solved_for_both(capsys):
    printed = lines(capsys, "--for-ratio=2", "--for-params=1000000")
    assert printed.count(["d_model", "parameters", "blocks", "/", "readout"]) == 2
    assert ["280", "1,006,988", "30.5565"] in printed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--for-ratio 0", "--for-ratio: the target must be above 0 and finite, not 0.0"),
        ("--for-ratio=-3", "--for-ratio: the target must be above 0"),
        ("--for-ratio inf", "--for-ratio: "),
        ("--for-ratio nan", "--for-ratio: "),
        ("--for-ratio 1e12", "--for-ratio: no width up to"),
        ("--for-params 0", "--for-params: the target must be above 0"),
        ("--for-params 1e5", "--for-params: expected int. Got value: 1e5\n"),
        ("--for-ratio abc", "--for-ratio: expected float. Got value: abc\n"),
        (f"--for-params {10**40}", "--for-params: no width up to"),
        ("--p 10", "p must be prime"),
        ("--d-model 63", "heads must divide d_model"),
        ("--heads 3", "heads must divide d_model: 3 does not divide 64"),
        ("--heads 3 --d-model=64 --for-ratio 5", "heads must divide d_model"),
        ("--heads 0 --for-ratio 5", "heads must be at least 1"),
        ("--batch-size 0", "batch_size must be at least 1"),
        (
            "--readout bottleneck",
            "readout bottleneck needs a bottleneck_width of at least 1, not 0",
        ),
        ("--bottleneck-width 4", "bottleneck_width needs readout bottleneck, not last"),
        ("--readout conv --d-model 60", "readout conv needs a d_model divisible by 8, not 60"),
        ("--readout first", "expected one of 'last', 'flatten', 'bottleneck'"),
        ("--model-seeds 3", "unrecognized arguments"),
        ("--preset maxi", "preset must be one of"),
    ],
)
def test_bad_input_is_one_line(words, message, capsys):
    assert params.main([*MINI, *words.split()]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("grokseed.params: error: ")
    assert err.count("\n") == 1
    assert message in err
