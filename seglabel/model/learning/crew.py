"""Several processes that train one network together, as ``torchrun`` starts them; or only one."""

from __future__ import annotations

import os
from typing import Any

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from seglabel.model.devices import Device


class Crew:
    """The processes of a training. What it says is the same in all of them."""

    def __init__(self, device: Device, rank: int = 0, size: int = 1) -> None:
        self.rank, self.size = rank, size
        self._device = device.torch_device

    @classmethod
    def join(cls, device: Device) -> Crew:
        """Meet the others that the environment tells of (``torchrun``), if there are any."""
        size = int(os.environ.get("WORLD_SIZE", "1"))
        if size == 1:
            return cls(device)
        if device.type == "cuda":
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
        return cls(device, distributed.get_rank(), size)

    def leave(self) -> None:
        if self.size > 1:
            distributed.destroy_process_group()

    @property
    def leads(self) -> bool:
        """Whether this is the one that decides, tells and writes."""
        return self.rank == 0

    def shared(self, module: nn.Module) -> nn.Module:
        """The same module, whose gradients are from now on the mean over all processes."""
        return module if self.size == 1 else DistributedDataParallel(module)

    def sum(self, values: Tensor) -> Tensor:
        """The sum over all processes."""
        if self.size > 1:
            values = values.to(self._device, copy=True)
            distributed.all_reduce(values)
        return values

    def agree(self, *values: float) -> list[float]:
        """What the leading process says, to all."""
        if self.size == 1:
            return list(values)
        said = torch.tensor(values, dtype=torch.float64, device=self._device)
        distributed.broadcast(said, 0)
        return [float(value) for value in said.tolist()]

    def gathered(self, value: Any) -> list[Any]:
        """What each process says, in the order of their ranks."""
        if self.size == 1:
            return [value]
        found: list[Any] = [None] * self.size
        distributed.all_gather_object(found, value)
        return found
