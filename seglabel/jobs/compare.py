"""Compare: one or two models on the images that judge them, with pictures of what they do."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from seglabel.core.cancel import Cancel
from seglabel.core.categories import BACKGROUND, VOID, CategorySet
from seglabel.core.comparison import (
    ComparedPictures,
    Comparison,
    ImageRow,
    JudgedBy,
    JudgedModel,
    compared,
    verdict_table,
    verdicts,
)
from seglabel.core.errors import CheckpointError, ExportError, SegLabelError
from seglabel.core.holding_back import USUAL_SHARE
from seglabel.core.label_map import renumber
from seglabel.core.matching import match_by_name
from seglabel.core.metrics import PairCounts
from seglabel.core.model_version import ModelVersion, unseen
from seglabel.core.picture import PictureSource
from seglabel.core.progress import Progress, ProgressCallback, ignore_progress
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.formats.atomic import write_bytes
from seglabel.formats.evaluation_store import EVALUATIONS_FOLDER, EvaluationStore
from seglabel.formats.images import read_thumbnail
from seglabel.formats.model_file import ModelFile
from seglabel.formats.project_file import is_project
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.report import GENERATOR, render_report
from seglabel.jobs.evaluate import EvaluateReport, Truth, evaluate, truth_of_project
from seglabel.jobs.predict import Proposer, propose_once, read_small
from seglabel.jobs.targets import refuse_own_ground
from seglabel.jobs.train import held_back

PICTURE_SIDE = 320
"""The longer side of a picture in a comparison, in pixels."""

SHOWN_IMAGES = 12
"""So many of the worst images are shown, and of those that changed most."""

_HEAD = 2000  # bytes of a page that say who wrote it
_BLEND = 0.62  # of the colours over the picture in grey


def way_of_proposing(
    *,
    tile: int | None = None,
    scales: Sequence[float] = (1.0,),
    flip: bool = False,
    precision: str = "fp32",
) -> str:
    """What besides the weights decides what a model proposes, as ``how`` of a candidate."""
    return f"tile {tile}, scales {tuple(scales)}, flip {flip}, {precision}"


class Candidate:
    """A model that is to be judged; it is loaded when it is first asked to propose.

    ``how`` is whatever else decides what it proposes, such as its scales. Raises SegLabelError if
    the file cannot be used.
    """

    batch_size = 1

    def __init__(self, path: Path, load: Callable[[], Proposer], how: str = "") -> None:
        self._load = load
        self._loaded: Proposer | None = None
        self.name = path.stem if path.is_file() else path.name
        try:
            file = ModelFile.read(path)
        except CheckpointError:  # of another layout
            file = ModelFile()
        self.version = file.version
        # Beside the file may lie what a person knows better of it.
        is_as_written = len(file.categories) > 0 and not _has_beside(path)
        self.categories = file.categories if is_as_written else self._segmenter().categories
        digest = _digest_of(path) if is_as_written else self._segmenter().digest
        self.digest = f"{digest} {how}"

    @property
    def key(self) -> str:
        """What it is called where its results are kept."""
        return f"{self.name}-{hashlib.sha256(self.digest.encode()).hexdigest()[:12]}"

    def propose(
        self, image: NDArray[np.uint8] | PictureSource, cancel: Cancel | None = None
    ) -> Proposal:
        return self._segmenter().propose(image, cancel)

    def propose_batch(
        self, images: Sequence[NDArray[np.uint8]], cancel: Cancel | None = None
    ) -> list[Proposal]:
        return self._segmenter().propose_batch(images, cancel)

    def release(self) -> None:
        """Give back the memory that it takes; it is loaded again when it is needed."""
        self._loaded = None

    def _segmenter(self) -> Proposer:
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded


def _has_beside(path: Path) -> bool:
    return any(p.name.startswith(f"{path.name}.") for p in path.parent.iterdir())


def _digest_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror or error}") from error


@dataclass(frozen=True)
class Judges:
    """The images that judge, with their true labels in the ids of ``categories``.

    ``digest`` tells one truth of an image from another.
    """

    names: tuple[str, ...]
    truth: Truth
    digest: Callable[[str], str]
    categories: CategorySet
    by: JudgedBy


def judges_of_project(
    store: ProjectStore,
    versions: Sequence[ModelVersion | None],
    *,
    share: float = USUAL_SHARE,
    all_reviewed: bool = False,
) -> Judges:
    """The images held back from training, of which none of the models learned.

    Where there are none, or if ``all_reviewed``, every reviewed image judges.
    """
    project = store.project
    reviewed = project.with_status(Status.REVIEWED)
    held = set(held_back(store, share).validation)
    held |= {name for v in versions if v is not None for name in v.validation}
    names = unseen([name for name in reviewed if name in held], versions)
    by: JudgedBy = "held-back"
    if all_reviewed or not names:
        names, by = list(reviewed), "reviewed"
    if not names:
        raise SegLabelError(f"{store.folder}: no image is reviewed, so nothing can judge")
    return Judges(
        tuple(names),
        truth_of_project(store),
        lambda name: store.digest_of_labels([name]),
        project.categories,
        by,
    )


def judges_given(names: Sequence[str], truth: Truth, categories: CategorySet) -> Judges:
    """Images whose true labels come from elsewhere."""

    def digest(name: str) -> str:
        labels = truth(name)
        return hashlib.blake2b(f"{labels.shape}".encode() + labels.tobytes()).hexdigest()

    return Judges(tuple(names), truth, digest, categories, "given")


@contextmanager
def kept_evaluations(store: ProjectStore) -> Iterator[EvaluationStore]:
    """Where a project keeps what was found; a passing folder where there is no project."""
    if is_project(store.root):
        yield EvaluationStore(store.root / EVALUATIONS_FOLDER)
        return
    with tempfile.TemporaryDirectory(prefix="seglabel-") as folder:
        yield EvaluationStore(Path(folder))


@dataclass(frozen=True)
class Judging:
    """One model judged, or two compared, and pictures of what they do.

    ``candidates`` are as in :class:`Comparison`. What was found is kept in ``kept``, if anywhere.
    """

    store: ProjectStore
    judges: Judges
    candidates: tuple[Candidate, ...]
    kept: EvaluationStore | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)

    def reports(
        self, progress: ProgressCallback = ignore_progress, cancel: Cancel | None = None
    ) -> list[EvaluateReport]:
        """Judge each of the candidates. Raises SegLabelError or Cancelled."""
        judges, found = self.judges, []
        total = len(judges.names) * len(self.candidates)
        for index, candidate in enumerate(self.candidates):
            found.append(
                evaluate(
                    self.store,
                    judges.names,
                    judges.truth,
                    judges.categories,
                    candidate,
                    chosen=self.chosen,
                    kept=None if self.kept is None else _KeptOf(self, self.kept, candidate),
                    progress=_shifted(progress, index * len(judges.names), total),
                    cancel=cancel,
                )
            )
        return found

    def comparison(self, reports: Sequence[EvaluateReport]) -> Comparison:
        """What the reports say, on the images that all candidates could judge."""
        judged = [
            JudgedModel(c.name, r.scores, r.counts, self._learned_from(c), c.version)
            for c, r in zip(self.candidates, reports, strict=True)
        ]
        failed = dict.fromkeys(message for report in reports for message in report.failed)
        judges = self.judges
        return compared(judges.categories, reports[0].ids, judged, judges.by, tuple(failed))

    def _learned_from(self, candidate: Candidate) -> int | None:
        if candidate.version is None:
            return None
        return len(self.judges.names) - len(unseen(self.judges.names, [candidate.version]))

    def pictures(self, name: str, side: int = PICTURE_SIDE) -> ComparedPictures:
        """An image, its truth, what was proposed and what became of each pixel.

        No picture is larger than ``side`` pixels. Raises SegLabelError.
        """
        store, colors = self.store, self.judges.categories.color_table()
        image = read_thumbnail(
            store.image_path(name),
            (side, side),
            rendering=store.rendering,
            pixel_limit=store.pixel_limit,
        )
        truth = _shrunk(self.judges.truth(name), image.shape)
        proposals = [_shrunk(self._proposed(c, name), image.shape) for c in self.candidates]
        judged = truth
        if self.judges.categories.background_is_void:
            judged = np.where(truth == BACKGROUND, np.uint8(VOID), truth)
        found = verdicts(judged, proposals[0], proposals[1] if len(proposals) > 1 else None)
        return ComparedPictures(
            name,
            np.ascontiguousarray(image),
            _tinted(image, truth, colors),
            tuple(_tinted(image, labels, colors) for labels in proposals),
            _tinted(image, found, verdict_table(), bare=None),
        )

    def _proposed(self, candidate: Candidate, name: str) -> NDArray[np.uint8]:
        if self.kept is not None:
            labels = self.kept.labels(candidate.key, name, self.key_of(candidate, name))
            if labels is not None:
                return labels
        picture = read_small(self.store.open_image(name))
        return renumber(propose_once(candidate, picture, Cancel()).labels, self._table(candidate))

    def _table(self, candidate: Candidate) -> NDArray[np.uint8]:
        return match_by_name(candidate.categories, self.judges.categories, self.chosen).table

    def key_of(self, candidate: Candidate, name: str) -> str:
        """A digest of everything that decides what is found of an image. Raises SegLabelError."""
        total = hashlib.blake2b(digest_size=16)
        for part in (
            candidate.digest,
            self._table(candidate).tobytes().hex(),
            str(self.judges.categories.ids),
            self.store.digest(name),
            self.judges.digest(name),
            str(self.store.rendering),
        ):
            total.update(f"{len(part)} {part} ".encode())
        return total.hexdigest()


def _shifted(progress: ProgressCallback, begin: int, total: int) -> ProgressCallback:
    """Tells the progress of a part as that of the whole."""

    def tell(now: Progress) -> None:
        progress(replace(now, done=begin + now.done, total=total))

    return tell


class _KeptOf:
    """What is kept of one candidate."""

    def __init__(self, judging: Judging, kept: EvaluationStore, candidate: Candidate) -> None:
        self._judging = judging
        self._kept = kept
        self._candidate = candidate

    def recall(self, name: str) -> PairCounts | None:
        key = self._judging.key_of(self._candidate, name)
        return self._kept.counts(self._candidate.key, name, key)

    def keep(self, name: str, counts: PairCounts, labels: NDArray[np.uint8]) -> None:
        key = self._judging.key_of(self._candidate, name)
        self._kept.keep(self._candidate.key, name, key, counts, labels)


def write_report(judging: Judging, comparison: Comparison, folder: Path) -> Path:
    """Write ``folder/index.html``, a page that shows the comparison on its own.

    An earlier page of this kind is replaced, nothing else is. Returns its path. Raises ExportError
    or WriteError.
    """
    refuse_own_ground(judging.store, folder)
    path = folder / "index.html"
    if path.exists() and GENERATOR.encode() not in path.read_bytes()[:_HEAD]:
        raise ExportError(f"{path}: is no earlier report, so it is not replaced; choose another")
    worst, changed = shown_rows(comparison, SHOWN_IMAGES)
    pictures = {}
    for name in dict.fromkeys(row.name for row in (*worst, *changed)):
        with suppress(SegLabelError):  # it was judged, and is gone now
            pictures[name] = judging.pictures(name)
    write_bytes(path, render_report(comparison, worst, changed, pictures).encode())
    return path


def shown_rows(comparison: Comparison, count: int) -> tuple[list[ImageRow], list[ImageRow]]:
    """The worst images and those that changed most, no more than ``count`` of each."""
    changed = comparison.most_changed(count) if comparison.is_of_two else []
    return comparison.worst(count), changed


def _shrunk(labels: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    size = (shape[1], shape[0])
    return np.asarray(cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST), np.uint8)


def _tinted(
    image: NDArray[np.uint8],
    ids: NDArray[np.uint8],
    colors: NDArray[np.uint8],
    bare: int | None = BACKGROUND,
) -> NDArray[np.uint8]:
    """The colours of ``ids`` over the picture in grey, uint8 RGB (H, W, 3); ``bare`` has none."""
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    tint = cv2.addWeighted(grey, 1 - _BLEND, colors[ids], _BLEND, 0)
    if bare is not None:
        tint = np.where((ids == bare)[:, :, None], grey, tint)
    return np.ascontiguousarray(tint, np.uint8)
