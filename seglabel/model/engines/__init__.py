"""What computes the network: one small interface, several engines, equal results."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from seglabel.core.errors import SegLabelError
from seglabel.model.devices import Device
from seglabel.model.engines.pixel_net import PixelNet, Seen
from seglabel.model.engines.torch_engine import TorchEngine

Pictures = NDArray[np.uint8]
ENGINES = ("auto", "openvino", "torch")
PRECISIONS = ("fp32", "bf16")

_SAMPLE = (97, 129)  # height and width of the picture on which an engine is tried
_ERROR = 1e-4  # of the range of the scores


class Engine(Protocol):
    """Computes what a network says of pictures; normalising them is its own matter."""

    @property
    def title(self) -> str:
        """For the person, as *OpenVINO fp32*."""
        ...

    @property
    def device(self) -> torch.device:
        """Where scores come."""
        ...

    def on_cpu(self) -> Engine:
        """The same network on the CPU, for when the device fails."""
        ...

    def release(self) -> None:
        """Let go of memory that is only kept for speed."""
        ...

    def run(self, batch: Pictures) -> Seen:
        """Scores and descriptors of pictures, uint8 RGB (N, H, W, 3).

        On a GPU they may still be under way when this returns.
        """
        ...


def make_engine(
    net: PixelNet,
    device: Device,
    *,
    engine: str = "auto",
    precision: str = "fp32",
    cache: Path | None = None,
) -> Engine:
    """The fastest engine that this machine has for ``net`` and that gives its numbers.

    On a CPU that is OpenVINO, tried against PyTorch on a small picture before it is trusted;
    elsewhere PyTorch. ``precision`` is what a person allows: bf16 is faster on processors that have
    it and differs at the borders of regions. ``cache`` is where the converted network may be kept.
    Raises SegLabelError if what was asked for by name cannot be had.
    """
    _require_known("engine", engine, ENGINES)
    _require_known("precision", precision, PRECISIONS)
    if device.type != "cpu" or engine == "torch":
        return TorchEngine(net, device, precision=precision)
    try:
        from seglabel.model.engines.openvino_engine import OpenVinoEngine

        made = OpenVinoEngine(net, precision=precision, cache=cache)
        if precision == "fp32":
            _require_equal(made, net)
    except Exception as error:
        if engine == "openvino":
            reason = f"{type(error).__name__}: {error}"
            raise SegLabelError(f"engine: OpenVINO cannot be used here ({reason})") from error
        # It is a matter of speed alone: PyTorch computes the same.
        return TorchEngine(net, device, precision=precision)
    return made


def _require_known(what: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise SegLabelError(f"{what}: expected {', '.join(known)}, found {value!r}")


def _require_equal(engine: Engine, net: PixelNet) -> None:
    """Raise ArithmeticError unless the engine gives the network's own scores."""
    batch = np.random.default_rng(0).integers(0, 256, (1, *_SAMPLE, 3), np.uint8)
    with torch.inference_mode():
        expected = net(torch.from_numpy(batch))[0]
    found = engine.run(batch).scores
    spread = expected.max() - expected.min()
    error = float((found - expected).abs().max() / spread.clamp_min(1e-12))
    if not error <= _ERROR:
        raise ArithmeticError(f"its scores differ by {error:.1e} of their range")
