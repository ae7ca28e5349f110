"""Packs what was done while nobody paints."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from seglabel.core.document import Document

_SLICE_S = 0.004  # a stroke that begins waits no longer


class PackingTimer(QObject):
    """Gives documents time to pack their histories, a little whenever the window has none to do."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._documents: list[Document] = []
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._work)

    @property
    def is_active(self) -> bool:
        """Whether anything waits that may be packed now."""
        return self._timer.isActive()

    def add(self, document: Document) -> None:
        """An edit of this document ended: there is something to pack, perhaps."""
        if document not in self._documents:
            self._documents.append(document)
        self._timer.start()

    def _work(self) -> None:
        """Go on with a document that nobody paints in; without one, wait for an edit to end."""
        document = next((one for one in self._documents if not one.is_being_edited), None)
        if document is None:
            self._timer.stop()
        elif not document.pack(_SLICE_S):
            self._documents.remove(document)
