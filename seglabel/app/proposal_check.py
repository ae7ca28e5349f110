"""Whether there is anything to accept or to clear, found out without holding up the hand."""

from __future__ import annotations

import time
from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer, Signal

from seglabel.core.document import Document
from seglabel.core.review import bands_with_proposal

_AT_ONCE_S = 0.004


class ProposalCheck(QObject):
    """Looks through a document a few milliseconds at a time; of a small one at once."""

    decided = Signal(bool)  # whether any pixel has a category that no person gave or accepted

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bands: Iterator[bool] = iter(())
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._go_on)

    def start(self, document: Document | None) -> None:
        """Look at ``document`` from its beginning; what was looked at before is given up."""
        self._bands = iter(()) if document is None else bands_with_proposal(document)
        self._timer.start()
        self._go_on()

    def _go_on(self) -> None:
        end = time.monotonic() + _AT_ONCE_S
        for found in self._bands:  # mostly the first rows decide
            if found:
                self._decide(True)
                return
            if time.monotonic() > end:
                return
        self._decide(False)

    def _decide(self, found: bool) -> None:
        self._timer.stop()
        self._bands = iter(())
        self.decided.emit(found)
