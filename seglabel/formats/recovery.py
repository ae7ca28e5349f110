"""Work that a crash left unsaved: which images have any, and giving it back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seglabel.core.changes import history_of, repeat
from seglabel.core.document import Document
from seglabel.core.errors import LabelError
from seglabel.formats import journal
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.journal import Journal
from seglabel.formats.project_store import ProjectStore


@dataclass(frozen=True)
class Unsaved:
    """So many changes of an image were done and not saved; ``seconds`` since the epoch, of the
    last."""

    name: str
    changes: int
    seconds: float


def find_unsaved(store: ProjectStore) -> Iterator[Unsaved]:
    """The images with work that was not saved. Reads a few bytes of each journal."""
    found: dict[str, Unsaved] = {}
    for path in (*store.journals(), *store.spare_journals()):
        known = journal.last_number(path)
        if known is None:
            continue
        name, origin, number = known
        own = (store.journal_path(name), store.spare_journal_path(name))
        if name not in store.project.records or path not in own:
            continue
        try:
            saved = store.saved_changes(name)
        except LabelError:  # said when that image is opened
            continue
        if saved == ("", 0):
            saved = origin, 0
        if saved[0] == origin and saved[1] < number:
            unsaved = Unsaved(name, number - saved[1], path.stat().st_mtime)
            if name not in found or found[name].changes < unsaved.changes:
                found[name] = unsaved
    yield from found.values()


def recovered(store: ProjectStore, name: str) -> Document:
    """The annotation of an image as a crash found it, what was done before it to be undone.

    Raises LabelError if its journal does not fit what was saved.
    """
    path = store.journal_path(name)
    annotation = store.load(name)
    done = 0 if annotation is None else annotation.changes
    kept = _kept(path, store.spare_journal_path(name), done)
    if annotation is None:
        annotation = _blank(kept)
    origin = annotation.origin or kept.origin  # older files do not count changes
    rest = kept.after(annotation.changes)
    if origin != kept.origin or annotation.labels.shape != kept.shape or not rest:
        raise LabelError(f"{path}: does not continue what was saved of {name}")
    document = Document(
        annotation.labels,
        annotation.painted,
        annotation.instances,
        annotation.status,
        history_of(kept.until(annotation.changes)),
        annotation.effort,
        origin,
        annotation.changes,
    )
    try:
        repeat(document, rest)
    except ValueError as error:
        raise LabelError(f"{path}: a change lies outside of {name}") from error
    return document


def _kept(path: Path, spare: Path, done: int) -> Journal:
    """What two journals of an image say together, of which the second goes on where the first
    could not. Where one does not fit, that which leads on from change ``done`` counts."""
    kept = [found for found in map(journal.read, (path, spare)) if found is not None]
    if not kept:
        raise LabelError(f"{path}: expected the journal of an image, found none")
    if len(kept) == 2:
        kept.insert(0, kept[0].continued(kept[1]))
    return next((one for one in kept if one.after(done)), kept[0])


def _blank(kept: Journal) -> Annotation:
    """What an image was before anything of it was saved."""
    labels = np.zeros(kept.shape, np.uint8)
    return Annotation(labels, np.zeros(kept.shape, np.bool_), origin=kept.origin)
