"""Runs what a tool computes off the GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from seglabel.app.workers.errors import noted
from seglabel.app.workers.thread import WorkThread
from seglabel.app.workers.worker import Worker
from seglabel.core.cancel import Cancel
from seglabel.core.errors import Cancelled
from seglabel.tools import Work


class ToolWorker(Worker):
    """One piece of work at a time; the newest takes the place of the one before."""

    finished = Signal(int, object)  # the ticket given by start(), what the work gave
    failed = Signal(int, str)  # the ticket, message

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = WorkThread("tools")
        self._cancel = Cancel()
        self._ticket = 0

    def start(self, work: Work) -> int:
        """Do ``work``, dropping what is under way. Returns a ticket."""
        self.drop()
        self._ticket += 1
        ticket, cancel = self._ticket, self._cancel
        self._thread.put(lambda: self._run(ticket, cancel, work))
        return ticket

    def drop(self) -> None:
        """Nobody waits for what is under way any more."""
        self._cancel.set()
        self._cancel = Cancel()

    def close(self) -> bool:
        """Returns False if it does not end in time."""
        self.drop()
        return self._thread.close()

    def _run(self, ticket: int, cancel: Cancel, work: Work) -> None:
        if cancel.is_set:
            return
        try:
            result = work(cancel)
        except Cancelled:
            return
        except MemoryError:
            self.tell(self.failed, ticket, "too large for this machine's memory")
        except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
            self.tell(self.failed, ticket, noted(error))
        else:
            self.tell(self.finished, ticket, result)
