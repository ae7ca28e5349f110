"""The workspace: the open project, which image is shown, and keeping its work safe."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from seglabel.app.current_job import CurrentJob
from seglabel.app.documents import DocumentCache
from seglabel.app.editor import Editor
from seglabel.app.workers.errors import noted
from seglabel.app.workers.reader import LoadedImage, Reader
from seglabel.app.workers.thread import WorkThread, close_together
from seglabel.app.workers.writer import Writer
from seglabel.core.cancel import Cancel
from seglabel.core.categories import CategorySet
from seglabel.core.document import Document
from seglabel.core.errors import Cancelled, ProjectError
from seglabel.core.picture import ArrayPicture
from seglabel.core.project import Fault, Project
from seglabel.core.proposal import Proposal
from seglabel.core.queue import Place
from seglabel.core.review import merge_proposal
from seglabel.core.status import Status
from seglabel.formats.atomic import WriteError
from seglabel.formats.images import Rendering
from seglabel.formats.project_file import is_project
from seglabel.formats.project_store import RENDERING_SETTING, ProjectStore
from seglabel.jobs.predict import RENEW_SETTING, is_to_be_renewed
from seglabel.jobs.relocating import copy_project
from seglabel.jobs.train import LEARNED_SETTING

_AUTOSAVE_MS = 2000

_GONE = (
    "{0}: the project of {1} was kept here and is not here any more. Bring it back, or open the "
    "folder again to go on with what lies in it"
)
_NOT_THERE = "{0}: your work could not be saved there either"

OpenStore = Callable[[Path, Path | None], ProjectStore]


class SaveState(Enum):
    """What the status bar says of the work."""

    SAVED = "saved"
    UNSAVED = "unsaved"
    SAVING = "saving"
    FAILED = "failed"


def _all_names(project: Project) -> tuple[str, ...]:
    """Of the images, and of labelled ones that are gone, which can be put back."""
    if not project.missing:
        return project.names
    return tuple(sorted((*project.names, *project.missing)))


class Workspace(QObject):
    """Opens projects, goes from image to image, saves. Files are touched by workers only."""

    project_opened = Signal(object)  # ProjectStore
    access_changed = Signal(str)  # why the project is only looked at; empty if it is worked on
    images_changed = Signal(object)  # ProjectStore: other images, or other labels on disk
    order_changed = Signal()  # of the images
    queue_changed = Signal()  # which images are to be labelled next
    open_failed = Signal(str)
    relocated = Signal(object)  # ProjectStore that the project lay in before
    relocation_failed = Signal(str)  # message
    image_wanted = Signal(str)  # name of an image that is being read now
    image_opened = Signal(object)  # LoadedImage
    image_failed = Signal(str, str)  # name, message
    shown_proposed = Signal(object)  # Proposal that a run made of the image that is shown
    review_doubted = Signal()  # the image has no labels: is it meant to be all background?
    faults_changed = Signal()  # images turned out to be changed or gone, or are so no more
    record_changed = Signal(str)  # name of an image whose status or error changed
    categories_changed = Signal(object)  # CategorySet
    mapping_changed = Signal()  # what categories of models become here
    pictures_changed = Signal()  # they are read in another way
    history_limited = Signal()  # old steps may be forgotten
    save_state_changed = Signal(object, str)  # SaveState, message
    conflicted = Signal(str)  # message: labels that somebody else saved are shown now
    _store_ready = Signal(object, object)  # which opening, ProjectStore
    _store_failed = Signal(object, str)  # which opening, message
    _relocation_ended = Signal(str)  # message; empty if it was stopped

    def __init__(
        self,
        open_store: OpenStore,
        editor: Editor,
        reader: Reader,
        writer: Writer,
        job: CurrentJob,
        last_image: Callable[[Path], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._open_store = open_store
        self._last_image = last_image
        self._editor = editor
        self._reader = reader
        self._writer = writer
        self._job = job
        self._thread = WorkThread("projects")
        self._store: ProjectStore | None = None
        self._opening: object = None  # the project that is being opened
        self._documents = DocumentCache()
        self._image: LoadedImage | None = None
        self._wanted = ""
        self._names: tuple[str, ...] = ()  # of all images, in the order in which they come
        self._goes_by_gain = False
        self._queue: dict[str, tuple[int, Place]] = {}  # rank and place of images, the next first
        self._new_queue: tuple[Place, ...] = ()  # the newest, perhaps not yet gone by
        self._only: Status | None = None  # images of this status are gone through
        self._unreadable: set[str] = set()  # images that could not be read since the opening
        self._request = 0  # the ticket of the reader for the image that is wanted
        self._doubted: Document | None = None  # asked about, whether it is reviewed
        self._is_dirty = False
        self._saves_after_stroke = False
        self._after_save: list[tuple[Callable[[], None], Callable[[], None]]] = []
        self._autosave = QTimer(self)
        self._autosave.setSingleShot(True)
        self._autosave.setInterval(_AUTOSAVE_MS)
        self._autosave.timeout.connect(self.save)
        self._store_ready.connect(self._take_store)
        self._store_failed.connect(self._open_failed)
        self._relocation_ended.connect(self._end_relocation)
        reader.loaded.connect(self._take_image)
        reader.failed.connect(self._image_failed)
        reader.proposal_read.connect(self._take_proposal)
        writer.saved.connect(self._saved)
        writer.failed.connect(self._save_failed)
        writer.conflicted.connect(self._conflicted)
        writer.change_accepted.connect(self._change_accepted)
        writer.settled.connect(self._settled)
        editor.edited.connect(self._edited)
        editor.stroke_finished.connect(self._save_if_asked)
        job.ended.connect(self.sort)

    # state

    @property
    def store(self) -> ProjectStore | None:
        return self._store

    @property
    def project(self) -> Project | None:
        return self._store.project if self._store is not None else None

    @property
    def categories(self) -> CategorySet:
        """Those of the open project; none without one."""
        return self._store.project.categories if self._store is not None else CategorySet()

    @property
    def image(self) -> LoadedImage | None:
        """The image that is shown and edited."""
        return self._image

    @property
    def name(self) -> str:
        """The image that is shown or about to be."""
        return self._wanted

    @property
    def names(self) -> tuple[str, ...]:
        """The images in the order in which one goes from one to the next: all, or those of a
        status and the one that is shown."""
        return self._names

    @property
    def queue(self) -> tuple[Place, ...]:
        """The images that it pays to label, the next first."""
        return tuple(place for _, place in self._queue.values() if self._is_queued(place.name))

    def place(self, name: str) -> tuple[int, Place] | None:
        """Which one in the queue an image is, from 1, and why."""
        return self._queue.get(name) if self._is_queued(name) else None

    @property
    def waits_for(self) -> Path | None:
        """The project whose folder does not take for long what is being saved."""
        return self._writer.waits_for

    @property
    def statuses_in_memory(self) -> dict[str, Status]:
        """How far the images are that were worked on, where that may not yet be on disk."""
        return self._documents.statuses()

    @property
    def unreadable(self) -> frozenset[str]:
        """Images that turned out to be unreadable since the project was opened."""
        return frozenset(self._unreadable)

    @property
    def is_settled(self) -> bool:
        """Whether the image that is shown is the one that was last asked for."""
        return self._image is not None and self._image.name == self._wanted

    def status(self, name: str) -> Status:
        """How far an image is: in memory, where it was worked on, else as it was saved."""
        document = self._documents.peek(name)
        if document is not None:
            return document.status
        record = self.project.record(name) if self.project is not None else None
        return record.status if record is not None else Status.EMPTY

    # projects

    def open_project(
        self, folder: Path, root: Path | None = None, *, is_remembered: bool = False
    ) -> None:
        """Open a folder of images; answers by a signal.

        One that ``is_remembered`` to have its project at ``root`` is not begun anew there.

        All that was done before is on disk by then, so that it is seen if it is the same folder.
        """
        title = self.tr("Opening {0}").format(folder.name)
        lock = self.tr("Another folder is being opened.")
        if not self._job.begin(title, self._stop_opening, lock):
            return
        opening = self._opening = object()

        def work() -> None:
            try:
                if is_remembered and root is not None and not is_project(root):
                    raise ProjectError(_GONE.format(root, folder))
                self._store_ready.emit(opening, self._open_store(folder, root))
            except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
                text = noted(error)
                self._store_failed.emit(
                    opening, text if str(folder) in text else f"{folder}: {text}"
                )

        def refuse() -> None:
            text = self.tr("{0}: not opened, because your work here could not be saved.")
            self._open_failed(opening, text.format(folder))

        self.when_saved(lambda: self._thread.put(work), refuse)

    def relocate(self, root: Path) -> None:
        """Go on with the open project at ``root``, a new folder; answers by a signal.

        What could not be saved where it lay until now is saved there.
        """
        old = self._store
        if old is None:
            return
        cancel = Cancel()
        lock = self.tr("The project is being moved.")
        if not self._job.begin(self.tr("Moving the project to {0}").format(root), cancel.set, lock):
            return
        self._save_now()
        opening = self._opening = object()

        def work() -> None:
            try:
                self._store_ready.emit(opening, self._moved(old, root, cancel))
            except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
                self._relocation_ended.emit("" if isinstance(error, Cancelled) else noted(error))

        self._thread.put(work)

    def _moved(self, old: ProjectStore, root: Path, cancel: Cancel) -> ProjectStore:
        copy_project(old, root, cancel)
        new = self._open_store(old.folder, root)
        if new.refusal:
            raise WriteError(new.refusal)
        new.project.categories = old.project.categories
        new.project.settings.update(old.project.settings)
        new.save_project()
        self._writer.move(old, new)
        if self._writer.flush():
            self._writer.move(new, old)
            raise WriteError(_NOT_THERE.format(root))
        return new

    def _end_relocation(self, message: str) -> None:
        self._stop_opening()
        if message:
            self.relocation_failed.emit(message)

    def _stop_opening(self) -> None:
        self._opening = None
        self._job.end()

    def _open_failed(self, opening: object, message: str) -> None:
        if opening is self._opening:
            self._stop_opening()
            self.open_failed.emit(message)

    def _take_store(self, opening: object, store: ProjectStore) -> None:
        if opening is not self._opening:
            return
        self._stop_opening()
        self._reader.forget()
        self._forget_documents()
        before = self._store
        if before is not None:  # whose folder may not answer any more
            self._thread.put(before.close)
            if before.folder == store.folder and before.root != store.root:
                self.relocated.emit(before)
        self._store, self._wanted, self._only = store, "", None
        self._queue, self._new_queue = {}, ()
        self._unreadable = set(store.project.missing)
        self._sort()
        self.project_opened.emit(store)
        self.images_changed.emit(store)
        self.categories_changed.emit(store.project.categories)
        self.save_state_changed.emit(SaveState.SAVED, "")
        self.access_changed.emit(store.refusal)
        last = self._last_image(store.root)
        if self._names:
            self.go_to(last if last in store.project.records else self._first)

    @property
    def _first(self) -> str:
        """The first image whose file is there, if any is."""
        missing = self._store.project.missing if self._store is not None else {}
        return next((name for name in self._names if name not in missing), self._names[0])

    def _forget_documents(self) -> None:
        """What is on disk counts now; nothing is unsaved."""
        self._documents.clear()
        self._editor.set_document(None)
        self._image, self._request = None, 0

    # images

    def go_to(self, name: str) -> None:
        """Show another image; what is done to this one until then is saved."""
        if self._store is None or self._store.project.record(name) is None:
            return
        self._editor.conclude()
        self._save_now()
        self._wanted = name
        if self._goes_by_gain or (self._only is not None and name not in self._names):
            self.sort()
        document, history = self._documents.get(name), self._documents.history(name)
        self._request = self._reader.load(self._store, name, document, history)
        self.image_wanted.emit(name)

    def step(self, count: int) -> None:
        """So many images further (or back) in the list."""
        name = self._neighbour(count)
        if name is not None:
            self.go_to(name)

    def _next_readable(self) -> str | None:
        """The next image in the list that there is anything to do about."""
        if self._store is None:
            return None
        rest = self._names[self._names.index(self._wanted) + 1 :]
        return next((name for name in rest if name not in self._unreadable), None)

    def _neighbour(self, count: int) -> str | None:
        if self._store is None or not self._wanted:
            return None
        index = self._names.index(self._wanted) + count
        return self._names[index] if 0 <= index < len(self._names) else None

    @property
    def previous_name(self) -> str | None:
        """The image before the one that is shown."""
        return self._neighbour(-1)

    def document_in_memory(self, name: str) -> Document | None:
        """The annotation of an image that was worked on, as it is now."""
        return self._documents.peek(name)

    def go_by_gain(self, by_gain: bool) -> None:
        """Go through the images as it pays to label them, the others behind, or all by name."""
        self._goes_by_gain = by_gain
        self.sort()

    def take_queue(self, places: tuple[Place, ...]) -> None:
        """It pays to label images in this order from now on.

        While the image that is shown would leave its place, because it is being worked on, the
        list waits until one goes on.
        """
        self._new_queue = places
        leaves = self._wanted in self._queue and all(p.name != self._wanted for p in places)
        if not (self._goes_by_gain and leaves):
            self.sort()

    def _adopt_queue(self) -> None:
        names = [place.name for _, place in self._queue.values()]
        if names != [place.name for place in self._new_queue] or any(
            self._queue[place.name][1] != place for place in self._new_queue
        ):
            self._queue = {p.name: (rank, p) for rank, p in enumerate(self._new_queue, start=1)}
            self.queue_changed.emit()

    def show_only(self, status: Status | None) -> None:
        """Go through the images of a status, or through all.

        They are found now: one whose status changes on the way stays until images are sorted anew.
        """
        self._only = status
        self.sort()

    def sort(self) -> None:
        """Put the images in order again: what is known of them changed."""
        self._adopt_queue()
        before = self._names
        self._sort()
        if self._names != before:
            self.order_changed.emit()

    def _sort(self) -> None:
        project = self.project
        if project is None:
            self._names = ()
        elif self._goes_by_gain:
            queued = [name for name in self._queue if name in project.records]
            self._names = tuple(dict.fromkeys((*queued, *_all_names(project))))
        else:
            self._names = _all_names(project)
        if self._only is not None:  # what is shown is always among them
            self._names = tuple(
                name
                for name in self._names
                if name == self._wanted or self.status(name) is self._only
            )

    def go_to_next_in_queue(self) -> bool:
        """Show the image that comes after this one in the queue, going round at its end, or the
        first one if this one is not in it.

        Returns whether there is any.
        """
        self._adopt_queue()
        name = self._next_in_queue(tuple(self._queue))
        if name is not None:
            self.go_to(name)
        return name is not None

    def _next_in_queue(self, way: tuple[str, ...]) -> str | None:
        """The first image of the queue that comes after this one on the way, else of all."""
        here = way.index(self._wanted) + 1 if self._wanted in way else len(way)
        names = (*way[here:], *(place.name for _, place in self._queue.values()))
        return next((n for n in names if n != self._wanted and self._is_queued(n)), None)

    def _is_queued(self, name: str) -> bool:
        is_open = name in self._queue and name not in self._unreadable
        return is_open and not self.status(name).is_by_person

    def _take_image(self, request: int, image: LoadedImage) -> None:
        if request != self._request or self._store is None:
            return
        self._save_now()
        self._image, self._doubted = image, None
        self._unreadable.discard(image.name)
        self._documents.put(image.name, image.document)
        picture = image.picture
        self._editor.set_document(
            image.document, ArrayPicture(picture) if isinstance(picture, np.ndarray) else picture
        )
        self.image_opened.emit(image)
        following = self._neighbour(1)
        if following is not None:
            self._reader.prefetch(self._store, following)

    def _image_failed(self, request: int, name: str, message: str) -> None:
        if request != self._request or self._store is None:
            return
        self._save_now()
        self._image = None
        self._editor.set_document(None)
        self.note_unreadable(self._store, name, message)
        self.image_failed.emit(name, message)

    def leave_image(self) -> None:
        """Show none until the wanted one was read."""
        self._save_now()
        self._image = None
        self._editor.set_document(None)

    # work

    def mark_reviewed(self) -> None:
        """The image is as it should be; go to the next one.

        One without any labels is asked about first: a stray Enter would say that it is background.
        """
        document = self._editor.document
        if document is None or not self.is_settled or self._editor.is_read_only:
            return
        has_categories = self.project is not None and len(self.project.categories) > 0
        if not has_categories or (
            document.status is Status.EMPTY and document is not self._doubted
        ):
            self._doubted = document if has_categories else None
            self.review_doubted.emit()
            return
        self._editor.mark_reviewed()
        self.accept_change(self._wanted)  # a person looked at the image as it is now
        self.save()
        following = None
        if self._goes_by_gain:  # also where this one left its place in the list meanwhile
            self._adopt_queue()
            following = self._next_in_queue(self._names)
        following = following or self._next_readable()
        if following is not None:
            self.go_to(following)

    def accept_change(self, name: str) -> None:
        """The labels of an image that changed after it was labelled fit it as it is now."""
        if self._store is not None and self._store.project.fault(name) is Fault.CHANGED:
            self._writer.accept_change(self._store, name)

    def note_faults(self) -> None:
        """Files were compared with what was labelled: show how they are now."""
        self.faults_changed.emit()

    def _change_accepted(self, store: ProjectStore, name: str) -> None:
        if store is self._store:
            self.record_changed.emit(name)

    def accept(self) -> None:
        """Make every pixel of the image the person's own."""
        if self.is_settled:
            self._editor.accept()

    def clear(self) -> None:
        """Take away what nobody painted."""
        if self.is_settled:
            self._editor.clear()

    def proposal_written(self, name: str) -> None:
        """A run put new labels of an image on disk: what is in memory of it follows."""
        if self._store is None:
            return
        self._documents.forget(name)
        if self._documents.get(name) is not None:
            self._reader.read_proposal(self._store, name)
        elif name == self._wanted:  # perhaps its old labels were just read
            self.go_to(name)
        self.record_changed.emit(name)

    def _take_proposal(self, store: ProjectStore, name: str, proposal: Proposal) -> None:
        document = self._documents.get(name)
        if store is not self._store or document is None or document.status.is_by_person:
            return
        document.locked = self._editor.locked
        if self._image is not None and document is self._image.document:
            self.shown_proposed.emit(proposal)
        elif merge_proposal(document, proposal.labels, "propose") is not None:
            self._put_on_disk(name, document)

    def limit_undo(self, undo_bytes: int) -> None:
        """What can be undone in all images together takes at most so many bytes from now on."""
        self._documents.limit_undo(undo_bytes)
        self.history_limited.emit()

    def remember_model(self, name: str) -> None:
        """The project uses this model from now on."""
        if self._store is not None and self._store.project.settings.get("model") != name:
            self._store.project.settings["model"] = name
            self._writer.save_project(self._store)

    def remember_learned(self, images: int) -> None:
        """Remember how many images were corrected when a model was learned last."""
        if self._store is not None:
            self._store.project.settings[LEARNED_SETTING] = images
            self._writer.save_project(self._store)

    def remember_renewing(self, is_wanted: bool) -> None:
        """Whether all is to be proposed anew by the model that the project uses now."""
        if self._store is None or is_to_be_renewed(self._store.project) == is_wanted:
            return
        settings = self._store.project.settings
        settings[RENEW_SETTING] = settings.get("model") if is_wanted else None
        self._writer.save_project(self._store)

    def remember_mapping(self, chosen: dict[str, str]) -> None:
        """What categories of models become in this project from now on."""
        if self._store is not None and self._store.project.settings.get("mapping", {}) != chosen:
            self._store.project.settings["mapping"] = chosen
            self._writer.save_project(self._store)
            self.mapping_changed.emit()

    def remember_locked(self, locked: frozenset[int]) -> None:
        """Nothing changes the pixels of these categories, in this project from now on."""
        if self._store is not None and self._store.project.locked != locked:
            self._store.project.settings["locked"] = sorted(locked)
            self._writer.save_project(self._store)

    def set_rendering(self, rendering: Rendering) -> None:
        """Read pictures with other bands or another stretch from now on."""
        if self._store is None or rendering == self._store.rendering:
            return
        self._store.project.settings[RENDERING_SETTING] = rendering.to_json()
        self._writer.save_project(self._store)
        self._reader.forget()
        self.pictures_changed.emit()
        if self._wanted:
            self.go_to(self._wanted)

    def set_categories(self, categories: CategorySet) -> None:
        """Use other categories from now on."""
        if self._store is None or categories == self._store.project.categories:
            return
        self._store.project.categories = categories
        self._writer.save_project(self._store)
        self.categories_changed.emit(categories)

    def save(self) -> None:
        """Hand the annotation to the writer if it changed since; not in the middle of a stroke,
        which may still be given up."""
        self._autosave.stop()
        self._saves_after_stroke = self._editor.has_half_a_stroke
        if self._editor.has_half_a_stroke or not self._is_dirty:
            return
        if self._image is None or self._store is None:
            return
        self._is_dirty = False
        self._put_on_disk(self._image.name, self._image.document)
        self.save_state_changed.emit(SaveState.SAVING, "")

    def _put_on_disk(self, name: str, document: Document) -> None:
        assert self._store is not None
        ticket = self._writer.save(self._store, name, document.snapshot())
        self._documents.hold(name, document, ticket)

    def _save_now(self) -> None:
        """The same before the document is left: a stroke in hand is given up."""
        self._editor.leave_gesture()
        self.save()

    def _save_if_asked(self) -> None:
        if self._saves_after_stroke:
            self.save()

    def note_unreadable(self, store: ProjectStore, name: str, message: str) -> None:
        """An image turned out to be unreadable; the list shows why. Nothing is written."""
        record = store.project.records.get(name)
        if store is self._store:
            self._unreadable.add(name)
        if store is self._store and record is not None and record.error != message:
            store.project.update(record.changed(error=message))
            self.record_changed.emit(name)

    def when_saved(self, action: Callable[[], None], refuse: Callable[[], None]) -> None:
        """Save, and call ``action`` once everything is on disk, ``refuse`` if that fails."""
        self._save_now()
        self._writer.retry()
        self._after_save.append((action, refuse))
        self._run_if_saved()

    def _run_if_saved(self) -> None:
        if self._writer.is_working:
            return
        waiting, self._after_save = self._after_save, []
        for action, refuse in waiting:
            if self._writer.has_pending:
                refuse()
            else:
                action()

    def reload(self) -> None:
        """Files of the project changed behind our back, by an import: read them again."""
        if self._store is None:
            return
        shown = self._wanted
        self._unreadable |= set(self._store.project.missing)
        self._forget_documents()
        self._sort()
        self.images_changed.emit(self._store)
        self.categories_changed.emit(self._store.project.categories)
        if self._names:
            self.go_to(shown if shown in self._names else self._first)

    def save_all(self) -> None:
        """Save, and try again what could not be written before."""
        self.save()
        self.save_state_changed.emit(SaveState.SAVING, "")
        self._writer.retry()

    def flush(self, timeout_s: float) -> list[str]:
        """Save and wait. Returns what is not written by then: names of images, and an empty one
        for categories and settings."""
        self._save_now()
        return self._writer.flush(timeout_s)

    def close(self) -> bool:
        """End the workers, and let others write. Returns False if one does not end in time."""
        ended = close_together((self._writer.close, self._reader.close, self._thread.close))
        if self._store is not None and ended:
            self._store.close()  # else the end of the process does it, as nobody writes any more
        return ended

    def _edited(self) -> None:
        self._is_dirty = True
        self._doubted = None
        self._autosave.start()
        self.save_state_changed.emit(SaveState.UNSAVED, "")

    def _saved(self, name: str, ticket: int) -> None:
        self._documents.release(name, ticket)
        self.record_changed.emit(name)

    def _conflicted(self, store: ProjectStore, name: str, message: str) -> None:
        """Somebody else saved an image: their labels are shown from now on."""
        if store is not self._store:
            return
        self._documents.drop(name)
        self.record_changed.emit(name)
        if name == self._wanted:
            self._is_dirty = False
            self.go_to(name)
        self.conflicted.emit(message)

    def _save_failed(self, message: str) -> None:
        self.save_state_changed.emit(SaveState.FAILED, message)

    def _settled(self) -> None:
        if self._writer.is_working:
            return
        if self._writer.has_pending:
            self.save_state_changed.emit(SaveState.FAILED, "")
        elif not self._is_dirty:
            self.save_state_changed.emit(SaveState.SAVED, "")
        self._run_if_saved()
