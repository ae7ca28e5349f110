"""Saves annotations off the GUI thread, one after another; of several of one image, the last."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from seglabel.app.workers.errors import noted
from seglabel.app.workers.thread import WorkThread
from seglabel.app.workers.worker import Worker
from seglabel.core.errors import ConflictError, ImageError, LabelError
from seglabel.core.proposal import Proposal
from seglabel.core.snapshot import Snapshot
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.project_store import ProjectStore

_FLUSH_SECONDS = 30.0
_PATIENCE_S = 3.0  # a disk that takes longer may never answer

_Key = tuple[str, ProjectStore, str]  # what, of which project, name of the image
_Work = Callable[[ProjectStore], None]


class Writer(Worker):
    """Nothing is forgotten until it is on disk; what fails is kept and stops nothing else."""

    saved = Signal(str, int)  # name, the ticket given by save()
    failed = Signal(str)  # message
    conflicted = Signal(object, str, str)  # ProjectStore, name, message
    proposal_saved = Signal(object, str)  # ProjectStore, name
    descriptor_saved = Signal(object, str)  # ProjectStore, name
    change_accepted = Signal(object, str)  # ProjectStore, name
    error_recorded = Signal(object, str)  # ProjectStore, name
    settled = Signal()  # nothing waits any more, except what failed

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = WorkThread("writer")
        self._abandoned: list[WorkThread] = []  # that may never come back
        self._lock = threading.Lock()
        self._pending: OrderedDict[_Key, _Work] = OrderedDict()
        self._failed: set[_Key] = set()  # those of the pending that were tried in vain
        self._current: _Key | None = None  # what is written now
        self._tickets = 0

    def save(self, store: ProjectStore, name: str, annotation: Annotation | Snapshot) -> int:
        """Save soon; a save of the same image that still waits is replaced. Returns a ticket."""
        self._tickets += 1
        ticket = self._tickets

        def work(store: ProjectStore) -> None:
            store.save(name, annotation)
            self.tell(self.saved, name, ticket)

        self._put(("annotation", store, name), work)
        return ticket

    def keep_proposal(self, store: ProjectStore, name: str, proposal: Proposal) -> None:
        """Keep what the model said of an image; its labels are saved apart."""

        def work(store: ProjectStore) -> None:
            try:
                digest = store.digest(name)
            except ImageError:
                return  # the picture is gone: no run will ask for what was said of it
            store.keep_proposal(name, proposal, digest)

        self._put(("proposal", store, name), work)

    def save_proposal(
        self, store: ProjectStore, name: str, proposal: Proposal, digest: str
    ) -> None:
        """Make a proposal the labels of an image unless a person touched it.

        ``digest`` is that of the file it was made of.
        """

        def work(store: ProjectStore) -> None:
            try:
                store.save_proposal(name, proposal, digest)
            except LabelError as error:  # its labels are damaged: that is no matter of retrying
                store.record_error(name, noted(error))
                self.tell(self.error_recorded, store, name)
            else:
                self.tell(self.proposal_saved, store, name)

        self._put(("ahead", store, name), work)

    def keep_descriptor(
        self, store: ProjectStore, name: str, model_digest: str, descriptor: NDArray[np.float16]
    ) -> None:
        """Keep how a model sees an image; labels and proposal stay."""

        def work(store: ProjectStore) -> None:
            store.keep_descriptor(name, model_digest, descriptor)
            self.tell(self.descriptor_saved, store, name)

        self._put(("descriptor", store, name), work)

    def accept_change(self, store: ProjectStore, name: str) -> None:
        """Take the labels of an image that changed to fit its file as it is now."""

        def work(store: ProjectStore) -> None:
            try:
                store.accept_change(name)
            except (ImageError, LabelError):
                return  # it cannot be shown either, which says why
            self.tell(self.change_accepted, store, name)

        self._put(("accepted", store, name), work)

    def record_error(self, store: ProjectStore, name: str, message: str) -> None:
        """Remember why an image could not be proposed."""

        def work(store: ProjectStore) -> None:
            store.record_error(name, message)
            self.tell(self.error_recorded, store, name)

        self._put(("ahead", store, name), work)

    def save_project(self, store: ProjectStore) -> None:
        """Save categories and settings soon."""

        def work(store: ProjectStore) -> None:  # a new one each time, to be told from the last
            store.save_project()

        self._put(("project", store, ""), work)

    def retry(self) -> None:
        """Try again what failed."""
        with self._lock:
            self._failed.clear()
        self._put_run()

    def move(self, old: ProjectStore, new: ProjectStore) -> None:
        """What is not yet on disk of a project goes to another one from now on."""
        with self._lock:
            for key in [key for key in self._pending if key[1] is old]:
                self._pending[key[0], new, key[2]] = self._pending.pop(key)
                self._failed.discard(key)
            if (
                self._thread.seconds_at_work > _PATIENCE_S
            ):  # the disk of the old one may never answer
                self._thread.abandon()
                self._abandoned.append(self._thread)
                self._thread = WorkThread("writer")
        self._put_run()

    @property
    def waits_for(self) -> Path | None:
        """The project whose folder does not take what is saved for longer than it should."""
        with self._lock:
            is_late = self._thread.seconds_at_work > _PATIENCE_S
            return self._current[1].root if is_late and self._current is not None else None

    @property
    def has_pending(self) -> bool:
        """Whether anything is not yet on disk, be it because it failed."""
        with self._lock:
            return bool(self._pending)

    @property
    def is_working(self) -> bool:
        """Whether anything is still to be tried."""
        with self._lock:
            return len(self._pending) > len(self._failed)

    def flush(self, timeout_s: float = _FLUSH_SECONDS) -> list[str]:
        """Try everything once more and wait. Returns what is not on disk: names of images, and
        an empty one for categories and settings; see :attr:`is_working` for whether it is just
        slow."""
        done = threading.Event()
        self.retry()
        self._thread.put(done.set)
        done.wait(timeout_s)
        with self._lock:
            return sorted({name for _, _, name in self._pending})

    def close(self) -> bool:
        """Returns False if it does not end in time."""
        return self._thread.close() and all(thread.has_ended for thread in self._abandoned)

    def _put(self, key: _Key, work: _Work) -> None:
        if key[1].refusal:
            return  # the project is only looked at
        with self._lock:
            self._pending.pop(key, None)
            self._failed.discard(key)
            self._pending[key] = work
        self._put_run()

    def _put_run(self) -> None:
        self._thread.put(partial(self._run, self._thread))

    def _run(self, thread: WorkThread) -> None:
        while (entry := self._next()) is not None:
            key, work = entry
            if thread is not self._thread:  # another one does it now
                return
            self._current = key
            try:
                work(key[1])
            except ConflictError as error:  # kept beside what is on disk: nothing to try again
                self._done(key, work)
                self.tell(self.conflicted, key[1], key[2], noted(error))
                continue
            except Exception as error:  # noqa: BLE001 - becomes a signal, the others are saved
                with self._lock:
                    if self._pending.get(key) is work:
                        self._failed.add(key)
                self.tell(self.failed, noted(error))
                continue
            self._done(key, work)
        self.tell(self.settled)

    def _done(self, key: _Key, work: _Work) -> None:
        with self._lock:
            if self._pending.get(key) is work:
                del self._pending[key]

    def _next(self) -> tuple[_Key, _Work] | None:
        with self._lock:
            return next((e for e in self._pending.items() if e[0] not in self._failed), None)
