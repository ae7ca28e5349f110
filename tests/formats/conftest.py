"""Pictures and projects for the tests of this folder."""

from __future__ import annotations

import errno
import os
import shutil
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from seglabel.core.categories import Category, CategorySet
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.exchange import ExportOptions, ExportReport
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.registry import formats
from seglabel.jobs.export import export

ORIENTATION_TAG = 0x0112


def gradient(height: int = 120, width: int = 160) -> NDArray[np.uint8]:
    """RGB gradients in which no two corners are alike, uint8 (H, W, 3)."""
    y, x = np.mgrid[:height, :width]
    red, green = x * 255 // max(width - 1, 1), y * 255 // max(height - 1, 1)
    return np.stack([red, green, (x + 2 * y) % 256], axis=-1).astype(np.uint8)


def write_turned(path: Path, orientation: int = 6, height: int = 24, width: int = 40) -> None:
    """A picture with an EXIF orientation; ``height`` and ``width`` are those that are stored."""
    image = Image.fromarray(gradient(height, width))
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    options = {".jpg": {"quality": 98, "subsampling": 0}, ".webp": {"lossless": True}}
    image.save(path, exif=exif, **options.get(path.suffix, {}))


@pytest.fixture
def picture() -> Callable[..., NDArray[np.uint8]]:
    return gradient


@pytest.fixture
def turned() -> Callable[..., None]:
    return write_turned


@pytest.fixture
def categories() -> CategorySet:
    """Ids 1, 3, 7: a gap shows whoever renumbers. One name is not ASCII; *sky* is stuff."""
    return CategorySet(
        (
            Category(1, "cat", (200, 30, 40), is_thing=True),
            Category(3, "bläse 泡", (30, 200, 40), is_thing=True),
            Category(7, "sky", (30, 40, 200)),
        )
    )


class Folder:
    """An image folder under construction, and the project in it."""

    def __init__(self, path: Path, categories: CategorySet) -> None:
        self.path = path
        self.path.mkdir(exist_ok=True)
        self._categories = categories

    def add_picture(self, name: str, height: int = 24, width: int = 32) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(gradient(height, width)).save(path)
        return path

    def open(self, root: Path | None = None) -> ProjectStore:
        store = ProjectStore.open(self.path, root)
        if not len(store.project.categories):
            store.project.categories = self._categories
        return store

    def labelled(self, annotations: dict[str, Annotation]) -> ProjectStore:
        """The project with these annotations; pictures of their sizes are made where missing."""
        for name, annotation in annotations.items():
            if not (self.path / name).exists():
                self.add_picture(name, *annotation.labels.shape)
        store = self.open()
        for name, annotation in annotations.items():
            store.save(name, annotation)
        return store


@pytest.fixture
def folder(tmp_path: Path, categories: CategorySet) -> Folder:
    return Folder(tmp_path / "images", categories)


@pytest.fixture
def other_folder(tmp_path: Path) -> Folder:
    """Without categories, as a project is before anything was imported."""
    return Folder(tmp_path / "others", CategorySet())


@pytest.fixture
def grey_header() -> Callable[[int, int], bytes]:
    """A grey PNG that claims a size and holds next to nothing."""
    return lambda height, width: raw_png((width, height, 8, 0), b"\0" * 10)


class Faults:
    """A disk that fails at its N-th call: once, or from then on as when the program is killed.

    Calls that only read are not counted.
    """

    CALLS = ("open", "fsync", "replace", "unlink")

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._count = 0
        self.struck = False

    @contextmanager
    def at(
        self, number: int, *, error: int = errno.ENOSPC, lasting: bool = False
    ) -> Iterator[None]:
        self._count, self.struck = 0, False
        os_open = os.open

        def failing(call):
            def run(*arguments, **options):
                if call is os_open and not arguments[1] & os.O_CREAT:
                    return call(*arguments, **options)
                self._count += 1
                if self._count == number or (lasting and self._count > number):
                    self.struck = True
                    raise OSError(error, os.strerror(error))
                return call(*arguments, **options)

            return run

        with self._monkeypatch.context() as patch:
            for name in self.CALLS:
                patch.setattr(os, name, failing(getattr(os, name)))
            yield


def raw_png(header: tuple[int, int, int, int], rows: bytes) -> bytes:
    """A PNG of (width, height, bits, color type) from rows that each begin with a filter byte."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", *header, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    data = b"\x89PNG\r\n\x1a\n"
    for kind, body in chunks:
        data += struct.pack(">I", len(body)) + kind + body
        data += struct.pack(">I", zlib.crc32(kind + body))
    return data


@pytest.fixture
def grey_png() -> Callable[[NDArray[np.uint8], int], bytes]:
    """A grey PNG of few bits, which Pillow cannot write."""

    def encode(values: NDArray[np.uint8], bits: int) -> bytes:
        height, width = values.shape
        digits = np.unpackbits(values[..., None], axis=-1)[..., -bits:].reshape(height, -1)
        rows = b"".join(b"\0" + row.tobytes() for row in np.packbits(digits, axis=1))
        return raw_png((width, height, bits, 0), rows)

    return encode


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Faults:
    return Faults(monkeypatch)


# every shape that is known to go wrong in one exporter or another

ZOO_SHAPE = (40, 56)
CAT, DOG, UNUSED, SKY = 1, 3, 5, 7


def _blank() -> NDArray[np.uint8]:
    return np.zeros(ZOO_SHAPE, np.uint8)


def _ring_with_island() -> NDArray[np.uint8]:
    labels = _blank()
    labels[4:34, 6:40] = CAT
    labels[9:29, 12:34] = 0
    labels[14:22, 18:28] = CAT
    return labels


def _lines() -> NDArray[np.uint8]:
    labels = _blank()
    labels[3, 5:50] = CAT
    labels[8:38, 2] = DOG
    for step in range(25):
        labels[10 + step, 10 + step] = CAT
    return labels


def _frame() -> NDArray[np.uint8]:
    labels = np.full(ZOO_SHAPE, DOG, np.uint8)
    labels[1:-1, 1:-1] = 0
    return labels


def _touching() -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Two cats that touch, one dog in two parts, and stuff around a third cat."""
    labels, instances = _blank(), np.zeros(ZOO_SHAPE, np.uint16)
    labels[2:12, 2:22] = CAT
    instances[2:12, 2:12], instances[2:12, 12:22] = 1, 2
    labels[16:20, 4:9] = labels[26:33, 30:44] = DOG
    instances[labels == DOG] = 300
    labels[0:9, 30:50] = labels[34:38, 2:9] = SKY
    labels[4:6, 36:40] = CAT
    return labels, instances


def _void_strip() -> NDArray[np.uint8]:
    labels = _blank()
    labels[10:30, 10:30] = CAT
    labels[18:20, 14:24] = 255
    return labels


def _corner() -> NDArray[np.uint8]:
    """Alike in no two orientations."""
    labels = _blank()
    labels[:5, :20] = SKY
    labels[5:30, :3] = CAT
    labels[-1, -1] = DOG
    return labels


def zoo_annotations() -> dict[str, Annotation | None]:
    def made(labels, instances=None) -> Annotation:
        return Annotation(labels, np.ones(labels.shape, bool), instances, Status.REVIEWED)

    single = _blank()
    single[17, 33] = DOG
    return {
        "a.jpg": made(_lines()),
        "a.png": made(_frame()),
        "a.png.png": made(single),
        "empty.png": None,
        "full.bmp": made(np.full(ZOO_SHAPE, DOG, np.uint8)),
        "ring.jpg": made(_ring_with_island()),
        "sub dir/ünï 泡.png": made(*_touching()),
        "turned.jpg": made(_corner()),
        "turned.png": made(_corner()),
        "turned.tif": made(_corner()),
        "turned.webp": made(_corner()),
        "void.gif": made(_void_strip()),
        "x/a.jpg": made(_corner()),
        "y/a.jpg": made(single),
    }


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> ProjectStore:
    """A project of all of them; tests only read it."""
    path = tmp_path_factory.mktemp("zoo") / "images"
    categories = CategorySet(
        (
            Category(CAT, "cat", (200, 30, 40), is_thing=True),
            Category(DOG, "bläse 泡", (30, 200, 40), is_thing=True),
            Category(UNUSED, "never, used", (1, 2, 3), is_thing=True),
            Category(SKY, "sky", (30, 40, 200)),
        )
    )
    folder, annotations = Folder(path, categories), zoo_annotations()
    for name in annotations:
        if name.startswith("turned"):
            write_turned(path / name, 6, *ZOO_SHAPE[::-1])
        else:
            folder.add_picture(name, *ZOO_SHAPE)
    store = folder.open()
    for name, annotation in annotations.items():
        if annotation is not None:
            store.save(name, annotation)
    return store


@pytest.fixture
def twin(zoo: ProjectStore, tmp_path: Path) -> ProjectStore:
    """The same pictures in another folder, nothing known of them."""
    shutil.copytree(zoo.folder, tmp_path / "twin", ignore=shutil.ignore_patterns(".seglabel"))
    return ProjectStore.open(tmp_path / "twin")


def objects_of(
    labels: NDArray[np.uint8], instances: NDArray[np.uint16] | None, things: set[int]
) -> set[tuple[int, bytes]]:
    """Category and whole mask of every object, found without seglabel."""
    found = set()
    for category_id in set(np.unique(labels).tolist()) - {0, 255}:
        mask = labels == category_id
        if category_id not in things:
            found.add((category_id, mask.tobytes()))
            continue
        rest = mask.copy()
        if instances is not None:
            for number in set(np.unique(instances[mask]).tolist()) - {0}:
                found.add((category_id, (mask & (instances == number)).tobytes()))
                rest &= instances != number
        count, numbered = cv2.connectedComponents(rest.astype(np.uint8), connectivity=8)
        found |= {(category_id, (numbered == index).tobytes()) for index in range(1, count)}
    return found


class Truth:
    """What an export of the zoo must hold, by image name."""

    def __init__(self, store: ProjectStore) -> None:
        things = {category.id for category in store.project.categories if category.is_thing}
        self.labels: dict[str, NDArray[np.uint8]] = {}
        self.objects: dict[str, set[tuple[int, bytes]]] = {}
        for name, annotation in zoo_annotations().items():
            self.labels[name] = _blank() if annotation is None else annotation.labels
            instances = None if annotation is None else annotation.instances
            self.objects[name] = objects_of(self.labels[name], instances, things)

    def assert_same(self, store: ProjectStore) -> None:
        """Labels and objects of an imported project are those of the zoo."""
        things = {category.id for category in store.project.categories if category.is_thing}
        for name, labels in self.labels.items():
            found = store.load(name)
            assert found is not None, name
            assert np.array_equal(found.labels, labels), name
            assert objects_of(found.labels, found.instances, things) == self.objects[name], name


@pytest.fixture
def truth(zoo: ProjectStore) -> Truth:
    return Truth(zoo)


@pytest.fixture
def bytes_of() -> Callable[[Path], dict[str, bytes]]:
    """Every file below a folder."""

    def read(folder: Path) -> dict[str, bytes]:
        files = (path for path in sorted(folder.rglob("*")) if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

    return read


@pytest.fixture
def exported(zoo: ProjectStore, tmp_path: Path) -> Callable[..., tuple[Path, ExportReport]]:
    """Export the zoo to a folder."""

    def run(form: str, target: str = "export", *, store=zoo, **options):
        shares = options.pop("shares", None)
        report = export(
            store,
            formats()[form],
            tmp_path / target,
            options=ExportOptions(**options),
            shares=shares,
        )
        return tmp_path / target, report

    return run
