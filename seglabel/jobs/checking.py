"""Checking a project: whether all its files are whole, fit each other and fit the images."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from seglabel.core.cancel import Cancel
from seglabel.core.errors import ImageError, LabelError, ProjectFormatError, SegLabelError, failure
from seglabel.core.progress import Progress, ProgressCallback, ignore_progress
from seglabel.core.project import Fault, ImageRecord
from seglabel.core.status import Status
from seglabel.formats import journal
from seglabel.formats.atomic import TEMPORARY_PREFIX
from seglabel.formats.evaluation_store import EVALUATIONS_FOLDER
from seglabel.formats.layout import (
    BACKUP,
    CONFLICTS,
    KINDS,
    LOG_FILE,
    MODELS,
    PENDING,
    PROJECT_FILE,
    REPLACED,
    stored_path,
)
from seglabel.formats.lock import LOCK_FILES
from seglabel.formats.project_store import PROJECT_FOLDER, ProjectStore
from seglabel.formats.record_log import RecordLog
from seglabel.formats.recovery import find_unsaved
from seglabel.jobs.relinking import Moves, find_moves


class Kind(StrEnum):
    """What is wrong."""

    PROJECT = "project file"  # cannot be read
    LIST = "image list"  # has damaged lines
    RECORD = "record"  # says something else than the labels
    LABELS = "labels"  # damaged, or without their instances
    SIZE = "size"  # labels and image differ in it
    CATEGORY = "category"  # pixels have ids that no category has
    IMAGE = "image"  # cannot be read
    CHANGED = "changed image"
    MISSING = "missing image"
    MOVED = "moved image"  # its file is known by its content
    INSTANCES = "instances"  # a save was cut off after the labels
    PROPOSAL = "proposal"  # damaged; it can be made again
    JOURNAL = "journal"  # damaged
    UNSAVED = "unsaved work"
    CONFLICT = "conflict"  # labels that were not saved over somebody else's
    TEMPORARY = "temporary file"
    STRAY = "stray file"


MENDABLE = frozenset(
    {
        Kind.LIST,
        Kind.RECORD,
        Kind.MOVED,
        Kind.INSTANCES,
        Kind.PROPOSAL,
        Kind.JOURNAL,
        Kind.TEMPORARY,
    }
)
"""What can be put right without a decision of a person, and without losing anything."""

_CHANGED_TEXT = "its file changed after it was labelled; its labels are kept"


@dataclass(frozen=True)
class Finding:
    """Something that is wrong. ``about`` is the image, or the file below the project's folder.

    ``target`` is where the file of a moved image is now, or which kind of file is damaged.
    """

    kind: Kind
    about: str
    text: str
    target: str = ""

    @property
    def is_mendable(self) -> bool:
        return self.kind in MENDABLE

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "is_mendable": self.is_mendable}


@dataclass(frozen=True)
class CheckReport:
    """What was looked at, and what is wrong."""

    images: int = 0
    labelled: int = 0
    findings: tuple[Finding, ...] = field(default_factory=tuple)

    def to_json(self) -> dict[str, Any]:
        return {
            "images": self.images,
            "labelled": self.labelled,
            "findings": [finding.to_json() for finding in self.findings],
        }


def check(
    folder: Path,
    root: Path | None = None,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: Cancel | None = None,
) -> CheckReport:
    """Read everything that a project consists of and compare it. Nothing is written.

    Raises ProjectError if ``folder`` is none, and Cancelled.
    """
    try:
        store = ProjectStore.read(folder, root)
    except ProjectFormatError as error:
        return CheckReport(findings=tuple(_of_project_files(folder, root, error)))
    return check_store(store, progress=progress, cancel=cancel)


def check_store(
    store: ProjectStore,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: Cancel | None = None,
) -> CheckReport:
    """The same of an open project."""
    cancel = cancel or Cancel()
    findings: list[Finding] = []
    unknown = _labelled_but_unknown(store)
    names = [*store.project.names, *store.project.missing, *unknown]
    labelled = 0
    for done, name in enumerate(names, start=1):
        cancel.raise_if_set()
        found = [*_of_image(store, name), *_of_labels(store, name), *_of_other_files(store, name)]
        labelled += stored_path(store.root, "labels", name).exists()
        findings += found
        progress(Progress(done, len(names), name, found[0].text if found else ""))
    findings += _of_faults(store, find_moves(store, cancel=cancel))
    findings += [
        Finding(
            Kind.UNSAVED,
            one.name,
            f"{one.name}: unsaved work (steps: {one.changes}); opening the project in the window "
            "offers it back",
        )
        for one in find_unsaved(store)
    ]
    findings += _of_tree(store, set(names))
    order = list(Kind)
    findings.sort(key=lambda finding: order.index(finding.kind))  # moves keep their order
    return CheckReport(len(store.project.names), labelled, tuple(findings))


def project_root(folder: Path, root: Path | None) -> Path:
    """Where the project of a folder lies."""
    return (folder.resolve() / PROJECT_FOLDER if root is None else root).resolve()


def _of_project_files(
    folder: Path, root: Path | None, error: ProjectFormatError
) -> Iterator[Finding]:
    """Why a project cannot be opened."""
    try:
        problems = RecordLog(project_root(folder, root) / LOG_FILE).salvage()[2]
    except ProjectFormatError:
        problems = []
    if problems:
        text = f"{LOG_FILE}: {len(problems)} damaged lines, first {problems[0]}"
        yield Finding(Kind.LIST, LOG_FILE, text)
    else:
        yield Finding(Kind.PROJECT, PROJECT_FILE, str(error))


def _of_image(store: ProjectStore, name: str) -> Iterator[Finding]:
    """What is wrong with an image; that it changed is noted in the project."""
    if name not in store.project.records:
        return
    try:
        store.probe_image(name)
        if stored_path(store.root, "labels", name).exists():
            store.has_changed(name)
    except ImageError as error:
        yield Finding(Kind.IMAGE, name, failure(name, error))


def _of_labels(store: ProjectStore, name: str) -> Iterator[Finding]:
    if not stored_path(store.root, "labels", name).exists():
        record = store.project.record(name)
        if record is not None and record.status is not Status.EMPTY:
            text = f"{name}: is said to be {record.status}, but has no labels"
            yield Finding(Kind.LABELS, name, text)
        return
    try:
        annotation = store.load(name)
        on_disk = store.record_on_disk(name)
    except LabelError as error:
        yield Finding(Kind.LABELS, name, failure(name, error))
        return
    record = store.project.record(name)
    if record is None:
        yield Finding(Kind.RECORD, name, f"{name}: has labels that the list of images lacks")
    elif (said := _difference(record, on_disk)) is not None:
        yield Finding(Kind.RECORD, name, f"{name}: {said}")
    if annotation is None:
        return
    unknown = store.project.categories.unknown_in(annotation.labels)
    if unknown:
        pixels = int(np.isin(annotation.labels, unknown).sum())
        ids = ", ".join(map(str, unknown))
        text = f"{name}: {pixels:,} pixels have ids that no category has: {ids}"
        yield Finding(Kind.CATEGORY, name, text)
    with suppress(ImageError):  # said of the image
        info = store.probe_image(name)
        height, width = annotation.labels.shape
        if info.shape != (height, width):
            yield Finding(
                Kind.SIZE,
                name,
                f"{name}: was labelled at {width} × {height} pixels, but the image has "
                f"{info.width} × {info.height}; put the old image back, or label it anew",
            )


def _difference(record: ImageRecord, on_disk: ImageRecord) -> str | None:
    for key in ("status", "revision", "height", "width", "labelled"):
        listed, found = getattr(record, key), getattr(on_disk, key)
        is_silent = key == "labelled" and not listed  # as in schema 1
        if listed != found and not is_silent:
            return f"the list says {key} {listed!s}, its labels say {found!s}"
    return None


def _of_other_files(store: ProjectStore, name: str) -> Iterator[Finding]:
    if stored_path(store.root, "instances", name, f".png{PENDING}").exists():
        text = f"{name}: a save was cut off before its instances got their name"
        yield Finding(Kind.INSTANCES, name, text)
    for kind, read in (
        ("proposals", store.load_proposal),
        ("descriptors", store.load_descriptors),
    ):
        try:
            read(name)
        except SegLabelError as error:
            where = _damaged_kind(error, kind)
            yield Finding(Kind.PROPOSAL, name, f"{name}: {error}", where)
            if where == "proposals":
                return  # a descriptor is looked for in it too
    path = store.journal_path(name)
    if not path.exists():
        return
    try:
        kept = journal.read(path)
    except LabelError as error:
        yield Finding(Kind.JOURNAL, name, f"{name}: {error}")
        return
    if kept is not None and kept.name != name:
        text = f"{name}: its journal is that of another image, {kept.name}"
        yield Finding(Kind.JOURNAL, name, text)


def _damaged_kind(error: SegLabelError, kind: str) -> str:
    return next((one for one in ("descriptors", "proposals") if f"/{one}/" in str(error)), kind)


def _of_faults(store: ProjectStore, moves: Moves) -> Iterator[Finding]:
    """What became of the files of labelled images."""
    for move in moves.sure:
        text = f"{move.old}: the image that was labelled is called {move.new} now"
        yield Finding(Kind.MOVED, move.old, text, move.new)
    found = {move.old for move in moves.sure}
    project = store.project
    changed = [name for name in project.names if project.fault(name) is Fault.CHANGED]
    for name in sorted({*project.missing, *changed} - found):
        is_gone = name in project.missing
        text = "its file is gone; its labels are kept" if is_gone else _CHANGED_TEXT
        alike = dict(moves.unclear).get(name, ())
        if len(alike) > 1:
            text += f"; it could be any of {', '.join(alike)}, which are all the same"
        elif alike:
            text += f"; it is called {alike[0]} now, where labels of another image are in the way"
        yield Finding(Kind.MISSING if is_gone else Kind.CHANGED, name, f"{name}: {text}")


def _labelled_but_unknown(store: ProjectStore) -> list[str]:
    """Images that have a label file, but neither a file of their own nor a line in the list."""
    top = store.root / "labels"
    by_stored = store.project.cut_names
    known = {stored_path(store.root, "labels", n) for n in store.project.names}
    known |= {stored_path(store.root, "labels", n) for n in store.project.missing}
    found = []
    for path in sorted(top.rglob(f"*{KINDS['labels']}")):
        if path in known or path.name.startswith(TEMPORARY_PREFIX) or not path.is_file():
            continue
        stored = path.relative_to(top).as_posix().removesuffix(KINDS["labels"])
        name = by_stored.get(stored, stored)
        if stored_path(store.root, "labels", name) == path:
            found.append(name)
    return found


def _of_tree(store: ProjectStore, names: set[str]) -> Iterator[Finding]:
    """Files that belong to nothing."""
    root = store.root
    expected = {stored_path(root, kind, name) for kind in KINDS for name in names}
    expected |= {stored_path(root, "instances", name, f".png{PENDING}") for name in names}
    expected |= {root / name for name in (PROJECT_FILE, LOG_FILE, *LOCK_FILES)}
    journals = {stored_path(root, "journal", name) for name in names}
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        inside = path.relative_to(root)
        if path.is_dir() and not path.is_symlink():
            continue
        about = inside.as_posix()
        if path.name.startswith(TEMPORARY_PREFIX):
            if inside.parts[0] != MODELS:  # a training writes there without the lock
                text = f"{about}: was left behind by a write that was cut off"
                yield Finding(Kind.TEMPORARY, about, text)
        elif inside.parts[0] == CONFLICTS:
            text = f"{about}: labels that were not saved over newer ones of somebody else"
            yield Finding(Kind.CONFLICT, about, text)
        elif inside.parts[0] in (MODELS, BACKUP, REPLACED, EVALUATIONS_FOLDER):
            continue
        elif path.with_suffix("") in journals and path.suffix[1:].isdigit():
            continue  # a journal that was set aside: nothing reads it, and it is in nobody's way
        elif path not in expected:
            yield Finding(Kind.STRAY, about, f"{about}: belongs to no image and is nothing else")
