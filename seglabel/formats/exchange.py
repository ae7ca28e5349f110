"""What all exporters and importers have in common."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seglabel.core.cancel import Cancel
from seglabel.core.categories import CategorySet
from seglabel.core.errors import ExportError, LabelError
from seglabel.core.geometry import Region
from seglabel.core.instances import Instance, find_instances
from seglabel.formats.atomic import write_atomically, write_bytes
from seglabel.formats.images import ImageInfo, as_stored, open_picture, read_image
from seglabel.formats.label_png import LabelFile, read_label_file

Segmentation = Literal["rle", "compressed-rle", "polygon"]
Orientation = Literal["displayed", "raw"]
LabelMap = NDArray[np.uint8]
InstanceMap = NDArray[np.uint16]

JPEG_QUALITY = 95
_BAND = 1 << 24  # pixels
_MOST_OBJECTS = int(np.iinfo(np.uint16).max)


@dataclass(frozen=True)
class ExportOptions:
    """Choices of the person who exports. Each exporter uses those that its format knows."""

    segmentation: Segmentation = "rle"
    void_border: int = 0
    orientation: Orientation = "displayed"
    upright_copies: bool = False
    date: str = ""


@dataclass(frozen=True)
class ExportImage:
    """One image on its way out. ``labels`` and ``instances`` are upright."""

    name: str
    path: Path
    info: ImageInfo
    labels: LabelMap
    instances: InstanceMap | None
    split: str

    def read(self) -> NDArray[np.uint8]:
        """The upright picture, uint8 RGB (H, W, 3). Raises ImageError."""
        # Whether it may be of that size was decided when its header was read.
        return read_image(self.path, pixel_limit=self.info.height * self.info.width)


@dataclass(frozen=True)
class WrittenImage:
    """What a reader must find again: pixels as the format holds them, and their objects."""

    labels: LabelMap
    objects: InstanceMap


@dataclass
class ExportReport:
    """What went out, what did not, and what the format could not carry."""

    target: Path
    images: int = 0
    instances: int = 0
    skipped: list[str] = field(default_factory=list)
    lossy: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            "target": str(self.target),
            "images": self.images,
            "instances": self.instances,
            "skipped": self.skipped,
            "lossy": self.lossy,
            "warnings": self.warnings,
        }


class Exporter(Protocol):
    """Writes one data set into an empty folder: every image once, then the end."""

    def add(self, image: ExportImage) -> WrittenImage:
        """Write one image. Raises ExportError if the format cannot hold it."""
        ...

    def finish(self) -> None:
        """Write what comes last."""
        ...


@dataclass(frozen=True)
class ExportPlan:
    """What is going to be exported, known before the first image.

    ``splits`` gives the names of the images of each split, in the order in which they come.
    """

    categories: CategorySet
    splits: dict[str, tuple[str, ...]]
    options: ExportOptions

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(name for names in self.splits.values() for name in names))


ExporterFactory = Callable[[Path, ExportPlan, ExportReport], Exporter]
"""Makes an exporter for an empty target folder."""


@dataclass(frozen=True)
class ImportedImage:
    """One image on its way in.

    ``name`` is what the data set calls it: a relative path, with or without suffix. ``image`` is
    the picture that came along, if any, ``digest`` that of the bytes of the picture the labels were
    made of, where that is known. ``problems`` name the records that were left out, ``notes``
    say what sound records lost. ``refused`` says why nothing can be taken of the image; ``labels``
    are then empty.
    """

    name: str
    labels: LabelMap
    instances: InstanceMap | None = None
    image: Path | None = None
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    refused: str = ""
    digest: str = ""

    @classmethod
    def unreadable(cls, name: str, reason: str) -> ImportedImage:
        """In place of an image whose labels cannot be read."""
        return cls(name, np.zeros((0, 0), np.uint8), refused=reason)


@dataclass(frozen=True)
class ImportedSet:
    """A data set on its way in. ``images`` are read one at a time.

    ``explains_ids``: the categories are what the data set calls its ids; otherwise they only stand
    for the ids that occur.
    """

    categories: CategorySet
    images: Iterator[ImportedImage]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    explains_ids: bool = True


Importer = Callable[[Path, CategorySet | None, Cancel | None], ImportedSet]
"""Reads a data set from a file or folder; the categories, where given, explain the ids.

What is long before the first image comes raises Cancelled once that is asked for.
"""


def outgoing(
    image: ExportImage, plan: ExportPlan
) -> tuple[LabelMap, InstanceMap | None, list[Instance]]:
    """Labels, instances and objects in the orientation that was asked for.

    Raises ExportError if a pixel has an id that is no category: nobody could tell what it means;
    and if there are more objects than an instance map can number.
    """
    labels, separated, options = image.labels, image.instances, plan.options
    if options.orientation == "raw" and not options.upright_copies:
        labels = np.ascontiguousarray(as_stored(labels, image.info.orientation), np.uint8)
        if separated is not None:
            separated = np.ascontiguousarray(
                as_stored(separated, image.info.orientation), np.uint16
            )
    objects = find_instances(labels, separated, plan.categories)
    unknown = sorted({one.category_id for one in objects} - set(plan.categories.ids))
    if unknown:
        raise ExportError(f"{image.name}: holds ids without a category: {unknown}")
    if len(objects) > _MOST_OBJECTS:
        raise ExportError(
            f"{image.name}: holds {len(objects):,} objects, at most {_MOST_OBJECTS:,} can be "
            "numbered; is a category a thing that should be stuff?"
        )
    return labels, separated, objects


def existing_file(path: Path) -> Path | None:
    """``path`` if there is such a file. Names out of foreign data may be longer than any can be."""
    try:
        return path if path.is_file() else None
    except OSError:
        return None


def leads_out(path: Path, root: Path) -> bool:
    """Whether links take ``path`` out of the data set at ``root``, to what nobody gave away."""
    try:
        return not path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # the latter for links that lead to themselves
        return True


def read_labels_of(root: Path, path: Path) -> LabelFile:
    """A PNG of ids of the data set at ``root``. Raises LabelError."""
    if leads_out(path, root):
        raise LabelError(f"{path}: a link that leads out of {root}, so it is not read")
    return read_label_file(path)


def object_map(shape: tuple[int, int], objects: list[Instance]) -> InstanceMap:
    """Objects numbered 1 … n in their order, uint16 (H, W)."""
    numbered = np.zeros(shape, np.uint16)
    for number, instance in enumerate(objects, start=1):
        numbered[instance.region.slices][instance.mask] = number
    return numbered


def copy_picture(image: ExportImage, target: Path, options: ExportOptions) -> None:
    """Put the picture beside its labels: byte for byte, or turned upright where asked.

    Raises ImageError if it cannot be decoded: whoever gets the data set could not use it either;
    ExportError if another picture has that name on a disk that does not tell case or Unicode forms.
    """
    if target.exists():
        raise ExportError(f"{image.name}: another image has that name on the disk of the export")
    if options.upright_copies and image.info.is_turned:
        write_picture(target, image.read())
    else:
        _require_sound(image)
        with image.path.open("rb") as source, write_atomically(target) as file:
            shutil.copyfileobj(source, file)


def _require_sound(image: ExportImage) -> None:
    """Decode the whole picture, in bands where it can be read so."""
    height, width = image.info.shape
    step = max(1, _BAND // width) if image.info.is_windowed else height
    with open_picture(image.path, pixel_limit=height * width) as picture:
        for top in range(0, height, step):
            picture.read(Region(top, 0, min(top + step, height), width))


def write_picture(target: Path, picture: NDArray[np.uint8]) -> None:
    """Encode uint8 RGB (H, W, 3) by the suffix of ``target``, without EXIF."""
    buffer = io.BytesIO()
    kind = Image.registered_extensions().get(target.suffix.lower(), "PNG")
    options: dict[str, Any] = {"quality": JPEG_QUALITY} if kind in ("JPEG", "MPO") else {}
    if kind == "WEBP":
        options = {"lossless": True}
    Image.fromarray(picture).save(buffer, "JPEG" if kind == "MPO" else kind, **options)
    write_bytes(target, buffer.getvalue())


def note_orientation(image: ExportImage, options: ExportOptions, report: ExportReport) -> None:
    """Say what becomes of a turned image."""
    if not image.info.is_turned:
        return
    if options.upright_copies:
        report.lossy.append(
            f"{image.name}: the picture was turned upright and encoded again, 8-bit RGB"
        )
    elif options.orientation == "displayed":
        report.warnings.append(
            f"{image.name}: EXIF turns this picture; labels are as displayed, but some readers "
            "ignore EXIF (--upright-copies makes all of them agree)"
        )
