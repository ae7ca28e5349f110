"""Import: annotations of other programs into a project."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seglabel.core.cancel import Cancel
from seglabel.core.categories import BACKGROUND, VOID, Category, CategorySet
from seglabel.core.errors import ImportRefused, SegLabelError
from seglabel.core.instances import only_if_needed
from seglabel.core.progress import Progress, ProgressCallback, ignore_progress
from seglabel.core.status import Status
from seglabel.formats.atomic import WriteError, write_atomically
from seglabel.formats.exchange import ImportedImage
from seglabel.formats.folder import checked_name
from seglabel.formats.image_reader import IMAGE_SUFFIXES
from seglabel.formats.project_store import Annotation, ProjectStore
from seglabel.formats.registry import Format


@dataclass
class ImportReport:
    """What came in, what was left out and why."""

    images: int = 0
    copied: int = 0
    skipped: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            "images": self.images,
            "copied": self.copied,
            "skipped": self.skipped,
            "problems": self.problems,
        }


def import_annotations(
    store: ProjectStore,
    form: Format,
    source: Path,
    *,
    categories: CategorySet | None = None,
    copy_images: bool = False,
    strict: bool = False,
    replace: bool = False,
    progress: ProgressCallback = ignore_progress,
    cancel: Cancel | None = None,
) -> ImportReport:
    """Bring in what ``source`` says of the images of the project; they become *reviewed*.

    Categories are matched by name; new ones are added under their own id where that is free.
    Images that a person already worked on are skipped unless ``replace``. With ``strict`` nothing
    is changed if a single record is bad. Raises ImportRefused if nothing can be read.
    """
    cancel = cancel or Cancel()
    if form.importer is None:
        raise ImportRefused(f"{form.title} can be written but not read")
    if strict:
        _refuse_problems(store, form, source, categories, copy_images)
    incoming = form.importer(source, categories)
    merged, table = merge_categories(store.project.categories, incoming.categories)
    report = ImportReport(problems=list(incoming.problems))
    if merged.background_is_void and not incoming.categories.background_is_void:
        report.problems.append(
            f"id 0 means background in {source}, but not labelled in the project: "
            "nothing is learned from these pixels"
        )
    names = _NameTable(store.project.records)
    for done, image in enumerate(incoming.images, start=1):
        cancel.raise_if_set()
        error = ""
        try:
            name = names.find(image.name)
            if name is None and copy_images and image.image is not None:
                name = _copy(image, store)
                names.add(name)
                report.copied += 1
            known = incoming.categories
            _bring_in(store, image, name, table, known, merged, replace=replace)
            report.images += 1
        except WriteError:
            raise
        except SegLabelError as problem:
            error = str(problem)
            report.skipped.append(error)
        report.problems += image.problems
        progress(Progress(done, 0, image.name, error))
    if not report.images and not report.skipped:
        raise ImportRefused(f"{source}: holds no annotated images")
    return report


def merge_categories(
    own: CategorySet, incoming: CategorySet
) -> tuple[CategorySet, NDArray[np.uint8]]:
    """Own categories with the incoming ones added, and the own id of every incoming id.

    The second value is a table uint8 (256,); ids without a category map to themselves. What is not
    labelled becomes VOID where the project's id 0 is a real background.
    """
    table = np.arange(256, dtype=np.uint8)
    if not len(own) and own.next_id == 1:  # otherwise labels may hold ids of removed categories
        return incoming, table
    if incoming.background_is_void and not own.background_is_void:
        table[BACKGROUND] = VOID
    result = own
    for category in incoming:
        known = own.named(category.name)  # two new ones may differ in case alone
        if known is None:
            result, known = _add(result, category)
        table[category.id] = known.id
    return result, table


def _add(categories: CategorySet, new: Category) -> tuple[CategorySet, Category]:
    free = new.id >= categories.next_id and new.id not in categories
    if not free:
        return categories.with_new(new.name, new.color, is_thing=new.is_thing)
    grown = CategorySet(
        (*categories.categories, new),
        new.id + 1,
        categories.background,
        categories.background_is_void,
    )
    return grown, new


def _refuse_problems(
    store: ProjectStore,
    form: Format,
    source: Path,
    categories: CategorySet | None,
    copy_images: bool,
) -> None:
    assert form.importer is not None
    incoming = form.importer(source, categories)
    _, table = merge_categories(store.project.categories, incoming.categories)
    names = _NameTable(store.project.records)
    problems = list(incoming.problems)
    for image in incoming.images:
        problems += image.problems
        try:
            name = names.find(image.name)
            if name is None and copy_images and image.image is not None:
                checked_name(image.name)
                continue
            _checked(store, image, name, table, incoming.categories)
        except (SegLabelError, ValueError) as problem:
            problems.append(str(problem))
    if problems:
        raise ImportRefused(
            f"{source}: {len(problems)} bad records, nothing was changed:\n" + "\n".join(problems)
        )


def _bring_in(
    store: ProjectStore,
    image: ImportedImage,
    name: str | None,
    table: NDArray[np.uint8],
    known: CategorySet,
    merged: CategorySet,
    *,
    replace: bool,
) -> None:
    name, labels = _checked(store, image, name, table, known)
    if store.project.records[name].status.is_by_person and not replace:
        raise ImportRefused(f"{name}: a person already worked on it; left as it is (--replace)")
    instances = image.instances
    if instances is not None:
        instances = only_if_needed(labels, instances, merged)
    if merged != store.project.categories:  # only now that there is something to bring in
        store.project.categories = merged
        store.save_project()
    painted = np.ones(labels.shape, np.bool_)
    store.save(name, Annotation(labels, painted, instances, Status.REVIEWED))


def _checked(
    store: ProjectStore,
    image: ImportedImage,
    name: str | None,
    table: NDArray[np.uint8],
    known: CategorySet,
) -> tuple[str, NDArray[np.uint8]]:
    """The image's name and its labels in own ids; ``known`` are the categories as they came."""
    if image.refused:
        raise ImportRefused(image.refused)
    if name is None:
        raise ImportRefused(f"{image.name}: no image of that name in {store.folder}")
    info = store.probe_image(name)
    found, expected = image.labels.shape, (info.height, info.width)
    if found != expected:
        turned = "; height and width are exchanged" if found == expected[::-1] else ""
        raise ImportRefused(
            f"{name}: labels of {found[1]} × {found[0]} pixels, "
            f"the image has {expected[1]} × {expected[0]}{turned}"
        )
    unknown = known.unknown_in(image.labels)
    if unknown:
        raise ImportRefused(f"{name}: holds ids without a category: {unknown}")
    return name, table[image.labels]


def _copy(image: ImportedImage, store: ProjectStore) -> str:
    """Copy the picture that came along into the image folder."""
    assert image.image is not None
    try:
        name = checked_name(image.name)
    except ValueError as error:
        raise ImportRefused(str(error)) from error
    if Path(name).suffix.lower() not in IMAGE_SUFFIXES:
        name += image.image.suffix
    if any(part.startswith(".") for part in name.split("/")):
        raise ImportRefused(f"{name}: hidden files are no images of a project")
    target = store.folder / name
    try:
        if not target.resolve().is_relative_to(store.folder):
            raise ImportRefused(f"{name}: leads out of {store.folder}")
        if not target.exists():
            with image.image.open("rb") as source, write_atomically(target) as file:
                shutil.copyfileobj(source, file)
    except (OSError, RuntimeError) as error:  # the latter for links that lead to themselves
        raise ImportRefused(f"{name}: cannot be copied: {error}") from error
    store.add_image(name)
    return name


class _NameTable:
    """Finds the image that a data set means: by path, else by what identifies it alone."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by: dict[tuple[str, str], list[str]] = defaultdict(list)
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        for key in self._keys(name):
            self._by[key].append(name)

    def find(self, name: str) -> str | None:
        """The image's own name, or ``None``. Raises ImportRefused if it could be several."""
        wanted = name.replace("\\", "/")
        _, bare, base, bare_base = (value for _, value in self._keys(wanted))
        for key in (
            ("path", wanted),
            ("bare path", wanted),  # named without the suffix
            ("bare path", bare),  # named with another suffix
            ("base", base),
            ("bare base", base),
            ("bare base", bare_base),
        ):
            found = self._by.get(key, [])
            if "base" in key[0]:
                # A base name may stand for a path only where one of the two has no folder at all.
                found = [one for one in found if "/" not in one or "/" not in wanted]
            if len(found) == 1:
                return found[0]
            if found:
                raise ImportRefused(f"{name}: could be any of {', '.join(sorted(found))}")
        return None

    @staticmethod
    def _keys(name: str) -> tuple[tuple[str, str], ...]:
        head, dot, suffix = name.rpartition(".")
        bare = head if f"{dot}{suffix}".lower() in IMAGE_SUFFIXES else name
        return (
            ("path", name),
            ("bare path", bare),
            ("base", name.rpartition("/")[2]),
            ("bare base", bare.rpartition("/")[2]),
        )
