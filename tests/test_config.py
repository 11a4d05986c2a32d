"""Configs: every bad value is one line that names its field; the key is stable."""

from dataclasses import asdict, fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grokseed.config import Config, difference, preset
from grokseed.limits import is_prime
from grokseed.presets import PRESETS

NAN, INFINITY = float("nan"), float("inf")

ROTE = {"task": "rote", "batch_size": 64}

BAD: list[tuple[str, object]] = [
    ("operation", "x**y"),
    ("operation", "import"),
    ("operation", 5),
    ("scheme", "both"),
    ("schedule", "step"),
    ("activation", "sine"),
    ("precision", "fp8"),
    ("p", 0),
    ("p", 1),
    ("p", -7),
    ("p", 221),
    ("p", 49),
    *((name, value) for name in ("train_fraction",) for value in (0.0, 1.0, -0.1, 1.5, NAN)),
    *(("test_fraction", value) for value in (1.0, -0.1, NAN)),
    *(
        (name, value)
        for name in (
            "d_model",
            "layers",
            "heads",
            "ffn_multiple",
            "batch_size",
            "max_steps",
            "sample_every",
            "sample_size",
            "val_every",
            "screen_step",
        )
        for value in (0, -1)
    ),
    *(
        (name, value)
        for name in ("lr", "eps", "init_scale")
        for value in (0.0, -1e-3, NAN, INFINITY, 1e39, 1e-46)
    ),
    *((name, value) for name in ("beta1", "beta2", "dropout") for value in (-0.1, 1.0, NAN)),
    *(("weight_decay", value) for value in (-0.1, NAN, INFINITY)),
    ("warmup_steps", -1),
    ("heads", 3),
    ("val_every", 510),
    ("screen_step", 3001),
    ("batch_size", 24_754),
    ("train_fraction", 1e-9),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_is_one_line_that_names_its_field(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name) as error:
        preset("diary", **{name: value})
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("schedule", ["constant", "linear", "cosine"])
def test_steps_that_a_run_cannot_count_for_its_schedule_are_refused(schedule: str) -> None:
    """Its clock is float32, in which 2^24 + 1 is 2^24."""
    assert Config(schedule=schedule, max_steps=2**24, warmup_steps=2**24)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="warmup_steps must be at most 16,777,216, not 16,777,217"):
        Config(schedule=schedule, warmup_steps=2**24 + 1)  # type: ignore[arg-type]
    if schedule == "constant":
        assert Config(max_steps=2**24 + 1)
    else:
        with pytest.raises(ValueError, match=f"at most 16,777,216 with schedule {schedule}, not"):
            Config(schedule=schedule, max_steps=2**24 + 1)  # type: ignore[arg-type]


def test_fractions_that_leave_no_validation_set_are_refused() -> None:
    with pytest.raises(ValueError, match="train_fraction and test_fraction"):
        Config(train_fraction=0.6, test_fraction=0.5)


def test_the_defaults_are_the_diarys_protocol() -> None:
    c = Config()
    assert (c.operation, c.p, c.d_model, c.layers, c.heads, c.ffn_multiple) == (
        *("x/y", 223, 128),
        *(2, 4, 4),
    )
    assert (c.lr, c.beta1, c.beta2, c.eps, c.weight_decay) == (1e-3, 0.9, 0.98, 1e-8, 0.1)
    assert (c.warmup_steps, c.batch_size, c.max_steps, c.screen_step) == (10, 512, 3000, 3000)
    assert (c.n_examples, c.n_train, c.n_val, c.n_test) == (49_506, 24_753, 24_753, 0)
    assert c.steps_per_epoch == 49
    assert c.n_train - 48 * 512 == 177
    assert c.n_sample == 2048


def test_sizes_round_down_and_add_up() -> None:
    c = Config(operation="x+y", p=7, train_fraction=0.73, test_fraction=0.1, batch_size=10)
    assert (c.n_examples, c.n_train, c.n_test, c.n_val) == (49, 35, 4, 10)  # of 35.77 and 4.9
    assert (c.n_sample, c.steps_per_epoch) == (10, 4)


def test_presets_are_valid_and_take_changes() -> None:
    assert preset("diary") == Config()
    for name in PRESETS:
        assert preset(name, p=61) == replace(preset(name), p=61)
    for wrong in ("medium", None, ["mini"]):
        with pytest.raises(ValueError, match="preset must be one of diary, mini, not"):
            preset(wrong)  # type: ignore[arg-type]


def test_the_key_hashes_the_changed_fields_alone() -> None:
    # sha256sum of `{}`, `{"p": 97}` and `{"p": 97, "weight_decay": 0.0}`.
    assert Config().key() == "44136fa355b3678a"
    assert Config(p=97).key() == "a3a1ae3914007eff"
    assert Config(weight_decay=0.0, p=97).key() == "f05c6f35e8e0bd95"
    assert Config(p=97).changes() == {"p": 97}


def test_every_field_moves_the_key() -> None:
    changed = {f.name: _another(f.default) for f in fields(Config)}
    changed |= {
        "operation": "x+y",
        "precision": "bf16",
        "scheme": "diary",
        "p": 227,
        "stop_when": "t98",
        "attention": "full",
        "biases": "none",
        "schedule": "cosine",
        "activation": "relu",
    }
    changed |= {"val_every": 525, "screen_step": 3025, "heads": 8, "d_model": 64}
    changes: dict[str, dict[str, object]] = {name: {name: value} for name, value in changed.items()}
    goes_with: dict[str, dict[str, object]] = {
        "sharing": {"sharing": "cycle", "unique_layers": 1},
        "unique_layers": {"layers": 4, "sharing": "cycle", "unique_layers": 2},
        "readout": {"readout": "flatten"},
        "bottleneck_width": {"readout": "bottleneck", "bottleneck_width": 3},
        "conv_kernel": {"readout": "conv", "conv_kernel": 3},
        "task": ROTE,
        "text": {**ROTE, "text": f"sha256:{0:064}"},
        "examples": {**ROTE, "examples": 433},
        "length": {**ROTE, "length": 33},
    }
    changes |= goes_with
    keys = {preset("diary", **change).key() for change in changes.values()}
    assert len(keys | {Config().key()}) == len(changes) + 1


def _another(value: object) -> object:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return 1 if value % 25 == 0 else value + 1
    return value + 0.01 if isinstance(value, float) else value


def test_a_field_that_means_nothing_for_the_task_is_refused_or_settled() -> None:
    for wrong in ({"examples": 431}, {"length": 8}, {"text": "README.md"}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))} means nothing for task modular"):
            Config(**wrong)  # type: ignore[arg-type]
    for wrong in ({"p": 31}, {"operation": "x+y"}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))} means nothing for task rote"):
            Config(**ROTE, **wrong)  # type: ignore[arg-type]
    assert Config(**ROTE, p=97) == Config(**ROTE)  # type: ignore[arg-type]  # 97 is mini's
    with pytest.raises(ValueError, match="task must be one of modular, rote"):
        Config(task="byte", p=31)  # type: ignore[arg-type]


def test_difference_names_each_field_and_both_values() -> None:
    theirs = asdict(Config(p=97, lr=1e-2))
    assert difference(Config(), theirs) == ["p: 97, not 223", "lr: 0.01, not 0.001"]
    assert difference(Config(), asdict(Config())) == []
    del theirs["p"], theirs["lr"]  # written before these fields existed
    assert difference(Config(), theirs) == []


@given(st.integers(-5, 2000))
def test_prime_means_exactly_two_divisors(n: int) -> None:
    assert is_prime(n) == (sum(n % k == 0 for k in range(1, n + 1)) == 2)


def test_equal_configs_have_equal_keys() -> None:
    assert Config(weight_decay=0).key() == Config(weight_decay=0.0).key()
    for wrong in ({"p": 97.0}, {"max_steps": True}, {"lr": "1e-3"}, {"val_shuffle": 1}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Config(**wrong)  # type: ignore[arg-type]


def test_fields_unknown_here_differ() -> None:
    assert difference(Config(), {"new_field": 3}) == ["new_field: 3, unknown here"]
