"""Documents that were worked on stay in memory as long as there is room, and histories longer."""

from __future__ import annotations

from collections import OrderedDict

from seglabel.core.document import Document
from seglabel.core.history import UNDO_BYTES, History
from seglabel.core.status import Status

_PIXEL_BYTES = 256 << 20


class DocumentCache:
    """Recently open documents by image name. One that is not yet on disk is never dropped.

    Pixels and histories have a bound each. An image whose pixels had to go is read again when it
    is wanted, and finds its history as it was left.
    """

    def __init__(self, undo_bytes: int = UNDO_BYTES, pixel_bytes: int = _PIXEL_BYTES) -> None:
        self._undo_bytes = undo_bytes
        self._pixel_bytes = pixel_bytes
        self._documents: OrderedDict[str, Document] = OrderedDict()
        self._histories: OrderedDict[str, History] = OrderedDict()
        self._held: dict[str, int] = {}

    def get(self, name: str) -> Document | None:
        document = self._documents.get(name)
        if document is not None:
            self._documents.move_to_end(name)
        return document

    def peek(self, name: str) -> Document | None:
        """The same without counting as a use: what is shown stays the newest."""
        return self._documents.get(name)

    def statuses(self) -> dict[str, Status]:
        """How far the images are that are in memory."""
        return {name: document.status for name, document in self._documents.items()}

    def history(self, name: str) -> History | None:
        """What was done to an image, whether or not its pixels are still in memory."""
        return self._histories.get(name)

    def put(self, name: str, document: Document) -> None:
        document.history.limit(self._undo_bytes)
        self._documents[name], self._histories[name] = document, document.history
        self._documents.move_to_end(name)
        self._histories.move_to_end(name)
        self._make_room()

    def limit_undo(self, undo_bytes: int) -> None:
        """All histories together take at most so many bytes from now on."""
        self._undo_bytes = undo_bytes
        for history in self._histories.values():
            history.limit(undo_bytes)
        self._make_room()

    def hold(self, name: str, document: Document, ticket: int) -> None:
        """A document waits for the save with this ticket; until then the disk has an older one."""
        self._documents.setdefault(name, document)  # it may have had to go while it was shown
        self._histories.setdefault(name, document.history)
        self._held[name] = ticket

    def release(self, name: str, ticket: int) -> None:
        """The save with this ticket is on disk; a newer one may still wait."""
        if self._held.get(name) == ticket:
            del self._held[name]
            self._make_room()

    def forget(self, name: str) -> None:
        """An image that is not in memory changed on disk: its history no longer fits."""
        if name not in self._documents:
            self._histories.pop(name, None)

    def drop(self, name: str) -> None:
        """What is in memory of an image no longer counts."""
        self._documents.pop(name, None)
        self._histories.pop(name, None)
        self._held.pop(name, None)

    def clear(self) -> None:
        self._documents.clear()
        self._histories.clear()
        self._held.clear()

    def _make_room(self) -> None:
        newest = next(reversed(self._documents), None)
        pixels = sum(_pixel_bytes(document) for document in self._documents.values())
        for name, document in list(self._documents.items()):
            is_free = name not in self._held and name != newest and not document.is_being_edited
            if pixels > self._pixel_bytes and is_free:
                pixels -= _pixel_bytes(document)
                document.pack()
                del self._documents[name]
        undo = sum(history.nbytes for history in self._histories.values())
        for name, history in list(self._histories.items()):
            if undo > self._undo_bytes and name != newest:
                undo -= history.nbytes
                history.clear()
                if name not in self._documents:
                    del self._histories[name]


def _pixel_bytes(document: Document) -> int:
    instances = 0 if document.instances is None else document.instances.nbytes
    return document.labels.nbytes + document.painted.nbytes + instances
