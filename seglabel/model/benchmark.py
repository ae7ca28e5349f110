"""One contestant of ``seglabel benchmark``, in a process of its own.

    python -m seglabel.model.benchmark VARIANT HEIGHT WIDTH (--model FILE | --backbone NAME)

It loads, says what it is as a line of JSON, and then answers each line on its standard input: *go*
runs once and gives the seconds from picture to labels, *labels PATH* keeps the labels, *memory*
gives the peak of the process in bytes, on the GPU for those that compute there. So that contestants
can be run in turn, none helped or hindered by what another left in its process.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from seglabel.model.devices import Device

VARIANTS: dict[str, str] = {
    "plain": "plain PyTorch, as one would write it",
    "plain-pages": "the same, pages kept",
    "torch": "seglabel, PyTorch",
    "openvino": "seglabel, OpenVINO fp32",
    "openvino-bf16": "seglabel, OpenVINO bf16",
    "plain-gpu": "plain PyTorch on the GPU, float32",
    "autocast": "plain PyTorch on the GPU, autocast",
    "gpu": "seglabel on the GPU",
}

_AS_USERS = ("plain", "plain-gpu", "autocast")
_ON_GPU = ("plain-gpu", "autocast", "gpu")

Labels = NDArray[np.uint8]
Run = Callable[[NDArray[np.uint8]], Labels]


def main(arguments: list[str]) -> int:
    """Be a contestant. Returns the exit code."""
    variant, height, width, kind, what = arguments
    if variant not in _AS_USERS:
        from seglabel.model.allocator import keep_pages

        keep_pages()
    run, title = _contestant(variant, kind, what)
    image = sample(int(height), int(width))
    _say({"ready": title})
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        if word == "go":
            begin = time.perf_counter()
            run(image)
            _say({"seconds": time.perf_counter() - begin})
        elif word == "labels":
            np.save(rest, run(image))
            _say({"kept": rest})
        elif word == "memory":
            _say({"bytes": _peak_on_gpu() if variant in _ON_GPU else peak_memory()})
    return 0


def sample(height: int, width: int) -> NDArray[np.uint8]:
    """A picture with regions and texture, uint8 RGB (height, width, 3)."""
    generator = np.random.default_rng(0)
    rows, columns = np.mgrid[0:height, 0:width]
    waves = [np.sin(rows / (17 + 9 * c)) + np.cos(columns / (23 + 5 * c)) for c in range(3)]
    texture = generator.normal(0, 12, (height, width, 3))
    return np.clip(128 + 50 * np.stack(waves, -1) + texture, 0, 255).astype(np.uint8)


def peak_memory() -> int:
    """The most memory that this process ever held, in bytes (0 where it cannot be told)."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)


def _peak_on_gpu() -> int:
    """The most memory that this process ever reserved on the GPU, in bytes."""
    import torch

    return int(torch.cuda.max_memory_reserved()) if torch.cuda.is_available() else 0


def _contestant(variant: str, kind: str, what: str) -> tuple[Run, str]:
    from seglabel.model.devices import choose_device

    if variant in (*_AS_USERS, "plain-pages"):
        choice = "auto" if variant in _ON_GPU else "cpu"
        return _plain(kind, what, choose_device(choice), halves=variant == "autocast")
    from seglabel.model.engines import make_engine
    from seglabel.model.engines.pixel_net import PixelNet
    from seglabel.model.segmenter import Segmenter

    net, spec = _model(kind, what)
    device = choose_device("auto" if variant == "gpu" else "cpu")
    engine = make_engine(
        PixelNet(net, spec.mean, spec.std),
        device,
        engine="torch" if variant in ("torch", "gpu") else "openvino",
        precision="bf16" if variant.endswith("bf16") else "fp32",
    )
    segmenter = Segmenter(net, spec, name=what, digest="", device=device, tile=None, engine=engine)
    return lambda image: segmenter.propose(image).labels, segmenter.where


def _plain(kind: str, what: str, chosen: Device, *, halves: bool) -> tuple[Run, str]:
    """The loop that a user of PyTorch would write."""
    import torch
    from torch.nn.functional import interpolate

    net, spec = _model(kind, what)
    device = chosen.torch_device
    net = net.to(device)
    mean = torch.tensor(spec.mean).reshape(1, 3, 1, 1).to(device)
    std = torch.tensor(spec.std).reshape(1, 3, 1, 1).to(device)
    ids = torch.tensor(spec.channels, dtype=torch.uint8)

    def run(image: NDArray[np.uint8]) -> Labels:
        with torch.inference_mode(), torch.autocast(device.type, enabled=halves):
            batch = torch.from_numpy(image).to(device).permute(2, 0, 1)[None].float() / 255
            scores = net((batch - mean) / std)
            align_corners = spec.architecture.align_corners
            full = interpolate(
                scores, image.shape[:2], mode="bilinear", align_corners=align_corners
            )
            winners = full.argmax(1)[0].cpu()
        return np.asarray(ids[winners], np.uint8)

    return run, f"{device.type}, PyTorch {torch.__version__}"


def _model(kind: str, what: str):  # type: ignore[no-untyped-def]
    """Network and spec of a checkpoint, or of a backbone with random weights and 21 channels."""
    import torch

    from seglabel.core.templates import VOC
    from seglabel.model.architecture import Architecture
    from seglabel.model.checkpoint import ModelSpec, channels_of
    from seglabel.model.deeplabv3plus import DeepLabV3Plus
    from seglabel.model.identify import identify

    if kind == "--model":
        model = identify(Path(what))
        return model.network().eval(), model.spec
    torch.manual_seed(0)
    arch = Architecture(what, len(VOC) + 1)
    return DeepLabV3Plus(arch).eval(), ModelSpec(arch, VOC, channels_of(VOC))


def _say(data: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(data) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
