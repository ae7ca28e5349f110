"""Sound files of every kind, small, from which damage begins."""

from __future__ import annotations

import io
import json
import pickle
import struct
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

from seglabel.core.categories import Category, CategorySet
from seglabel.core.document import Document
from seglabel.core.effort import Effort
from seglabel.core.geometry import Region
from seglabel.core.instances import Instance
from seglabel.core.metrics import PairCounts
from seglabel.core.model_version import ModelVersion
from seglabel.core.project import ImageRecord
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.formats import journal, rle
from seglabel.formats.categories_file import write_categories
from seglabel.formats.evaluation_store import EvaluationStore
from seglabel.formats.images import Rendering
from seglabel.formats.label_png import encode_instances, encode_labels
from seglabel.formats.proposal_file import encode_descriptor, encode_proposal

CATEGORIES = CategorySet(
    (
        Category(1, "cat", (255, 0, 0), True),
        Category(3, "road, wet", (0, 128, 0), False),
        Category(7, "bläse 泡", (0, 0, 255), True),
    )
)
SHAPE = (9, 12)
JOURNAL_IMAGE = "a.png"


def _picture() -> np.ndarray:
    rows, columns = np.mgrid[:9, :12]
    return np.stack([20 * rows, 15 * columns, 10 * (rows + columns)], axis=2).astype(np.uint8)


def _labels() -> np.ndarray:
    labels = np.zeros(SHAPE, np.uint8)
    labels[1:5, 2:7], labels[6:, :4], labels[0, 0], labels[8, 11] = 1, 3, 7, 255
    return labels


@cache
def pictures() -> list[bytes]:
    """One of every kind and colour model that is read."""
    base = Image.fromarray(_picture())
    deep = np.arange(108, dtype=np.uint16).reshape(SHAPE) * 600
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = [base.rotate(90 * n, expand=False) for n in range(3)]
    palette = base.quantize(8)
    found = [
        _saved(base, "JPEG"),
        _saved(base, "JPEG", progressive=True, exif=exif.tobytes()),
        _saved(base.convert("CMYK"), "JPEG"),
        _saved(base, "PNG", exif=exif),
        _saved(palette, "PNG", transparency=1),
        _saved(base.convert("1"), "PNG"),
        _saved(base.convert("LA"), "PNG"),
        _saved(Image.fromarray(deep), "PNG"),
        _saved(base, "WEBP"),
        _saved(base, "WEBP", lossless=True, exif=exif.tobytes()),
        _saved(base, "BMP"),
        _saved(palette, "BMP"),
        _saved(base, "GIF"),
        _saved(base, "PPM"),
        *(_saved(turned[0], kind, save_all=True, append_images=turned[1:])
          for kind in ("GIF", "WEBP", "PNG", "TIFF", "MPO")),
    ]  # fmt: skip
    layouts: list[dict] = [
        {},
        {"compression": "zlib", "predictor": True},
        {"compression": "lzw", "tile": (16, 16)},
        {"compression": "packbits", "rowsperstrip": 4},
        {"compression": "zstd", "rowsperstrip": 2},
        {"compression": "lzma", "tile": (16, 16)},
        {"compression": "jpeg", "tile": (16, 16)},
        {"compression": "webp", "rowsperstrip": 9},
        {"compression": "jpeg2000", "rowsperstrip": 9},
        {"byteorder": ">", "extratags": [(274, "H", 1, 6, True)]},
    ]
    found += [_tiff(_picture(), photometric="rgb", **layout) for layout in layouts]
    found += [
        _tiff(np.moveaxis(_picture(), 2, 0), photometric="rgb", planarconfig="separate"),
        _tiff(deep),
        _tiff(deep.astype(np.float32), compression="zlib", predictor=3),
        _tiff(deep, bigtiff=True),
        _tiff(np.stack([deep] * 7, axis=2), planarconfig="contig"),
        _saved(palette, "TIFF"),
        _saved(base.convert("1"), "TIFF", compression="group4"),
        _saved(base.convert("CMYK"), "TIFF", compression="tiff_lzw"),
    ]
    return found


def _saved(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _tiff(pixels: np.ndarray, **options) -> bytes:
    buffer = io.BytesIO()
    form = {key: options.pop(key) for key in ("byteorder", "bigtiff") if key in options}
    with tifffile.TiffWriter(buffer, **form) as writer:
        writer.write(pixels, metadata=None, **options)
    return buffer.getvalue()


def coco_document(**parts) -> dict:
    """A data set of two images with an object of every form."""
    height, width = SHAPE
    counts = rle.encode(np.ones((3, 4), np.bool_), Region(2, 3, 5, 7), SHAPE)
    shapes = [
        [[2, 1, 6, 1, 6, 4, 2, 4]],
        [[0.5, 0.5, 6.25, 1, 4, 4.75], [7, 5, 9, 5, 9, 8, 7, 8]],
        {"size": [height, width], "counts": counts},
        {"size": [height, width], "counts": rle.compress(counts)},
    ]
    whole = {
        "info": {"year": 2020, "version": "1.0"},
        "licenses": [{"id": 1, "name": "", "url": ""}],
        "images": [
            {"id": 1, "file_name": "a.png", "width": width, "height": height},
            {"id": "b", "file_name": "sub dir/bläse.jpg", "width": width, "height": height},
        ],
        "annotations": [
            {"id": n, "image_id": (1, "b")[n % 2], "category_id": (1, 3)[n % 2], "area": 12,
             "segmentation": shape, "bbox": [2, 1, 4, 3], "iscrowd": n % 2}
            for n, shape in enumerate(shapes, start=1)
        ],
        "categories": [
            {"id": 1, "name": "cat", "supercategory": "animal", "color": [1, 2, 3]},
            {"id": 3, "name": "bläse 泡", "isthing": 0},
        ],
    }  # fmt: skip
    return {**whole, **parts}


@cache
def coco_files() -> list[bytes]:
    return [json.dumps(coco_document()).encode(), json.dumps(coco_document(images=[])).encode()]


@cache
def run_lengths() -> list[bytes]:
    """Height − 1, width − 1 and compressed counts."""
    objects = [Instance.of(1, _labels() == one) for one in (1, 3, 7)]
    texts = [rle.compress(rle.encode(one.mask, one.region, SHAPE)) for one in objects]
    return [bytes([SHAPE[0] - 1, SHAPE[1] - 1]) + text.encode() for text in texts]


@cache
def label_pngs() -> list[bytes]:
    """Of our own, with note and painted pixels, and as other programs write them."""
    labels = _labels()
    note = {"revision": 4, "status": "corrected", "digest": "ab" * 16, "instances": None,
            "effort": Effort(3, 4.5).to_json(), "origin": "o", "changes": 2}  # fmt: skip
    colors = CATEGORIES.color_table()
    return [
        encode_labels(labels, colors, note=note, painted=labels > 0),
        encode_labels(labels, colors),
        encode_instances(labels.astype(np.uint16)),
        _saved(Image.fromarray(labels), "PNG"),
        _saved(Image.fromarray(labels % 2 * 255).convert("1"), "PNG"),
        _saved(Image.fromarray(_picture()), "PNG"),
    ]


@cache
def voc_files() -> list[bytes]:
    """Which file of a data set, and what is in it."""
    pngs = [bytes([which]) + data for which in (0, 1) for data in label_pngs()]
    label_map = "# label:color_rgb:parts:actions\nbackground:0,0,0::\ncat:128,0,0::\nb:0,128,0::\n"
    bomb = '<!DOCTYPE a [<!ENTITY x "x"><!ENTITY y "&x;&x;">]><annotation>&y;</annotation>'
    return [
        *pngs,
        b"\2" + label_map.encode(),
        b"\3" + json.dumps(CATEGORIES.to_json()).encode(),
        b'\4{"a": "sub dir/a.jpg", "b": "../b.jpg"}',
        b"\5" + bomb.encode(),
    ]


@cache
def category_lists() -> list[bytes]:
    return [
        write_categories(CATEGORIES).encode(),
        b"background\ncat\ndog\n\n# a comment\nroad\n",
        b'0,void,#000000,void\n3,"a, ""b""",#ff00aa,thing\n254,last,,stuff\n',
    ]


@cache
def mask_files() -> list[bytes]:
    """Whether it is a list, and what is in it."""
    return [b"\0" + png for png in label_pngs()] + [b"\1" + text for text in category_lists()]


def _safetensors(tensors: dict[str, np.ndarray], notes: dict[str, str]) -> bytes:
    header: dict = {"__metadata__": notes}
    at = 0
    for name, array in tensors.items():
        end = at + array.nbytes
        kind = {"float32": "F32", "float16": "F16", "int64": "I64"}[str(array.dtype)]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(a.tobytes() for a in tensors.values())


@cache
def checkpoints() -> list[bytes]:
    """Which container, and what is in it."""
    import torch

    spec = {
        "format": 1,
        "architecture": {"backbone": "mobilenet_v2", "outputs": 2, "output_stride": 16,
                         "aspp_channels": 8, "low_level_channels": 8, "decoder_channels": 8},
        "categories": CategorySet.of("cat").to_json(),
        "channels": [0, 1],
        "mean": [0.5, 0.5, 0.5], "std": [0.2, 0.2, 0.2], "pads": True, "license": "",
        "training": {"steps": 3}, "spreads": False,
    }  # fmt: skip
    version = ModelVersion("one", "2020-01-01T00:00:00.000Z")
    notes = {
        "seglabel": json.dumps(spec),
        "seglabel.version": json.dumps(version.to_json()),
        "card": "---\nlicense: mit\n---\n# a card\n",
    }
    names = ("backbone.conv1.weight", "classifier.classifier.3.weight", "aspp.convs.0.0.weight")
    arrays = {name: np.ones((2, 3, 1, 1), np.float32) for name in names}
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    new, old = io.BytesIO(), io.BytesIO()
    torch.save({"state_dict": tensors, "epoch": 3, "best": np.float64(0.5)}, new)
    torch.save(tensors, old, _use_new_zipfile_serialization=False)
    loose = io.BytesIO()
    new.seek(0)
    with zipfile.ZipFile(new) as archive, zipfile.ZipFile(loose, "w") as copy:
        for name in archive.namelist():
            copy.writestr(name, archive.read(name))
    return [
        b"\0" + _safetensors(arrays, notes),
        b"\0" + _safetensors(arrays, {"format": "pt"}),
        b"\1" + loose.getvalue(),
        b"\1" + old.getvalue(),
        b"\2" + pickle.dumps({"model": arrays, "__author__": "x"}, protocol=2),
    ]


@cache
def project_files() -> list[bytes]:
    settings = {"rendering": Rendering((2, 1, 0)).to_json(), "pixel_limit": 300, "locked": [1, 0]}
    content = {"schema": 1, "settings": settings, "cut_names": {"a~b": "a"}, **CATEGORIES.to_json()}
    return [json.dumps(content).encode(), json.dumps({**content, "settings": {}}).encode()]


@cache
def record_logs() -> list[bytes]:
    records = [
        ImageRecord("a.png", Status.CORRECTED, 3, 9, 12, "ab" * 16, effort=Effort(2, 3.5)),
        ImageRecord("b/c.jpg", Status.PROPOSED, 1, 9, 12, "cd" * 16, "m", "12" * 8, 0.5, "", 0.25,
                    3, 0.125),
        ImageRecord("d.png", error="went wrong"),
    ]  # fmt: skip
    lines = [json.dumps({"saving": "a.png"}), *(json.dumps(one.to_json()) for one in records)]
    return ["\n".join([*lines, ""]).encode(), lines[1].encode()]


@cache
def journals() -> list[bytes]:
    """Strokes, an object of its own, undo and redo."""
    document = Document.blank(*SHAPE)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.log"

        def keep() -> None:
            change = document.last_change
            assert change is not None
            entry = journal.JournalEntry(change, document.snapshot(), 1.0)
            journal.append(path, JOURNAL_IMAGE, [entry], ("", 0))

        steps: list[Callable[[], object]] = [
            lambda: _paint(document, Region(1, 1, 5, 7), 1),
            lambda: _paint(document, Region(3, 2, 9, 12), 3),
            document.undo,
            document.redo,
            lambda: _paint(document, Region(0, 0, 2, 2), 7, instance=2),
        ]
        for step in steps:
            step()
            keep()
        return [path.read_bytes()]


def _paint(document: Document, region: Region, category_id: int, instance: int = 0) -> None:
    mask = np.ones((region.height, region.width), np.bool_)
    mask[::2, 1::3] = False
    with document.begin("brush") as edit:
        edit.paint(region, mask, category_id)
        if instance:
            edit.number(region, mask, np.uint16(instance))
        edit.commit()


def _proposal() -> Proposal:
    grid = np.linspace(0, 1, 12, dtype=np.float16).reshape(3, 4)
    return Proposal(_labels(), grid, 1 - grid, "model", "ab" * 16, "", np.ones(4, np.float16))


@cache
def proposals() -> list[bytes]:
    return [encode_proposal(_proposal()), encode_descriptor("ab" * 16, np.ones(4, np.float16))]


@cache
def evaluations() -> list[bytes]:
    counts = PairCounts(np.array([0, 257], np.uint16), np.array([3, 4], np.int64))
    with tempfile.TemporaryDirectory() as folder:
        EvaluationStore(Path(folder)).keep("model", "a.png", "key", counts, _labels())
        return [path.read_bytes() for path in Path(folder).rglob("*.npz")]


@cache
def lock_files() -> list[bytes]:
    return [b'{"program":"seglabel","pid":12,"host":"h","user":"u","since":"2020-01-01T00:00:00"}']
