"""DeepLab weights by name: those that come with the program, and public ones.

Names of files, data sets and results are those their authors published: mmsegmentation's
``metafile.yaml`` and file names, torchvision's weight entries, the model card of
``google/deeplabv3_mobilenet_v2_1.0_513``. mmsegmentation and torchvision put the first eight digits
of a file's SHA-256 into its name. This module imports no torch, so that a list costs nothing.

The rows of built-in models are printed by the scripts in ``packaging`` that train them.
"""

from __future__ import annotations

from pathlib import Path

from seglabel.core.errors import SegLabelError
from seglabel.core.public_weights import PublicFile, PublicWeights
from seglabel.resources import resource

_MMSEG = "https://download.openmmlab.com/mmsegmentation/v0.5"
_TORCHVISION = "https://download.pytorch.org/models"
_HUGGING_FACE = "https://huggingface.co/google/deeplabv3_mobilenet_v2_1.0_513/resolve/main"

# short name → title, categories, terms of the data
_DATA_SETS: dict[str, tuple[str, int, str]] = {
    "cityscapes": ("Cityscapes", 19, "Cityscapes' licence: no commercial use of the data"),
    "ade20k": ("ADE20K", 150, "ADE20K's terms: research and education"),
    "voc12aug": ("Pascal VOC 2012 + aug", 21, "Flickr's terms of use for the pictures"),
    "pascal_context": ("Pascal Context", 60, "Flickr's terms of use for the pictures"),
    "pascal_context_59": ("Pascal Context 59", 59, "Flickr's terms of use for the pictures"),
    "loveda": ("LoveDA", 7, "CC BY-NC-SA 4.0: no commercial use"),
    "potsdam": ("ISPRS Potsdam", 6, "ISPRS' terms: research"),
    "vaihingen": ("ISPRS Vaihingen", 6, "ISPRS' terms: research"),
    "isaid": ("iSAID", 16, "academic use"),
    "mapillay_v1_65": ("Mapillary Vistas 1.2", 65, "CC BY-NC-SA 4.0: no commercial use"),
}

_BACKBONES = {
    "r18": ("resnet18 (v1c)", 50.0),
    "r18b": ("resnet18", 50.0),
    "r50": ("resnet50 (v1c)", 175.0),
    "r50b": ("resnet50", 175.0),
    "r101": ("resnet101 (v1c)", 250.0),
    "r101b": ("resnet101", 250.0),
    "m-v2": ("mobilenet_v2", 61.0),
}

# file without "deeplabv3plus_" and ".pth", mIoU at one scale, with several scales and flip
_MMSEG_FILES: tuple[tuple[str, float, float | None], ...] = (
    ("m-v2-d8_512x1024_80k_cityscapes_20200825_124836-d256dd4b", 75.2, None),
    ("r18-d8_512x1024_80k_cityscapes_20201226_080942-cff257fe", 76.89, 78.76),
    ("r18b-d8_512x1024_80k_cityscapes_20201226_090828-e451abd9", 75.87, 77.52),
    ("r50-d8_512x1024_40k_cityscapes_20200605_094610-d222ffcd", 79.61, 81.01),
    ("r50-d8_512x1024_80k_cityscapes_20200606_114049-f9fb496d", 80.09, 81.13),
    ("r50b-d8_512x1024_80k_cityscapes_20201225_213645-a97e4e43", 80.28, 81.44),
    ("r101-d8_512x1024_40k_cityscapes_20200605_094614-3769eecf", 80.21, 81.82),
    ("r101-d8_512x1024_80k_cityscapes_20200606_114143-068fcfe9", 80.97, 82.03),
    ("r101-d8_fp16_512x1024_80k_cityscapes_20200717_230920-f1104f4b", 80.46, None),
    ("r101b-d8_512x1024_80k_cityscapes_20201226_190843-9c3c93a4", 80.16, 81.41),
    ("r18-d8_769x769_80k_cityscapes_20201226_083346-f326e06a", 76.26, 77.91),
    ("r18b-d8_769x769_80k_cityscapes_20201226_151312-2c868aff", 76.36, 78.24),
    ("r50-d8_769x769_40k_cityscapes_20200606_114143-1dcb0e3c", 78.97, 80.46),
    ("r50-d8_769x769_80k_cityscapes_20200606_210233-0e9dfdc4", 79.83, 81.48),
    ("r50b-d8_769x769_80k_cityscapes_20201225_224655-8b596d1c", 79.41, 80.56),
    ("r101-d8_769x769_40k_cityscapes_20200606_114304-ff414b9e", 79.46, 80.5),
    ("r101-d8_769x769_80k_cityscapes_20220406_154720-dfcc0b68", 80.65, 81.47),
    ("r101b-d8_769x769_80k_cityscapes_20201226_205041-227cdf7c", 79.88, 81.46),
    ("r101-d16-mg124_512x1024_40k_cityscapes_20200908_005644-cf9ce186", 79.09, 80.36),
    ("r101-d16-mg124_512x1024_80k_cityscapes_20200908_005644-ee6158e0", 79.9, 81.33),
    ("m-v2-d8_512x512_160k_ade20k_20200825_223255-465a01d4", 34.02, None),
    ("r50-d8_512x512_160k_ade20k_20200615_124504-6135c7e0", 43.95, 44.93),
    ("r50-d8_512x512_80k_ade20k_20200614_185028-bf1400d8", 42.72, 43.75),
    ("r101-d8_512x512_160k_ade20k_20200615_123232-38ed86bb", 45.47, 46.35),
    ("r101-d8_512x512_80k_ade20k_20200615_014139-d5730af7", 44.6, 46.06),
    ("r50-d8_512x512_20k_voc12aug_20200617_102323-aad58ef1", 75.93, 77.5),
    ("r50-d8_512x512_40k_voc12aug_20200613_161759-e1b43aa9", 76.81, 77.57),
    ("r101-d8_512x512_20k_voc12aug_20200617_102345-c7ff3d56", 77.22, 78.59),
    ("r101-d8_512x512_40k_voc12aug_20200613_205333-faf03387", 78.62, 79.53),
    ("r101-d8_480x480_40k_pascal_context_20200911_165459-d3c8a29e", 47.3, 48.47),
    ("r101-d8_480x480_80k_pascal_context_20200911_155322-145d3ee8", 47.23, 48.26),
    ("r101-d8_480x480_40k_pascal_context_59_20210416_111233-ed937f15", 52.86, 54.54),
    ("r101-d8_480x480_80k_pascal_context_59_20210416_111127-7ca0331d", 53.2, 54.67),
    ("r18-d8_512x512_80k_loveda_20211104_132800-ce0fa0ca", 50.28, 50.47),
    ("r50-d8_512x512_80k_loveda_20211105_080442-f0720392", 50.99, 50.65),
    ("r101-d8_512x512_80k_loveda_20211105_110759-4c1f297e", 51.47, 51.32),
    ("r18-d8_512x512_80k_potsdam_20211219_020601-75fd5bc3", 77.09, 78.44),
    ("r50-d8_512x512_80k_potsdam_20211219_031508-7e7a2b24", 78.33, 79.27),
    ("r101-d8_512x512_80k_potsdam_20211219_031508-8b112708", 78.7, 79.47),
    ("r18-d8_4x4_512x512_80k_vaihingen_20211231_230805-7626a263", 72.5, 74.13),
    ("r50-d8_4x4_512x512_80k_vaihingen_20211231_230816-5040938d", 73.97, 75.05),
    ("r101-d8_4x4_512x512_80k_vaihingen_20211231_230816-8a095afa", 73.06, 74.14),
    ("r18-d8_4x4_896x896_80k_isaid_20220110_180526-7059991d", 61.35, 62.61),
    ("r50-d8_4x4_896x896_80k_isaid_20220110_180526-598be439", 67.06, 68.02),
    ("r50-d8_4xb2-300k_mapillay_v1_65-1280x1280_20230301_110504-655f8e43", 47.35, None),
)

# name, digits of the hash, backbone, output stride, mIoU on COCO val2017 with VOC's classes, MB
_TORCHVISION_FILES = (
    ("deeplabv3_resnet50_coco", "cd0a2569", "resnet50", 8, 66.4, 160.5),
    ("deeplabv3_resnet101_coco", "586e9e4e", "resnet101", 8, 67.4, 233.2),
    ("deeplabv3_mobilenet_v3_large_coco", "fc3c493d", "mobilenet_v3_large", 16, 60.3, 42.3),
)


def _of_mmsegmentation(stem: str, miou: float, multi_scale: float | None) -> PublicWeights:
    name, digits = stem.rsplit("-", 1)
    config = "deeplabv3plus_" + name.rsplit("_", 2)[0]
    backbone = stem.split("-d", 1)[0]
    title, megabytes = _BACKBONES[backbone]
    known = sorted(_DATA_SETS, key=len, reverse=True)
    data_set, categories, terms = _DATA_SETS[next(key for key in known if key in config)]
    folder = "mobilenet_v2" if backbone == "m-v2" else "deeplabv3plus"
    file = f"deeplabv3plus_{stem}.pth"
    return PublicWeights(
        name=config,
        files=(PublicFile(f"{_MMSEG}/{folder}/{config}/{file}", file, digits),),
        data_set=data_set,
        categories=categories,
        backbone=title,
        output_stride=16 if "-d16" in stem else 8,
        megabytes=megabytes,
        license="Apache-2.0",
        terms=terms,
        miou=miou,
        miou_multi_scale=multi_scale,
    )


def _of_torchvision(
    name: str, digits: str, backbone: str, stride: int, miou: float, megabytes: float
) -> PublicWeights:
    # This one file lacks the data set in its name.
    stem = name.removesuffix("_coco") if backbone == "mobilenet_v3_large" else name
    file = f"{stem}-{digits}.pth"
    return PublicWeights(
        name=name,
        files=(PublicFile(f"{_TORCHVISION}/{file}", file, digits),),
        data_set="COCO, Pascal VOC's classes",
        categories=21,
        backbone=backbone,
        output_stride=stride,
        megabytes=megabytes,
        license="BSD-3-Clause",
        terms="Flickr's terms of use for the pictures",
        miou=miou,
    )


_TRANSFORMERS = PublicWeights(
    name="deeplabv3_mobilenet_v2_1.0_513",
    files=(
        PublicFile(f"{_HUGGING_FACE}/model.safetensors", "model.safetensors"),
        PublicFile(f"{_HUGGING_FACE}/config.json", "config.json"),
    ),
    data_set="Pascal VOC 2012",
    categories=21,
    backbone="mobilenet_v2",
    output_stride=16,
    megabytes=10.3,
    license="Apache-2.0",
    terms="Flickr's terms of use for the pictures",
    miou=75.32,
)

BUILT_IN: tuple[PublicWeights, ...] = (
    PublicWeights(
        name="nuclei",
        files=(
            PublicFile(
                "",
                "nuclei.safetensors",
                "8627434957fb71eddd52af4bb1f66368bfc189d428446e76a3560984c9669130",
            ),
        ),
        data_set="DSB 2018",
        categories=2,
        backbone="efficientnet_lite0",
        output_stride=16,
        megabytes=8.0,
        license="CC0-1.0",
        terms="CC0 1.0",
        miou=90.9,
    ),
    PublicWeights(
        name="ui-elements",
        files=(
            PublicFile(
                "",
                "ui-elements.safetensors",
                "a733e5a7508409e6c0a55cd3abded9a6c351e71c368d497526906b47cda0f654",
            ),
        ),
        data_set="rendered screens",
        categories=15,
        backbone="efficientnet_lite0",
        output_stride=16,
        megabytes=6.9,
        license="Apache-2.0",
        terms="rendered by seglabel",
        miou=62.4,
    ),
)

CATALOGUE: tuple[PublicWeights, ...] = (
    *BUILT_IN,
    *(_of_torchvision(*row) for row in _TORCHVISION_FILES),
    _TRANSFORMERS,
    *(_of_mmsegmentation(*row) for row in _MMSEG_FILES),
)


def find_public(name: str) -> PublicWeights:
    """The weights of this name. Raises SegLabelError that lists what comes near."""
    for weights in CATALOGUE:
        if weights.name == name:
            return weights
    near = [weights.name for weights in CATALOGUE if name.casefold() in weights.name.casefold()]
    hint = f"; near it: {', '.join(near[:5])}" if near else ""
    raise SegLabelError(f"no public weights are called {name!r}; see seglabel models list{hint}")


def published_digest(path: Path) -> str:
    """The SHA-256 that a file must have because it comes with the program; else nothing."""
    if path.parent.resolve() != resource("models").resolve():
        return ""
    known = {file.name: file.sha256 for weights in BUILT_IN for file in weights.files}
    return known.get(path.name, "")
