"""Predict: proposals for a whole folder, past bad images, resumable."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from seglabel.core.cancel import Cancel
from seglabel.core.categories import CategorySet
from seglabel.core.errors import Cancelled, LabelError, failure
from seglabel.core.matching import CategoryMap, match_by_name
from seglabel.core.progress import Progress, ProgressCallback, ignore_progress
from seglabel.core.project import ImageRecord, Project
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.formats.atomic import WriteError, write_bytes
from seglabel.formats.categories_file import write_categories
from seglabel.formats.label_png import encode_labels, peek_label_file, read_label_file
from seglabel.formats.masks import CATEGORIES_FILE, mask_names
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.pipeline import Behind, made_ahead
from seglabel.jobs.targets import refuse_own_ground

Only = Literal["untouched", "empty", "proposed", "all"]


class Proposer(Protocol):
    """What a job needs of a segmenter."""

    name: str
    digest: str

    @property
    def categories(self) -> CategorySet: ...

    def propose(self, image: NDArray[np.uint8], cancel: Cancel | None = None) -> Proposal: ...


class Sink(Protocol):
    """Where proposals go."""

    @property
    def categories(self) -> CategorySet:
        """In whose ids labels are written."""
        ...

    def is_done(self, name: str, digest: str, model_digest: str) -> bool:
        """Whether exactly this file was already proposed by this model in these categories."""
        ...

    def write(self, name: str, proposal: Proposal, digest: str) -> None: ...

    def fail(self, name: str, message: str) -> None: ...


@dataclass
class PredictReport:
    """What a run did. ``failed`` holds one message per image."""

    proposed: int = 0
    skipped: int = 0
    failed: list[str] = field(default_factory=list)
    unmapped: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def images_per_second(self) -> float:
        return self.proposed / self.seconds if self.seconds else 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "proposed": self.proposed,
            "skipped": self.skipped,
            "failed": self.failed,
            "unmapped_pixels": self.unmapped,
            "seconds": round(self.seconds, 3),
            "images_per_second": round(self.images_per_second, 3),
        }


class ProjectSink:
    """Writes proposals into a project. What a person touched keeps its labels."""

    def __init__(self, store: ProjectStore) -> None:
        self._store = store

    @property
    def categories(self) -> CategorySet:
        return self._store.project.categories

    def is_done(self, name: str, digest: str, model_digest: str) -> bool:
        record = self._store.project.records[name]
        is_same = record.model_digest == model_digest and record.digest == digest
        return is_same and record.status is not Status.EMPTY

    def write(self, name: str, proposal: Proposal, digest: str) -> None:
        self._store.save_proposal(name, proposal, digest)

    def fail(self, name: str, message: str) -> None:
        self._store.record_error(name, message)


class FolderSink:
    """Writes plain index PNGs into a folder, with ``categories.txt`` beside them.

    Raises ExportError or WriteError, before anything is written, if they would lie in the project
    or take the place of a file that is not an earlier proposal.
    """

    def __init__(self, target: Path, store: ProjectStore, categories: CategorySet) -> None:
        self._target = target
        self._files = mask_names(store.project.names)
        self._categories = categories
        refuse_own_ground(store, target)
        for file in self._files.values():
            if not _is_free(target / file):
                raise WriteError(
                    f"{target / file}: was not written by predict; choose another folder for labels"
                )
        listed, text = target / CATEGORIES_FILE, write_categories(categories).encode()
        if not listed.exists():
            write_bytes(listed, text)
        elif _content(listed) != text:
            raise WriteError(
                f"{listed}: lists other categories than these labels have; "
                "choose another folder for labels"
            )

    @property
    def categories(self) -> CategorySet:
        return self._categories

    def is_done(self, name: str, digest: str, model_digest: str) -> bool:
        path = self._target / self._files[name]
        if not path.is_file():
            return False
        try:
            note = read_label_file(path).note
        except LabelError:
            return False
        return note.get("digest") == digest and note.get("model_digest") == model_digest

    def write(self, name: str, proposal: Proposal, digest: str) -> None:
        note = {"digest": digest, "model": proposal.model, "model_digest": proposal.model_digest}
        data = encode_labels(proposal.labels, self._categories.color_table(), note=note)
        write_bytes(self._target / self._files[name], data)

    def fail(self, name: str, message: str) -> None:
        """A folder of PNGs keeps no record; the report does."""


def _is_free(path: Path) -> bool:
    """Whether there is no such file, or one that an earlier run wrote."""
    if not path.exists():
        return True
    try:
        note, _ = peek_label_file(path)
    except LabelError:
        return False
    return "model_digest" in note


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WriteError(f"{path}: cannot be read: {error.strerror or error}") from error


def select(records: Iterable[ImageRecord], only: Only) -> list[str]:
    """Names of the images a run is about."""
    wanted = {
        "untouched": {Status.EMPTY, Status.PROPOSED},
        "empty": {Status.EMPTY},
        "proposed": {Status.PROPOSED},
        "all": set(Status),
    }[only]
    return [record.name for record in records if record.status in wanted]


def part_of(names: Sequence[str], part: int, parts: int) -> list[str]:
    """The ``part``-th of ``parts`` (from 1): each name is in exactly one, whoever else asks.

    It hangs on the name alone, so that machines agree even if some images are done already.
    """

    def place(name: str) -> int:
        digest = hashlib.blake2b(name.encode(errors="surrogateescape"), digest_size=8).digest()
        return int.from_bytes(digest, "big") % parts

    return [name for name in names if place(name) == part - 1]


def chosen_mapping(project: Project) -> dict[str, str]:
    """What a person decided that categories of models become in this project."""
    kept = project.settings.get("mapping")
    return {str(k): str(v) for k, v in kept.items()} if isinstance(kept, dict) else {}


def predict(
    store: ProjectStore,
    names: Sequence[str],
    segmenter: Proposer,
    sink: Sink,
    *,
    chosen: Mapping[str, str] | None = None,
    progress: ProgressCallback = ignore_progress,
    between: Callable[[], None] = lambda: None,
    cancel: Cancel | None = None,
) -> PredictReport:
    """Propose labels for ``names``. A bad image is reported and the run goes on.

    ``chosen`` says what categories of the model become here, see :func:`match_by_name`.
    An image is skipped if the same bytes were already proposed by the same model in the same
    categories. ``between`` is called before each image, for whoever shares the segmenter.
    ``progress`` is told by more than one thread, never by two at once. Raises Cancelled when told
    to stop: the image in work is dropped, what was written stays, and a second run goes on from
    there.
    """
    cancel = cancel or Cancel()
    mapping = match_by_name(segmenter.categories, sink.categories, chosen)
    run = _Run(sink, len(names), progress, cancel)
    begin = time.perf_counter()

    def prepare(name: str) -> tuple[str, NDArray[np.uint8] | None]:
        """The digest of the file, and its picture if it is still to be proposed."""
        digest = store.digest(name)
        is_done = sink.is_done(name, digest, mapping.digest_with(segmenter.digest))
        return digest, None if is_done else store.read_image(name)

    try:
        with Behind() as behind, closing(made_ahead(names, prepare)) as prepared:
            for name, take in prepared:
                between()
                cancel.raise_if_set()
                try:
                    digest, picture = take()
                    if picture is None:
                        run.skip(name)
                        continue
                    proposal = segmenter.propose(picture, cancel)
                    proposal = mapped(proposal, mapping, run.report.unmapped)
                except (Cancelled, WriteError):
                    raise
                except Exception as problem:  # noqa: BLE001 - one image must never end the run
                    run.fail(name, problem)
                else:
                    behind.do(partial(run.write, name, proposal, digest))
    finally:
        run.report.seconds = time.perf_counter() - begin
    return run.report


class _Run:
    """What became of each image. Called from two threads, tells one thing at a time."""

    def __init__(self, sink: Sink, total: int, progress: ProgressCallback, cancel: Cancel) -> None:
        self.report = PredictReport()
        self._sink, self._total, self._progress, self._cancel = sink, total, progress, cancel
        self._lock = threading.Lock()
        self._done = 0

    def write(self, name: str, proposal: Proposal, digest: str) -> None:
        """Keep a proposal unless the run was stopped. Raises WriteError, which ends the run."""
        if self._cancel.is_set:
            return
        try:
            self._sink.write(name, proposal, digest)
        except WriteError:
            raise
        except Exception as problem:  # noqa: BLE001 - one image must never end the run
            self.fail(name, problem)
            return
        with self._lock:
            self.report.proposed += 1
            self._tell(name, is_written=True)

    def skip(self, name: str) -> None:
        with self._lock:
            self.report.skipped += 1
            self._tell(name)

    def fail(self, name: str, problem: Exception) -> None:
        error = failure(name, problem)
        self._sink.fail(name, error)
        with self._lock:
            self.report.failed.append(error)
            self._tell(name, error)

    def _tell(self, name: str, error: str = "", *, is_written: bool = False) -> None:
        self._done += 1
        self._progress(Progress(self._done, self._total, name, error, is_written=is_written))


def mapped(proposal: Proposal, mapping: CategoryMap, unmapped: dict[str, int]) -> Proposal:
    """The proposal in the project's ids; pixels without a counterpart are added to ``unmapped``."""
    counts = np.bincount(proposal.labels.ravel(), minlength=256)
    for category_id, name in mapping.unmapped.items():
        if counts[category_id]:
            unmapped[name] = unmapped.get(name, 0) + int(counts[category_id])
    return Proposal(
        mapping.table[proposal.labels],
        proposal.confidence_grid,
        proposal.model,
        mapping.digest_with(proposal.model_digest),
        proposal.note,
    )
