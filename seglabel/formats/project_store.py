"""How a project lies on disk.

::

    project.json      schema version, categories, settings, whose the files of cut names are
    images.jsonl      one line a save: status, revision, digest … of an image
    labels/a/b.jpg.png      what everybody can open: indexed PNG, pixel = category id
    instances/a/b.jpg.png   16-bit, only where instances were separated
    proposals/a/b.jpg.npz   what the model said: labels, confidence, descriptor
    descriptors/a/b.jpg.npz where another model than that of the proposal described the image
    models/           checkpoints trained in this project

The label file of an image is the truth about it: status, revision and the mask of painted pixels
lie inside, so that one rename replaces them all. ``images.jsonl`` repeats what lists need.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seglabel.core.changes import history_of
from seglabel.core.effort import Effort, compared
from seglabel.core.errors import (
    ConflictError,
    ImageError,
    LabelError,
    ProjectError,
    ProjectFormatError,
)
from seglabel.core.history import History
from seglabel.core.instances import only_if_needed
from seglabel.core.project import Fault, ImageRecord, Project
from seglabel.core.proposal import Proposal
from seglabel.core.snapshot import Rows, Snapshot
from seglabel.core.status import Status
from seglabel.core.uncertainty import Certainty
from seglabel.formats import images, journal
from seglabel.formats.annotation_files import (
    Annotation,
    AnnotationFiles,
    Encoded,
    as_write_error,
    digest_of,
    encode_annotation,
)
from seglabel.formats.atomic import (
    WriteError,
    make_folder,
    sweep_temporaries,
    sync_folder,
    write_bytes,
)
from seglabel.formats.folder import find_images
from seglabel.formats.images import ImageFile, ImageInfo, OpenPicture, Picture
from seglabel.formats.journal import JournalEntry
from seglabel.formats.label_png import (
    read_small_labels,
)
from seglabel.formats.layout import (
    CONFLICTS,
    KINDS,
    LOG_FILE,
    MODELS,
    PROJECT_FILE,
    REPLACED,
    stored_name,
    stored_path,
)
from seglabel.formats.lock import LockedError, ProjectLock
from seglabel.formats.migrations import migrate
from seglabel.formats.project_file import encode_project, read_project_file
from seglabel.formats.proposal_file import (
    encode_descriptor,
    encode_proposal,
    read_certainty,
    read_descriptor,
    read_proposal,
)
from seglabel.formats.record_log import RecordLog
from seglabel.formats.spare_journal import spare_folder

PROJECT_FOLDER = ".seglabel"
RENDERING_SETTING = "rendering"
PIXEL_LIMIT_SETTING = "pixel_limit"  # in millions
_MOST_MILLIONS = 1e9  # of pixels, more than any file has
_BAND = 1 << 20  # pixels that are compared together


class ProjectStore:
    """One open project. Methods may be called from any thread; each save is atomic and durable."""

    def __init__(
        self, folder: Path, root: Path, project: Project, log: RecordLog, refusal: str = ""
    ) -> None:
        self.folder = folder
        self.root = root
        self.project = project
        self.refusal = refusal
        self.is_taken = False  # whether that is because somebody else writes to it
        self._log = log
        self._lock = threading.RLock()
        self._right = ProjectLock(root)
        self._saved: dict[str, tuple[str, int]] = {}  # the last change that labels on disk hold
        self._seen: dict[str, ImageFile] = {}  # the files of images as they were shown
        # Digests of the label files that this store wrote, perhaps in a save that failed after it.
        self._tried: dict[str, set[str]] = {}

    @classmethod
    def open(cls, folder: Path, root: Path | None = None) -> ProjectStore:
        """Open the project of an image folder, or begin one.

        ``root`` is where the project lies, by default ``.seglabel`` in the image folder. A new
        project touches the disk only with its first save; one of an earlier schema is brought up to
        date, see :mod:`seglabel.formats.migrations`. Raises LockedError where another program
        writes to it, WriteError where nothing can be written.
        """
        folder, root = _places(folder, root)
        right = ProjectLock(root)
        if root.is_dir():
            right.acquire()
        try:
            if root.is_dir():
                read_project_file(root)  # a damaged one is left as it is
                migrate(root)
            store = cls.read(folder, root)
        except BaseException:
            right.release()
            raise
        store.refusal, store._right = "", right
        if root.is_dir():
            sweep_temporaries(root, models_folder(root))  # where a training writes without it
        return store

    @classmethod
    def open_or_look(cls, folder: Path, root: Path | None = None) -> ProjectStore:
        """The same, but for looking only where it cannot be written to: ``refusal`` says why."""
        try:
            _refuse_read_only(_places(folder, root)[1])
            return cls.open(folder, root)
        except (LockedError, WriteError) as error:
            store = cls.read(folder, root)
            store.refusal, store.is_taken = str(error), isinstance(error, LockedError)
            return store

    @classmethod
    def read(cls, folder: Path, root: Path | None = None) -> ProjectStore:
        """The same for looking only: nothing on disk is touched."""
        folder, root = _places(folder, root)
        names = _outside(root, folder, find_images(folder))
        project = read_project_file(root)
        log = RecordLog(root / LOG_FILE)
        records, unfinished = log.read()
        store = cls(folder, root, project, log, f"{root}: was opened for looking only")
        unknown = {name for name in names if name not in records and store._has_labels(name)}
        for name in unfinished | unknown:
            with suppress(LabelError):  # loading that image will say what is wrong
                records[name] = store._on_disk(records.get(name, ImageRecord(name)))
        there = set(names)
        missing = (records[one] for one in sorted(records) if one not in there)
        project.set_images(
            (records.get(name, ImageRecord(name)) for name in names),
            [record for record in missing if store._has_labels(record.name)],
        )
        return store

    def close(self) -> None:
        """Let others write to the project. Without it, the end of the process does."""
        self._right.release()

    # images

    def image_path(self, name: str) -> Path:
        return self.folder / name

    @property
    def pixel_limit(self) -> int | None:
        """How many pixels an image may have, where a person decided it for this project."""
        millions = self.project.settings.get(PIXEL_LIMIT_SETTING)
        if isinstance(millions, int | float) and 0 < millions < _MOST_MILLIONS:
            return int(millions * 1e6)
        return None

    @property
    def rendering(self) -> images.Rendering:
        """How pictures with many bands or deep numbers are shown in this project."""
        return images.Rendering.from_json(self.project.settings.get(RENDERING_SETTING))

    def read_image(self, name: str) -> Picture:
        """The upright picture, uint8 RGB (H, W, 3). Raises ImageError."""
        return images.read_image(
            self.image_path(name), rendering=self.rendering, pixel_limit=self.pixel_limit
        )

    def open_image(self, name: str, cache_bytes: int = images.CACHE_BYTES) -> OpenPicture:
        """The upright picture to be read in parts. Raises ImageError."""
        return images.open_picture(
            self.image_path(name),
            rendering=self.rendering,
            pixel_limit=self.pixel_limit,
            cache_bytes=cache_bytes,
        )

    def probe_image(self, name: str) -> ImageInfo:
        return images.probe_image(self.image_path(name), pixel_limit=self.pixel_limit)

    def digest(self, name: str) -> str:
        return images.digest_file(self.image_path(name))

    def add_image(self, name: str) -> None:
        """Take note of a file that came into the image folder after the project was opened."""
        with self._lock:
            if name not in self.project.records:
                record = self.project.missing.get(name, ImageRecord(name))
                self.project.forget_missing(name)
                self.project.update(record)

    def has_changed(self, name: str, *, trusting: bool = False) -> bool:
        """Whether the file of a labelled image is another one than its labels are about.

        ``trusting`` takes a file for the same whose size and time are. The project keeps what was
        found. Raises ImageError.
        """
        path = self.image_path(name)
        record = self._with_labelled(self._record(name))
        if trusting:
            is_known = (record.file_size, record.file_time) == images.size_and_time(path)
            if is_known or not record.labelled:
                return self.project.fault(name) is Fault.CHANGED
        file = images.file_of(path)
        with self._lock:
            self._seen[name] = file
            record = self._with_labelled(self._record(name))
            if not record.labelled:  # what is labelled first is about the file as it is now
                return False
            is_changed = file.digest != record.labelled
            self.project.note_changed(name, is_changed)
            if not is_changed:
                self._note_file(record.changed(file_size=file.size, file_time=file.time))
        return is_changed

    def _with_labelled(self, record: ImageRecord) -> ImageRecord:
        """Schema 1 says only with the labels themselves which file they are about."""
        if not record.labelled:
            with suppress(LabelError):
                return record.changed(labelled=self._on_disk(record).labelled)
        return record

    def _note_file(self, record: ImageRecord) -> None:
        """Spare reading the file next time, if this can be kept."""
        if record == self.project.record(record.name):
            return
        self.project.update(record)
        if not self.refusal:
            with suppress(WriteError):
                self._log.note(record)

    def accept_change(self, name: str) -> ImageRecord:
        """The labels of an image are about its file as that is now.

        Raises ImageError, LabelError, also where they differ in size, and WriteError.
        """
        info = self.probe_image(name)
        with self._lock:
            annotation = self.load(name)
            if annotation is None:
                return self._record(name)
            if annotation.labels.shape != info.shape:
                height, width = annotation.labels.shape
                raise LabelError(
                    f"{name}: its labels have {width} × {height} pixels, the image {info.width} × "
                    f"{info.height}: they cannot be about it"
                )
            return self._save(name, annotation, self._about_file(self._record(name)))

    # annotations

    def load(self, name: str) -> Annotation | None:
        """What was saved for an image, or ``None``. Raises LabelError if the file is damaged."""
        files = self._files(name)
        with self._lock:  # labels and instances of the same save
            if not files.exist:
                return None
            annotation = files.read()
        self._saved[name] = annotation.origin, annotation.changes
        return annotation

    def digest_of_labels(self, names: Iterable[str]) -> str:
        """blake2b over the saved labels of some images, of whatever was said of them too."""
        total = hashlib.blake2b(digest_size=16)
        for name in names:
            path = self._path("labels", name)
            with self._lock:
                try:
                    data = path.read_bytes()
                except FileNotFoundError:
                    data = b""
                except OSError as error:
                    reason = error.strerror or error
                    raise LabelError(f"{path}: cannot be read: {reason}") from error
            total.update(digest_of(name.encode(errors="surrogateescape") + b"\0" + data).encode())
        return total.hexdigest()

    def load_small_labels(self, name: str, shape: tuple[int, int]) -> NDArray[np.uint8] | None:
        """The saved labels at ``shape`` (h, w) points spread evenly, uint8, or ``None``.

        Raises LabelError if the file is damaged.
        """
        with self._lock:
            if not self._has_labels(name):
                return None
            return read_small_labels(self._path("labels", name), shape)

    def save(
        self, name: str, annotation: Annotation | Snapshot, *, is_about_file: bool = False
    ) -> ImageRecord:
        """Keep the annotation of one image. When this returns it survives a crash.

        ``is_about_file``: whatever labels there were before, these are about the file as it is now.
        Raises WriteError, or ConflictError where somebody else saved the image in spite of the
        lock: then their labels stay, and these lie beside them.
        """
        with self._lock:
            record = self._record(name)
            if is_about_file:
                record = self._about_file(record)
            return self._save(name, annotation, record)

    def keep_proposal(self, name: str, proposal: Proposal, digest: str) -> ImageRecord:
        """Keep what the model said of an image whose file has ``digest``; its labels stay."""
        with self._lock:
            return self._keep(self._write_proposal(self._record(name), proposal, digest))

    def save_proposal(
        self,
        name: str,
        proposal: Proposal,
        digest: str,
        instances: NDArray[np.uint16] | None = None,
    ) -> ImageRecord:
        """Keep a proposal and make it the labels, unless a person touched the image.

        ``instances`` tell its things apart, uint16 (H, W). Pixels of locked categories stay as they
        were.
        """
        with self._lock:
            # The file itself is asked: another program may have written it since it was opened.
            known = self._on_disk(self._record(name))
            record = self._write_proposal(known, proposal, digest)
            if record.status.is_by_person:
                return self._keep(record)
            labels = self._keeping_locked(name, proposal.labels)
            painted = np.zeros(labels.shape, np.bool_)
            if instances is not None:
                instances = only_if_needed(labels, instances, self.project.categories)
            annotation = Annotation(labels, painted, instances, Status.PROPOSED, record.effort)
            self._seen[name] = self._file(name, digest)
            return self._save(name, annotation, record)

    def _keeping_locked(self, name: str, labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """``labels``, but with the pixels of locked categories as they are on disk."""
        if not self.project.locked:
            return labels
        try:
            before = self.load(name)
        except LabelError:  # it is damaged: nothing of it can be kept
            return labels
        if before is None or before.labels.shape != labels.shape:
            return labels
        kept = np.isin(before.labels, list(self.project.locked))
        return np.where(kept, before.labels, labels)

    def load_proposal(self, name: str) -> Proposal | None:
        """The last proposal for an image, or ``None``."""
        return read_proposal(self._path("proposals", name))

    def load_certainty(self, name: str, shape: tuple[int, int]) -> Certainty | None:
        """How sure the model was of the last proposal for an image of ``shape``, or ``None``."""
        return read_certainty(self._path("proposals", name), shape)

    def keep_descriptor(
        self, name: str, model_digest: str, descriptor: NDArray[np.float16]
    ) -> None:
        """Keep how a model describes an image, float16 (D,), whose labels and proposal stay."""
        with self._lock:
            record = self._record(name)
            self._ensure_root(record.name)
            path = self._path("descriptors", record.name)
            self._write(path, encode_descriptor(model_digest, descriptor))

    def described_at(self, name: str) -> int:
        """When :meth:`keep_descriptor` was last done for an image, in nanoseconds; 0 for never."""
        with suppress(OSError):
            return self._path("descriptors", name).stat().st_mtime_ns
        return 0

    def load_descriptors(self, name: str) -> dict[str, NDArray[np.float16]]:
        """How models described an image, float16 (D,) by the digest of the model."""
        paths = (self._path(kind, name) for kind in ("descriptors", "proposals"))
        return dict(found for path in paths if (found := read_descriptor(path)) is not None)

    def record_error(self, name: str, message: str) -> ImageRecord:
        """Remember why a run failed on an image."""
        with self._lock:
            return self._keep(self._record(name).changed(error=message))

    # the journal

    def note_changes(self, name: str, entries: Sequence[JournalEntry]) -> None:
        """Keep what was done to an image and is not saved yet; on return it survives a crash.

        Never waits for a save that is under way. Raises WriteError.
        """
        self._require_right()
        if not self._is_known(name) or not (self.root / PROJECT_FILE).exists():
            with self._lock:
                self._ensure_root(name)
        saved = self._saved.get(name, ("", 0))
        journal.append(self.journal_path(name), name, entries, saved)

    def note_changes_elsewhere(self, name: str, entries: Sequence[JournalEntry]) -> None:
        """The same, but in this person's own folder: that of the project does not take them now.

        Nothing in the folder of the project is touched. Raises WriteError.
        """
        if self.refusal:
            raise WriteError(self.refusal)
        saved = self._saved.get(name, ("", 0))
        journal.append(self.spare_journal_path(name), name, entries, saved)

    def forget_elsewhere(self, name: str) -> None:
        """What was kept elsewhere of an image lies in the project by now. Raises WriteError."""
        path = self.spare_journal_path(name)
        with as_write_error(path):
            path.unlink(missing_ok=True)

    def spare_journal_path(self, name: str) -> Path:
        """Where :meth:`note_changes_elsewhere` keeps what was done to an image."""
        return spare_folder(self.root) / (stored_name(name) + KINDS["journal"])

    def journal_path(self, name: str) -> Path:
        """Where it lies what was done to an image."""
        return self._path("journal", name)

    def journals(self) -> Iterator[Path]:
        """Those of all images."""
        yield from sorted((self.root / "journal").rglob("*" + KINDS["journal"]))

    def spare_journals(self) -> Iterator[Path]:
        """Those that are kept elsewhere."""
        yield from sorted(spare_folder(self.root).rglob("*" + KINDS["journal"]))

    def saved_changes(self, name: str) -> tuple[str, int]:
        """The beginning and the number of the last change that an image's file holds.

        Raises LabelError if it is damaged.
        """
        with self._lock:
            return self._files(name).changes()

    def load_history(self, name: str, annotation: Annotation) -> History | None:
        """What was done to an image until ``annotation`` was saved, to be undone."""
        try:
            kept = journal.read(self.journal_path(name))
        except LabelError:  # it will be begun anew
            return None
        if kept is None or kept.origin != annotation.origin:
            return None
        return history_of(kept.until(annotation.changes))

    def _discard_journal(self, name: str) -> None:
        """What was done to an image no longer fits; what was never saved of it is set aside."""
        path = self.journal_path(name)
        known = journal.last_number(path)
        if known is None:
            return
        saved = "", 0
        with suppress(LabelError):
            saved = self.saved_changes(name)
        if known[1:] == saved:
            with as_write_error(path):
                path.unlink(missing_ok=True)
        else:
            journal.set_aside(path)

    # the project itself

    def save_project(self) -> None:
        """Keep the categories and settings as they now are in ``project``."""
        with self._lock:
            self._write(self.root / PROJECT_FILE, encode_project(self.project))

    @property
    def models_folder(self) -> Path:
        """Where the checkpoints of this project lie."""
        return models_folder(self.root)

    # inside

    def _record(self, name: str) -> ImageRecord:
        record = self.project.record(name)
        if record is None:
            raise ProjectError(f"{self.image_path(name)}: not an image of this project")
        return record

    def _keep(self, record: ImageRecord) -> ImageRecord:
        self._ensure_root(record.name)
        self._log.append(record)
        self.project.update(record)
        return record

    def _write_proposal(self, record: ImageRecord, proposal: Proposal, digest: str) -> ImageRecord:
        path = self._path("proposals", record.name)
        self._write(path, encode_proposal(proposal))
        doubted, doubted_uncertainty = proposal.doubted
        return record.changed(
            model=proposal.model,
            model_digest=proposal.model_digest,
            confidence=round(proposal.mean_confidence, 4),
            uncertainty=round(proposal.mean_uncertainty, 4),
            doubted=doubted,
            doubted_uncertainty=round(doubted_uncertainty, 4),
            digest=digest,
            height=proposal.labels.shape[0],
            width=proposal.labels.shape[1],
            error="",
        )

    def _save(
        self, name: str, annotation: Annotation | Snapshot, record: ImageRecord
    ) -> ImageRecord:
        height, width = annotation.labels.shape
        record = record.changed(
            status=annotation.status,
            revision=record.revision + 1,
            height=height,
            width=width,
            effort=self._effort_of(name, annotation, record.effort.place),
        )
        if not record.labelled or not annotation.status.is_by_person:
            record = self._about_file(record, self._seen.get(name))
        self._ensure_root(name)
        self._log.announce(name)
        files = self._files(name)
        files.settle()
        content = encode_annotation(annotation, record, self.project.categories.color_table())
        self._require_no_conflict(record, files, content)
        if not annotation.origin:  # nothing that was done before leads to these labels
            self._discard_journal(name)
        tried = self._tried.setdefault(name, set())
        tried.add(content.digest)
        files.write(content, self._write)
        self._saved[name] = annotation.origin, annotation.changes
        files.finish(content)
        tried.intersection_update({content.digest})
        return self._keep(record)

    def _file(self, name: str, digest: str) -> ImageFile:
        """The file of an image that had a digest a moment ago."""
        with suppress(ImageError):
            return ImageFile(digest, *images.size_and_time(self.image_path(name)))
        return ImageFile(digest)

    def relink(self, old: str, new: str) -> ImageRecord:
        """Give all that is kept of the image ``old`` to ``new``, which has its file now.

        A rename of the label file decides; what ``new`` had is kept under ``replaced``. Raises
        ProjectError if ``new`` was worked on by a person, or ``old`` has no labels.
        """
        with self._lock:
            before, target = self._record(old), self._record(new)
            labels = self._path("labels", old)
            if self._on_disk(target).status.is_by_person:
                raise ProjectError(f"{new}: was labelled by a person; the labels of {old} stay")
            if not labels.exists():
                raise ProjectError(f"{old}: has no labels to be given to {new}")
            self._ensure_root(new)
            for name in (old, new):
                self._files(name).settle()
                self._log.announce(name)
            self._set_aside_files(new)
            with as_write_error(labels):
                self._copy_files(old, new)
                # From this rename on the labels are those of the other name.
                make_folder(self._path("labels", new).parent)
                labels.replace(self._path("labels", new))
                sync_folder(self._path("labels", new).parent)
                sync_folder(labels.parent)
                for kind in KINDS:
                    self._path(kind, old).unlink(missing_ok=True)
            self.project.note_changed(old, False)
            self.project.forget_missing(old)
            self._saved.pop(old, None)
            self._log.append(ImageRecord(old))
            if old in self.project.records:
                self.project.update(ImageRecord(old))
            return self._keep(self._on_disk(before.changed(name=new, error="")))

    # mending

    def record_on_disk(self, name: str) -> ImageRecord:
        """What the label file of an image says, which the project may have missed.

        Raises LabelError if it is damaged.
        """
        with self._lock:
            return self._on_disk(self.project.record(name) or ImageRecord(name))

    def take_from_disk(self, name: str) -> ImageRecord:
        """Believe the label file of an image, and take note of one that was not known."""
        record = self.record_on_disk(name)
        with self._lock:
            if self.project.record(name) is None:
                self.project.note_missing(record)
            return self._keep(record)

    def settle(self, name: str) -> None:
        """Finish what a crash left of a save: instances get their name, or go if they are stale."""
        with self._lock:
            files = self._files(name)
            files.settle()
            if files.pending.exists():
                self._set_aside(files.pending)

    def set_aside(self, kind: str, name: str) -> Path:
        """Keep a file of an image under ``replaced``, where nothing reads it. Returns where."""
        with self._lock:
            return self._set_aside(self._path(kind, name))

    def _set_aside(self, path: Path) -> Path:
        self._require_right()
        target = self.root / REPLACED / path.relative_to(self.root)
        with as_write_error(path):
            write_bytes(target, path.read_bytes())
            path.unlink()
        return target

    def _copy_files(self, old: str, new: str) -> None:
        """All that is kept of an image but its labels, under another name too."""
        for kind in KINDS:
            source, target = self._path(kind, old), self._path(kind, new)
            if kind == "journal" and source.exists():
                journal.copy(source, target, new)
            elif kind != "labels" and source.exists():
                self._write(target, source.read_bytes())

    def _set_aside_files(self, name: str) -> None:
        for kind in KINDS:
            if self._path(kind, name).exists():
                self._set_aside(self._path(kind, name))

    def _about_file(self, record: ImageRecord, seen: ImageFile | None = None) -> ImageRecord:
        """The record of an image whose labels are about its file, as it is now or was ``seen``."""
        with suppress(ImageError):  # an image that is gone must not take its labels with it
            file = seen or images.file_of(self.image_path(record.name))
            self.project.note_changed(record.name, False)
            return record.changed(
                labelled=file.digest,
                digest=record.digest or file.digest,
                file_size=file.size,
                file_time=file.time,
            )
        return record

    def _effort_of(self, name: str, annotation: Annotation | Snapshot, place: int) -> Effort:
        """What was put into an image; once it is reviewed, what the model had right of it too."""
        effort = annotation.effort
        if annotation.status is not Status.REVIEWED:
            return effort.unreviewed()
        if not place:
            known = (record.effort.place for record in self.project.records.values())
            place = 1 + max(known, default=0)
        proposal = None
        with suppress(LabelError, ProjectFormatError):  # damaged: as if nothing had been proposed
            proposal = self.load_proposal(name)
        labels, proposed = annotation.labels, None
        if proposal is not None and proposal.labels.shape == labels.shape:
            proposed = proposal.labels
        pixels, changed = compared(_bands(labels), proposed)
        model, digest = (
            ("", "")
            if proposal is None or proposed is None
            else (proposal.model, proposal.model_digest)
        )
        return Effort(effort.strokes, effort.seconds, place, pixels, changed, model, digest)

    def _require_no_conflict(
        self, record: ImageRecord, files: AnnotationFiles, content: Encoded
    ) -> None:
        """Put what is to be saved beside labels that this store has never seen."""
        try:
            found = files.revision()
        except LabelError:  # damaged: nothing in it is newer
            return
        if found < record.revision or files.digest() in self._tried.get(record.name, ()):
            return
        kept = f"{record.name}.{record.revision}"
        aside = stored_path(self.root, CONFLICTS, kept, KINDS["labels"])
        self._write(aside, content.labels)
        if content.instances:
            self._write(aside.with_suffix(".instances.png"), content.instances)
        self.project.update(self._on_disk(record))
        raise ConflictError(
            f"{record.name}: somebody else saved it meanwhile, as revision {found}. Their labels "
            f"stay; yours lie in {aside}."
        )

    def _on_disk(self, record: ImageRecord) -> ImageRecord:
        """The record as the label file itself has it. Raises LabelError if that is damaged."""
        return self._files(record.name).record(record)

    def _files(self, name: str) -> AnnotationFiles:
        return AnnotationFiles(self.root, name)

    def _has_labels(self, name: str) -> bool:
        return self._files(name).exist

    def _path(self, kind: str, name: str) -> Path:
        return stored_path(self.root, kind, name)

    def _write(self, path: Path, data: bytes) -> None:
        self._require_right()
        write_bytes(path, data)

    def _require_right(self) -> None:
        """Nothing is written that somebody else may be writing."""
        if self.refusal:
            raise WriteError(self.refusal)
        self._right.acquire()

    def _ensure_root(self, name: str) -> None:
        """See to it that ``project.json`` is there and knows whose the files of a cut name are."""
        self._require_right()
        stored, cut_names = stored_name(name), self.project.cut_names
        if not self._is_known(name):
            cut_names[stored] = name
        elif (self.root / PROJECT_FILE).exists():
            return
        self.save_project()

    def _is_known(self, name: str) -> bool:
        """Whether it can be told of which image the files of this name are."""
        stored = stored_name(name)
        return stored == name or self.project.cut_names.get(stored) == name


def models_folder(root: Path) -> Path:
    """Where the checkpoints of the project at ``root`` lie."""
    return root / MODELS


def _places(folder: Path, root: Path | None) -> tuple[Path, Path]:
    """Of the images and of the project, whole."""
    folder = folder.resolve()
    return folder, (folder / PROJECT_FOLDER if root is None else root).resolve()


def _refuse_read_only(root: Path) -> None:
    """Raises WriteError where a project could not be begun; leaves nothing behind."""
    folder = next(one for one in (root, *root.parents) if one.exists())
    if not os.access(folder, os.W_OK):
        reason = "the disk is read-only, or the folder is not yours to write to"
        raise WriteError(f"{root}: cannot be written: {reason}")


def _outside(root: Path, folder: Path, names: list[str]) -> list[str]:
    """``names`` without the files of a project that lies within its own image folder."""
    if root == folder:
        raise ProjectError(f"{root}: a project cannot be its own image folder; choose another")
    if not root.is_relative_to(folder):
        return names
    prefix = root.relative_to(folder).as_posix() + "/"
    return [name for name in names if not name.startswith(prefix)]


def _bands(labels: Rows[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """All rows, some at a time, so that no copy of a large label map is made."""
    height, width = labels.shape
    step = max(_BAND // max(width, 1), 1)
    for top in range(0, height, step):
        yield labels[top : top + step]
