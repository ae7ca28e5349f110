"""The one job that may run at a time, so that none hides behind or disturbs another."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from seglabel.core.progress import Progress


class CurrentJob(QObject):
    """What runs, how far it is, and how to stop it. Who runs it says so here."""

    started = Signal(str)  # title
    progressed = Signal(object)  # Progress
    ended = Signal()
    refused = Signal(str)  # title of the job that is in the way

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._title = ""
        self._lock = ""
        self._stop: Callable[[], None] | None = None

    @property
    def is_running(self) -> bool:
        return self._stop is not None

    @property
    def lock(self) -> str:
        """Why labels cannot be changed while it runs; empty where they can."""
        return self._lock

    def begin(self, title: str, stop: Callable[[], None], lock: str = "") -> bool:
        """Take the place if it is free. ``stop`` is called when the person has enough of it."""
        if not self.is_free():
            return False
        self._title, self._stop, self._lock = title, stop, lock
        self.started.emit(title)
        return True

    def is_free(self) -> bool:
        """Whether nothing runs; if something does, it is said what."""
        if self._stop is not None:
            self.refused.emit(self._title)
        return self._stop is None

    def show(self, progress: Progress) -> None:
        if self._stop is not None:
            self.progressed.emit(progress)

    def end(self) -> None:
        self._stop, self._lock = None, ""
        self.ended.emit()

    def stop(self) -> None:
        if self._stop is not None:
            self._stop()
