"""In which precision training computes, and two things that make it fast on a CPU."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor, nn


def fast_dtype(device: torch.device) -> torch.dtype | None:
    """The reduced precision that pays on this device, or ``None`` for float32 throughout."""
    if device.type == "cuda":
        if torch.cuda.get_device_capability(device)[0] >= 8:
            return torch.bfloat16
        # GTX 16xx cards compute NaN in half precision (pytorch#58123).
        is_gtx16 = "GTX 16" in torch.cuda.get_device_name(device)
        return None if is_gtx16 else torch.float16
    if device.type == "cpu" and _multiplies_bf16():
        return torch.bfloat16
    return None


def _multiplies_bf16() -> bool:
    """Whether the processor multiplies bfloat16 itself, in tiles or in vectors.

    With vectors alone a step takes six tenths of its time in float32.
    """
    names = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    asked: list[Callable[[], bool]] = [
        getattr(torch.cpu, name) for name in names if hasattr(torch.cpu, name)
    ]
    return any(supported() for supported in asked)


def autocast(device: torch.device, dtype: torch.dtype | None) -> AbstractContextManager[Any]:
    """Autocast to ``dtype``; does nothing for ``None``."""
    return torch.autocast(device.type, dtype or torch.bfloat16, enabled=dtype is not None)


def keep_depthwise_in_float(net: nn.Module) -> None:
    """Compute depthwise convolutions in float32 under autocast.

    oneDNN's backward pass for them is several times slower in bfloat16 than in float32.
    """
    for module in net.modules():
        if isinstance(module, nn.Conv2d) and module.groups > 1:
            module.forward = _in_float(module.forward)  # type: ignore[method-assign, assignment]


def _in_float(forward: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    def in_float(x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            return channels_last_gradient(forward(x.float()))

    return in_float


class _ChannelsLastGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return gradient.contiguous(memory_format=torch.channels_last)


def channels_last_gradient(x: Tensor) -> Tensor:
    """The same values; the gradient that comes back is laid out like the network's own tensors.

    Otherwise one operation that returns its gradient in the other layout makes every layer behind
    it convert, which takes a third of the backward pass.
    """
    result: Tensor = _ChannelsLastGradient.apply(x)
    return result
