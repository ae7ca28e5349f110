"""How soon a stroke survives a crash, and whether saving ever holds the window up.

    python tests/benchmarks/saving.py [--side 1000 10000] [--strokes 60] [--disk MB_PER_S]

Paints strokes in the real window (without a screen) on a picture of SIDE × SIDE pixels while its
mask is saved over and over, and prints for each side, in milliseconds: from the end of a stroke
until its change is in the journal for good (p50, p95, max), and the longest that the event loop
stood still (while nothing was done, while strokes were painted, while they were painted and saved).
*computed* is the longest stand in processor time of the whole program: where a machine is busy with
other programs, that says more. ``--disk`` slows the disk down: what is synced takes as long as on
one that writes so many megabytes a second and takes 30 ms to begin. The promises are 100 ms for the
journal, where the disk is not slowed down, and 50 ms for the event loop.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray
from PySide6.QtCore import QEventLoop, QObject, QTimer

from seglabel.app.main import hand_over_quickly, make_application
from seglabel.app.session import Session
from seglabel.app.settings import Settings
from seglabel.app.workers.inference import DeviceInfo
from seglabel.core.categories import Category, CategorySet
from seglabel.formats.project_store import ProjectStore
from seglabel.tools import Pointer

TILE = 512
PACE_MS = 8  # between two points of a stroke
POINTS = 25
PAUSE_MS = 120  # between two strokes
IDLE_MS = 2000
SEEK_S = 0.03
DURABLE_MS, STALL_MS = 100.0, 50.0
NAME = "picture.tif"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--strokes", type=int, default=60)
    parser.add_argument("--disk", type=float, metavar="MB_PER_S", help="as slow a disk")
    parser.add_argument("--tmp", type=Path, help="where the pictures and projects are made")
    options = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    hand_over_quickly()
    is_kept = True
    for side in options.side:
        with tempfile.TemporaryDirectory(dir=options.tmp) as folder:
            write_picture(Path(folder) / "pictures" / NAME, side)
            result = measure(Path(folder), options.strokes, options.disk)
        print(json.dumps({"side": side} | result), flush=True)
        is_late = options.disk is None and result["durable_max_ms"] > DURABLE_MS
        is_kept &= not is_late and result["stall_saving_ms"] <= STALL_MS
    return 0 if is_kept else 1


def write_picture(path: Path, side: int) -> None:
    path.parent.mkdir()
    y, x = np.mgrid[:TILE, :TILE]
    tile = np.stack([x % 256, y % 256, (x + y) % 256], axis=-1).astype(np.uint8)

    def tiles() -> Iterator[NDArray[np.uint8]]:
        for _ in range((-(-side // TILE)) ** 2):
            yield tile

    tifffile.imwrite(
        path,
        tiles(),
        shape=(side, side, 3),
        dtype=np.uint8,
        tile=(TILE, TILE),
        photometric="rgb",
        compression="zlib",
    )


class Heart(QObject):
    """Beats with the event loop, and notes its longest pauses: on the clock, and in what the
    process computed meanwhile, which other programs do not add to."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._longest, self._last = (0.0, 0.0), self._now()
        timer = QTimer(self)
        timer.timeout.connect(self._beat)
        timer.start(1)

    def _beat(self) -> None:
        now = self._now()
        pauses = [now[i] - self._last[i] for i in range(2)]
        self._longest = max(self._longest[0], pauses[0]), max(self._longest[1], pauses[1])
        self._last = now

    @staticmethod
    def _now() -> tuple[float, float]:
        return time.perf_counter(), time.process_time()

    def longest(self, during: str) -> dict[str, float]:
        """Since it was last asked, in milliseconds."""
        self._beat()
        clock, computed = self._longest
        self._longest = 0.0, 0.0
        return {f"stall_{during}_ms": 1000 * clock, f"computed_{during}_ms": 1000 * computed}


class SlowDisk:
    """Slows down what is synced; the rest of the program can go on meanwhile."""

    def __init__(self, megabytes_per_second: float) -> None:
        self._speed = 1e6 * megabytes_per_second
        self._sync = os.fsync
        os.fsync = self.sync  # type: ignore[assignment]

    def sync(self, descriptor: int) -> None:
        self._sync(descriptor)
        time.sleep(SEEK_S + os.fstat(descriptor).st_size / self._speed)

    def end(self) -> None:
        os.fsync = self._sync


class Kept:
    """When each change was in the journal for good."""

    def __init__(self) -> None:
        self.at: dict[int, float] = {}
        self._note = note = ProjectStore.note_changes
        lock = threading.Lock()

        def noted(store: ProjectStore, name: str, entries) -> None:
            note(store, name, entries)
            now = time.perf_counter()
            with lock:
                self.at |= {entry.change.number: now for entry in entries}

        ProjectStore.note_changes = noted  # type: ignore[method-assign]

    def end(self) -> None:
        ProjectStore.note_changes = self._note  # type: ignore[method-assign]


def measure(folder: Path, strokes: int, disk: float | None) -> dict[str, float]:
    application = make_application(sys.argv[:1])
    session = Session(
        application,
        Settings(folder / "window.ini"),
        ProjectStore.open_or_look,
        lambda path, precision: (_ for _ in ()).throw(RuntimeError("no model here")),
        lambda: DeviceInfo("no device"),
    )
    session.start(folder / "pictures", None)
    wait_until(lambda: session.editor.document is not None)
    session.workspace.set_categories(CategorySet((Category(1, "one", (200, 0, 0)),)))
    session.editor.set_category(1)
    wait_until(lambda: not session.writer.has_pending)
    fill(session)
    session.workspace.save()
    wait_until(lambda: not session.writer.has_pending)
    kept, slow = Kept(), SlowDisk(disk) if disk is not None else None
    heart = Heart(session)
    wait(IDLE_MS)
    result: dict[str, float] = heart.longest("idle")
    ends = Hand(session, strokes).paint()
    wait_until(lambda: all(number in kept.at for number in ends))
    result |= heart.longest("painting")
    saves = Saves(session)
    again = Hand(session, strokes).paint()
    saves.end()
    wait_until(lambda: all(number in kept.at for number in again))
    wait_until(lambda: not session.writer.has_pending)
    result |= heart.longest("saving") | {"saves": saves.done}
    waits = np.array([1000 * (kept.at[n] - end) for n, end in (ends | again).items()])
    for part in (50, 95):
        result[f"durable_p{part}_ms"] = float(np.percentile(waits, part))
    result["durable_max_ms"] = float(waits.max())
    session.window.close()
    kept.end()
    if slow is not None:
        slow.end()
    session.deleteLater()
    return {key: round(value, 1) for key, value in result.items()}


def fill(session: Session) -> None:
    """A mask that is not all the same: it is worth compressing."""
    document = session.editor.document
    assert document is not None
    height, width = document.shape
    session.editor.options.set("size", max(height // 60, 9))
    for y in range(height // 20, height, height // 10):
        session.editor.press(Pointer(y, width // 20))
        session.editor.move(Pointer(y + height // 40, width - width // 20))
        session.editor.release(Pointer(y + height // 40, width - width // 20))
    session.editor.options.set("size", 31)


class Hand:
    """Paints as a person does, a point every few milliseconds."""

    def __init__(self, session: Session, strokes: int) -> None:
        self._editor = session.editor
        self._random = np.random.default_rng(strokes)
        self._rest = strokes
        self._points: list[Pointer] = []
        self._is_down = False
        self._ends: dict[int, float] = {}

    def paint(self) -> dict[int, float]:
        """When each change was finished, by its number."""
        QTimer.singleShot(0, self._step)
        wait_until(lambda: self._rest == 0)
        return self._ends

    def _step(self) -> None:
        editor, document = self._editor, self._editor.document
        assert document is not None
        if not self._points:
            begin = self._random.uniform(0.1, 0.6, 2) * document.shape
            way = begin + np.linspace(0, 1, POINTS)[:, None] * self._random.uniform(50, 400, 2)
            self._points = [Pointer(int(y), int(x)) for y, x in way]
            editor.press(self._points.pop(0))
        elif len(self._points) > 1:
            editor.move(self._points.pop(0))
        else:
            editor.set_category(self._rest % 2)  # erase, too
            before, now = document.changes, time.perf_counter()
            editor.release(self._points.pop(0))
            if document.changes > before:
                self._ends[document.changes] = now
            self._rest -= 1
        if self._rest:
            QTimer.singleShot(PACE_MS if self._points else PAUSE_MS, self._step)


class Saves:
    """Saves again as soon as the last save is on disk; ``done`` counts them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.done = 0
        session.writer.saved.connect(self._saved)
        session.editor.edited.connect(session.workspace.save)

    def _saved(self) -> None:
        self.done += 1
        self._session.workspace.save()

    def end(self) -> None:
        self._session.editor.edited.disconnect(self._session.workspace.save)


def wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_until(condition: Callable[[], bool]) -> None:
    loop = QEventLoop()
    timer = QTimer()
    timer.timeout.connect(lambda: condition() and loop.quit())
    timer.start(5)
    loop.exec()


if __name__ == "__main__":
    sys.exit(main())
