"""OpenVINO as the engine: several times faster than PyTorch on x86 processors."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import warnings
from pathlib import Path

import numpy as np
import openvino
import openvino.properties as props
import openvino.properties.hint as hints
import torch
from numpy.typing import NDArray
from openvino.frontend import FrontEndManager
from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

from seglabel.core.errors import SegLabelError
from seglabel.model.engines.pixel_net import PixelNet, Seen

_EXAMPLE = (1, 64, 96, 3)
_CACHE_BYTES = 2 << 30
_IR = "described.xml"


class OpenVinoEngine:
    """The network compiled once for pictures of any size; as many threads as PyTorch has.

    Raises SegLabelError if the processor lacks bf16 and whatever OpenVINO raises otherwise.
    """

    device = torch.device("cpu")

    def __init__(
        self, net: PixelNet, *, precision: str = "fp32", cache: Path | None = None
    ) -> None:
        core = openvino.Core()
        able = core.get_property("CPU", props.device.capabilities)
        if precision == "bf16" and "BF16" not in able:
            raise SegLabelError("precision: this processor has no bf16")
        self.title = f"OpenVINO {precision}"
        kinds = {"fp32": openvino.Type.f32, "bf16": openvino.Type.bf16}
        model = _cached(net, core, cache)
        self._compiled = core.compile_model(
            model,
            "CPU",
            {
                hints.inference_precision: kinds[precision],
                hints.performance_mode: hints.PerformanceMode.LATENCY,
                props.inference_num_threads: torch.get_num_threads(),
            },
        )
        self._request = self._compiled.create_infer_request()

    def on_cpu(self) -> OpenVinoEngine:
        """It never was anywhere else."""
        return self

    def release(self) -> None:
        self._request = self._compiled.create_infer_request()

    def run(self, batch: NDArray[np.uint8]) -> Seen:
        found = self._request.infer([np.ascontiguousarray(batch)])
        # Copies: its memory is used again.
        return Seen(*(torch.from_numpy(np.array(found[i], np.float32)) for i in range(2)))


def _cached(net: PixelNet, core: openvino.Core, cache: Path | None) -> openvino.Model:
    """The converted network, from ``cache`` if it is there and whole."""
    if cache is None:
        return _convert(net)
    with contextlib.suppress(Exception):  # absent or damaged: it is made anew
        model = core.read_model(cache / _IR)
        cache.touch()  # what was used last is thrown away last
        return model
    model = _convert(net)
    with contextlib.suppress(OSError, RuntimeError):  # a full disk only costs time
        _keep(model, cache)
    return model


def _convert(net: PixelNet) -> openvino.Model:
    """The network for batches and pictures of any size.

    The front end is called itself: the usual helper reports its use over the network.
    """
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of every size that Python reads
        traced = torch.jit.trace(net, torch.zeros(_EXAMPLE, dtype=torch.uint8), check_trace=False)
        decoder = TorchScriptPythonDecoder(traced)  # must outlive the conversion
        front_end = FrontEndManager().load_by_framework("pytorch")
        model = front_end.convert(front_end.load(decoder))
    model.reshape(openvino.PartialShape([-1, -1, -1, 3]))
    return model


def _keep(model: openvino.Model, cache: Path) -> None:
    """Write the network, whole or not at all, and throw away what is old."""
    cache.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=".tmp-", dir=cache.parent))
    try:
        openvino.save_model(model, building / _IR, compress_to_fp16=False)
        shutil.rmtree(cache, ignore_errors=True)
        building.replace(cache)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    _prune(cache.parent)


def _prune(folder: Path) -> None:
    kept = 0
    entries = [path for path in folder.iterdir() if path.is_dir()]
    for entry in sorted(entries, key=lambda path: path.stat().st_mtime, reverse=True):
        kept += sum(file.stat().st_size for file in entry.iterdir())
        if kept > _CACHE_BYTES:
            shutil.rmtree(entry, ignore_errors=True)
