"""Saves annotations off the GUI thread, one after another; of several of one image, the last."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from seglabel.app.workers.thread import WorkThread
from seglabel.core.errors import SegLabelError
from seglabel.core.proposal import Proposal
from seglabel.formats.project_store import Annotation, ProjectStore


class Writer(QObject):
    """A failed save is kept and can be tried again; nothing is forgotten until it is on disk."""

    saved = Signal(str, int)  # name, the ticket given by save()
    failed = Signal(str)  # message
    idle = Signal()  # everything is on disk

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = WorkThread("writer")
        self._lock = threading.Lock()
        self._pending: OrderedDict[tuple[str, str], Callable[[], None]] = OrderedDict()
        self._tickets = 0

    def save(self, store: ProjectStore, name: str, annotation: Annotation) -> int:
        """Save soon; a save of the same image that still waits is replaced. Returns a ticket."""
        self._tickets += 1
        ticket = self._tickets

        def work() -> None:
            store.save(name, annotation)
            self.saved.emit(name, ticket)

        self._put(("annotation", name), work)
        return ticket

    def keep_proposal(self, store: ProjectStore, name: str, proposal: Proposal) -> None:
        """Keep what the model said of an image; its labels are saved apart."""

        def work() -> None:
            store.keep_proposal(name, proposal, store.digest(name))

        self._put(("proposal", name), work)

    def save_project(self, store: ProjectStore) -> None:
        """Save categories and settings soon."""
        self._put(("project", ""), store.save_project)

    def retry(self) -> None:
        """Try again what failed."""
        self._thread.put(self._run)

    @property
    def has_pending(self) -> bool:
        """Whether anything still waits, be it because it failed."""
        with self._lock:
            return bool(self._pending)

    def close(self) -> bool:
        """Write what waits and end. Returns False if something could not be written."""
        self._thread.put(self._run)
        self._thread.close(timeout_s=30)
        return not self.has_pending

    def _put(self, key: tuple[str, str], work: Callable[[], None]) -> None:
        with self._lock:
            self._pending.pop(key, None)
            self._pending[key] = work
        self._thread.put(self._run)

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._pending:
                    break
                key, work = next(iter(self._pending.items()))
            try:
                work()
            except (SegLabelError, OSError, MemoryError) as error:
                self.failed.emit(str(error) or type(error).__name__)
                return
            with self._lock:
                if self._pending.get(key) is work:
                    del self._pending[key]
        self.idle.emit()
