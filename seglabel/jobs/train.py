"""Train: a model from the images that a person reviewed or corrected."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from seglabel.core.cancel import Cancel
from seglabel.core.categories import BACKGROUND, VOID, CategorySet
from seglabel.core.errors import TrainingError
from seglabel.core.progress import ProgressCallback, ignore_progress
from seglabel.core.samples import Learned, Sample
from seglabel.core.status import Status
from seglabel.formats.atomic import WriteError, require_writable, write_bytes
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.models import MODEL_SUFFIX


class Learner(Protocol):
    """Turns samples into a checkpoint."""

    def learn(
        self,
        training: Sequence[Sample],
        validation: Sequence[Sample],
        categories: CategorySet,
        progress: ProgressCallback,
        cancel: Cancel,
    ) -> Learned:
        """Train until done or cancelled. Raises Cancelled if that came before the first step."""
        ...


@dataclass(frozen=True)
class TrainReport:
    """Where the new model lies and how it came about.

    ``misplaced`` says why the model does not lie where it was wanted.
    """

    path: Path
    learned: Learned
    misplaced: str = ""

    def to_json(self) -> dict[str, Any]:
        learned = self.learned
        return {
            "model": str(self.path),
            "steps": learned.steps,
            "seconds": round(learned.seconds, 1),
            "miou": None if np.isnan(learned.miou) else round(learned.miou, 6),
            "pixel_accuracy": (
                None if np.isnan(learned.pixel_accuracy) else round(learned.pixel_accuracy, 6)
            ),
            "iou": learned.iou,
            "training_images": learned.training,
            "validation_images": learned.validation,
            "skipped": list(learned.skipped),
            "misplaced": self.misplaced,
        }


def train(
    store: ProjectStore,
    learner: Learner,
    *,
    validation_share: float = 0.1,
    out: Path | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: Cancel | None = None,
) -> TrainReport:
    """Learn from the project's labels and write a checkpoint (by default into the project).

    Reviewed images teach with every pixel, corrected ones only with the pixels a person painted.
    Images that cannot be read are left out and named. Raises TrainingError if there is nothing to
    learn from, and WriteError, before the learning, if nothing can be written to ``out``.
    """
    if not 0 <= validation_share < 1:
        raise TrainingError(f"validation share: expected 0 to below 1, found {validation_share}")
    if out is not None and (out.suffix != MODEL_SUFFIX or out.is_dir()):
        # Said before the training: afterwards nothing could read what it brought.
        raise TrainingError(f"{out}: expected the name of a {MODEL_SUFFIX} file to write")
    names = store.project.with_status(Status.REVIEWED, Status.CORRECTED)
    if not names:
        raise TrainingError(
            f"{store.folder}: no image is reviewed or corrected yet; label a few or import labels"
        )
    if not len(store.project.categories):
        raise TrainingError(f"{store.folder}: the project has no categories to learn")
    wanted = out or next_model_path(store.models_folder)
    require_writable(wanted)
    training, validation = (
        [_sample(store, name) for name in part]
        for part in hold_back(store, names, validation_share)
    )
    learned = learner.learn(
        training, validation, store.project.categories, progress, cancel or Cancel()
    )
    path, misplaced = _keep(learned.checkpoint, wanted, store)
    if path.parent == store.models_folder and out is None:
        store.project.settings["model"] = path.stem
        store.save_project()
    return TrainReport(path, learned, misplaced)


def _keep(checkpoint: bytes, wanted: Path, store: ProjectStore) -> tuple[Path, str]:
    """Write what was learned, elsewhere rather than not at all: where to, and why not as wanted."""
    try:
        write_bytes(wanted, checkpoint)
        return wanted, ""
    except WriteError as error:
        refusal = error
    for folder in (store.models_folder, Path(tempfile.gettempdir())):
        place = next_model_path(folder)
        with suppress(WriteError):
            write_bytes(place, checkpoint)
            return place, f"{refusal}; the model lies in {place} instead"
    raise refusal


def hold_back(
    store: ProjectStore, names: Sequence[str], share: float
) -> tuple[list[str], list[str]]:
    """Training and validation names; the same names are always split in the same way.

    Only reviewed images are held back, since judging needs every pixel.
    """

    def rank(name: str) -> bytes:
        return hashlib.blake2b(name.encode(errors="surrogateescape")).digest()

    reviewed = [n for n in names if store.project.records[n].status is Status.REVIEWED]
    count = round(share * len(reviewed))
    held = set(sorted(reviewed, key=rank)[:count])
    if len(held) == len(names):
        held = set()
    return [n for n in names if n not in held], [n for n in names if n in held]


def next_model_path(folder: Path) -> Path:
    """A name that no model of the project has yet: ``model-1``, ``model-2`` …"""
    numbers = [
        int(match[1])
        for path in (folder.glob(f"*{MODEL_SUFFIX}") if folder.is_dir() else ())
        if (match := re.fullmatch(r"model-(\d+)", path.stem))
    ]
    return folder / f"model-{max(numbers, default=0) + 1}{MODEL_SUFFIX}"


def _sample(store: ProjectStore, name: str) -> Sample:
    def load() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        annotation = store.load(name)
        if annotation is None:
            raise TrainingError(f"{name}: its labels are gone")
        picture = store.read_image(name)
        labels = annotation.labels
        if labels.shape != picture.shape[:2]:
            raise TrainingError(
                f"{name}: labelled at {labels.shape[1]} × {labels.shape[0]} pixels, but the image "
                f"now has {picture.shape[1]} × {picture.shape[0]}"
            )
        if annotation.status is not Status.REVIEWED:
            labels = np.where(annotation.painted, labels, np.uint8(VOID))
        if store.project.categories.background_is_void:
            labels = np.where(labels == BACKGROUND, np.uint8(VOID), labels)
        return picture, labels

    return Sample(name, load)
