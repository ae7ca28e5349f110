"""Remove a category from a project: its pixels become another one's, everywhere."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace

import numpy as np

from seglabel.core.cancel import Cancel
from seglabel.core.categories import BACKGROUND, VOID
from seglabel.core.errors import LabelError, SegLabelError, failure
from seglabel.core.progress import Progress, ProgressCallback, ignore_progress
from seglabel.formats.project_store import ProjectStore


@dataclass
class MergeReport:
    """``images`` whose labels changed, and a message for each that could not be read.

    The category is only removed where all could be read: ``is_removed``.
    """

    images: int = 0
    failed: list[str] = field(default_factory=list)

    @property
    def is_removed(self) -> bool:
        return not self.failed


@dataclass(frozen=True)
class CategoryUsage:
    """How much has a category; images whose labels cannot be read are not counted."""

    images: int
    pixels: int


def count_category(
    store: ProjectStore,
    category_id: int,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: Cancel | None = None,
) -> CategoryUsage:
    """How many pixels of how many images have a category. Raises Cancelled when told to stop."""
    cancel = cancel or Cancel()
    images = pixels = 0
    names = (*store.project.names, *store.project.missing)
    for done, name in enumerate(names, start=1):
        cancel.raise_if_set()
        with contextlib.suppress(LabelError):
            annotation = store.load(name)
            found = 0 if annotation is None else int((annotation.labels == category_id).sum())
            images, pixels = images + (found > 0), pixels + found
        progress(Progress(done, len(names), name))
    return CategoryUsage(images, pixels)


def remove_category(
    store: ProjectStore,
    category_id: int,
    target_id: int,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: Cancel | None = None,
) -> MergeReport:
    """Give the pixels of ``category_id`` to ``target_id`` (a category, BACKGROUND or VOID).

    What a person painted, instances and status of an image stay, also of one that is missing; what
    was done to it before can no longer be undone. Then the category goes; its id is
    given to no other. Raises Cancelled when told to stop: what was merged stays merged, and the
    category stays too.
    """
    cancel = cancel or Cancel()
    categories = store.project.categories
    if category_id not in categories:
        raise SegLabelError(f"no category has the id {category_id}")
    if target_id == category_id or not (target_id in (BACKGROUND, VOID) or target_id in categories):
        raise SegLabelError(f"pixels cannot become {categories.name_of(target_id)}")
    report = MergeReport()
    names = (*store.project.names, *store.project.missing)
    for done, name in enumerate(names, start=1):
        cancel.raise_if_set()
        error = ""
        try:
            report.images += _merge(store, name, category_id, target_id)
        except LabelError as problem:
            error = failure(name, problem)
            report.failed.append(error)
        progress(Progress(done, len(names), name, error))
    if report.is_removed:
        store.project.categories = store.project.categories.without(category_id)
        store.save_project()
    return report


def _merge(store: ProjectStore, name: str, category_id: int, target_id: int) -> bool:
    """Whether the image had pixels of the category."""
    annotation = store.load(name)
    if annotation is None:
        return False
    mask = annotation.labels == category_id
    if not mask.any():
        return False
    labels = annotation.labels.copy()
    labels[mask] = np.uint8(target_id)
    # Without an origin, steps that would bring the category back can no longer be undone.
    store.save(name, replace(annotation, labels=labels, origin="", changes=0))
    return True
