"""Published models against the totals that their authors give, and the documents' small model."""

from itertools import product
from pathlib import Path

import pytest
from torch import nn

from grokseed.analysis.closed_forms import DOCUMENTED
from grokseed.analysis.references import REFERENCES

BY_NAME = {known.name: known for known in REFERENCES}


@pytest.mark.parametrize(
    ("name", "total"),
    [
        ("GPT-2 124M", 124_439_808),  # as its authors' weights have it
        ("GPT-2 1558M", 1_557_611_200),
    ],
)
def test_totals_of_gpt_2_are_those_of_the_weights(name, total):
    known = BY_NAME[name]
    assert known.sizes.value(known.form.total) == total


@pytest.mark.parametrize(
    ("name", "total", "digits"),
    [("GPT-2 355M", 355e6, -6), ("GPT-2 774M", 774e6, -6), ("CTRL", 1.63e9, -7)],
)
def test_totals_are_those_of_the_papers(name, total, digits):
    known = BY_NAME[name]
    exact = float(known.sizes.value(known.form.total))
    assert exact == pytest.approx(total, abs=10**-digits)


def test_the_grokking_papers_model_has_4e5_parameters_besides_embeddings():
    known = BY_NAME["grokking"]
    assert round(float(known.sizes.value(known.form.blocks)), -5) == 4e5


@pytest.mark.parametrize(("name", "heads", "inner"), [("GPT-2 124M", 12, 3072), ("CTRL", 16, 8192)])
def test_blocks_are_those_of_torch(name, heads, inner):
    known = BY_NAME[name]
    layer = nn.TransformerEncoderLayer(known.sizes.d_model, heads, inner)
    assert known.sizes.value(known.form.block) == sum(p.numel() for p in layer.parameters())


def test_one_small_model_alone_fits_the_documents_four_figures():
    """About 130K, about 1K, 1/130 and, with a readout of L·d² parameters, 8K and 8."""
    fitting = [
        (n, d, length)
        for n, d, length in product(range(1, 13), range(1, 129), range(1, 513))
        if round(length * d * 257, -4) == 130_000
        and round(4 * n * d * d, -3) == 1_000
        and round(length * 257 / (4 * n * d), -1) == 130
        and round(length * d * d, -3) == 8_000
        and round(length / (4 * n)) == 8
    ]
    sizes = BY_NAME["id 4"].sizes
    assert fitting == [(sizes.layers, sizes.d_model, sizes.length)]


def test_the_documents_small_model_has_one_feed_forward_layer():
    known = BY_NAME["id 4"]
    exact = known.sizes.value
    attention = sum(p.numel() for p in nn.Linear(16, 3 * 16).parameters())
    feed_forward = sum(p.numel() for p in nn.Linear(16, 16).parameters())
    assert exact(known.form.blocks) == attention + feed_forward == 1_088
    assert exact(DOCUMENTED.blocks) == 1_024
    dense = sum(p.numel() for p in nn.Linear(32 * 16, 257).parameters())
    assert exact(known.form.readout) == dense == exact(DOCUMENTED.readout) + 257 == 131_841


@pytest.mark.parametrize("name", ["id 4", "GPT-2 124M", "GPT-2 1558M", "CTRL"])
def test_the_table_of_claims_has_the_exact_counts(name):
    table = Path(__file__).parents[2] / "results" / "documents.md"
    known = BY_NAME[name]
    counts = [known.sizes.value(e) for e in (known.form.total, known.form.blocks, known.form.used)]
    shape = (known.sizes.layers, known.sizes.d_model, known.sizes.length, known.sizes.vocabulary)
    cells = [f"{int(n):,}" for n in (*shape, *counts)]
    rows = [line.split("|") for line in table.read_text(encoding="utf-8").splitlines()]
    found = [[row[i].strip() for i in (2, 3, 4, 5, 6, 7, 9)] for row in rows if len(row) == 14]
    assert cells in found
