"""The configs that have a name: for each the fields that differ from a config's defaults."""

from __future__ import annotations

PRESETS: dict[str, dict[str, object]] = {
    "diary": {},
    "mini": {
        "p": 97,
        "train_fraction": 0.6,
        "d_model": 64,
        "layers": 1,
        "lr": 2e-3,
        "weight_decay": 0.05,
        "batch_size": 256,
        "max_steps": 3100,
        "sample_size": 1024,
        "screen_step": 3100,
    },
}
