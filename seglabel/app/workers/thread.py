"""One long-lived thread that does one thing after another and can always be closed."""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Sequence

_CLOSE_SECONDS = 3.0
_NICE = 5
_NICEST = 19


def close_together(
    closers: Sequence[Callable[[], bool]], timeout_s: float = _CLOSE_SECONDS
) -> bool:
    """Ask all to end at the same time, so that the slowest decides how long it takes.

    Each returns whether it ended. Returns False if one did not, or does not in time.
    """
    ended: list[bool] = []
    threads = [
        threading.Thread(target=lambda close=close: ended.append(close()), daemon=True)
        for close in closers
    ]
    for thread in threads:
        thread.start()
    last = time.monotonic() + timeout_s
    for thread in threads:
        thread.join(max(last - time.monotonic(), 0))
    return len(ended) == len(closers) and all(ended)


class WorkThread:
    """Runs callables in order on a thread of its own.

    A callable takes care of its errors; of one that raises all the same ``threading.excepthook``
    hears, and the thread goes on. The thread is a daemon, so that work that does not end cannot
    keep the program alive. One that ``gives_way`` gets the processor, where the system can tell
    threads apart, when no other thread wants it, and so do the threads that its work starts.
    """

    def __init__(self, name: str, *, gives_way: bool = False) -> None:
        self._gives_way = gives_way
        self._queue: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._began: float | None = None  # what is done now
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, work: Callable[[], None]) -> None:
        self._queue.put(work)

    @property
    def seconds_at_work(self) -> float:
        """For how long it has been at what it does now; 0 where it does nothing."""
        began = self._began
        return 0.0 if began is None else time.monotonic() - began

    def abandon(self) -> None:
        """Let it end when it can; nothing waits for it, and what was put is still done."""
        self._queue.put(None)

    @property
    def has_ended(self) -> bool:
        return not self._thread.is_alive()

    def close(self, timeout_s: float = _CLOSE_SECONDS) -> bool:
        """Let what was put come to its end. Returns False if that takes longer than the timeout."""
        self._queue.put(None)
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        if self._gives_way and sys.platform == "linux":
            # Its own thread's, not the process's: it is given in relation to what that has.
            current = os.getpriority(os.PRIO_PROCESS, 0)
            nice = min(current + _NICE, _NICEST)
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), nice)
        while (work := self._queue.get()) is not None:
            self._began = time.monotonic()
            try:
                work()
            except Exception:  # noqa: BLE001 - the thread must outlive its work
                # As if the thread had ended by it: whoever listens for that hears of it.
                threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), self._thread)))
            finally:
                self._began = None
