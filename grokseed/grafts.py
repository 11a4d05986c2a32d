"""What may be changed about a run besides its seeds, as `Seeds.graft` writes it. No torch.

| spelled | what it does |
|---|---|
| `token_embedding+head=42` | these parts of the initial weights are model seed 42's |
| `token_embedding~0.25=42` | they are w·√(1 - 0.25²) + 0.25·w', with w' from model seed 42 |
| `ulp=3` | one initial weight, which seed 3 chooses, is moved up by one unit in the last place |
| `relabel-weights=5` | the residues are relabelled in the initial weights: symmetry number 5 |
| `relabel-weights-split=5` | in the initial weights and in the split |
| `characters-2~0.5=0` | the order-2 (or 3) character in the token embedding is halved |
| `branch-440=77` | from step 440 on, batches come from loader seed 77 |
| `order-of-all=77` | the train set is visited in the order that loader seed 77 gives all examples |

With `order-of-all=N` two splits have the examples that both train on in one order. Without it a
loader seed permutes the places of the train set, which on two splits hold unrelated examples.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

Kind = Literal["parts", "ulp", "relabel", "characters", "branch", "order"]

_SHARE = r"(?P<share>\d+(\.\d+)?)"
_PATTERNS: dict[Kind, str] = {
    "ulp": r"ulp",
    "relabel": r"relabel-(?P<names>weights(-split)?)",
    "characters": rf"characters-(?P<names>[23])~{_SHARE}",
    "branch": r"branch-(?P<step>\d+)",
    "order": r"order-of-all",
    "parts": rf"(?P<names>[\w.+]+)(~{_SHARE})?",
}


@dataclass(frozen=True)
class Graft:
    """One change.

    Attributes:
        seed: of the donor, the choice of a weight, the symmetry, or the new batch order.
        names: the parts that are exchanged, what is relabelled, or the order of the character.
        share: of the donor in blended weights (1: full replacement), or the dose of a character.
        step: where the batch order branches.
    """

    kind: Kind
    seed: int
    names: str = ""
    share: float = 1.0
    step: int = 0

    def __str__(self) -> str:
        """As `parse_graft` reads it, with its numbers in the shortest way."""
        share = f"~{Decimal(str(self.share)).normalize():f}"
        heads: dict[Kind, str] = {
            "parts": self.names + (share if self.share != 1 else ""),
            "ulp": "ulp",
            "relabel": f"relabel-{self.names}",
            "characters": f"characters-{self.names}{share}",
            "branch": f"branch-{self.step}",
            "order": "order-of-all",
        }
        return f"{heads[self.kind]}={self.seed}"


@lru_cache(2**16)  # the same few are read again with every table of a study
def parse_graft(text: str) -> Graft:
    """Read a graft.

    Raises:
        ValueError: not a graft, or a blend's share above 1.
    """
    for kind, pattern in _PATTERNS.items():
        if found := re.fullmatch(rf"{pattern}=(?P<seed>\d+)", text, re.ASCII):
            named = found.groupdict()
            share = float(named.get("share") or 1)
            if kind == "parts" and share > 1:
                raise ValueError(f"a blend's share must lie in 0..1, not {share}")
            step = int(named.get("step") or 0)
            return Graft(kind, int(found["seed"]), named.get("names") or "", share, step)
    raise ValueError(f"a graft is spelled like token_embedding+head=42, not {text!r}")
