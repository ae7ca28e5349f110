"""What a project holds and what it took: pixels and objects per category, and effort."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from seglabel.core.cancel import Cancel
from seglabel.core.categories import BACKGROUND, VOID
from seglabel.core.errors import Cancelled, failure
from seglabel.core.instances import find_instances
from seglabel.core.label_map import count_ids
from seglabel.core.painted import FROM_STROKES
from seglabel.core.progress import Progress, ProgressCallback, ignore_progress
from seglabel.core.project import ImageRecord
from seglabel.core.status import Status
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.selection import StatusChoice, choose


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """One category in all images; ``instances`` are counted as exporters count objects."""

    category_id: int
    name: str
    images: int
    pixels: int
    instances: int

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.category_id,
            "name": self.name,
            "images": self.images,
            "pixels": self.pixels,
            "instances": self.instances,
        }


@dataclass(frozen=True)
class LabelCounts:
    """What the labels of ``images`` images hold; ``failed`` says which could not be read.

    ``categories`` are those of the project and, by their id, what else was found.
    """

    categories: tuple[CategoryCount, ...]
    images: int
    background: int
    void: int
    failed: tuple[str, ...] = ()

    @property
    def labelled(self) -> int:
        """Pixels that have a category."""
        return sum(count.pixels for count in self.categories)


@dataclass(frozen=True, slots=True)
class ReviewedImage:
    """One image that a person worked on until it was reviewed.

    ``share_right`` is the part of its pixels that the model had right, 0–1, if there was one.
    """

    name: str
    place: int
    strokes: int
    seconds: float
    share_right: float | None

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "place": self.place,
            "strokes": self.strokes,
            "seconds": round(self.seconds, 1),
            "share_right": _rounded(self.share_right),
        }


@dataclass(frozen=True, slots=True)
class VersionEffort:
    """The reviewed images for which one version of a model had proposed; no model: from scratch.

    Of their ``pixels``, ``changed`` were not as proposed; where strokes were the example, these are
    part of the proposal. ``worked`` counts those of the images
    that a person spent time on in the window; ``strokes`` and ``seconds`` are theirs.
    """

    model: str
    images: int = 0
    pixels: int = 0
    changed: int = 0
    worked: int = 0
    strokes: int = 0
    seconds: float = 0.0

    @property
    def refined(self) -> tuple[bool, str]:
        """Whether strokes were the example for the proposal, and the model alone."""
        who, _, helper = self.model.partition(" + ")
        return (True, helper) if who == FROM_STROKES else (False, self.model)

    @property
    def share_right(self) -> float | None:
        """The part of the pixels that the model had right, 0–1."""
        return 1 - self.changed / self.pixels if self.model and self.pixels else None

    @property
    def strokes_per_image(self) -> float | None:
        return self.strokes / self.worked if self.worked else None

    @property
    def seconds_per_image(self) -> float | None:
        return self.seconds / self.worked if self.worked else None

    def to_json(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "images": self.images,
            "pixels": self.pixels,
            "changed": self.changed,
            "share_right": _rounded(self.share_right),
            "strokes_per_image": _rounded(self.strokes_per_image),
            "seconds_per_image": _rounded(self.seconds_per_image),
        }


@dataclass(frozen=True)
class EffortStats:
    """How far the images are and what they took.

    ``versions`` come in the order in which images were first reviewed with them, ``reviewed`` in
    that of their reviews; images that were imported took nobody's time and are not among those.
    ``strokes`` and ``seconds`` are of all images.
    """

    statuses: dict[Status, int]
    strokes: int
    seconds: float
    versions: tuple[VersionEffort, ...] = ()
    reviewed: tuple[ReviewedImage, ...] = ()

    @property
    def images(self) -> int:
        return sum(self.statuses.values())

    @property
    def share_right(self) -> float | None:
        """The part of all proposed pixels that models had right, 0–1: what was saved."""
        proposed = [version for version in self.versions if version.share_right is not None]
        pixels = sum(version.pixels for version in proposed)
        return 1 - sum(version.changed for version in proposed) / pixels if pixels else None

    def to_json(self) -> dict[str, Any]:
        return {
            "strokes": self.strokes,
            "seconds": round(self.seconds, 1),
            "share_right": _rounded(self.share_right),
            "models": [version.to_json() for version in self.versions],
            "images": [image.to_json() for image in self.reviewed],
        }


@dataclass(frozen=True)
class Stats:
    """Everything about one project."""

    effort: EffortStats
    labels: LabelCounts = field(default_factory=lambda: LabelCounts((), 0, 0, 0))

    def to_json(self) -> dict[str, Any]:
        return {
            "images": {str(status): n for status, n in self.effort.statuses.items()},
            "counted": self.labels.images,
            "categories": [count.to_json() for count in self.labels.categories],
            "background": self.labels.background,
            "void": self.labels.void,
            "effort": self.effort.to_json(),
            "failed": list(self.labels.failed),
        }


def effort_stats(records: Iterable[ImageRecord]) -> EffortStats:
    """From what is known of the images, without reading a file."""
    known = list(records)
    counts = Counter(record.status for record in known)
    reviewed = sorted(
        (r for r in known if r.status is Status.REVIEWED and r.effort.is_reviewed),
        key=lambda record: (record.effort.place, record.name),
    )
    return EffortStats(
        {status: counts[status] for status in Status},
        sum(record.effort.strokes for record in known),
        sum(record.effort.seconds for record in known),
        _versions(reviewed),
        tuple(
            ReviewedImage(
                record.name,
                record.effort.place,
                record.effort.strokes,
                record.effort.seconds,
                record.effort.share_right,
            )
            for record in reviewed
            if record.effort.seconds > 0
        ),
    )


def _versions(reviewed: Sequence[ImageRecord]) -> tuple[VersionEffort, ...]:
    """By model; one that was trained again under its old name is another."""
    groups: dict[tuple[str, str], list[ImageRecord]] = {}
    for record in reviewed:
        effort = record.effort
        if not effort.model and not effort.seconds:
            continue  # imported: neither a model nor a person had to do with it here
        # Behind the digest of the model stands that of the categories it was used with.
        model = effort.model_digest.rpartition("-")[0] or effort.model_digest
        groups.setdefault((effort.model, model), []).append(record)
    found = []
    for (name, _), records in groups.items():
        worked = [record.effort for record in records if record.effort.seconds > 0]
        found.append(
            VersionEffort(
                name,
                len(records),
                sum(record.effort.pixels for record in records),
                sum(record.effort.changed for record in records),
                len(worked),
                sum(effort.strokes for effort in worked),
                sum(effort.seconds for effort in worked),
            )
        )
    return tuple(found)


def count_labels(
    store: ProjectStore,
    choice: StatusChoice = "all",
    progress: ProgressCallback = ignore_progress,
    cancel: Cancel | None = None,
) -> LabelCounts:
    """Read the labels of the images that ``choice`` means; what is damaged is told and left out."""
    cancel = cancel or Cancel()
    project = store.project
    names = choose(project.records, choice)
    pixels = np.zeros(256, np.int64)
    images, instances = np.zeros(256, np.int64), np.zeros(256, np.int64)
    failed, counted = [], 0
    for done, name in enumerate(names, start=1):
        cancel.raise_if_set()
        error = ""
        try:
            annotation = store.load(name)
            if annotation is not None:
                counts = count_ids(annotation.labels)
                found = find_instances(annotation.labels, annotation.instances, project.categories)
                pixels += counts
                images += counts > 0
                np.add.at(instances, [one.category_id for one in found], 1)
                counted += 1
        except Cancelled:
            raise
        except Exception as problem:  # noqa: BLE001 - one image must never end the run
            error = failure(name, problem)
            failed.append(error)
        progress(Progress(done, len(names), name, error))
    known = project.categories.ids
    others = [int(i) for i in np.flatnonzero(pixels) if i not in (*known, BACKGROUND, VOID)]
    return LabelCounts(
        tuple(
            CategoryCount(
                i,
                project.categories.name_of(i),
                int(images[i]),
                int(pixels[i]),
                int(instances[i]),
            )
            for i in (*known, *others)
        ),
        counted,
        int(pixels[BACKGROUND]),
        int(pixels[VOID]),
        tuple(failed),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
