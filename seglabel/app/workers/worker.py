"""What every object has whose work is done on a thread and whose signals are for the window."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot


class Worker(QObject):
    """Lives in the thread that made it, as do those who listen to it.

    Its signals are sent from there, whatever thread has something to say: a signal that crosses
    threads itself waits in the queue of each receiver, where it reaches one that stopped listening
    and is gone by then, which ends the program.
    """

    _told = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._told.connect(self._send)

    def tell(self, signal: SignalInstance, *values: object) -> None:
        """Emit ``signal`` with ``values``; callable from any thread, in order."""
        self._told.emit(signal, values)

    @Slot(object, object)
    def _send(self, signal: SignalInstance, values: tuple[object, ...]) -> None:
        signal.emit(*values)
