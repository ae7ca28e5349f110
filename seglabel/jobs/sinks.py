"""Where proposals go: into a project, or into a folder of plain index PNGs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from seglabel.core.categories import CategorySet
from seglabel.core.errors import LabelError
from seglabel.core.proposal import Proposal
from seglabel.core.separating import as_instances, separate_touching
from seglabel.core.status import Status
from seglabel.formats.atomic import WriteError
from seglabel.formats.categories_file import write_categories
from seglabel.formats.label_png import LabelFile, encode_labels, peek_label_file, peek_labels
from seglabel.formats.masks import CATEGORIES_FILE
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.storage import Place, Storage, storage_at
from seglabel.jobs.targets import refuse_among_images, refuse_own_ground

_SEPARATED = "-separated"


class ProjectSink:
    """Writes proposals into a project. What a person touched keeps its labels.

    One that ``separates`` also tells touching objects of things apart. Its proposals count as
    others than those that do not.
    """

    def __init__(self, store: ProjectStore, *, separates: bool = False) -> None:
        self._store = store
        self._mark = _SEPARATED if separates else ""

    @property
    def categories(self) -> CategorySet:
        return self._store.project.categories

    def is_done(self, name: str, digest: str, model_digest: str) -> bool:
        record = self._store.project.records[name]
        is_same = record.model_digest == model_digest + self._mark and record.digest == digest
        return is_same and record.status is not Status.EMPTY

    def write(self, name: str, proposal: Proposal, digest: str) -> None:
        instances = None
        if self._mark:
            things = frozenset(c.id for c in self.categories if c.is_thing)
            parted = separate_touching(proposal.labels, None, things)
            instances = as_instances(parted, proposal.labels.shape)
            proposal = replace(proposal, model_digest=proposal.model_digest + self._mark)
        self._store.save_proposal(name, proposal, digest, instances)

    def fail(self, name: str, message: str) -> None:
        self._store.record_error(name, message)


class FolderSink:
    """Writes plain index PNGs; ``files`` is what the PNG of each image is called.

    A file that is not an earlier proposal is never replaced: its image fails.
    """

    def __init__(self, storage: Storage, files: Mapping[str, str], categories: CategorySet) -> None:
        self._storage = storage
        self._files = files
        self._categories = categories

    @property
    def categories(self) -> CategorySet:
        return self._categories

    def is_done(self, name: str, digest: str, model_digest: str) -> bool:
        file = self._files[name]
        data = self._storage.read(file)
        if data is None:
            return False
        if not _is_proposal(data, Path(file)):
            raise LabelError(f"{name}: {file} was not written by predict, so it is not replaced")
        try:
            note = LabelFile(data, Path(file)).note
        except LabelError:  # an earlier proposal that is damaged
            return False
        return note.get("digest") == digest and note.get("model_digest") == model_digest

    def write(self, name: str, proposal: Proposal, digest: str) -> None:
        note = {"digest": digest, "model": proposal.model, "model_digest": proposal.model_digest}
        data = encode_labels(proposal.labels, self._categories.color_table(), note=note)
        self._storage.write(self._files[name], data)

    def fail(self, name: str, message: str) -> None:
        """A folder of PNGs keeps no record; the report does."""


def begin_folder(
    target: Place, source: ProjectStore | Place, files: Mapping[str, str], categories: CategorySet
) -> FolderSink:
    """A sink at ``target``, with ``categories.txt`` in it, for the images of ``source``.

    Raises ExportError or WriteError, before anything is written, if it would lie among these
    images, if another list of categories lies there or, in a folder, if any of ``files`` exists and
    is not an earlier proposal.
    """
    if isinstance(source, ProjectStore):
        refuse_own_ground(source, target)
    else:
        refuse_among_images(source, target)
    storage = storage_at(target)
    if isinstance(target, Path):
        for file in files.values():
            _require_free(target / file)
    text = write_categories(categories).encode()
    listed = storage.read(CATEGORIES_FILE)
    if listed is None:
        storage.write(CATEGORIES_FILE, text)
    elif listed != text:
        raise WriteError(
            f"{target}/{CATEGORIES_FILE}: lists other categories than these labels have; "
            "choose another folder for labels"
        )
    return FolderSink(storage, files, categories)


def _require_free(path: Path) -> None:
    """Raise WriteError unless there is no such file, or one that an earlier run wrote."""
    if not path.exists():
        return
    try:
        note, _ = peek_label_file(path)
    except LabelError:
        note = {}
    if "model_digest" not in note:
        raise WriteError(f"{path}: was not written by predict; choose another folder for labels")


def _is_proposal(data: bytes, path: Path) -> bool:
    try:
        note, _ = peek_labels(data, path)
    except LabelError:
        return False
    return "model_digest" in note
