"""How long a person works on each image: from movement to movement, without the pauses."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject

from seglabel.app.canvas.view import CanvasView
from seglabel.app.editor import Editor


class EffortClock(QObject):
    """Adds the time between two signs of life to the effort of the document that is edited.

    Pointing at the picture is one: looking for mistakes is work too. Time alone makes a document
    not worth saving; it goes to disk with the next change, be it that the image is reviewed.
    """

    def __init__(
        self,
        editor: Editor,
        canvas: CanvasView,
        parent: QObject,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._now = now
        self._last: float | None = None  # sign of life at this document
        editor.document_changed.connect(self._begin)
        for signal in (
            editor.gesture_changed,
            editor.region_changed,
            editor.edited,
            canvas.pointed,
            canvas.moved,
            canvas.transform_changed,
        ):
            signal.connect(self._tick)

    def _begin(self, _: object) -> None:
        self._last = self._now()

    def _tick(self, *_: object) -> None:
        document = self._editor.document
        if document is None or self._last is None:
            return
        last, self._last = self._last, self._now()
        document.effort = document.effort.with_pause(self._last - last)
