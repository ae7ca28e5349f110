"""Keeps every change at once, off the GUI thread and apart from saving, which may take longer."""

from __future__ import annotations

import threading
from collections import deque

from PySide6.QtCore import QObject, Signal

from seglabel.app.workers.errors import noted
from seglabel.app.workers.thread import WorkThread
from seglabel.app.workers.worker import Worker
from seglabel.formats.journal import JournalEntry
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.recovery import find_unsaved


class JournalKeeper(Worker):
    """Changes that come while others are written go to the disk together."""

    kept = Signal(str, int)  # name of an image, number of its last change that survives a crash
    failed = Signal(str)  # message
    found = Signal(object, object)  # ProjectStore, tuple of Unsaved

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = WorkThread("journal")
        self._lock = threading.Lock()
        self._waiting: deque[tuple[ProjectStore, str, JournalEntry]] = deque()

    def keep(self, store: ProjectStore, name: str, entry: JournalEntry) -> None:
        """Make a change of an image survive a crash soon."""
        with self._lock:
            self._waiting.append((store, name, entry))
        self._thread.put(self._write)

    def look(self, store: ProjectStore) -> None:
        """Find work that was never saved; answers by a signal."""
        self._thread.put(lambda: self._look(store))

    def close(self) -> bool:
        """Write what waits. Returns False if it does not end in time."""
        return self._thread.close()

    def _look(self, store: ProjectStore) -> None:
        try:
            self.tell(self.found, store, tuple(find_unsaved(store)))
        except OSError as error:
            self.tell(self.failed, noted(error))

    def _write(self) -> None:
        """Try each image that waits once. What fails waits for the next change of any."""
        with self._lock:
            images = {(store, name) for store, name, _ in self._waiting}
        for store, name in images:
            entries = self._take(store, name)
            if not entries:
                continue
            try:
                store.note_changes(name, entries)
            except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
                with self._lock:
                    self._waiting.extendleft((store, name, entry) for entry in reversed(entries))
                self.tell(self.failed, noted(error))
            else:
                self.tell(self.kept, name, entries[-1].change.number)

    def _take(self, store: ProjectStore, name: str) -> list[JournalEntry]:
        """What waits of an image, in order."""
        with self._lock:
            mine = [entry for where, what, entry in self._waiting if (where, what) == (store, name)]
            self._waiting = deque(w for w in self._waiting if w[:2] != (store, name))
        return mine
