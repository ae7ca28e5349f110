"""Keeps the queue of the open project up to date, off the window's thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from seglabel.app.current_job import CurrentJob
from seglabel.app.proposing import Proposing
from seglabel.app.renewing import Renewing
from seglabel.app.workers.tool_work import ToolWorker
from seglabel.app.workspace import Workspace
from seglabel.core.cancel import Cancel
from seglabel.core.queue import Place
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.queueing import Queue

_CALM_MS = 300
_BUSY_MS = 20_000  # while proposals come one after another the list stays in place


class Queueing(QObject):
    """Works the queue out anew once what it hangs on changed, and gives it to the workspace."""

    failed = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        proposing: Proposing,
        renewing: Renewing,
        job: CurrentJob,
        worker: ToolWorker,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._proposing = proposing
        self._renewing = renewing
        self._job = job
        self._worker = worker
        self._queue: Queue | None = None
        self._ticket = 0  # of what is under way
        self._is_stale = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._start)
        worker.finished.connect(self._finished)
        worker.failed.connect(self._failed)
        workspace.images_changed.connect(self._open)
        workspace.record_changed.connect(self._look_soon)
        proposing.model_changed.connect(self._look_soon)
        renewing.finished.connect(self._look_now)
        job.ended.connect(self._look_now)

    def _open(self, store: ProjectStore) -> None:
        self._queue = Queue(store)
        self._look_now()

    def _look_soon(self, *_: object) -> None:
        """Something changed. While it does so again and again, that is not followed closely."""
        self._is_stale = True
        if not self._timer.isActive() and not self._ticket:
            is_busy = self._job.is_running or self._renewing.is_running
            self._timer.start(_BUSY_MS if is_busy else _CALM_MS)

    def _look_now(self, *_: object) -> None:
        self._timer.stop()
        self._start()

    def _start(self) -> None:
        queue = self._queue
        if queue is None:
            return
        self._is_stale = False
        statuses, model = self._workspace.statuses_in_memory, self._proposing.model
        digest = "" if model is None else model.digest

        def work(cancel: Cancel) -> tuple[Queue, tuple[Place, ...]]:
            return queue, queue.places(statuses, digest, cancel)

        self._ticket = self._worker.start(work)

    def _finished(self, ticket: int, found: tuple[Queue, tuple[Place, ...]]) -> None:
        if ticket != self._ticket:
            return
        self._end()
        if found[0] is self._queue:
            self._workspace.take_queue(found[1])

    def _failed(self, ticket: int, message: str) -> None:
        if ticket == self._ticket:
            self._end()
            self.failed.emit(message)

    def _end(self) -> None:
        self._ticket = 0
        if self._is_stale:
            self._look_soon()
