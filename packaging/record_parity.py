"""Record what original networks say of random checkpoints, for ``packaging/parity.py``.

    python packaging/record_parity.py SOURCES

SOURCES is a folder with checkouts of the original projects, under the names of their repositories:
``DeepLabV3Plus-Pytorch``, ``pytorch-deeplab-xception``, ``deeplabv3-plus-pytorch``,
``awesome-semantic-segmentation-pytorch``, ``detectron2``; ``mmsegmentation`` (1.x) and what it
needs must be importable. Only numbers are kept: names and shapes of tensors, logits at some pixels,
labels at all. This is run by hand when a layout is added; the test suite needs none of it.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

_PLACES = 64  # pixels whose logits are kept

Sizes = tuple[tuple[int, int], ...]


def _parity() -> types.ModuleType:
    """The module beside this one; this folder is no package."""
    spec = importlib.util.spec_from_file_location("parity", Path(__file__).with_name("parity.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["parity"] = module  # dataclasses look it up
    spec.loader.exec_module(module)
    return module


parity = _parity()


@dataclass(frozen=True)
class Original:
    """A network per output stride, how its checkpoints are called and kept."""

    name: str
    make: Callable[[int], tuple[nn.Module, Callable[[Tensor], Tensor]]]
    strides: tuple[int, ...]
    file: str
    container: str
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    sizes: Sizes = parity.SIZES


_CAFFE = {
    "mean": (123.675 / 255, 116.28 / 255, 103.53 / 255),
    "std": (58.395 / 255, 57.12 / 255, 57.375 / 255),
}


def main() -> int:
    sources = Path(sys.argv[1])
    parity.GOLDEN.mkdir(parents=True, exist_ok=True)
    makers = (_vainf, _jfzhang95, _bubbliiiing, _tramac, _detectron2, _mmsegmentation)
    for maker in makers:
        for original in maker(sources):
            _record(original)
    return 0


def _record(original: Original) -> None:
    arrays: dict[str, Any] = {}
    keys: dict[str, Any] = {}
    for stride in original.strides:
        net, forward = original.make(stride)
        keys = _keys(net)
        net.load_state_dict(parity.state_of(keys))
        net.eval()
        for size in original.sizes:
            batch = parity.prepared(parity.picture(*size), original.mean, original.std)
            with torch.inference_mode():
                logits = forward(batch)[0].numpy()
            generator = np.random.default_rng(stride)
            places = np.sort(generator.choice(size[0] * size[1], _PLACES, replace=False))
            key = f"{stride}_{size[0]}x{size[1]}"
            arrays[f"places_{key}"] = places.astype(np.int32)
            arrays[f"logits_{key}"] = logits.reshape(len(logits), -1)[:, places]
            arrays[f"range_{key}"] = np.float32(np.ptp(logits))
            arrays[f"labels_{key}"] = logits.argmax(0).astype(np.uint8)
    note = {
        "keys": keys,
        "strides": original.strides,
        "sizes": original.sizes,
        "file": original.file,
        "container": original.container,
    }
    path = parity.GOLDEN / f"{original.name}.npz"
    np.savez_compressed(path, note=json.dumps(note), **arrays)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


def _keys(net: nn.Module) -> dict[str, Any]:
    """Shapes by name; a tensor that is stored twice by the name it has first."""
    keys: dict[str, Any] = {}
    first: dict[int, str] = {}
    for name, tensor in net.state_dict().items():
        known = first.setdefault(tensor.data_ptr(), name) if tensor.numel() > 1 else name
        keys[name] = list(tensor.shape) if known == name else known
    return keys


@contextmanager
def _on_path(*folders: Path, forget: tuple[str, ...]) -> Iterator[None]:
    """Import from ``folders``; what was imported of these packages before is forgotten."""
    for name in [name for name in sys.modules if name.split(".")[0] in forget]:
        del sys.modules[name]
    sys.path[:0] = [str(folder) for folder in folders]
    try:
        yield
    finally:
        del sys.path[: len(folders)]


def _vainf(sources: Path) -> Iterator[Original]:
    def make(name: str, separable: bool, stride: int) -> tuple[nn.Module, nn.Module]:
        with _on_path(sources / "DeepLabV3Plus-Pytorch", forget=("network",)):
            import network
            from network import modeling

            net = getattr(modeling, name)(
                num_classes=parity.OUTPUTS, output_stride=stride, pretrained_backbone=False
            )
            if separable:
                network.convert_to_separable_conv(net.classifier)
        return net, net

    for title, name, separable, strides in (
        ("mobilenet_v2", "deeplabv3plus_mobilenet", False, (16, 8)),
        ("mobilenet_v2-separable", "deeplabv3plus_mobilenet", True, (16,)),
        ("resnet50", "deeplabv3plus_resnet50", False, (16, 8)),
        ("resnet101-separable", "deeplabv3plus_resnet101", True, (8,)),
        ("v3-mobilenet_v2", "deeplabv3_mobilenet", False, (16, 8)),
        ("v3-resnet50", "deeplabv3_resnet50", False, (16,)),
    ):
        yield Original(
            f"vainf-{title}",
            functools.partial(make, name, separable),
            strides,
            f"best_{name}_voc.pth",
            "VainF",
        )


def _jfzhang95(sources: Path) -> Iterator[Original]:
    def make(backbone: str, stride: int) -> tuple[nn.Module, nn.Module]:
        from torch.utils import model_zoo

        with _on_path(sources / "pytorch-deeplab-xception", forget=("modeling",)):
            load, model_zoo.load_url = model_zoo.load_url, lambda *_: {}
            try:
                from modeling.deeplab import DeepLab

                net = DeepLab(backbone, stride, num_classes=parity.OUTPUTS, sync_bn=False)
            finally:
                model_zoo.load_url = load
        return net, net

    for title, name in (
        ("mobilenet_v2", "mobilenet"),
        ("resnet101", "resnet"),
        ("xception65", "xception"),
    ):
        yield Original(
            f"jfzhang95-{title}",
            functools.partial(make, name),
            (16, 8),
            "model_best.pth.tar",
            "jfzhang95",
        )


def _bubbliiiing(sources: Path) -> Iterator[Original]:
    def make(backbone: str, stride: int) -> tuple[nn.Module, nn.Module]:
        with _on_path(sources / "deeplabv3-plus-pytorch", forget=("nets",)):
            from nets.deeplabv3_plus import DeepLab

            net = DeepLab(parity.OUTPUTS, backbone, pretrained=False, downsample_factor=stride)
        return net, net

    for title, name in (("mobilenet_v2", "mobilenet"), ("xception65", "xception")):
        yield Original(
            f"bubbliiiing-{title}",
            functools.partial(make, name),
            (16, 8),
            f"deeplab_{name}.pth",
            "bare",
            (0.0, 0.0, 0.0),
            (1.0, 1.0, 1.0),
        )


def _tramac(sources: Path) -> Iterator[Original]:
    def make(_: int) -> tuple[nn.Module, Callable[[Tensor], Tensor]]:
        folder = sources / "awesome-semantic-segmentation-pytorch" / "core"
        with _on_path(folder.parent, forget=("core",)):
            # Their packages import data sets and downloads; only the modules below are wanted.
            for name in ("core", "core.models", "core.models.base_models", "core.nn"):
                package = types.ModuleType(name)
                package.__path__ = [str(folder.joinpath(*name.split(".")[1:]))]
                sys.modules[name] = package
            nn_package: Any = sys.modules["core.nn"]
            from core.nn.basic import _ConvBNReLU

            nn_package._ConvBNReLU = _ConvBNReLU
            segbase: Any = types.ModuleType("core.models.segbase")
            segbase.SegBaseModel = nn.Module
            sys.modules["core.models.segbase"] = segbase
            from core.models import deeplabv3_plus

            # The published code cannot be called without this argument.
            deeplabv3_plus._ASPP = functools.partial(deeplabv3_plus._ASPP, norm_kwargs=None)
            net = deeplabv3_plus.DeepLabV3Plus(parity.OUTPUTS, pretrained_base=False)
        return net, lambda x: net(x)[0]

    yield Original(
        "tramac-xception65", make, (8,), "deeplabv3_plus_xception_pascal_voc.pth", "bare"
    )


def _detectron2(sources: Path) -> Iterator[Original]:
    def make(separable: bool, _: int) -> tuple[nn.Module, nn.Module]:
        folder = sources / "detectron2"
        with _on_path(folder, folder / "projects" / "DeepLab", forget=("deeplab", "detectron2")):
            from deeplab.resnet import DeepLabStem
            from deeplab.semantic_seg import DeepLabV3PlusHead
            from detectron2.layers import ShapeSpec
            from detectron2.modeling.backbone.resnet import BottleneckBlock, ResNet

            stages, inputs = [], 128
            for stage, depth in enumerate((3, 4, 23, 3)):
                width = 64 << stage
                rates = [2, 4, 8] if stage == 3 else [1] * depth
                stages.append(
                    ResNet.make_stage(
                        BottleneckBlock,
                        depth,
                        stride_per_block=[2 if stage in (1, 2) else 1] + [1] * (depth - 1),
                        dilation_per_block=rates,
                        in_channels=inputs,
                        bottleneck_channels=width,
                        out_channels=4 * width,
                        norm="BN",
                        stride_in_1x1=False,
                    )
                )
                inputs = 4 * width
            net = nn.Module()
            net.backbone = ResNet(DeepLabStem(3, 128, "BN"), stages, out_features=["res2", "res5"])
            net.sem_seg_head = DeepLabV3PlusHead(
                {
                    "res2": ShapeSpec(channels=256, stride=4),
                    "res5": ShapeSpec(channels=2048, stride=16),
                },
                project_channels=[48],
                aspp_dilations=[6, 12, 18],
                aspp_dropout=0.1,
                decoder_channels=[256, 256],
                common_stride=4,
                norm="BN",
                train_size=(512, 1024),
                loss_type="cross_entropy",
                num_classes=parity.OUTPUTS,
                use_depthwise_separable_conv=separable,
            )
        return net, lambda x: net.sem_seg_head(net.backbone(x))[0]

    # Its pooling window refuses pictures smaller than the crops it was trained on.
    for title, separable, sizes in (
        ("resnet101", False, ((512, 1024),)),
        ("resnet101-separable", True, ((1024, 1024),)),
    ):
        yield Original(
            f"detectron2-{title}",
            functools.partial(make, separable),
            (16,),
            "model_final.pkl",
            "detectron2",
            **_CAFFE,
            sizes=sizes,
        )


def _mmsegmentation(_: Path) -> Iterator[Original]:
    def make(config: dict[str, Any], _: int) -> tuple[nn.Module, Callable[[Tensor], Tensor]]:
        import mmseg.models  # noqa: F401 - registers its parts
        from mmseg.registry import MODELS

        head = config["decode_head"]
        net = MODELS.build(
            {"type": "EncoderDecoder", **config, "train_cfg": {}, "test_cfg": {"mode": "whole"}}
        )

        def forward(x: Tensor) -> Tensor:
            scores = net.decode_head(net.backbone(x))
            return nn.functional.interpolate(
                scores, x.shape[-2:], mode="bilinear", align_corners=head["align_corners"]
            )

        return net, forward

    norm = {"type": "BN"}

    def resnet(depth: int, kind: str = "ResNetV1c", **choices: Any) -> dict[str, Any]:
        return {
            "type": kind,
            "depth": depth,
            "num_stages": 4,
            "out_indices": (0, 1, 2, 3),
            "dilations": (1, 1, 2, 4),
            "strides": (1, 2, 1, 1),
            "norm_cfg": norm,
            "style": "pytorch",
            "contract_dilation": True,
            **choices,
        }

    def head(**choices: Any) -> dict[str, Any]:
        return {
            "type": "DepthwiseSeparableASPPHead",
            "in_channels": 2048,
            "in_index": 3,
            "channels": 512,
            "dilations": (1, 12, 24, 36),
            "c1_in_channels": 256,
            "c1_channels": 48,
            "num_classes": parity.OUTPUTS,
            "norm_cfg": norm,
            "align_corners": False,
            "loss_decode": {"type": "CrossEntropyLoss"},
            **choices,
        }

    mobilenet = {
        "type": "MobileNetV2",
        "strides": (1, 2, 2, 1, 1, 1, 1),
        "dilations": (1, 1, 1, 2, 2, 4, 4),
        "out_indices": (1, 2, 4, 6),
        "norm_cfg": norm,
    }
    coarse = {"dilations": (1, 1, 1, 2), "strides": (1, 2, 2, 1)}
    grid = {**coarse, "multi_grid": (1, 2, 4)}
    at_16 = {"dilations": (1, 6, 12, 18)}
    small = {"in_channels": 512, "c1_in_channels": 64, "channels": 128, "c1_channels": 12}
    cases: tuple[tuple[str, str, dict[str, Any], dict[str, Any], int], ...] = (
        ("r18", "r18-d8_512x1024_80k", resnet(18), head(**small), 8),
        ("r50", "r50-d8_512x1024_40k", resnet(50), head(), 8),
        ("r50-d16", "r50-d16_512x1024_40k", resnet(50, **coarse), head(**at_16), 16),
        ("r18-d16", "r18-d16_512x1024_40k", resnet(18, **coarse), head(**small, **at_16), 16),
        ("r50b", "r50b-d8_512x1024_80k", resnet(50, "ResNet"), head(), 8),
        ("r50-769", "r50-d8_769x769_40k", resnet(50), head(align_corners=True), 8),
        (
            "r101-mg124",
            "r101-d16-mg124_512x1024_40k",
            resnet(101, **grid),
            head(**at_16),
            16,
        ),
        (
            "mobilenet_v2",
            "m-v2-d8_512x1024_80k",
            mobilenet,
            head(in_channels=320, c1_in_channels=24),
            8,
        ),
    )
    for title, file, backbone, decode_head, stride in cases:
        yield Original(
            f"mmsegmentation-{title}",
            functools.partial(make, {"backbone": backbone, "decode_head": decode_head}),
            (stride,),
            f"deeplabv3plus_{file}_cityscapes_20200605_094610-d222ffcd.pth",
            "mmsegmentation",
            **_CAFFE,
        )


if __name__ == "__main__":
    sys.exit(main())
