"""Prove that foreign checkpoints are read exactly, and print the table.

    python3 packaging/dev.py parity [CASE ...]

Each case is a checkpoint of random weights and statistics in another project's layout. Its logits
are compared with those of the original network: run live where PyPI has it
(segmentation-models-pytorch, torchvision, transformers), recorded from the original source
elsewhere (``tests/model/layouts/golden``, made by ``packaging/record_parity.py``).
"""

from __future__ import annotations

import hashlib
import json
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from seglabel.model import Segmenter

GOLDEN = Path(__file__).parent.parent / "tests" / "model" / "layouts" / "golden"
SIZES = ((97, 129), (128, 96))
TOLERANCE = 1e-4  # of the range of the logits
AGREEMENT = 0.9999  # of the labels
OUTPUTS = 5

Forward = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Outcome:
    """How far our logits are from theirs at worst, and the share of labels that are equal."""

    error: float
    agreement: float
    layout: str
    backbone: str
    output_stride: int

    @property
    def holds(self) -> bool:
        return self.error <= TOLERANCE and self.agreement >= AGREEMENT


@dataclass(frozen=True)
class Case:
    """One checkpoint and its judge."""

    name: str
    judge: str
    run: Callable[[Path], Outcome]


def picture(height: int, width: int) -> NDArray[np.uint8]:
    """A picture of random colours, always the same for a size: uint8 RGB (height, width, 3)."""
    return np.random.default_rng(height * 10_000 + width).integers(
        0, 256, (height, width, 3), dtype=np.uint8
    )


def prepared(image: NDArray[np.uint8], mean: Any, std: Any) -> Tensor:
    """The picture as a normalised batch (1, 3, H, W)."""
    values = (image / 255 - np.array(mean)) / np.array(std)
    return torch.from_numpy(values.transpose(2, 0, 1)[None].astype(np.float32))


# recorded from the original sources


def recorded_cases() -> Iterator[Case]:
    for path in sorted(GOLDEN.glob("*.npz")):
        with np.load(path) as archive:
            note = json.loads(str(archive["note"]))
        for stride in note["strides"]:
            yield Case(
                f"{path.stem}-os{stride}",
                "recorded",
                lambda folder, path=path, stride=stride: _compare_recorded(path, stride, folder),
            )


def _compare_recorded(path: Path, stride: int, folder: Path) -> Outcome:
    with np.load(path) as archive:
        recorded = {key: archive[key] for key in archive.files}
    note = json.loads(str(recorded["note"]))
    file = folder / note["file"]
    save(state_of(note["keys"]), file, note["container"])
    segmenter = Segmenter.load(file, "cpu", output_stride=stride, engine="torch")
    error, same = 0.0, []
    for height, width in note["sizes"]:
        key = f"{stride}_{height}x{width}"
        places, expected = recorded[f"places_{key}"], recorded[f"logits_{key}"]
        found = segmenter.logits(picture(height, width))
        difference = np.abs(found.reshape(len(found), -1)[:, places] - expected).max()
        error = max(error, float(difference) / float(recorded[f"range_{key}"]))
        same.append((found.argmax(0) == recorded[f"labels_{key}"]).ravel())
    return _outcome(segmenter, file, error, same)


def state_of(keys: dict[str, Any]) -> dict[str, Tensor]:
    """Random tensors that depend on nothing but their names.

    ``keys`` gives a shape by name, or the name of the tensor that this one shares.
    """
    state: dict[str, Tensor] = {}
    for name, shape in keys.items():
        state[name] = state[shape] if isinstance(shape, str) else _random(name, shape)
    return state


def _random(name: str, shape: list[int]) -> Tensor:
    if name.endswith("num_batches_tracked"):
        return torch.zeros((), dtype=torch.int64)
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    generator = np.random.default_rng(int.from_bytes(digest, "little"))
    if len(shape) > 1:
        deviation = (2 / np.prod(shape[1:])) ** 0.5
        values = generator.standard_normal(shape, np.float32) * np.float32(deviation)
    elif name.endswith(("weight", "running_var")):
        values = generator.uniform(0.5, 1.5, shape)
    else:
        values = generator.normal(0, 0.2, shape)
    return torch.from_numpy(np.asarray(values, np.float32))


def save(state: dict[str, Tensor], path: Path, container: str) -> None:
    """Write the tensors as the layout's own training script would."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if container == "detectron2":
        arrays = {key: value.numpy() for key, value in state.items()}
        path.write_bytes(pickle.dumps({"model": arrays, "__author__": "parity"}))
        return
    names = tuple(f"category {index}" for index in range(OUTPUTS))
    containers: dict[str, Any] = {
        "bare": state,
        "VainF": {"cur_itrs": 1, "model_state": state, "best_score": np.float64(0.5)},
        "jfzhang95": {"epoch": 1, "state_dict": state, "best_pred": np.float64(0.5)},
        "mmsegmentation": {"meta": {"CLASSES": names}, "state_dict": state},
        "lightning": {"state_dict": {f"model.{key}": value for key, value in state.items()}},
    }
    torch.save(containers[container], path)


# run live


def live_cases() -> Iterator[Case]:
    for encoder in (
        "resnet34",
        "resnet50",
        "resnet101",
        "mobilenet_v2",
        "tu-tf_efficientnet_lite0",
        "tu-xception71",
    ):
        for stride in (16, 8):
            yield Case(
                f"smp-{encoder}-os{stride}",
                "segmentation-models-pytorch",
                lambda folder, e=encoder, s=stride: _compare_smp(e, s, folder),
            )
    for name in ("resnet50", "resnet101", "mobilenet_v3_large"):
        yield Case(
            f"torchvision-{name}",
            "torchvision",
            lambda folder, name=name: _compare_torchvision(name, folder),
        )
    for stride in (16, 8):
        yield Case(
            f"transformers-os{stride}",
            "transformers",
            lambda folder, s=stride: _compare_transformers(s, folder),
        )


def _compare_smp(encoder: str, stride: int, folder: Path) -> Outcome:
    import segmentation_models_pytorch as smp

    net = randomised(
        smp.DeepLabV3Plus(
            encoder, encoder_weights=None, encoder_output_stride=stride, classes=OUTPUTS
        )
    )
    config = {"encoder_name": encoder, "encoder_output_stride": stride}
    (folder / "config.json").write_text(json.dumps(config))
    # The original refuses sizes that its stride does not divide.
    return _compare(net, net, folder / "model.ckpt", "lightning", ((96, 128), (128, 96)))


def _compare_torchvision(name: str, folder: Path) -> Outcome:
    from torchvision.models import segmentation

    make = getattr(segmentation, f"deeplabv3_{name}")
    net = randomised(make(weights=None, weights_backbone=None, num_classes=OUTPUTS, aux_loss=True))
    return _compare(net, lambda x: net(x)["out"], folder / f"deeplabv3_{name}_coco.pth", "bare")


def _compare_transformers(stride: int, folder: Path) -> Outcome:
    import transformers

    config = transformers.MobileNetV2Config(num_labels=OUTPUTS, output_stride=stride)
    net = randomised(transformers.MobileNetV2ForSemanticSegmentation(config))
    net.save_pretrained(folder)

    def forward(x: Tensor) -> Tensor:
        return nn.functional.interpolate(net(x).logits, x.shape[-2:], mode="bilinear")

    return _compare(net, forward, folder / "model.safetensors", "")


def _compare(
    net: nn.Module,
    forward: Forward,
    file: Path,
    container: str,
    sizes: tuple[tuple[int, int], ...] = SIZES,
) -> Outcome:
    if container:
        save(net.state_dict(), file, container)
    segmenter = Segmenter.load(file, "cpu", engine="torch")
    error, same = 0.0, []
    for size in sizes:
        image = picture(*size)
        with torch.inference_mode():
            expected = forward(prepared(image, segmenter.spec.mean, segmenter.spec.std))[0].numpy()
        found = segmenter.logits(image)
        error = max(error, float(np.abs(found - expected).max() / np.ptp(expected)))
        same.append((found.argmax(0) == expected.argmax(0)).ravel())
    return _outcome(segmenter, file, error, same)


def randomised(net: nn.Module, seed: int = 0) -> nn.Module:
    """Random weights, and statistics near what the layers then see.

    Some networks blow rounding up by a thousand if their statistics are arbitrary.
    """
    generator = torch.Generator().manual_seed(seed)
    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            deviation = (2 / module.weight[0].numel()) ** 0.5
            module.weight.data.normal_(0, deviation, generator=generator)
            if module.bias is not None:
                module.bias.data.normal_(0, 0.2, generator=generator)
    for norm in norms:
        norm.weight.data.uniform_(0.5, 1.5, generator=generator)
        norm.bias.data.normal_(0, 0.2, generator=generator)
        norm.reset_running_stats()
    momenta, net = [norm.momentum for norm in norms], net.train()
    for norm in norms:
        norm.momentum = None  # a plain average
    with torch.no_grad():
        net(torch.randn(2, 3, 96, 128, generator=generator))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
        spread = torch.empty_like(norm.running_var)
        norm.running_var.mul_(spread.uniform_(0.8, 1.25, generator=generator))
        norm.running_mean.add_(spread.normal_(0, 0.1, generator=generator))
    return net.eval()


def _outcome(
    segmenter: Segmenter, file: Path, error: float, same: list[NDArray[np.bool_]]
) -> Outcome:
    from seglabel.model.layouts import understand
    from seglabel.model.raw_checkpoint import read_checkpoint

    arch = segmenter.spec.architecture
    layout = understand(read_checkpoint(file)).layout
    agreement = float(np.concatenate(same).mean())
    return Outcome(error, agreement, layout, arch.backbone, arch.output_stride)


def cases() -> list[Case]:
    return [*recorded_cases(), *live_cases()]


def main() -> int:
    """Print a row per case; the exit code tells whether all hold."""
    wanted = sys.argv[1:]
    print("| case | layout | backbone | stride | judged by | max error / range | labels equal |")
    print("|---|---|---|---|---|---|---|")
    all_hold = True
    for case in cases():
        if wanted and not any(case.name.startswith(prefix) for prefix in wanted):
            continue
        with tempfile.TemporaryDirectory() as folder:
            outcome = case.run(Path(folder))
        all_hold &= outcome.holds
        mark = "" if outcome.holds else " ✗"
        print(
            f"| {case.name}{mark} | {outcome.layout} | {outcome.backbone} | "
            f"{outcome.output_stride} | {case.judge} | {outcome.error:.1e} | "
            f"{100 * outcome.agreement:.2f} % |",
            flush=True,
        )
    return 0 if all_hold else 1


if __name__ == "__main__":
    sys.exit(main())
