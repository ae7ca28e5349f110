"""Train: a model from the images that a person reviewed or corrected."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from seglabel import __version__
from seglabel.core.cancel import Cancel
from seglabel.core.categories import BACKGROUND, VOID, CategorySet
from seglabel.core.errors import Cancelled, SegLabelError, TrainingError
from seglabel.core.holding_back import USUAL_SHARE, HeldBack, hold_back
from seglabel.core.model_version import Judgement, ModelVersion, utc_text
from seglabel.core.progress import Progress, ProgressCallback, ignore_progress
from seglabel.core.samples import Learned, Resume, Sample
from seglabel.core.status import Status
from seglabel.formats.atomic import WriteError, require_writable, write_bytes
from seglabel.formats.lock import LockedError
from seglabel.formats.model_file import version_note, with_notes
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.evaluate import evaluate, require_as_labelled, truth_of_project
from seglabel.jobs.models import MODEL_SUFFIX, current_model, model_number
from seglabel.jobs.predict import Proposer, chosen_mapping
from seglabel.jobs.unfinished import Unfinished, forget, identity_of, resume, unfinished

LEARNED_SETTING = "learned_images"
"""How many images were labelled when the project's model was learned."""

LoadModel = Callable[[str], Proposer]


class Learner(Protocol):
    """Turns samples into a checkpoint."""

    def learn(
        self,
        training: Sequence[Sample],
        validation: Sequence[Sample],
        categories: CategorySet,
        progress: ProgressCallback,
        cancel: Cancel,
        keep: Callable[[bytes], None],
        resume: Resume,
    ) -> Learned:
        """Train until done or cancelled. Raises Cancelled if that came before the first step.

        ``keep`` is called with each checkpoint that is better than those before it; ``resume``
        lets a training go on that was ended by force.
        """
        ...


@dataclass(frozen=True)
class Previous:
    """The model that the project used before, judged by the same held-back images.

    ``miou`` is NaN if nothing was held back or, as ``problem`` says, it could not be judged.
    """

    name: str
    miou: float = float("nan")
    problem: str = ""
    pixel_accuracy: float = float("nan")
    iou: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"model": self.name, "miou": _number(self.miou), "problem": self.problem}


@dataclass(frozen=True)
class TrainReport:
    """Where the new model lies and how it came about.

    ``previous`` is the model until then, if there was one; ``is_used`` says whether the new one
    took its place in the project. ``misplaced`` says why the model does not lie where it was
    wanted, ``unused`` counts images that neither taught nor judged.
    """

    path: Path
    learned: Learned
    misplaced: str = ""
    previous: Previous | None = None
    is_used: bool = False
    unused: int = 0

    def to_json(self) -> dict[str, Any]:
        learned = self.learned
        return {
            "model": str(self.path),
            "is_used": self.is_used,
            "previous": None if self.previous is None else self.previous.to_json(),
            "steps": learned.steps,
            "seconds": round(learned.seconds, 1),
            "miou": _number(learned.miou),
            "pixel_accuracy": _number(learned.pixel_accuracy),
            "iou": learned.iou,
            "training_images": learned.training,
            "validation_images": learned.validation,
            "unused_images": self.unused,
            "skipped": list(learned.skipped),
            "misplaced": self.misplaced,
            "is_cancelled": learned.is_cancelled,
            "is_early": learned.is_early,
        }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 6)


def train(
    store: ProjectStore,
    learner: Learner,
    *,
    load: LoadModel | None = None,
    validation_share: float = USUAL_SHARE,
    out: Path | None = None,
    parent: str = "",
    settings: Mapping[str, Any] | None = None,
    is_fresh: bool = False,
    progress: ProgressCallback = ignore_progress,
    cancel: Cancel | None = None,
) -> TrainReport:
    """Learn from the project's labels and write a checkpoint (by default into the project).

    Reviewed images teach with every pixel, corrected ones only with the pixels a person painted.
    Images that cannot be read are left out and named. The best checkpoint so far lies in the
    project while the learning goes on, and a step's ``values`` then name it as ``checkpoint``. The
    project uses the new model unless its previous one, which ``load`` gives by name, is as good on
    the held-back images. How it came about stands in the checkpoint: see ModelVersion, also for
    ``parent`` and ``settings``. A training of the same settings and labels that was ended by force
    is gone on with, unless ``is_fresh``. Raises TrainingError if there is nothing to learn from,
    and WriteError, before the learning, if nothing can be written to ``out``.
    """
    cancel = cancel or Cancel()
    if out is not None and (out.suffix != MODEL_SUFFIX or out.is_dir()):
        # Said before the training: afterwards nothing could read what it brought.
        raise TrainingError(f"{out}: expected the name of a {MODEL_SUFFIX} file to write")
    lesson = _prepare(store, validation_share)
    begun = _begun(store, lesson.split, out, parent, settings or {})
    resumed, begun = resume(store, begun, is_fresh=is_fresh, writes=True)
    wanted = out or store.models_folder / begun.model
    require_writable(wanted)
    split = lesson.split
    previous = None if out is not None else _judge_previous(store, split.validation, load, cancel)
    version = _version_to_be(store, wanted, split, parent, settings or {})
    best = _BestSoFar(wanted if out is None else None, version, progress)
    try:
        learned = learner.learn(
            lesson.training,
            lesson.validation,
            store.project.categories,
            best.show,
            cancel,
            best.keep,
            resumed,
        )
    except SegLabelError:
        forget(store)  # it would end in the same way again
        raise
    version = version.judged(_judgement_of(learned, version.name), _judgement_before(previous))
    path, misplaced = _keep(learned.checkpoint, version, wanted, store)
    forget(store)
    is_inside = path.parent == store.models_folder and out is None
    is_used = is_inside and not (previous is not None and _is_no_better(learned, previous))
    if is_used:
        labelled = len(lesson.training) + len(lesson.validation) + len(split.unused)
        is_used = _use(store, path, labelled)
    return TrainReport(path, learned, misplaced, previous, is_used, len(split.unused))


def assist(
    store: ProjectStore,
    learner: Learner,
    *,
    validation_share: float = USUAL_SHARE,
    out: Path | None = None,
    parent: str = "",
    settings: Mapping[str, Any] | None = None,
    is_fresh: bool = False,
    cancel: Cancel | None = None,
) -> Learned:
    """Learn along with the process that does :func:`train` with the same arguments.

    Writes nothing: what is learned is the same there.
    """
    lesson = _prepare(store, validation_share)
    begun = _begun(store, lesson.split, out, parent, settings or {})
    resumed, _ = resume(store, begun, is_fresh=is_fresh, writes=False)
    return learner.learn(
        lesson.training,
        lesson.validation,
        store.project.categories,
        ignore_progress,
        cancel or Cancel(),
        lambda checkpoint: None,
        resumed,
    )


def interrupted(store: ProjectStore) -> Unfinished | None:
    """The training that was ended by force, if one with its settings would still go on with it."""
    found = unfinished(store)
    if found is None:
        return None
    settings = dict(found.settings)
    parent = str(settings.pop("parent", ""))
    split = held_back(store, float(settings.get("validation_share", USUAL_SHARE)))
    return (
        found if _begun(store, split, None, parent, settings).identity == found.identity else None
    )


@dataclass(frozen=True)
class _Lesson:
    """What there is to learn from and to judge by."""

    split: HeldBack
    training: list[Sample]
    validation: list[Sample]


def _prepare(store: ProjectStore, validation_share: float) -> _Lesson:
    if not 0 <= validation_share < 1:
        raise TrainingError(f"validation share: expected 0 to below 1, found {validation_share}")
    if not store.project.with_status(Status.REVIEWED, Status.CORRECTED):
        raise TrainingError(
            f"{store.folder}: no image is reviewed or corrected yet; label a few or import labels"
        )
    if not len(store.project.categories):
        raise TrainingError(f"{store.folder}: the project has no categories to learn")
    split = held_back(store, validation_share)
    training, validation = (
        [_sample(store, name) for name in part] for part in (split.training, split.validation)
    )
    return _Lesson(split, training, validation)


def _begun(
    store: ProjectStore,
    split: HeldBack,
    out: Path | None,
    parent: str,
    settings: Mapping[str, Any],
) -> Unfinished:
    """What a training that begins now is, should it be ended by force."""
    records = store.project.records
    labels = [
        (name, records[name].status, records[name].revision)
        for name in (*split.training, *split.validation)
    ]
    identity = identity_of(
        {**settings, "parent": parent, "out": str(out)},
        [labels, len(split.training), store.project.categories.to_json()],
    )
    model = next_model_path(store.models_folder).name
    return Unfinished(0.0, model, {**settings, "parent": parent}, identity)


def _is_no_better(learned: Learned, previous: Previous) -> bool:
    """In the digits that are shown: what lies beyond hangs on how the numbers were rounded."""
    return round(learned.miou, 3) <= round(previous.miou, 3)


def held_back(store: ProjectStore, share: float) -> HeldBack:
    """Which labelled images of a project teach and which ones judge."""
    project = store.project
    reviewed, corrected = (
        frozenset(project.with_status(status)) for status in (Status.REVIEWED, Status.CORRECTED)
    )
    return hold_back(project.names, reviewed, corrected, share)


def _judge_previous(
    store: ProjectStore, names: Sequence[str], load: LoadModel | None, cancel: Cancel
) -> Previous | None:
    name = current_model(store)
    if name is None or load is None:
        return None
    if not names:
        return Previous(name)
    try:
        report = evaluate(
            store,
            names,
            truth_of_project(store),
            store.project.categories,
            load(name),
            chosen=chosen_mapping(store.project),
            cancel=cancel,
        )
    except Cancelled:
        raise
    except SegLabelError as error:  # a model that is gone does not keep a new one from coming
        return Previous(name, problem=str(error))
    scores = report.scores
    iou = report.to_json()["iou"]
    return Previous(name, scores.miou, pixel_accuracy=scores.pixel_accuracy, iou=iou)


def _version_to_be(
    store: ProjectStore, wanted: Path, split: HeldBack, parent: str, settings: Mapping[str, Any]
) -> ModelVersion:
    """How the model comes about, as far as it is known before it is learned."""
    return ModelVersion(
        name=wanted.stem,
        date=utc_text(datetime.now(UTC)),
        project=store.folder.name,
        parent=parent,
        training=split.training,
        validation=split.validation,
        labels=store.digest_of_labels((*split.training, *split.validation)),
        settings=settings,
        program=__version__,
    )


def _judgement_of(learned: Learned, name: str) -> Judgement | None:
    if np.isnan(learned.miou):
        return None
    return Judgement(name, _number(learned.miou), _number(learned.pixel_accuracy), learned.iou)


def _judgement_before(previous: Previous | None) -> Judgement | None:
    if previous is None:
        return None
    accuracy = _number(previous.pixel_accuracy)
    return Judgement(previous.name, _number(previous.miou), accuracy, previous.iou)


def _signed(checkpoint: bytes, version: ModelVersion, path: Path) -> bytes:
    """The checkpoint that says how it came about and what it is called."""
    return with_notes(checkpoint, version_note(replace(version, name=path.stem)), path)


class _BestSoFar:
    """Keeps the best checkpoint so far on disk, so that an end by force does not cost it."""

    def __init__(
        self, path: Path | None, version: ModelVersion, progress: ProgressCallback
    ) -> None:
        self._path = path
        self._version = version
        self._progress = progress
        self._is_kept = False

    def keep(self, checkpoint: bytes) -> None:
        if self._path is None:
            return
        with suppress(WriteError):  # there may be room again at the end, and else it is said then
            write_bytes(self._path, _signed(checkpoint, self._version, self._path))
            self._is_kept = True

    def show(self, progress: Progress) -> None:
        if self._is_kept:
            values = {**(progress.values or {}), "checkpoint": str(self._path)}
            progress = replace(progress, values=values)
        self._progress(progress)


def _use(store: ProjectStore, path: Path, images: int) -> bool:
    """The project uses a model from now on, whatever else changed meanwhile. Returns whether.

    Who has it open for writing decides alone; a window that started this does as it is told.
    """
    chosen = {"model": path.stem, LEARNED_SETTING: images}
    try:
        writable = ProjectStore.open(store.folder, store.root)
    except LockedError as error:
        return error.holder is not None and error.holder.is_parent
    writable.project.settings |= chosen
    writable.save_project()
    writable.close()
    store.project.settings |= chosen
    return True


def _keep(
    checkpoint: bytes, version: ModelVersion, wanted: Path, store: ProjectStore
) -> tuple[Path, str]:
    """Write what was learned, elsewhere rather than not at all: where to, and why not as wanted."""
    try:
        write_bytes(wanted, _signed(checkpoint, version, wanted))
        return wanted, ""
    except WriteError as error:
        refusal = error
    for folder in (store.models_folder, Path(tempfile.gettempdir())):
        place = next_model_path(folder)
        with suppress(WriteError):
            write_bytes(place, _signed(checkpoint, version, place))
            return place, f"{refusal}; the model lies in {place} instead"
    raise refusal


def next_model_path(folder: Path) -> Path:
    """A name that no model of the project has yet: ``model-1``, ``model-2`` …"""
    paths = folder.glob(f"*{MODEL_SUFFIX}") if folder.is_dir() else ()
    highest = max((model_number(path.stem) for path in paths), default=0)
    return folder / f"model-{highest + 1}{MODEL_SUFFIX}"


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
        require_as_labelled(store, name)
        if annotation.status is not Status.REVIEWED:
            labels = np.where(annotation.painted, labels, np.uint8(VOID))
        if store.project.categories.background_is_void:
            labels = np.where(labels == BACKGROUND, np.uint8(VOID), labels)
        return picture, labels

    return Sample(name, load)
