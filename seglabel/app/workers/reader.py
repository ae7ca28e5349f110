"""Reads images and their annotations off the GUI thread."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from seglabel.app.canvas.photograph import HeldPhotograph, Photograph
from seglabel.app.canvas.tiled_photograph import TiledPhotograph
from seglabel.app.workers.errors import noted
from seglabel.app.workers.thread import WorkThread
from seglabel.app.workers.worker import Worker
from seglabel.core.document import Document
from seglabel.core.errors import LabelError, SegLabelError
from seglabel.core.geometry import Region
from seglabel.core.history import History
from seglabel.formats.images import ImageInfo, OpenPicture, size_and_time
from seglabel.formats.project_store import ProjectStore

_CACHE_BYTES = 768 << 20
_FILE_CACHE_BYTES = 64 << 20  # the photograph keeps the tiles that are seen itself
_PATIENCE_S = 3.0  # a disk that takes longer may never answer
_MOST_ABANDONED = 8
_READ_WHOLE_BYTES = 64 << 20
_HELD_PIXELS = 1 << 26  # larger pictures are shown from their files, if these can be read by parts


@dataclass(frozen=True)
class LoadedImage:
    """An image ready to be shown and edited. ``picture`` is RGB (H, W, 3), or gives parts of it."""

    name: str
    picture: NDArray[np.uint8] | OpenPicture
    photograph: Photograph
    document: Document


class Reader(Worker):
    """The newest request wins; the picture of a neighbour can be decoded ahead."""

    loaded = Signal(int, object)  # the ticket given by load(), LoadedImage
    failed = Signal(int, str, str)  # the ticket, name, message
    proposal_read = Signal(object, str, object)  # ProjectStore, name, Proposal
    labels_read = Signal(object, str, object)  # ProjectStore, name, label map or None
    part_arrived = Signal(object, object)  # Photograph, Region that is shown finer now
    compared_read = Signal(object, str, object)  # ProjectStore, name, Proposal or None
    trouble = Signal(str)  # message: something that nobody waits for could not be read

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = WorkThread("reader")
        self._abandoned: list[WorkThread] = []  # that may never come back
        self._lock = threading.Lock()  # of what is held, by those and the one that reads now
        self._ticket = 0  # of the newest request
        self._tiles = WorkThread("tiles", gives_way=True)
        self._decoded: OrderedDict[tuple[ProjectStore, str], HeldPhotograph] = OrderedDict()
        self._opened: LoadedImage | None = None  # shown from its file

    def load(
        self,
        store: ProjectStore,
        name: str,
        document: Document | None = None,
        history: History | None = None,
    ) -> int:
        """Read an image; answers by a signal unless a newer request comes. Returns a ticket.

        Its annotation is ``document`` where that is still in memory, else what was saved, which
        can be undone by ``history``.
        """
        self._ticket += 1
        ticket = self._ticket
        self._go_past_silent_disk()
        self._thread.put(lambda: self._load(ticket, store, name, document, history))
        return ticket

    def _go_past_silent_disk(self) -> None:
        """What is read now may never come: others are read beside it."""
        silent = sum(not thread.has_ended for thread in self._abandoned)
        if self._thread.seconds_at_work > _PATIENCE_S and silent < _MOST_ABANDONED:
            self._thread.abandon()
            self._abandoned.append(self._thread)
            self._thread = WorkThread("reader")

    def prefetch(self, store: ProjectStore, name: str) -> None:
        """Decode a picture that will probably be wanted next."""
        self._thread.put(lambda: self._prefetch(store, name))

    def read_proposal(self, store: ProjectStore, name: str) -> None:
        """Read what a run proposed for an image; answers by a signal."""
        self._thread.put(lambda: self._read_proposal(store, name))

    def read_labels(self, store: ProjectStore, name: str) -> None:
        """Read the label map of an image that is not shown; answers by a signal."""
        self._thread.put(lambda: self._read_labels(store, name))

    def read_compared(self, store: ProjectStore, name: str) -> None:
        """Read what was last proposed for an image, to be looked at; answers by a signal."""
        self._thread.put(lambda: self._read_compared(store, name))

    def forget(self) -> None:
        """Drop decoded pictures, of a project that was closed."""
        self._ticket += 1
        self._thread.put(self._decoded.clear)
        self._thread.put(self._close_opened)

    def close(self) -> bool:
        """Returns False if it does not end in time."""
        self._ticket += 1
        self._thread.put(self._close_opened)
        ended = all([self._thread.close(), self._tiles.close()])
        return ended and all(thread.has_ended for thread in self._abandoned)

    def _load(
        self,
        ticket: int,
        store: ProjectStore,
        name: str,
        document: Document | None,
        history: History | None,
    ) -> None:
        if ticket != self._ticket:
            return
        try:
            loaded = self._read(ticket, store, name, document, history)
        except MemoryError:
            self.tell(self.failed, ticket, name, f"{name}: too large for this machine's memory")
        except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
            text = noted(error)
            self.tell(self.failed, ticket, name, text if name in text else f"{name}: {text}")
        else:
            if loaded is not None:
                self.tell(self.loaded, ticket, loaded)

    def _prefetch(self, store: ProjectStore, name: str) -> None:
        try:
            if not _is_shown_by_parts(store.probe_image(name)):
                self._decode(store, name)
        except Exception:  # noqa: BLE001 - only done ahead
            return  # it will be said when the person gets there

    def _read_labels(self, store: ProjectStore, name: str) -> None:
        try:
            annotation = store.load(name)
        except SegLabelError:
            annotation = None  # what is wrong with it is said when that image is opened
        except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
            annotation = None
            self.tell(self.trouble, noted(error))
        labels = None if annotation is None else annotation.labels
        self.tell(self.labels_read, store, name, labels)

    def _read_proposal(self, store: ProjectStore, name: str) -> None:
        try:
            proposal = store.load_proposal(name)
        except LabelError:
            return  # written over or removed by someone else; the image stays as it is shown
        except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
            self.tell(self.trouble, noted(error))
            return
        if proposal is not None:
            self.tell(self.proposal_read, store, name, proposal)

    def _read_compared(self, store: ProjectStore, name: str) -> None:
        try:
            proposal = store.load_proposal(name)
        except LabelError:
            proposal = None  # damaged: a new run makes another one
        except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
            proposal = None
            self.tell(self.trouble, noted(error))
        self.tell(self.compared_read, store, name, proposal)

    def _read(
        self,
        ticket: int,
        store: ProjectStore,
        name: str,
        document: Document | None,
        history: History | None,
    ) -> LoadedImage | None:
        """``None`` where another image is wanted by the time that the disk answers."""
        self._close_opened()
        if (store, name) not in self._decoded:
            picture = store.open_image(name, _FILE_CACHE_BYTES)
            if ticket != self._ticket:
                picture.close()
                return None
            if _is_shown_by_parts(picture.info):
                return self._read_by_parts(store, name, picture, document, history)
            picture.close()
        _note_change(store, name)
        photograph = self._decode(store, name)
        if document is None:
            document = _load_document(store, name, photograph.shape, history)
        return LoadedImage(name, photograph.levels[0], photograph, document)

    def _read_by_parts(
        self,
        store: ProjectStore,
        name: str,
        picture: OpenPicture,
        document: Document | None,
        history: History | None,
    ) -> LoadedImage:
        try:
            _note_change(store, name)
            if document is None:
                document = _load_document(store, name, picture.shape, history)
        except BaseException:
            picture.close()
            raise

        def arrived(region: Region) -> None:
            self.tell(self.part_arrived, photograph, region)

        photograph = TiledPhotograph(picture, self._tiles, arrived)
        self._opened = LoadedImage(name, picture, photograph, document)
        return self._opened

    def _close_opened(self) -> None:
        """Another image is wanted: nobody needs the file that this one was shown from."""
        opened, self._opened = self._opened, None
        if opened is not None and not isinstance(opened.picture, np.ndarray):
            opened.photograph.close()
            opened.picture.close()

    def _decode(self, store: ProjectStore, name: str) -> HeldPhotograph:
        key = (store, name)
        with self._lock:
            if key in self._decoded:
                self._decoded.move_to_end(key)
                return self._decoded[key]
        decoded = HeldPhotograph.build(store.read_image(name))
        with self._lock:
            self._decoded[key] = decoded
            while len(self._decoded) > 1 and self._total() > _CACHE_BYTES:
                self._decoded.popitem(last=False)
        return decoded

    def _total(self) -> int:
        return sum(decoded.nbytes for decoded in self._decoded.values())


def _note_change(store: ProjectStore, name: str) -> None:
    """Have the project know whether this is the file that was labelled, as what is shown now.

    A large file, which takes long to be read whole, is only read where its size or time differ.
    """
    size, _ = size_and_time(store.image_path(name))
    store.has_changed(name, trusting=size > _READ_WHOLE_BYTES)


def _is_shown_by_parts(info: ImageInfo) -> bool:
    return info.is_windowed and info.height * info.width > _HELD_PIXELS


def _load_document(
    store: ProjectStore, name: str, shape: tuple[int, int], history: History | None
) -> Document:
    annotation = store.load(name)
    if annotation is None:
        return Document.blank(*shape)
    found = annotation.labels.shape
    if found != shape:
        raise LabelError(
            f"{name}: was labelled at {found[1]} × {found[0]} pixels, but the image now has "
            f"{shape[1]} × {shape[0]}. Put the old image back, or remove its label file to start "
            "over; nothing was changed."
        )
    if history is None:
        history = store.load_history(name, annotation)
    return Document(
        annotation.labels,
        annotation.painted,
        annotation.instances,
        annotation.status,
        history,
        annotation.effort,
        annotation.origin,
        annotation.changes,
    )
