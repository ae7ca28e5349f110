"""Keeps every change at once, off the GUI thread and apart from saving, which may take longer."""

from __future__ import annotations

import threading
from collections import defaultdict
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from seglabel.app.workers.errors import noted
from seglabel.app.workers.thread import WorkThread
from seglabel.app.workers.worker import Worker
from seglabel.formats.journal import JournalEntry
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.recovery import find_unsaved

_PATIENCE_MS = 1000  # a disk that takes longer may never answer
_CLOSE_S = 0.5

_Key = tuple[ProjectStore, str]  # an image


class JournalKeeper(Worker):
    """Changes that come while others are written go to the disk together.

    What the folder of the project does not take, or not in time, is kept in the person's own
    folder, until the project has it after all.
    """

    kept = Signal(str, int)  # name of an image, number of its last change that survives a crash
    failed = Signal(str)  # message: a change is kept nowhere
    diverted = Signal(object, str)  # ProjectStore, why its changes are kept elsewhere for now
    restored = Signal()  # the folder of the project has taken everything
    found = Signal(object, object)  # ProjectStore, tuple of Unsaved

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = WorkThread("journal")
        self._spare_thread = WorkThread("journal")
        self._lock = threading.Lock()
        self._waiting: defaultdict[_Key, list[JournalEntry]] = defaultdict(list)
        self._writing: dict[_Key, list[JournalEntry]] = {}
        self._elsewhere: dict[_Key, JournalEntry] = {}  # the last change that is kept there
        self._is_diverting = False  # the folder of the project did not take what it should
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._out_of_patience)

    def keep(self, store: ProjectStore, name: str, entry: JournalEntry) -> None:
        """Make a change of an image survive a crash soon."""
        with self._lock:
            self._waiting[store, name].append(entry)
            is_diverting = self._is_diverting
        self._thread.put(self._write)
        if is_diverting:
            self._spare_thread.put(partial(self._write_elsewhere, ""))
        elif not self._patience.isActive():
            self._patience.start()

    def look(self, store: ProjectStore) -> None:
        """Find work that was never saved; answers by a signal."""
        self._thread.put(lambda: self._look(store))

    def retry(self) -> None:
        """The folder of the project may take again what it did not."""
        with self._lock:
            is_diverting = self._is_diverting
        if is_diverting:
            self._thread.put(self._write)

    def is_safe(self, timeout_s: float) -> bool:
        """Whether every change survives a crash, at the latest after so long: what the folder of
        the project has not taken by now is kept elsewhere."""
        with self._lock:
            is_safe = not any(self._unkept().values())
        if not is_safe:
            done = threading.Event()
            self._spare_thread.put(partial(self._write_elsewhere, ""))
            self._spare_thread.put(done.set)
            done.wait(timeout_s)
        return is_safe or not self.has_unkept

    def forget(self, store: ProjectStore) -> None:
        """What was done in this project lies safely in another."""
        with self._lock:
            keys = [key for key in self._elsewhere if key[0] is store]
            for known in (self._waiting, self._writing, self._elsewhere):
                for key in [key for key in known if key[0] is store]:
                    del known[key]
            self._is_diverting = bool(self._elsewhere)
        for key in keys:
            self._spare_thread.put(partial(self._forget_elsewhere, key))

    @property
    def has_unkept(self) -> bool:
        """Whether a change would not survive a crash now."""
        with self._lock:
            return any(self._unkept().values())

    def close(self) -> bool:
        """Write what waits. Returns False if it does not end in time."""
        ended = self._thread.close(_CLOSE_S)
        if not ended:
            self._spare_thread.put(partial(self._write_elsewhere, ""))
        return self._spare_thread.close() and ended

    def _look(self, store: ProjectStore) -> None:
        try:
            self.tell(self.found, store, tuple(find_unsaved(store)))
        except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
            self.tell(self.failed, noted(error))

    def _write(self) -> None:
        """Try each image that waits once. What fails waits for the next change of any."""
        with self._lock:
            keys = list(self._waiting)
        for key in keys:
            with self._lock:
                entries = self._waiting.pop(key, [])
                if not entries:  # taken since, or forgotten
                    continue
                self._writing[key] = entries
            store, name = key
            try:
                store.note_changes(name, entries)
            except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
                self._take_back(key, entries)
                self._spare_thread.put(partial(self._write_elsewhere, noted(error)))
            else:
                self._done(key, entries)

    def _take_back(self, key: _Key, entries: list[JournalEntry]) -> None:
        with self._lock:
            if self._writing.pop(key, None) is not None:  # else it was forgotten meanwhile
                self._waiting[key][:0] = entries

    def _done(self, key: _Key, entries: list[JournalEntry]) -> None:
        with self._lock:
            self._writing.pop(key, None)
            was_diverting = self._is_diverting
            self._is_diverting = was_diverting and any(self._waiting.values())
            is_restored = was_diverting and not self._is_diverting
            was_elsewhere = self._elsewhere.pop(key, None) is not None
        if was_elsewhere:
            self._spare_thread.put(partial(self._forget_elsewhere, key))
        self.tell(self.kept, key[1], entries[-1].change.number)
        if is_restored:
            self.tell(self.restored)

    def _forget_elsewhere(self, key: _Key) -> None:
        with self._lock:
            if key in self._elsewhere:  # again, since then
                return
        store, name = key
        try:
            store.forget_elsewhere(name)
        except Exception as error:  # noqa: BLE001 - what is too much there does no harm
            noted(error)

    def _out_of_patience(self) -> None:
        """What was handed over lately should lie on the disk by now."""
        with self._lock:
            late = next((key for key, entries in self._unkept().items() if entries), None)
        if late is not None:
            text = self.tr("{0} does not answer.").format(late[0].root)
            self._spare_thread.put(partial(self._write_elsewhere, text))

    def _unkept(self) -> dict[_Key, list[JournalEntry]]:
        """What is neither in the project nor elsewhere; to be called with the lock."""
        found: dict[_Key, list[JournalEntry]] = {}
        for key in (*self._writing, *self._waiting):
            entries = [*self._writing.get(key, ()), *self._waiting.get(key, ())]
            known = self._elsewhere.get(key)
            at = next((i for i, entry in enumerate(entries) if entry is known), -1)
            found[key] = entries[at + 1 :]
        return found

    def _write_elsewhere(self, reason: str) -> None:
        with self._lock:
            unkept = {key: entries for key, entries in self._unkept().items() if entries}
        for (store, name), entries in unkept.items():
            try:
                store.note_changes_elsewhere(name, entries)
            except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
                self.tell(self.failed, " ".join(filter(None, (reason, noted(error)))))
                continue
            with self._lock:
                key = store, name
                open_still = [*self._writing.get(key, ()), *self._waiting.get(key, ())]
                is_needed = any(entry is entries[-1] for entry in open_still)
                said = self._is_diverting
                if is_needed:
                    self._elsewhere[key] = entries[-1]
                    self._is_diverting = True
            if not is_needed:  # the project took them meanwhile
                self._forget_elsewhere(key)
                continue
            self.tell(self.kept, name, entries[-1].change.number)
            if not said:
                self.tell(self.diverted, store, reason)
