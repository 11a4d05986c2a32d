"""Made-up trainings of studies/sharing.py, with what is to be found put in by hand."""

import numpy as np
import pandas as pd

from older_documents.sharing_grid import design


def made_up(
    mean: dict[str, float], sd: float = 0.01, n: int = 8, gains: dict[str, float] | None = None
) -> pd.DataFrame:
    """Runs of the decoder whose accuracy is a cell's mean and the same draws by seed in all."""
    random, seeds = np.random.default_rng(0), [seeds.model for seeds in design(n)]
    luck = random.uniform(-0.1, 0.1, n)
    rows = []
    for cell, value in mean.items():
        noise = sd * random.permutation(np.resize([1, -1], n))  # of mean 0: it is as made up
        own = np.clip(value + luck + noise, 0, 1)
        gain = (gains or {}).get(cell, 0.0) * random.uniform(0.8, 1.2, n)
        rows += [
            {
                **{f"{name}_seed": seed for name in ("split", "model", "loader", "val")},
                **{f"{name}_short": y for name in ("accuracy", "loss", "pairs")},
                **{f"{name}_long": y + more for name in ("accuracy", "loss", "pairs")},
                "numerics": "cpu",
                "model": "decoder",
                "cell": cell,
                "steps": 1500,
                "t50_step": 1000 * (1 + y),
            }
            for seed, y, more in zip(seeds, own, gain, strict=True)
        ]
    return pd.DataFrame(rows)
