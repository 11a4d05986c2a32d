"""The layout without torch: which sets of layers there are, and which block uses which."""

import subprocess
import sys

from grokseed.config import Config
from grokseed.model.layout import groups, layer_names, layer_of, layers_of, parameter_shapes

NO_TORCH = "import sys, grokseed.model.layout; sys.exit('torch' in sys.modules)"


def test_the_layout_loads_no_torch() -> None:
    assert subprocess.run([sys.executable, "-c", NO_TORCH]).returncode == 0


def test_every_block_has_layers_of_its_own() -> None:
    assert layers_of(Config(layers=3)) == ("block1", "block2", "block3")
    assert layer_names(Config(layers=3)) == ("block1", "block2", "block3")


def test_a_parameters_name_says_where_it_is() -> None:
    assert layer_of("block2.attention.norm.bias") == "block2.attention.norm"
    for name in parameter_shapes(Config()):
        assert name.startswith(tuple(groups(Config())))
