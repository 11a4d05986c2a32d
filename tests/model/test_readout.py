"""Every readout against torch.nn's layers: initial weights, logits, gradients, trainings."""

import pytest
import torch
from test_decoder import check_against_plain, small

from grokseed.config import Config
from grokseed.model.layout import parameter_shapes
from grokseed.model.reference import PlainDecoder
from grokseed.model.weights import initial_parameters

READOUTS: dict[str, dict[str, object]] = {
    "flatten": {},
    "bottleneck": {"bottleneck_width": 5},
    "time-distributed": {},
    "conv": {},
    "tied": {},
}


def of(readout: str, **changes: object) -> Config:
    return small(readout=readout, **{**READOUTS[readout], **changes})


@pytest.mark.parametrize("readout", READOUTS)
def test_initial_weights_are_those_of_torchs_layers(readout: str) -> None:
    config = of(readout)
    ours = initial_parameters(config, torch.Generator().manual_seed(3))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        theirs = PlainDecoder(config).named()
    assert list(ours) == list(parameter_shapes(config))
    assert set(ours) == set(theirs)
    for name, value in ours.items():
        assert value.equal(theirs[name]), name


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("layers", [1, 2])
def test_logits_and_gradients_are_plain_torchs(readout: str, layers: int) -> None:
    check_against_plain(of(readout, layers=layers), lanes=3, examples=17)
