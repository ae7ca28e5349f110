"""Threads that are closed together, and what they do with work that raises."""

from __future__ import annotations

import threading
import time

from seglabel.app.workers.thread import WorkThread, close_together


def test_what_is_closed_together_takes_as_long_as_the_slowest() -> None:
    go_on, asked = threading.Event(), threading.Barrier(3)

    def close() -> bool:
        asked.wait(10)  # all three are asked before any has ended
        return True

    assert close_together([close] * 3, timeout_s=20)
    begin = time.monotonic()
    assert not close_together([lambda: True, lambda: go_on.wait(60)], timeout_s=0.1)
    assert time.monotonic() - begin < 30
    go_on.set()
    assert not close_together([lambda: True, lambda: False])


def test_a_thread_that_is_at_something_for_good_is_left() -> None:
    go_on, thread = threading.Event(), WorkThread("tested")
    thread.put(lambda: go_on.wait(60))
    assert not thread.close(0.05)
    go_on.set()
    assert thread.close()
