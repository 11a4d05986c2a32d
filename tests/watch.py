"""What no CUDA graph can hold, noticed on tensors without data."""

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Watch(TorchDispatchMode):
    """Fails on what no CUDA graph can hold: a question to the host, or a copy from or to it."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        name = func.name().removeprefix("aten::")
        self.seen.add(name)
        assert not name.startswith(("_local_scalar_dense", "nonzero", "masked_select", "unique"))
        assert not name.startswith(("index_put", "index_add", "scatter")), "adds in any order"
        for tensor in tree_leaves((args, kwargs, out)):
            if isinstance(tensor, torch.Tensor):
                assert tensor.device.type == "meta", f"{name} on {tensor.device}"
        return out
