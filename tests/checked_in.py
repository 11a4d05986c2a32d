"""Result folders that the repository holds: a visitor's own scans may lie beside them."""

import subprocess
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "results"


def folders_with(name: str) -> list[Path]:
    """The folders below `results/` whose file of that name git keeps, sorted."""
    found = subprocess.check_output(["git", "ls-files", "-z", f"*/{name}"], cwd=RESULTS, text=True)
    return sorted((RESULTS / path).parent for path in found.split("\0") if path)
