"""Which device computes, and why."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from seglabel.core.errors import SegLabelError

DEVICE_CHOICES: tuple[str, ...] = ("auto", "cuda", "mps", "xpu", "cpu")


@dataclass(frozen=True, slots=True)
class Device:
    """A torch device type and a sentence for the person."""

    type: str
    reason: str

    @property
    def torch_device(self) -> torch.device:
        return torch.device(self.type)


def choose_device(choice: str = "auto") -> Device:
    """CUDA, else MPS, else XPU, else the CPU; or the one that was asked for.

    Raises SegLabelError if a device was asked for that this machine does not have.
    """
    if choice not in DEVICE_CHOICES:
        raise SegLabelError(f"device: expected {', '.join(DEVICE_CHOICES)}, found {choice!r}")
    if choice == "cpu":
        return Device("cpu", "CPU (as asked)")
    for kind in ("cuda", "mps", "xpu"):
        if choice not in ("auto", kind):
            continue
        if _is_available(kind):
            return Device(kind, _name(kind))
        if choice == kind:
            raise SegLabelError(f"device: {kind} was asked for, but {_why_not(kind)}")
    return Device("cpu", f"CPU ({_why_not('cuda')})")


def has_bf16() -> bool:
    """Whether models compute on a processor that has bf16, where it is the person's choice.

    A GPU takes the reduced precision that suits it by itself.
    """
    if choose_device().type != "cpu":
        return False
    try:
        import openvino
        from openvino.properties import device
    except ImportError:
        return False
    return "BF16" in openvino.Core().get_property("CPU", device.capabilities)


def limit_threads(count: int) -> None:
    """How many threads this process computes with on a CPU; engines made from now on obey."""
    torch.set_num_threads(count)


def _is_available(kind: str) -> bool:
    if kind == "cuda":
        return torch.cuda.is_available()
    if kind == "mps":
        return torch.backends.mps.is_available()
    return hasattr(torch, "xpu") and torch.xpu.is_available()


def _name(kind: str) -> str:
    if kind == "cuda":
        return f"CUDA ({torch.cuda.get_device_name(0)})"
    return "Apple GPU (MPS)" if kind == "mps" else "Intel GPU (XPU)"


def _why_not(kind: str) -> str:
    if kind == "cuda":
        if torch.version.cuda is None and torch.version.hip is None:
            return "this PyTorch was built without CUDA"
        return "no CUDA device"
    return f"this machine has no {kind} device"
