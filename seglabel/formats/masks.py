"""A folder of index PNGs named as the images: pixel = category id."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import numpy as np

from seglabel.core.cancel import Cancel
from seglabel.core.categories import BACKGROUND, VOID, Category, CategorySet
from seglabel.core.errors import ImportRefused, LabelError
from seglabel.core.label_map import count_ids
from seglabel.core.parsing import parse_json
from seglabel.formats.atomic import write_bytes
from seglabel.formats.categories_file import read_categories, write_categories
from seglabel.formats.exchange import (
    ExportImage,
    ExportPlan,
    ExportReport,
    ImportedImage,
    ImportedSet,
    WrittenImage,
    note_orientation,
    object_map,
    outgoing,
    read_labels_of,
)
from seglabel.formats.folder import NAME_LIMIT, digested
from seglabel.formats.label_png import encode_instances, encode_labels
from seglabel.formats.regular_file import read_regular

CATEGORIES_FILE = "categories.txt"
_INSTANCES = "_instances"
_NAMES_FILE = "image_names.json"  # only where a PNG could not be named as its image


def mask_names(names: Iterable[str]) -> dict[str, str]:
    """Image name → name of its PNG: the stem, or the whole name where the stem means two images.

    Where that is too long, a folder of other PNGs or in the folder of instances, it gets a digest.
    """
    names = list(names)
    taken = Counter([*map(_stem, names), *names])
    plain = {name: _stem(name) if taken[_stem(name)] == 1 else name for name in names}
    folders = {str(folder) for one in plain.values() for folder in PurePosixPath(one).parents}
    return {name: _fitting(f"{one}.png", name, folders) for name, one in plain.items()}


def _fitting(file: str, name: str, folders: set[str]) -> str:
    head, _, tail = file.rpartition("/")
    is_plain = file not in folders and len(os.fsencode(tail)) <= NAME_LIMIT
    if is_plain and file.split("/")[0] != _INSTANCES:
        return file
    if head.split("/")[0] == _INSTANCES:
        return f"{digested(name.replace('/', '_'))}.png"
    return f"{head}/{digested(tail)}.png".removeprefix("/")


def _stem(name: str) -> str:
    return str(PurePosixPath(name).with_suffix(""))


class MaskExporter:
    """Writes ``<image>.png`` in folders like the images', ``categories.txt``, and instances.

    Stems that two images share keep the suffix of the image: ``a.jpg.png`` and ``a.png.png``.
    """

    def __init__(self, target: Path, plan: ExportPlan, report: ExportReport) -> None:
        self._target, self._plan, self._report = target, plan, report
        self._files = mask_names(plan.names)
        self._written: set[str] = set()

    def add(self, image: ExportImage) -> WrittenImage:
        labels, separated, objects = outgoing(image, self._plan)
        file = self._files[image.name]
        colors = self._plan.categories.color_table()
        write_bytes(self._target / file, encode_labels(labels, colors))
        if separated is not None:
            write_bytes(self._target / _INSTANCES / file, encode_instances(separated))
        note_orientation(image, self._plan.options, self._report)
        self._report.instances += len(objects)
        self._written.add(image.name)
        return WrittenImage(labels, object_map(labels.shape, objects))

    def finish(self) -> None:
        text = write_categories(self._plan.categories)
        write_bytes(self._target / CATEGORIES_FILE, text.encode())
        own = {self._files[name]: name for name in sorted(self._written)}
        other = {file: name for file, name in own.items() if not _tells(file, name)}
        if other:
            text = json.dumps(other, ensure_ascii=False, indent=1, sort_keys=True)
            write_bytes(self._target / _NAMES_FILE, text.encode() + b"\n")
        if len(self._plan.splits) == 1:
            return
        for split, names in self._plan.splits.items():
            lines = "".join(f"{name}\n" for name in names if name in self._written)
            write_bytes(self._target / f"{split}.txt", lines.encode())


def _tells(file: str, name: str) -> bool:
    """Whether a PNG is named as its image."""
    return file in (f"{_stem(name)}.png", f"{name}.png")


def read_masks(
    source: Path, categories: CategorySet | None = None, cancel: Cancel | None = None
) -> ImportedSet:
    """Read a folder of index PNGs. Raises ImportRefused if there are none.

    Categories come from the caller, else from ``categories.txt`` in the folder, else from the ids
    and palettes of the files themselves.
    """
    if not source.is_dir():
        raise ImportRefused(f"{source}: expected a folder of index PNGs")
    files = sorted(
        path
        for path in source.rglob("*")
        if path.suffix.lower() == ".png"
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(source).parts)
        and path.relative_to(source).parts[0] != _INSTANCES
    )
    if not files:
        raise ImportRefused(f"{source}: holds no PNG files")
    if categories is None and (source / CATEGORIES_FILE).is_file():
        categories = read_categories(source / CATEGORIES_FILE)
    explains_ids = categories is not None
    if categories is None:
        categories = _categories_of(source, files, cancel or Cancel())
    return ImportedSet(categories, _read_all(source, files), explains_ids=explains_ids)


def _read_names(source: Path) -> dict[str, str]:
    try:
        data = parse_json(read_regular(source / _NAMES_FILE, ImportRefused))
    except (ImportRefused, ValueError):
        return {}
    return {str(file): str(name) for file, name in data.items()} if isinstance(data, dict) else {}


def _read_all(source: Path, files: list[Path]) -> Iterator[ImportedImage]:
    names = _read_names(source)
    for path in files:
        file = path.relative_to(source)
        name = names.get(file.as_posix(), file.with_suffix("").as_posix())
        try:
            read = read_labels_of(source, path)
            labels, digest, instances = read.labels(), str(read.note.get("digest", "")), None
            separated = source / _INSTANCES / path.relative_to(source)
            if separated.is_file():
                instances = read_labels_of(source, separated).pixels.astype(np.uint16)
                if instances.shape != labels.shape:
                    raise LabelError(f"{separated}: its size differs from that of the labels")
        except LabelError as error:
            yield ImportedImage.unreadable(name, str(error))
            continue
        yield ImportedImage(name, labels, instances, digest=digest)


def _categories_of(source: Path, files: list[Path], cancel: Cancel) -> CategorySet:
    """One category for every id that occurs, in the colours of the palettes."""
    present = np.zeros(256, np.int64)
    colors: dict[int, tuple[int, int, int]] = {}
    for path in files:
        cancel.raise_if_set()
        try:
            file = read_labels_of(source, path)
            counts = count_ids(file.labels())
        except LabelError:
            continue  # reading its pixels will say why
        present += counts
        if file.color_table is not None:
            for category_id in np.flatnonzero(counts):
                red, green, blue = (int(v) for v in file.color_table[category_id])
                colors.setdefault(int(category_id), (red, green, blue))
    ids = [int(i) for i in np.flatnonzero(present) if i not in (BACKGROUND, VOID)]
    blank = CategorySet.of(*(str(n) for n in range(max(ids, default=0))))
    return CategorySet(
        tuple(Category(i, f"category {i}", colors.get(i, blank[i].color)) for i in ids)
    )
