"""One size of the editor's benchmark; prints one line of JSON. Started by editor.py."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import tifffile
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest

from seglabel.app.canvas.tiled_photograph import TiledPhotograph
from seglabel.app.main import make_application
from seglabel.app.session import Session
from seglabel.app.settings import Settings
from seglabel.app.workers.inference import DeviceInfo
from seglabel.core.categories import Category, CategorySet
from seglabel.formats.project_store import ProjectStore
from seglabel.tools import Pointer

CATEGORIES = CategorySet((Category(1, "wall", (230, 60, 60)), Category(2, "door", (40, 110, 230))))
LEFT = Qt.MouseButton.LeftButton
TILE = 512


class Window:
    """The real window, and what a person does in it."""

    def __init__(self, folder: Path) -> None:
        self.application = make_application([])
        self.session = Session(
            self.application,
            Settings(folder.parent / "window.ini"),
            ProjectStore.open,
            _no_model,
            lambda: DeviceInfo(""),
        )
        self.canvas = self.session.window.canvas
        self._paints = 0
        paint = self.canvas.paintEvent

        def watched(event) -> None:
            paint(event)
            self._paints += 1

        self.canvas.paintEvent = watched
        self.session.start(folder, None)
        self.session.window.resize(1600, 1000)
        self.wait(lambda: self.canvas.has_image, 300)
        self.session.workspace.set_categories(CATEGORIES)
        self.session.editor.set_category(1)
        self.wait(self._is_read, 300)
        self.settle()

    def _is_read(self) -> bool:
        photograph = self.canvas.photograph
        return not isinstance(photograph, TiledPhotograph) or photograph.is_complete

    def wait(self, ready: Callable[[], bool], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not ready():
            self.application.processEvents()
            if time.monotonic() > end:
                raise SystemExit("waited too long")

    def settle(self) -> None:
        """Let everything happen that is on its way."""
        for _ in range(20):
            self.application.processEvents()
            time.sleep(0.005)

    def time(self, act: Callable[[], None]) -> float:
        """Milliseconds from ``act`` until the canvas has been painted anew."""
        before = self._paints
        start = time.perf_counter()
        act()
        while self._paints == before:
            self.application.processEvents()
        return (time.perf_counter() - start) * 1000

    # hands

    def move(self, x: int, y: int) -> None:
        QTest.mouseMove(self._handle, self._place(x, y))

    def press(self, x: int, y: int) -> None:
        QTest.mousePress(self._handle, LEFT, Qt.KeyboardModifier.NoModifier, self._place(x, y))

    def release(self, x: int, y: int) -> None:
        QTest.mouseRelease(self._handle, LEFT, Qt.KeyboardModifier.NoModifier, self._place(x, y))

    def do(self, action: str) -> None:
        self.session.window.actions_table[action].trigger()

    @property
    def _handle(self):
        return self.session.window.windowHandle()

    def _place(self, x: int, y: int) -> QPoint:
        return self.canvas.mapTo(self.session.window, QPoint(x, y))

    def close(self) -> None:
        self.session.editor.set_document(None)
        self.session.window.close()


def measure(side: int, steps: int) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        pictures = Path(folder) / "pictures"
        pictures.mkdir()
        write_picture(pictures / "picture.tif", side)
        window = Window(pictures)
        found = {
            "steps": {
                f"{brush} {zoom}": brush_steps(window, brush, zoom, steps)
                for brush in (20, 2000)
                for zoom in ("1:1", "fit")
            },
            "edit": edits_alone(window, steps),
            "undo": undos(window),
            "outline": toggles(window, "outline"),
            "pan": pans(window, steps),
        }
        found["peak"] = peak()
        found["fill"], found["gaps"] = fills(window)
        found["peak of fill"] = peak()
        image = window.session.workspace.image
        found["labels"] = image.document.labels.nbytes
        found["tiles"] = image.photograph.nbytes
        window.close()
        return found


def peak() -> int:
    """Bytes of memory that the process held at most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def write_picture(path: Path, side: int) -> None:
    """A smooth picture with some structure, written tile by tile."""
    y, x = np.mgrid[:TILE, :TILE]
    tile = np.stack([(x // 4) % 256, (y // 4) % 256, ((x // 64 + y // 64) % 2) * 120 + 60], -1)
    count = (-(-side // TILE)) ** 2
    tifffile.imwrite(
        path,
        (tile.astype(np.uint8) for _ in range(count)),
        shape=(side, side, 3),
        dtype=np.uint8,
        tile=(TILE, TILE),
        photometric="rgb",
        compression="zlib",
        bigtiff=side > 16000,
    )


def look(window: Window, zoom: str) -> None:
    window.do("actual_size" if zoom == "1:1" else "fit")
    if zoom == "1:1":
        side = window.canvas.image_shape[0]
        window.canvas.center_on(side / 2, side / 2)
    window.settle()


def brush_steps(window: Window, size: int, zoom: str, steps: int) -> list[float]:
    """Strokes of 40 steps back and forth over the middle of the view."""
    window.do("brush")
    window.session.editor.set_brush_size(size)
    look(window, zoom)
    times: list[float] = []
    middle = window.canvas.rect().center()
    while len(times) < steps:
        y = middle.y() - 150 + len(times)
        window.press(middle.x() - 140, y)
        window.settle()
        for index in range(1, 41):
            at = middle.x() - 140 + 7 * index
            times.append(window.time(lambda at=at, y=y, i=index: window.move(at, y + i % 3)))
        window.release(middle.x() + 140, y)
        window.settle()
    return times


def edits_alone(window: Window, steps: int) -> list[float]:
    """What the change of the label map takes without anything shown, over pixels not yet so."""
    editor = window.session.editor
    editor.set_brush_size(20)
    editor.set_category(2)
    middle = window.canvas.image_shape[0] // 2
    times = []
    editor.blockSignals(True)
    editor.press(Pointer(middle, middle - 200))
    for index in range(1, steps + 1):
        start = time.perf_counter()
        editor.move(Pointer(middle, middle - 200 + 7 * (index % 60)))
        times.append((time.perf_counter() - start) * 1000)
    editor.cancel_stroke()
    editor.blockSignals(False)
    editor.set_category(1)
    return times


def undos(window: Window) -> list[float]:
    """A stroke from corner to corner, taken back and done again."""
    window.session.editor.set_brush_size(20)
    look(window, "fit")
    transform, side = window.canvas.transform, window.canvas.image_shape[0]
    left, top = (round(value) for value in transform.to_view(0, 0))
    length = int(side * transform.scale) - 2
    window.press(left + 1, top + 1)
    for index in range(1, 101):
        window.move(left + length * index // 100, top + length * index // 100)
    window.release(left + length, top + length)
    window.settle()
    times = []
    for _ in range(9):
        times.append(window.time(lambda: window.do("undo")))
        window.settle()
        window.time(lambda: window.do("redo"))
        window.settle()
    return times


def toggles(window: Window, action: str) -> list[float]:
    """Switching it on and off, of the whole picture and at 1:1."""
    times = []
    for zoom in ("fit", "1:1"):
        look(window, zoom)
        for _ in range(10):
            times.append(window.time(lambda: window.do(action)))
            window.settle()
    return times


def pans(window: Window, steps: int) -> list[float]:
    look(window, "1:1")
    times = []
    for index in range(steps):
        step = 16 if index % 40 < 20 else -16
        times.append(window.time(lambda step=step: window.canvas._move(step, step)))
    return times


def fills(window: Window) -> tuple[list[float], list[float]]:
    """Fill the background of the whole image; also how long the window did not answer."""
    look(window, "fit")
    window.do("fill")
    middle = window.canvas.rect().center()
    document = window.session.workspace.image.document
    ticks: list[float] = []
    timer = QTimer()
    timer.setInterval(5)
    timer.timeout.connect(lambda: ticks.append(time.perf_counter()))
    times, gaps = [], []
    for category in (1, 2, 1):
        # One connected region: the whole image.
        document.labels[:] = 3 - category
        document.history._edits.clear()
        document.history._position = 0
        window.canvas.update()
        window.session.editor.set_category(category)
        window.settle()
        ticks.clear()
        timer.start()
        start = time.perf_counter()
        window.press(middle.x(), middle.y())
        window.release(middle.x(), middle.y())
        corner = document.labels[-1:, -1:]
        window.wait(lambda corner=corner, c=category: corner[0, 0] == c)
        window.wait(lambda: not window.session.editor.is_busy)
        window.time(window.canvas.update)
        times.append((time.perf_counter() - start) * 1000)
        timer.stop()
        moments = [start, *ticks, time.perf_counter()]
        gaps.append(max(b - a for a, b in pairwise(moments)) * 1000)
        window.settle()
    return times, gaps


def _no_model(path: Path):
    raise SystemExit(f"no model is measured here: {path}")


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
