"""Import: annotations of other programs into a project."""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seglabel.core.cancel import Cancel
from seglabel.core.categories import BACKGROUND, VOID, Category, CategorySet
from seglabel.core.errors import Cancelled, ImportRefused, SegLabelError, failure
from seglabel.core.instances import only_if_needed
from seglabel.core.label_map import renumber
from seglabel.core.progress import Progress, ProgressCallback, ignore_progress
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.atomic import TEMPORARY_PREFIX, WriteError, write_atomically
from seglabel.formats.exchange import ImportedImage, ImportedSet
from seglabel.formats.folder import checked_name
from seglabel.formats.images import IMAGE_SUFFIXES, probe_image
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.registry import Format


@dataclass
class ImportReport:
    """What came in, what was left out and why.

    ``unchanged`` images had these labels already. ``problems`` name bad records that were left out
    of images that came in; ``notes`` say what became of sound ones. ``kept`` of the skipped ones
    have other labels already, which ``replace`` would take the place of.
    """

    images: int = 0
    unchanged: int = 0
    copied: int = 0
    kept: int = 0
    skipped: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            "images": self.images,
            "unchanged": self.unchanged,
            "copied": self.copied,
            "kept": self.kept,
            "skipped": self.skipped,
            "problems": self.problems,
            "notes": self.notes,
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

    Categories are matched by name; new ones are added under their own id where that is free. Where
    ``source`` does not say what its ids mean, they are those of the project.
    Images that have labels already are skipped unless ``replace``. With ``strict`` nothing
    is changed if a single record is bad. Raises ImportRefused if nothing can be read.
    """
    cancel = cancel or Cancel()
    if form.importer is None:
        raise ImportRefused(f"{form.title} can be written but not read")
    if strict:
        tried = form.importer(source, categories, cancel)
        _refuse_problems(store, tried, source, cancel, copy_images=copy_images)
    if copy_images:
        _sweep(store.folder)
    incoming = form.importer(source, categories, cancel)
    fitting = _Fitting(store, incoming, copy_images=copy_images)
    report = ImportReport(
        problems=list(incoming.problems), notes=[*incoming.notes, *fitting.notes(source)]
    )
    joined: Counter[str] = Counter()
    for done, image in enumerate(incoming.images, start=1):
        cancel.raise_if_set()
        error = ""
        try:
            fitted = fitting.fit(image)
            if fitted.copy_from is not None:
                _copy(fitted.copy_from, store, fitted.name)
                report.copied += 1
            if _bring_in(store, fitted, fitting.categories, joined, replace=replace):
                report.images += 1
            else:
                report.unchanged += 1
        except (Cancelled, WriteError):
            raise
        except Exception as problem:  # noqa: BLE001 - one image must never end the import
            error = failure(image.name, problem)
            report.skipped.append(error)
            report.kept += isinstance(problem, _HasLabels)
        report.problems += image.problems
        report.notes += image.notes
        progress(Progress(done, 0, image.name, error))
    report.notes += [
        f"{count} objects of {name} were not kept apart: in the project it is stuff, not a thing"
        for name, count in joined.items()
    ]
    if not (report.images or report.unchanged or report.skipped):
        raise ImportRefused(f"{source}: holds no annotated images")
    return report


def merge_categories(
    own: CategorySet, incoming: CategorySet, *, by_id: bool = False
) -> tuple[CategorySet, NDArray[np.uint8]]:
    """Own categories with the incoming ones added, and the own id of every incoming id.

    Equal names are the same category; with ``by_id`` equal ids are, for names that mean nothing.
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
        is_own = by_id and category.id in own
        known = own[category.id] if is_own else own.named(category.name)
        if known is None:  # two new ones may differ in case alone
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


@dataclass(frozen=True)
class _Fitted:
    """An image as it will stand in the project: its name and labels there."""

    name: str
    labels: NDArray[np.uint8]
    instances: NDArray[np.uint16] | None
    copy_from: Path | None


class _Fitting:
    """Fits the images of a data set to those of a project, one after the other."""

    def __init__(self, store: ProjectStore, incoming: ImportedSet, *, copy_images: bool) -> None:
        self._store = store
        self._incoming = incoming
        self._copy_images = copy_images
        self._names = _NameTable(store.project.records)
        self._taken: dict[str, str] = {}  # the project's name → that of the data set
        self._own = store.project.categories
        self.categories, self._table = merge_categories(
            self._own, incoming.categories, by_id=not incoming.explains_ids
        )

    def notes(self, source: Path) -> Iterator[str]:
        """What the project makes of ids that mean something else, or nothing, in ``source``."""
        incoming = self._incoming.categories
        if not self._incoming.explains_ids:
            pairs = ((c.id, self.categories[int(self._table[c.id])]) for c in incoming)
            new = [f"{number} → {c.name} ({c.id})" for number, c in pairs if c.id not in self._own]
            if new:
                yield f"{source} does not say what these ids mean; new categories: {', '.join(new)}"
        elif self.categories.background_is_void and not incoming.background_is_void:
            yield (
                f"id 0 means background in {source}, but not labelled in the project: "
                "nothing is learned from these pixels"
            )

    def fit(self, image: ImportedImage) -> _Fitted:
        """Raises ImportRefused or ImageError if the project can take nothing of it."""
        if image.refused:
            raise ImportRefused(image.refused)
        name = self._names.find(image.name)
        copy_from = None
        if name is None and self._copy_images and image.image is not None:
            name, copy_from = _name_for(image, self._store), image.image
        if name is None:
            raise ImportRefused(f"{image.name}: no image of that name in {self._store.folder}")
        if name in self._taken:
            raise ImportRefused(
                f"{image.name}: means {name}, which {self._taken[name]} gave labels already"
            )
        there = self._store.image_path(name)
        labels = self._labels(
            image, name, there if copy_from is None or there.exists() else copy_from
        )
        self._taken[name] = image.name
        if copy_from is not None:
            self._names.add(name)
        return _Fitted(name, labels, image.instances, copy_from)

    def _labels(self, image: ImportedImage, name: str, picture: Path) -> NDArray[np.uint8]:
        """The labels in the project's ids, if they fit the picture."""
        info = probe_image(picture, pixel_limit=self._store.pixel_limit)
        found, expected = image.labels.shape, (info.height, info.width)
        if found != expected:
            turned = "; height and width are exchanged" if found == expected[::-1] else ""
            raise ImportRefused(
                f"{name}: labels of {found[1]} × {found[0]} pixels, "
                f"the image has {expected[1]} × {expected[0]}{turned}"
            )
        is_known = bool(image.digest) and name in self._store.project.records
        if is_known and self._store.digest(name) != image.digest:
            raise ImportRefused(
                f"{name}: the image has changed since these labels were proposed for it; "
                "propose them anew"
            )
        unknown = self._incoming.categories.unknown_in(image.labels)
        if unknown:
            raise ImportRefused(f"{name}: holds ids without a category: {unknown}")
        return renumber(image.labels, self._table)


def _refuse_problems(
    store: ProjectStore, incoming: ImportedSet, source: Path, cancel: Cancel, *, copy_images: bool
) -> None:
    fitting = _Fitting(store, incoming, copy_images=copy_images)
    problems = list(incoming.problems)
    for image in incoming.images:
        cancel.raise_if_set()
        problems += image.problems
        try:
            fitting.fit(image)
        except SegLabelError as problem:
            problems.append(str(problem))
    if problems:
        raise ImportRefused(
            f"{source}: {len(problems)} bad records, nothing was changed:\n" + "\n".join(problems)
        )


class _HasLabels(ImportRefused):
    """A person made labels of this image, or brought them in before."""


def _bring_in(
    store: ProjectStore,
    fitted: _Fitted,
    categories: CategorySet,
    joined: Counter[str],
    *,
    replace: bool,
) -> bool:
    """Save it, and count in ``joined`` what stuff cannot keep apart. ``False``: it was there."""
    instances = fitted.instances
    if instances is not None:
        instances = only_if_needed(fitted.labels, instances, categories)
    if store.project.records[fitted.name].status.is_by_person and not replace:
        if _is_there(store, fitted, instances):
            return False
        raise _HasLabels(f"{fitted.name}: already has labels; left as it is")
    if categories != store.project.categories:  # only now that there is something to bring in
        store.project.categories = categories
        store.save_project()
    painted = np.ones(fitted.labels.shape, np.bool_)
    annotation = Annotation(fitted.labels, painted, instances, Status.REVIEWED)
    store.save(fitted.name, annotation, is_about_file=True)
    joined.update(_joined(fitted, categories))
    return True


def _is_there(store: ProjectStore, fitted: _Fitted, instances: NDArray[np.uint16] | None) -> bool:
    """Whether the project has exactly these labels, as after the same import before."""
    known = store.load(fitted.name)
    if known is None or not np.array_equal(known.labels, fitted.labels):
        return False
    if known.instances is None or instances is None:
        return known.instances is instances
    return np.array_equal(known.instances, instances)


def _joined(fitted: _Fitted, categories: CategorySet) -> dict[str, int]:
    """How many objects of a category the image has that is stuff here, where it has several."""
    if fitted.instances is None:
        return {}
    counts = {
        category.name: np.count_nonzero(np.unique(fitted.instances[fitted.labels == category.id]))
        for category in categories
        if not category.is_thing
    }
    return {name: int(count) for name, count in counts.items() if count > 1}


def _name_for(image: ImportedImage, store: ProjectStore) -> str:
    """What the picture that came along will be called in the image folder."""
    assert image.image is not None
    try:
        name = checked_name(image.name)
    except ValueError as error:
        raise ImportRefused(str(error)) from error
    if Path(name).suffix.lower() not in IMAGE_SUFFIXES:
        name += image.image.suffix
    if any(part.startswith(".") for part in name.split("/")):
        raise ImportRefused(f"{name}: hidden files are no images of a project")
    try:
        leads_out = not (store.folder / name).resolve().is_relative_to(store.folder)
    except (OSError, RuntimeError) as error:  # the latter for links that lead to themselves
        raise ImportRefused(f"{name}: cannot be copied: {error}") from error
    if leads_out:
        raise ImportRefused(f"{name}: leads out of {store.folder}")
    return name


def _copy(picture: Path, store: ProjectStore, name: str) -> None:
    """Copy a picture into the image folder, over nothing that is there."""
    target = store.folder / name
    try:
        if not target.exists():
            with picture.open("rb") as source, write_atomically(target) as file:
                shutil.copyfileobj(source, file)
    except OSError as error:
        raise ImportRefused(f"{name}: cannot be copied: {error}") from error
    store.add_image(name)


def _sweep(folder: Path) -> None:
    """Remove what a copy left among the pictures that a crash cut off: nobody else copies now."""
    for path in folder.rglob(TEMPORARY_PREFIX + "[0-9a-f]" * 12):
        with suppress(OSError):
            path.unlink()


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
