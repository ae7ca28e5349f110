"""Labels of the previous image, copied into the one that is shown."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from seglabel.app.editor import Editor
from seglabel.app.workers.reader import Reader
from seglabel.app.workspace import Workspace
from seglabel.core.document import Document
from seglabel.formats.project_store import ProjectStore


class Copying(QObject):
    """Fetches the labels, from memory or from disk, and gives them to the editor."""

    refused = Signal(str)  # why nothing was copied

    def __init__(
        self, workspace: Workspace, editor: Editor, reader: Reader, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._editor = editor
        # What is waited for: previous image, document to copy into, pixel or None for everything.
        self._wish: tuple[str, Document, tuple[int, int] | None] | None = None
        self._reader = reader
        reader.labels_read.connect(self._labels_read)
        editor.document_changed.connect(lambda _: self._forget())

    def copy_all(self) -> None:
        """Every labelled pixel of the previous image."""
        self._copy(None)

    def copy_region(self, pixel: tuple[int, int] | None) -> None:
        """The region that the previous image has at a pixel (y, x)."""
        if pixel is None:
            self.refused.emit(self.tr("Point at the place of the region in the previous image."))
        else:
            self._copy(pixel)

    def _copy(self, pixel: tuple[int, int] | None) -> None:
        store, document = self._workspace.store, self._editor.document
        name = self._workspace.previous_name
        if store is None or document is None or self._editor.is_read_only:
            return
        if name is None:
            self.refused.emit(self.tr("There is no image before this one."))
            return
        self._wish = (name, document, pixel)
        known = self._workspace.document_in_memory(name)
        if known is not None:
            self._take(name, known.labels)
        else:
            self._reader.read_labels(store, name)

    def _labels_read(self, store: ProjectStore, name: str, labels: object) -> None:
        if store is self._workspace.store:
            self._take(name, labels if isinstance(labels, np.ndarray) else None)

    def _take(self, name: str, labels: NDArray[np.uint8] | None) -> None:
        """Only if it is still wanted: the image that is shown may be another one by now."""
        if self._wish is None or self._wish[0] != name:
            return
        (_, document, pixel), self._wish = self._wish, None
        if document is not self._editor.document:
            return
        if labels is None or not labels.any():
            self.refused.emit(self.tr("{0} has no labels to copy.").format(name))
        elif labels.shape != document.shape:
            self.refused.emit(self.tr("{0} has another size, so nothing was copied.").format(name))
        elif pixel is not None and not labels[pixel]:
            self.refused.emit(self.tr("{0} has no region at this place.").format(name))
        else:
            self._editor.when_free(lambda: self._editor.copy(labels, pixel))

    def _forget(self) -> None:
        self._wish = None
