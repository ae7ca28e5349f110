"""Signals of what works on a thread come from the window's thread."""

from __future__ import annotations

import threading

from PySide6.QtCore import QCoreApplication, Signal

from seglabel.app.workers.worker import Worker


class Counter(Worker):
    counted = Signal(int)


def test_who_stops_listening_hears_nothing_of_what_is_on_its_way(qapp) -> None:
    worker = Counter()
    heard: list[tuple[int, int]] = []

    def hear(number: int) -> None:
        heard.append((number, threading.get_ident()))
        worker.counted.disconnect(hear)

    worker.counted.connect(hear)

    def count() -> None:
        for number in range(3):
            worker.tell(worker.counted, number)

    thread = threading.Thread(target=count)
    thread.start()
    thread.join()
    QCoreApplication.processEvents()
    assert heard == [(0, threading.get_ident())]


def test_what_is_told_comes_in_order(qtbot) -> None:
    worker = Counter()
    heard: list[int] = []
    worker.counted.connect(heard.append)
    thread = threading.Thread(target=lambda: [worker.tell(worker.counted, n) for n in range(50)])
    thread.start()
    qtbot.waitUntil(lambda: len(heard) == 50)
    thread.join()
    assert heard == list(range(50))
