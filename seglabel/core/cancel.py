"""A flag that the one who waits can raise and the one who works can see."""

from __future__ import annotations

import threading

from seglabel.core.errors import Cancelled


class Cancel:
    """Asks work on another thread to stop at its next convenient moment."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    @property
    def is_set(self) -> bool:
        return self._event.is_set()

    def raise_if_set(self) -> None:
        """Raise :class:`Cancelled` once :meth:`set` was called."""
        if self._event.is_set():
            raise Cancelled
