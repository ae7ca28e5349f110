"""The files of the annotation of one image: its labels, and its instances where there are some.

The label file is the truth about the image: status, revision, effort and the mask of painted
pixels lie inside, so that one rename replaces them all. It names the digest of the instances that
belong to it. Those are written under a pending name before, and get their own afterwards: a crash
between the two leaves the right ones to be found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seglabel.core.effort import Effort
from seglabel.core.errors import LabelError, ProjectFormatError
from seglabel.core.project import ImageRecord
from seglabel.core.snapshot import Snapshot
from seglabel.core.status import Status
from seglabel.formats.atomic import write_error
from seglabel.formats.label_png import (
    LabelFile,
    encode_instances,
    encode_labels,
    peek_label_file,
    read_label_file,
)
from seglabel.formats.layout import PENDING, stored_path


@dataclass(frozen=True)
class Annotation:
    """What is kept of one image: uint8 (H, W) labels, bool (H, W) painted, uint16 instances."""

    labels: NDArray[np.uint8]
    painted: NDArray[np.bool_]
    instances: NDArray[np.uint16] | None = None
    status: Status = Status.EMPTY
    effort: Effort = field(default_factory=Effort)
    origin: str = ""  # of the count of changes, see :class:`seglabel.core.document.Document`
    changes: int = 0


@dataclass(frozen=True)
class Encoded:
    """The bytes of both files; those of the instances are empty where there are none."""

    labels: bytes
    instances: bytes

    @property
    def digest(self) -> str:
        """Of the label file."""
        return digest_of(self.labels)


def encode_annotation(
    annotation: Annotation | Snapshot, record: ImageRecord, colors: NDArray[np.uint8]
) -> Encoded:
    """The files of an annotation, of which ``record`` says what is kept beside the pixels."""
    objects = b"" if annotation.instances is None else encode_instances(annotation.instances)
    note = {
        "revision": record.revision,
        "status": str(record.status),
        "digest": record.labelled,
        "instances": digest_of(objects) if objects else None,
        "effort": record.effort.to_json(),
        "origin": annotation.origin,
        "changes": annotation.changes,
    }
    labels = encode_labels(annotation.labels, colors, note=note, painted=annotation.painted)
    return Encoded(labels, objects)


class AnnotationFiles:
    """Those of one image of the project at ``root``."""

    def __init__(self, root: Path, name: str) -> None:
        self.labels = stored_path(root, "labels", name)
        self.instances = stored_path(root, "instances", name)
        self.pending = self.instances.with_name(self.instances.name + PENDING)

    @property
    def exist(self) -> bool:
        return self.labels.exists()

    def read(self) -> Annotation:
        """Raises LabelError, also where the instances are not those of the labels."""
        file = read_label_file(self.labels)
        note = file.note
        revision = _revision(note, self.labels)
        instances = self._read_instances(note)
        labels = file.labels()
        if instances is not None and instances.shape != labels.shape:
            raise LabelError(
                f"{self.labels}: labels and instances (revision {revision}) differ in size"
            )
        # A file that another program wrote carries no note: all of it is somebody's work.
        painted = file.painted() if note else np.ones(labels.shape, np.bool_)
        status, effort = _status(note, self.labels), _effort(note, self.labels)
        return Annotation(labels, painted, instances, status, effort, *_count(note))

    def revision(self) -> int:
        """Of the save that they are of, 0 for none. Raises LabelError."""
        return _revision(peek_label_file(self.labels)[0], self.labels) if self.exist else 0

    def changes(self) -> tuple[str, int]:
        """The beginning and the number of the last change that they hold. Raises LabelError."""
        return _count(peek_label_file(self.labels)[0]) if self.exist else ("", 0)

    def record(self, record: ImageRecord) -> ImageRecord:
        """``record`` as the label file has it. Raises LabelError if that is damaged."""
        if not self.exist:
            return record
        note, (height, width) = peek_label_file(self.labels)
        return record.changed(
            status=_status(note, self.labels),
            revision=_revision(note, self.labels, record.revision),
            digest=record.digest or str(note.get("digest", "")),
            labelled=str(note.get("digest", record.labelled)),
            height=height,
            width=width,
            effort=_effort(note, self.labels),
        )

    def digest(self) -> str:
        """Of the label file. Raises WriteError where it cannot be read."""
        with as_write_error(self.labels):
            return digest_of(self.labels.read_bytes())

    def write(self, content: Encoded, write: Callable[[Path, bytes], None]) -> None:
        """From when this returns the new state counts, instances included; then :meth:`finish`."""
        if content.instances:
            write(self.pending, content.instances)
        write(self.labels, content.labels)

    def finish(self, content: Encoded) -> None:
        """Give the instances that were written their name. Raises WriteError."""
        with as_write_error(self.instances):
            if content.instances:
                self.pending.replace(self.instances)
            else:
                self.instances.unlink(missing_ok=True)
                self.pending.unlink(missing_ok=True)

    def settle(self) -> None:
        """Give instances their name that a crash left pending although their labels were saved."""
        with as_write_error(self.instances):
            if self.pending.exists() and self.exist:
                with suppress(LabelError):
                    note, _ = peek_label_file(self.labels)
                    if note.get("instances") == digest_of(self.pending.read_bytes()):
                        self.pending.replace(self.instances)

    def _read_instances(self, note: dict[str, Any]) -> NDArray[np.uint16] | None:
        """The instances whose digest the labels name, so that the two are always of one save."""
        wanted = note.get("instances")
        if not wanted:
            return None
        # A crash between the two renames of a save leaves the right file under its pending name.
        for path in (self.instances, self.pending):
            with suppress(OSError):
                data = path.read_bytes()
                if digest_of(data) == wanted:
                    return LabelFile(data, path).pixels.astype(np.uint16)
        raise LabelError(f"{self.instances}: not the instances that were saved with the labels")


def digest_of(data: bytes) -> str:
    """blake2b of 16 bytes, in hexadecimal."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


@contextmanager
def as_write_error(path: Path) -> Iterator[None]:
    """Turn errors of the system into a WriteError about ``path``."""
    try:
        yield
    except OSError as error:
        raise write_error(path, error) from error


def _count(note: dict[str, Any]) -> tuple[str, int]:
    """The beginning and the number of the last change that a label file holds."""
    origin, changes = note.get("origin"), note.get("changes")
    if isinstance(origin, str) and isinstance(changes, int) and changes >= 0:
        return origin, changes
    return "", 0


def _status(note: dict[str, Any], path: Path) -> Status:
    if not note:
        return Status.CORRECTED
    try:
        return Status(note.get("status", Status.CORRECTED))
    except ValueError as error:
        raise LabelError(f"{path}: unknown status {note.get('status')!r}") from error


def _effort(note: dict[str, Any], path: Path) -> Effort:
    try:
        return Effort.from_json(note.get("effort", {}))
    except ProjectFormatError as error:
        raise LabelError(f"{path}: {error}") from error


def _revision(note: dict[str, Any], path: Path, default: int = 0) -> int:
    revision = note.get("revision", default)
    if not isinstance(revision, int):
        raise LabelError(f"{path}: revision: expected a number, found {revision!r}")
    return revision
