"""Evaluate: proposals against labels that are known to be right."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from seglabel.core.cancel import Cancel
from seglabel.core.categories import BACKGROUND, CategorySet
from seglabel.core.errors import Cancelled, LabelError, SegLabelError, failure
from seglabel.core.label_map import renumber
from seglabel.core.matching import match_by_name
from seglabel.core.metrics import Confusion, PairCounts, Scores
from seglabel.core.progress import Progress, ProgressCallback, ignore_progress
from seglabel.formats.categories_file import read_categories
from seglabel.formats.label_png import read_label_file
from seglabel.formats.masks import CATEGORIES_FILE, mask_names
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.predict import Proposer, propose_once, read_small

Truth = Callable[[str], NDArray[np.uint8]]


class Kept(Protocol):
    """What was found earlier of one model, so that it is not computed again."""

    def recall(self, name: str) -> PairCounts | None:
        """What was counted of an image, if it is still right. Raises SegLabelError."""
        ...

    def keep(self, name: str, counts: PairCounts, labels: NDArray[np.uint8]) -> None:
        """Keep what was counted and the uint8 (H, W) that was proposed, in the truth's ids."""
        ...


@dataclass
class EvaluateReport:
    """Scores over all images, in the ids of ``categories``; ``counts`` are those of each image.

    ``left_out`` are images of the folder for which there was nothing to compare with.
    """

    scores: Scores
    categories: CategorySet
    ids: tuple[int, ...]
    images: int
    seconds: float
    failed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    counts: dict[str, PairCounts] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """``iou`` by name; rows and columns of ``confusion`` are those of ``categories``."""
        return {
            "miou": _number(self.scores.miou),
            "pixel_accuracy": _number(self.scores.pixel_accuracy),
            "iou": {
                self.categories.name_of(i): round(value, 6) for i, value in self.scores.iou.items()
            },
            "images": self.images,
            "confusion": self.scores.confusion.tolist(),
            "categories": [self.categories.name_of(i) for i in self.ids],
            "seconds": round(self.seconds, 3),
            "failed": self.failed,
            "left_out": self.left_out,
        }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 6)


def truth_of_project(store: ProjectStore) -> Truth:
    """The labels that lie in the project."""

    def load(name: str) -> NDArray[np.uint8]:
        annotation = store.load(name)
        if annotation is None:
            raise LabelError(f"{name}: has no labels")
        height, width = annotation.labels.shape
        if store.probe_image(name).shape == (height, width):  # another size is said by who compares
            require_as_labelled(store, name)
        return annotation.labels

    return load


def require_as_labelled(store: ProjectStore, name: str) -> None:
    """Raise LabelError where the labels of an image are about another file than it has now."""
    if store.has_changed(name, trusting=True):
        raise LabelError(
            f"{name}: its file changed after it was labelled; mark it reviewed if the labels fit"
        )


def truth_of_folder(folder: Path, names: Sequence[str]) -> tuple[list[str], Truth]:
    """The images for which ``folder`` has an index PNG, and these labels.

    Their ids are those of :func:`categories_of_folder`, where the folder says.
    """
    by_stem = mask_names(names)
    files = {}
    for name in names:
        for candidate in (folder / f"{name}.png", folder / by_stem[name]):
            if candidate.is_file():
                files[name] = candidate
                break
    if not files:
        raise LabelError(f"{folder}: holds no PNG named as one of the {len(names)} images")
    return list(files), lambda name: read_label_file(files[name]).labels()


def categories_of_folder(folder: Path) -> CategorySet | None:
    """What the ids of a folder of index PNGs mean, if it says. Raises LabelError."""
    path = folder / CATEGORIES_FILE
    return read_categories(path) if path.is_file() else None


def evaluate(
    store: ProjectStore,
    names: Sequence[str],
    truth: Truth,
    categories: CategorySet,
    segmenter: Proposer,
    *,
    chosen: Mapping[str, str] | None = None,
    kept: Kept | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: Cancel | None = None,
) -> EvaluateReport:
    """Compare proposals with ``truth``, whose ids are those of ``categories``.

    VOID is ignored, and so is background where it only means *not labelled*. What ``kept`` knows
    is not proposed again.
    """
    cancel = cancel or Cancel()
    table = match_by_name(segmenter.categories, categories, chosen).table
    confusion, counts, failed = Confusion(), dict[str, PairCounts](), []

    def judge(name: str) -> PairCounts:
        if kept is not None and (known := kept.recall(name)) is not None:
            return known
        labels = truth(name)
        unknown = categories.unknown_in(labels)
        if unknown:
            raise LabelError(f"{name}: its labels hold ids without a category: {unknown}")
        picture = read_small(store.open_image(name))
        proposed = renumber(propose_once(segmenter, picture, cancel).labels, table)
        found = PairCounts.of(labels, proposed)
        if kept is not None:
            kept.keep(name, found, proposed)
        return found

    begin = time.perf_counter()
    for done, name in enumerate(names, start=1):
        cancel.raise_if_set()
        error = ""
        try:
            counts[name] = judge(name)
            confusion.add_counts(counts[name])
        except Cancelled:
            raise
        except Exception as problem:  # noqa: BLE001 - one image must never end the run
            error = failure(name, problem)
            failed.append(error)
        progress(Progress(done, len(names), name, error))
    if not confusion.images:
        raise SegLabelError(f"nothing could be compared: {failed[0] if failed else 'no images'}")
    ids = categories.ids if categories.background_is_void else (BACKGROUND, *categories.ids)
    return EvaluateReport(
        confusion.scores(ids),
        categories,
        ids,
        confusion.images,
        time.perf_counter() - begin,
        failed,
        counts=counts,
    )
