"""Small pieces of work on files, done one after another off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from seglabel.app.workers.errors import noted
from seglabel.app.workers.thread import WorkThread

Tell = Callable[[Any], None]


class Errands(QObject):
    """Answers on the thread that made this object, in the order in which it was asked."""

    _done = Signal(object, object)  # what gets the answer, the answer

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = WorkThread("errands")
        self._is_closed = False
        self._done.connect(self._answer)

    def put(self, work: Callable[[], object], tell: Tell, refuse: Callable[[str], None]) -> None:
        """Do ``work``; ``tell`` gets what it returns, or ``refuse`` why it could not be done."""

        def body() -> None:
            if self._is_closed:
                return
            try:
                answer = work()
            except Exception as error:  # noqa: BLE001 - becomes a message, the thread goes on
                self._done.emit(refuse, noted(error))
            else:
                self._done.emit(tell, answer)

        self._thread.put(body)

    def close(self) -> bool:
        """Drop what has not begun. Returns False if what has does not end in time."""
        self._is_closed = True
        return self._thread.close()

    def _answer(self, tell: Tell, answer: object) -> None:
        if not self._is_closed:
            tell(answer)
