"""COCO instances: ``annotations/instances_<split>.json`` and ``images/``.

https://cocodataset.org/#format-data. Boxes are ``[x, y, w, h]`` from 0, areas are pixel counts,
``iscrowd`` is 0 for every object: 1 would change the matching rule of evaluators, and trainers
would skip the object.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seglabel.core.cancel import Cancel
from seglabel.core.categories import BACKGROUND, VOID, Category, CategorySet
from seglabel.core.errors import ImportRefused, ProjectFormatError
from seglabel.core.geometry import Region
from seglabel.core.instances import Instance
from seglabel.core.palettes import default_color
from seglabel.formats import rle
from seglabel.formats.atomic import write_bytes
from seglabel.formats.contours import exact_polygons
from seglabel.formats.exchange import (
    ExportImage,
    ExportPlan,
    ExportReport,
    ImportedImage,
    ImportedSet,
    WrittenImage,
    copy_picture,
    existing_file,
    leads_out,
    note_orientation,
    object_map,
    outgoing,
)
from seglabel.formats.folder import checked_name
from seglabel.formats.images import WINDOW_PIXEL_LIMIT
from seglabel.formats.json_lists import read_lists
from seglabel.formats.regular_file import read_regular

_LISTS = ("images", "annotations", "categories")
_LOOK_UP = 1 << 10  # records between two looks at whether to go on


class CocoExporter:
    """Writes one JSON per split and copies the pictures."""

    def __init__(self, target: Path, plan: ExportPlan, report: ExportReport) -> None:
        self._target, self._plan, self._report = target, plan, report
        self._options, self._categories = plan.options, plan.categories
        self._images: dict[str, list[dict[str, Any]]] = {split: [] for split in plan.splits}
        self._annotations: dict[str, list[dict[str, Any]]] = {split: [] for split in plan.splits}
        self._image_id = self._annotation_id = 0
        self._unlabelled = 0  # pixels

    def add(self, image: ExportImage) -> WrittenImage:
        labels, _, objects = outgoing(image, self._plan)
        shapes = [self._segmentation(one, labels.shape) for one in objects]
        copy_picture(image, self._target / "images" / image.name, self._options)
        # From here on nothing can fail, so that no image is written by half.
        height, width = labels.shape
        self._image_id += 1
        self._images[image.split].append(
            {"id": self._image_id, "file_name": image.name, "width": width, "height": height}
        )
        for instance, segmentation in zip(objects, shapes, strict=True):
            self._annotation_id += 1
            self._annotations[image.split].append(self._annotation(instance, segmentation))
        note_orientation(image, self._options, self._report)
        void = int(np.count_nonzero(labels == VOID))
        if void:
            self._report.lossy.append(f"{image.name}: COCO cannot hold its {void} void pixels")
        if self._categories.background_is_void:
            self._unlabelled += int(np.count_nonzero(labels == BACKGROUND))
        self._report.instances += len(objects)
        carried = np.where(labels == VOID, BACKGROUND, labels).astype(np.uint8)
        return WrittenImage(carried, object_map(labels.shape, objects))

    def finish(self) -> None:
        folder = self._target / "annotations"
        for split, images in self._images.items():
            content = {
                "info": {
                    "year": 0,
                    "version": "1.0",
                    "description": "",
                    "contributor": "",
                    "url": "",
                    "date_created": self._options.date,
                },
                "licenses": [{"id": 1, "name": "", "url": ""}],
                "images": images,
                "annotations": self._annotations[split],
                "categories": [_category_json(category) for category in self._categories],
            }
            text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
            write_bytes(folder / f"instances_{split}.json", text.encode())
        if self._unlabelled:
            self._report.warnings.append(
                f"{self._unlabelled:,} pixels are not labelled (id 0, "
                f"{self._categories.background}); COCO's readers take them for background"
            )

    def _annotation(self, instance: Instance, segmentation: Any) -> dict[str, Any]:
        region = instance.region
        return {
            "id": self._annotation_id,
            "image_id": self._image_id,
            "category_id": instance.category_id,
            "segmentation": segmentation,
            "area": instance.area,
            "bbox": [region.left, region.top, region.width, region.height],
            "iscrowd": 0,
        }

    def _segmentation(self, instance: Instance, shape: tuple[int, int]) -> Any:
        region = instance.region
        if self._options.segmentation == "polygon":
            return [
                [value for x, y in ring for value in (x + region.left, y + region.top)]
                for ring in exact_polygons(instance.mask)
            ]
        counts = rle.encode(instance.mask, region, shape)
        if self._options.segmentation == "compressed-rle":
            return {"size": list(shape), "counts": rle.compress(counts)}
        return {"size": list(shape), "counts": counts}


def _category_json(category: Category) -> dict[str, Any]:
    return {
        "id": category.id,
        "name": category.name,
        "supercategory": "",
        "color": list(category.color),
        "isthing": int(category.is_thing),
    }


# reading


def read_coco(
    source: Path, _: CategorySet | None = None, cancel: Cancel | None = None
) -> ImportedSet:
    """Read a COCO file, or every ``instances_*.json`` of an exported folder.

    COCO explains its ids itself. Where objects overlap, the smaller stays on top.
    Records that make no sense are left out and named. Raises ImportRefused if nothing can be read.
    Of the records no more than those of one image are held at once.
    """
    files = _annotation_files(source)
    sets = [_CocoFile(path, cancel or Cancel()) for path in files]
    merged = sets[0].categories
    for other in sets[1:]:
        if other.categories.categories != merged.categories:
            raise ImportRefused(f"{other.path}: its categories differ from those of {files[0]}")
    return ImportedSet(
        merged,
        (image for one in sets for image in one.images()),
        tuple(problem for one in sets for problem in one.problems),
        tuple(note for one in sets for note in one.notes),
    )


def _annotation_files(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    for folder in (source / "annotations", source):
        files = sorted(folder.glob("instances_*.json")) or sorted(folder.glob("*.json"))
        if files:
            return files
    raise ImportRefused(f"{source}: expected a COCO file or a folder with annotations/*.json")


class _CocoFile:
    def __init__(self, path: Path, cancel: Cancel) -> None:
        self.path = path
        self.problems: list[str] = []
        self.notes: list[str] = []
        try:
            lists = read_lists(read_regular(path, ImportRefused), _LISTS, cancel)
            for key in _LISTS:
                if key not in lists:
                    raise ImportRefused(f"{path}: expected a COCO file with a list {key!r}")
            self._ids: dict[Any, int] = {}
            self.categories = self._read_categories(lists["categories"])
            self._images = self._read_images(lists["images"])
            self._annotations = lists["annotations"]
            self._by_image = self._group(self._annotations, cancel)
        except ValueError as error:
            raise ImportRefused(f"{path}: expected JSON: {error}") from error
        except MemoryError as error:
            size = path.stat().st_size / 1e9
            raise ImportRefused(f"{path}: {size:,.1f} GB are more than fit into memory") from error

    def _read_categories(self, entries: Iterable[Any]) -> CategorySet:
        """Keep COCO's ids where they are 1–254; the others get ids that are free, and a note."""
        wanted: list[tuple[Any, str, dict[str, Any]]] = []
        for index, entry in enumerate(entries):
            try:
                name = " ".join(str(entry["name"]).split())
                if not name:
                    raise ValueError("the name is empty")
                hash(entry["id"])
                wanted.append((entry["id"], name, entry))
            except (KeyError, TypeError, ValueError) as error:
                self.problems.append(f"categories[{index}]: {_say(error)}")
        kept = {number for number, _, _ in wanted if _is_usable(number)}
        free = (number for number in range(1, VOID) if number not in kept)
        result: list[Category] = []
        for index, (number, name, entry) in enumerate(wanted):
            if number in self._ids or any(c.name == name for c in result):
                self.problems.append(f"categories[{index}]: {name!r} ({number!r}) appears twice")
                continue
            category_id = number if _is_usable(number) else next(free, VOID)
            if category_id >= VOID:
                raise ImportRefused(f"{self.path}: more than 254 categories")
            if category_id != number:
                self.notes.append(
                    f"category {name!r}: its id {number!r} is not within 1–254, so it became "
                    f"{category_id}"
                )
            self._ids[number] = category_id
            color = _color(entry.get("color")) or default_color(
                category_id, [c.color for c in result]
            )
            result.append(Category(category_id, name, color, bool(entry.get("isthing", 1))))
        try:
            return CategorySet(tuple(result))
        except ProjectFormatError as error:
            raise ImportRefused(f"{self.path}: {error}") from error

    def _read_images(self, entries: Iterable[Any]) -> dict[Any, dict[str, Any]]:
        images: dict[Any, dict[str, Any]] = {}
        for index, entry in enumerate(entries):
            try:
                number, name = entry["id"], checked_name(str(entry["file_name"]))
                height, width = int(entry["height"]), int(entry["width"])
                if height <= 0 or width <= 0:
                    raise ValueError(f"size {width} × {height}")
                if height * width > WINDOW_PIXEL_LIMIT:
                    raise ValueError(f"{width} × {height} pixels are more than can be held")
                if number in images:
                    raise ValueError(f"image id {number!r} appears twice")
            except (KeyError, TypeError, ValueError, OverflowError) as error:
                self.problems.append(f"images[{index}]: {_say(error)}")
                continue
            images[number] = {"name": name, "shape": (height, width)}
        return images

    def _group(self, entries: Iterable[Any], cancel: Cancel) -> dict[Any, array[int]]:
        """Which of ``entries`` each image has."""
        groups: dict[Any, array[int]] = {}
        seen: set[Any] = set()
        crowds = 0
        for index, entry in enumerate(entries):
            if index % _LOOK_UP == 0:
                cancel.raise_if_set()
            try:
                number, image = entry.get("id", f"record {index}"), entry["image_id"]
                if number in seen:
                    raise ValueError(f"annotation id {number!r} appears twice")
                seen.add(number)
                if image not in self._images:
                    raise ValueError(f"no image has the id {image!r}")
                if entry["category_id"] not in self._ids:
                    raise ValueError(f"no category has the id {entry['category_id']!r}")
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                self.problems.append(f"annotations[{index}]: {_say(error)}")
                continue
            groups.setdefault(image, array("q")).append(index)
            crowds += entry.get("iscrowd") == 1
        if crowds:
            self.notes.append(f"{self.path}: {crowds} crowds (iscrowd 1) became ordinary objects")
        return groups

    def images(self) -> Iterator[ImportedImage]:
        for number, image in self._images.items():
            yield self._compose(image["name"], image["shape"], self._by_image.get(number, ()))

    def _compose(self, name: str, shape: tuple[int, int], records: Iterable[int]) -> ImportedImage:
        problems: list[str] = []
        objects: list[Instance] = []
        for index in records:
            record = self._annotations[index]
            try:
                region, mask = decode_segmentation(record.get("segmentation"), shape)
                if not mask.any():
                    raise ValueError("covers no pixel")
            except ValueError as error:
                problems.append(f"annotations[{index}]: {error}")
                continue
            objects.append(Instance.of(self._ids[record["category_id"]], mask, region))
        labels = np.zeros(shape, np.uint8)
        instances = np.zeros(shape, np.uint16)
        covered = 0
        notes: tuple[str, ...] = ()
        # Python's sort is stable: among equals the order of the file stays.
        for number, one in enumerate(sorted(objects, key=lambda one: -one.area), start=1):
            covered += int(np.count_nonzero(labels[one.region.slices][one.mask]))
            labels[one.region.slices][one.mask] = one.category_id
            instances[one.region.slices][one.mask] = min(number, np.iinfo(np.uint16).max)
        if covered:
            notes = (f"{name}: {covered} pixels lie under a smaller object",)
        root = self.path.parent.parent
        picture = existing_file(root / "images" / name)
        if picture is not None and leads_out(picture, root):
            problems.append(f"{picture}: a link that leads out of {root}, so it is not copied")
            picture = None
        return ImportedImage(name, labels, instances, picture, tuple(problems), notes)


def decode_segmentation(segmentation: Any, shape: tuple[int, int]) -> tuple[Region, rle.Mask]:
    """Polygons or run lengths in an image of ``shape`` (H, W) as a mask, bool (h, w) of a region.

    Raises ValueError that says what is wrong.
    """
    if isinstance(segmentation, dict):
        size: Any = segmentation.get("size")
        counts: Any = segmentation.get("counts")
        if size != list(shape):
            hint = "; height and width are exchanged" if size == list(shape)[::-1] else ""
            raise ValueError(f"run lengths for {size} pixels, the image has {list(shape)}{hint}")
        if isinstance(counts, str):
            counts = rle.decompress(counts)
        return Region.whole(shape), rle.decode(counts, shape)
    if not isinstance(segmentation, list) or not segmentation:
        raise ValueError("no segmentation")
    polygons = [_checked_polygon(polygon, shape) for polygon in segmentation]
    region = _around(np.concatenate(polygons), shape)
    mask = np.zeros((region.height, region.width), np.bool_)
    for polygon in polygons:
        mask |= fill_polygon(polygon, region)
    return region, mask


def _around(points: NDArray[np.float64], shape: tuple[int, int]) -> Region:
    """The part of an image of ``shape`` in which polygons of these corners (n, 2) can lie."""
    (left, top), (right, bottom) = np.floor(points.min(axis=0)), np.ceil(points.max(axis=0))
    return Region(
        int(np.clip(top, 0, shape[0])),
        int(np.clip(left, 0, shape[1])),
        int(np.clip(bottom, 0, shape[0])),
        int(np.clip(right, 0, shape[1])),
    )


def _checked_polygon(polygon: Any, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Corners (n, 2) as (x, y)."""
    if not isinstance(polygon, list) or len(polygon) < 6 or len(polygon) % 2:
        size = len(polygon) if isinstance(polygon, list) else 0
        raise ValueError(f"a polygon needs an even number of at least 6 values, found {size}")
    limit = 4 * max(shape)
    # A comparison that NaN and infinity fail too.
    if not all(isinstance(value, int | float) and abs(value) <= limit for value in polygon):
        raise ValueError(f"polygon coordinates must be numbers within ±{limit}")
    return np.array(polygon, np.float64).reshape(-1, 2)


def fill_polygon(points: NDArray[np.float64], region: Region) -> rle.Mask:
    """The pixels of ``region``, bool (h, w), whose centres an even-odd fill covers.

    Corners are (n, 2) as (x, y); pixel (r, c) is the square [c, c+1] × [r, r+1], so that corners on
    whole numbers are filled exactly.
    """
    height, width = region.height, region.width
    points = points - (region.left, region.top)
    xa, ya = points.T
    xb, yb = np.roll(points, -1, axis=0).T
    # The rows whose centres an edge crosses, its upper end included and its lower end not.
    first = np.clip(np.ceil(np.minimum(ya, yb) - 0.5), 0, height).astype(np.int64)
    count = np.clip(np.ceil(np.maximum(ya, yb) - 0.5), 0, height).astype(np.int64) - first
    edge = np.repeat(np.arange(len(points)), count)
    row = first[edge] + np.arange(len(edge)) - (np.cumsum(count) - count)[edge]
    x = xa[edge] + (row + 0.5 - ya[edge]) / (yb - ya)[edge] * (xb - xa)[edge]
    column = np.clip(np.ceil(x - 0.5), 0, width).astype(np.int64)
    # From every crossing on, the row changes sides; sums of bytes may wrap, their parity stays.
    crossings = np.zeros((height, width + 1), np.uint8)
    np.add.at(crossings, (row, column), 1)
    return (np.cumsum(crossings, axis=1, dtype=np.uint8)[:, :width] & 1).astype(np.bool_)


def _is_usable(number: Any) -> bool:
    """Whether a COCO id can be ours: not even equal numbers of other types, such as 2.0, are."""
    return type(number) is int and 0 < number < VOID


def _color(value: Any) -> tuple[int, int, int] | None:
    if isinstance(value, list) and len(value) == 3 and all(type(v) is int for v in value):
        red, green, blue = (min(max(v, 0), 255) for v in value)
        return red, green, blue
    return None


def _say(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"lacks {error.args[0]!r}"
    return str(error) or type(error).__name__
