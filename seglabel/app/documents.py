"""Documents that were worked on stay in memory, with their history, as long as there is room."""

from __future__ import annotations

from collections import OrderedDict

from seglabel.core.document import Document

_BYTE_LIMIT = 512 << 20


class DocumentCache:
    """Recently open documents by image name. One that is not yet on disk is never dropped."""

    def __init__(self, byte_limit: int = _BYTE_LIMIT) -> None:
        self._byte_limit = byte_limit
        self._documents: OrderedDict[str, Document] = OrderedDict()
        self._held: dict[str, int] = {}

    def get(self, name: str) -> Document | None:
        document = self._documents.get(name)
        if document is not None:
            self._documents.move_to_end(name)
        return document

    def put(self, name: str, document: Document) -> None:
        self._documents[name] = document
        self._documents.move_to_end(name)
        self._make_room()

    def hold(self, name: str, ticket: int) -> None:
        """The document waits for the save with this ticket."""
        self._held[name] = ticket

    def release(self, name: str, ticket: int) -> None:
        """The save with this ticket is on disk; a newer one may still wait."""
        if self._held.get(name) == ticket:
            del self._held[name]
            self._make_room()

    def clear(self) -> None:
        self._documents.clear()
        self._held.clear()

    def _make_room(self) -> None:
        newest = next(reversed(self._documents), None)
        for name in list(self._documents):
            if self._nbytes() <= self._byte_limit:
                return
            if name not in self._held and name != newest:
                del self._documents[name]

    def _nbytes(self) -> int:
        return sum(
            document.labels.nbytes + document.painted.nbytes + document.history.nbytes
            for document in self._documents.values()
        )
