"""PyTorch as the engine: works everywhere, on every device."""

from __future__ import annotations

import copy
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from seglabel.model.devices import Device
from seglabel.model.engines.cuda import CudaUpload, GraphedCalls
from seglabel.model.engines.pixel_net import Seen
from seglabel.model.precision import autocast, fast_dtype

_ENOUGH = 0.995  # share of labels that a reduced precision must leave as they are


class TorchEngine:
    """The network, which it takes over: norms folded into the convolutions, channels last.

    On a GPU it computes in the reduced precision that suits the card, once the first batch has
    shown that this leaves the labels as they are.
    """

    def __init__(self, net: nn.Module, device: Device, *, precision: str = "fp32") -> None:
        self.device = device.torch_device
        # From a device that was lost nothing can be copied back.
        self._spare = None if device.type == "cpu" else copy.deepcopy(net)
        self._net = fold_norms(net).requires_grad_(False).to(self.device)
        if device.type != "mps":  # channels-last is unsound there (pytorch#180984)
            self._net = self._net.to(memory_format=torch.channels_last)
        if device.type == "cpu":
            self._dtype = torch.bfloat16 if precision == "bf16" else None
        else:
            self._dtype = fast_dtype(self.device)
        self._is_tried = device.type == "cpu"
        self._is_cuda = device.type == "cuda"
        self._upload = CudaUpload(self.device) if self._is_cuda else self._plain_upload
        self._graphs = GraphedCalls(self._compute) if self._is_cuda else None

    @property
    def title(self) -> str:
        kind = "float32" if self._dtype is None else str(self._dtype).removeprefix("torch.")
        return f"PyTorch {kind}"

    def on_cpu(self) -> TorchEngine:
        """The same network on the CPU."""
        spare = self._net if self._spare is None else self._spare
        return TorchEngine(spare, Device("cpu", "CPU"))

    def release(self) -> None:
        if self._graphs is not None:
            self._graphs.forget()

    def run(self, batch: NDArray[np.uint8]) -> Seen:
        with torch.inference_mode():
            pixels = self._upload(np.ascontiguousarray(batch))
            if not self._is_tried:
                self._try(pixels)
            compute = self._compute if self._graphs is None else self._graphs
            return Seen(*compute(pixels))

    def _plain_upload(self, batch: NDArray[np.uint8]) -> Tensor:
        return torch.from_numpy(batch).to(self.device)

    def _try(self, pixels: Tensor) -> None:
        """Give the reduced precision up unless it leaves the labels as they are."""
        (scores, _), dtype = self._compute(pixels), self._dtype
        self._dtype = None
        exact, _ = self._compute(pixels)
        same = (scores.argmax(1) == exact.argmax(1)).float().mean()
        if bool(scores.isfinite().all()) and float(same) >= _ENOUGH:
            self._dtype = dtype
        self._is_tried = True

    def _compute(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        with torch.inference_mode(), autocast(self.device, self._dtype):
            scores, descriptors = self._net(pixels)
            return scores.float(), descriptors.float()


def fold_norms(net: nn.Module) -> nn.Module:
    """Multiply each batch norm into the convolution before it, in place; for inference alone."""
    net.eval()
    children = list(net.named_children())
    for (name, module), (after, norm) in pairwise(children):
        if not isinstance(module, nn.Conv2d) or not isinstance(norm, nn.BatchNorm2d):
            continue
        if norm.num_features != module.out_channels:
            continue
        setattr(net, name, fuse_conv_bn_eval(module, norm))
        setattr(net, after, _what_follows(norm))
    for _, module in net.named_children():
        fold_norms(module)
    return net


def _what_follows(norm: nn.BatchNorm2d) -> nn.Module:
    """What a norm does beside normalising: timm's also drop and activate."""
    parts = [getattr(norm, name) for name in ("drop", "act") if hasattr(norm, name)]
    kept = [part for part in parts if not isinstance(part, nn.Identity)]
    return nn.Sequential(*kept) if kept else nn.Identity()
