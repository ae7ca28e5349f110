"""Pascal VOC 2012 for segmentation: ``VOCdevkit/VOC2012/`` with palette PNGs and XML.

http://host.robots.ox.ac.uk/pascal/VOC/voc2012/. Boxes are 1-based and inclusive. Index PNGs carry
VOC's own colour map of 256 entries; 255 is void.
"""

from __future__ import annotations

import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import cv2
import numpy as np
from numpy.typing import NDArray

from seglabel.core.cancel import Cancel
from seglabel.core.categories import BACKGROUND, VOID, VOID_COLOR, Category, CategorySet
from seglabel.core.errors import ExportError, ImportRefused, LabelError, ProjectFormatError
from seglabel.core.geometry import Region
from seglabel.core.instances import Instance
from seglabel.core.palettes import voc_color
from seglabel.core.parsing import parse_json
from seglabel.core.templates import VOC
from seglabel.formats.atomic import write_bytes
from seglabel.formats.exchange import (
    JPEG_QUALITY,
    ExportImage,
    ExportPlan,
    ExportReport,
    ImportedImage,
    ImportedSet,
    InstanceMap,
    LabelMap,
    WrittenImage,
    copy_picture,
    existing_file,
    leads_out,
    note_orientation,
    object_map,
    outgoing,
    read_labels_of,
    write_picture,
)
from seglabel.formats.folder import shortened
from seglabel.formats.images import as_stored
from seglabel.formats.label_png import encode_labels
from seglabel.formats.regular_file import read_regular

_ROOT = Path("VOCdevkit") / "VOC2012"
_NAMES_FILE = "image_names.json"
_CATEGORIES_FILE = "categories.json"
_COLORS: NDArray[np.uint8] = np.array([voc_color(index) for index in range(256)], np.uint8)


def flat_stems(names: Iterable[str]) -> dict[str, str]:
    """Image name → unique stem without dots, folders or blanks, the same however often asked.

    No two are alike where case or the form of Unicode does not count.
    """
    stems: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(names):
        path = PurePosixPath(name)
        base = shortened(re.sub(r"[./\\\s]+", "_", str(path.with_suffix(""))))
        stem, number = base, 2
        while _folded(stem) in taken:
            stem, number = f"{base}_{number}", number + 1
        taken.add(_folded(stem))
        stems[name] = stem
    return stems


def _folded(stem: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", stem).casefold())


def label_names(categories: CategorySet) -> dict[int, str]:
    """Category id → what a label map can call it: unique, without ``:`` and no comment."""
    clean = {c.id: re.sub("^#|:", "_", c.name) for c in categories}
    names: dict[int, str] = {}
    taken = {"background", "ignored"}  # the label map's own
    for category in sorted(categories, key=lambda c: (clean[c.id] != c.name, c.id)):
        base = clean[category.id]
        name, number = base, 2
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name)
        names[category.id] = name
    return names


class VocExporter:
    """Writes JPEGs, class and object PNGs, XML, the lists of the splits and the label map."""

    def __init__(self, target: Path, plan: ExportPlan, report: ExportReport) -> None:
        self._root, self._plan, self._report = target / _ROOT, plan, report
        self._stems = flat_stems(plan.names)
        self._labels = label_names(plan.categories)
        self._written: dict[str, str] = {}  # name → stem
        self._has_void = False

    def add(self, image: ExportImage) -> WrittenImage:
        labels, _, objects = outgoing(image, self._plan)
        if self._plan.categories.background_is_void:  # what nobody labelled is void in VOC
            labels = np.where(labels == BACKGROUND, np.uint8(VOID), labels)
        if len(objects) >= VOID:
            raise ExportError(
                f"{image.name}: has {len(objects)} objects; a VOC object PNG holds at most 254"
            )
        stem = self._stems[image.name]
        self._write_picture(image, stem)  # first, for it may turn out to be damaged
        numbered = object_map(labels.shape, objects).astype(np.uint8)
        numbered[labels == VOID] = VOID
        border = _border(labels, numbered, self._plan.options.void_border)
        if border.any():
            labels = np.where(border, np.uint8(VOID), labels)
            numbered = np.where(border, np.uint8(VOID), numbered)
            count = int(np.count_nonzero(border))
            self._report.lossy.append(f"{image.name}: {count} border pixels became void")
        for folder, pixels in (("SegmentationClass", labels), ("SegmentationObject", numbered)):
            write_bytes(self._root / folder / f"{stem}.png", encode_labels(pixels, _COLORS))
        self._write_xml(image, stem, objects, labels.shape)
        self._has_void |= bool((labels == VOID).any())
        self._written[image.name] = stem
        self._report.instances += len(objects)
        return WrittenImage(labels, np.where(numbered == VOID, 0, numbered).astype(np.uint16))

    def finish(self) -> None:
        splits = {
            split: [self._written[name] for name in names if name in self._written]
            for split, names in self._plan.splits.items()
        }
        both = [*splits.get("train", ()), *splits.get("val", ())]
        # Somebody's own split of that name wins: its images may be held back from those two.
        lists = {"train": [], "val": [], "trainval": sorted(both), **splits}
        for split, stems in lists.items():
            text = "".join(f"{stem}\n" for stem in stems)
            self._write(Path("ImageSets") / "Segmentation" / f"{split}.txt", text)
        self._write("labelmap.txt", self._label_map())
        self._write("class_names.txt", self._class_names())
        names = {stem: name for name, stem in sorted(self._written.items())}
        self._write(_NAMES_FILE, json.dumps(names, ensure_ascii=False, indent=1) + "\n")
        categories = json.dumps(self._plan.categories.to_json(), ensure_ascii=False, indent=1)
        self._write(_CATEGORIES_FILE, categories + "\n")

    def _write(self, name: str | Path, text: str) -> None:
        write_bytes(self._root / name, text.encode())

    def _write_picture(self, image: ExportImage, stem: str) -> None:
        options = self._plan.options
        target = self._root / "JPEGImages" / f"{stem}.jpg"
        if image.info.format in ("JPEG", "MPO"):
            copy_picture(image, target, options)
            note_orientation(image, options, self._report)
            return
        picture = image.read()
        if options.orientation == "raw" and not options.upright_copies:
            picture = np.ascontiguousarray(as_stored(picture, image.info.orientation), np.uint8)
        write_picture(target, picture)
        self._report.lossy.append(
            f"{image.name}: the picture became a JPEG of quality {JPEG_QUALITY}, as VOC wants"
        )

    def _write_xml(
        self, image: ExportImage, stem: str, objects: list[Instance], shape: tuple[int, ...]
    ) -> None:
        root = ET.Element("annotation")
        _text(root, "folder", "VOC2012")
        _text(root, "filename", f"{stem}.jpg")
        source = ET.SubElement(root, "source")
        for tag in ("database", "annotation", "image"):
            _text(source, tag, "seglabel" if tag != "image" else image.name)
        size = ET.SubElement(root, "size")
        for tag, value in (("width", shape[1]), ("height", shape[0]), ("depth", 3)):
            _text(size, tag, value)
        _text(root, "segmented", 1)
        for instance in objects:
            region = instance.region
            element = ET.SubElement(root, "object")
            _text(element, "name", self._labels[instance.category_id])
            _text(element, "pose", "Unspecified")
            _text(element, "truncated", int(_touches_border(region, shape)))
            _text(element, "difficult", 0)
            box = ET.SubElement(element, "bndbox")
            corners = (region.left + 1, region.top + 1, region.right, region.bottom)
            for tag, value in zip(("xmin", "ymin", "xmax", "ymax"), corners, strict=True):
                _text(box, tag, value)
        ET.indent(root)
        self._write(Path("Annotations") / f"{stem}.xml", ET.tostring(root, "unicode") + "\n")

    def _label_map(self) -> str:
        """Index order and colours for datumaro and CVAT."""
        rows = ["# label:color_rgb:parts:actions", "background:0,0,0::"]
        for category in sorted(self._plan.categories, key=lambda c: c.id):
            color = ",".join(str(value) for value in voc_color(category.id))
            name = self._labels[category.id]
            if name != category.name:
                self._report.warnings.append(
                    f"VOC's label map cannot hold the name {category.name!r}: there and in the XML "
                    f"it is {name!r}"
                )
            rows.append(f"{name}:{color}::")
        if self._has_void:
            rows.append("ignored:{},{},{}::".format(*VOID_COLOR))
        return "\n".join(rows) + "\n"

    def _class_names(self) -> str:
        """One name for every index, so that the line number is the index."""
        categories = self._plan.categories
        highest = max(categories.ids, default=0)
        names = ["background"] + [
            categories.name_of(i) if i in categories else f"unused_{i}"
            for i in range(1, highest + 1)
        ]
        return "\n".join(names) + "\n"


def _text(parent: ET.Element, tag: str, value: object) -> None:
    ET.SubElement(parent, tag).text = str(value)


def _touches_border(region: Region, shape: tuple[int, ...]) -> bool:
    at_start = region.top == 0 or region.left == 0
    return at_start or region.bottom == shape[0] or region.right == shape[1]


def _border(labels: LabelMap, numbered: NDArray[np.uint8], width: int) -> NDArray[np.bool_]:
    """Pixels within ``width`` / 2 of a line between two objects or an object and the background."""
    if width <= 0:
        return np.zeros(labels.shape, np.bool_)
    edge = np.zeros(labels.shape, np.uint8)
    known = labels != VOID
    for plane in (labels, numbered):
        across = (plane[:, 1:] != plane[:, :-1]) & known[:, 1:] & known[:, :-1]
        down = (plane[1:] != plane[:-1]) & known[1:] & known[:-1]
        edge[:, 1:] |= across
        edge[:, :-1] |= across
        edge[1:] |= down
        edge[:-1] |= down
    reach = (width - 1) // 2  # beyond the two pixels that touch the line
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return cv2.dilate(edge, kernel).astype(np.bool_) & known


# reading


def read_voc(
    source: Path, categories: CategorySet | None = None, _: Cancel | None = None
) -> ImportedSet:
    """Read a VOC folder (or one that holds ``VOCdevkit/VOC2012``). Raises ImportRefused."""
    root = next(
        (
            folder
            for folder in (source / _ROOT, source / "VOC2012", source)
            if (folder / "SegmentationClass").is_dir()
        ),
        None,
    )
    if root is None:
        raise ImportRefused(f"{source}: expected a folder with SegmentationClass")
    categories = categories or _read_categories(root)
    names = _read_names(root)
    files = sorted((root / "SegmentationClass").glob("*.png"))
    return ImportedSet(categories, (_read_one(root, path, names) for path in files))


def _read_one(root: Path, path: Path, names: dict[str, str]) -> ImportedImage:
    name = names.get(path.stem, path.stem)
    problems: list[str] = []
    instances: InstanceMap | None = None
    try:
        labels = read_labels_of(root, path).labels()
    except LabelError as error:
        return ImportedImage.unreadable(name, str(error))
    objects = root / "SegmentationObject" / path.name
    if objects.is_file():
        try:
            numbered = read_labels_of(root, objects).labels()
            if numbered.shape != labels.shape:
                raise LabelError(f"{objects}: its size differs from that of the classes")
            instances = np.where(numbered == VOID, 0, numbered).astype(np.uint16)
        except LabelError as error:
            problems.append(str(error))
    picture = existing_file(root / "JPEGImages" / f"{path.stem}.jpg")
    if picture is not None and leads_out(picture, root):
        problems.append(f"{picture}: a link that leads out of {root}, so it is not copied")
        picture = None
    return ImportedImage(name, labels, instances, picture, tuple(problems))


def _read_names(root: Path) -> dict[str, str]:
    try:
        data = parse_json(read_regular(root / _NAMES_FILE, ImportRefused))
    except (ImportRefused, ValueError):
        return {}
    return {str(stem): str(name) for stem, name in data.items()} if isinstance(data, dict) else {}


def _read_categories(root: Path) -> CategorySet:
    """Ours if this is our own export, else from the label map, else VOC's twenty."""
    own = root / _CATEGORIES_FILE
    if own.is_file():
        try:
            return CategorySet.from_json(parse_json(read_regular(own, ImportRefused)))
        except (ValueError, ProjectFormatError) as error:
            raise ImportRefused(f"{own}: {error}") from error
    for folder in (root, root.parent, root.parent.parent):
        if (folder / "labelmap.txt").is_file():
            return _read_label_map(folder / "labelmap.txt")
    return VOC


def _read_label_map(path: Path) -> CategorySet:
    colors = {voc_color(index): index for index in range(256)}
    found = []
    try:
        rows = read_regular(path, ImportRefused).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ImportRefused(f"{path}: cannot be read as text: {error}") from error
    for number, row in enumerate(rows, start=1):
        if not row.strip() or row.startswith("#"):
            continue
        name, _, rest = row.partition(":")
        try:
            red, green, blue = (int(value) for value in rest.split(":")[0].split(","))
            index = colors[red, green, blue]
        except (ValueError, KeyError):
            raise ImportRefused(
                f"{path}, line {number}: expected name:r,g,b:: with a colour of VOC's map"
            ) from None
        if index not in (BACKGROUND, VOID):
            found.append(Category(index, name.strip(), (red, green, blue), is_thing=True))
    try:
        return CategorySet(tuple(found))
    except ProjectFormatError as error:
        raise ImportRefused(f"{path}: {error}") from error
