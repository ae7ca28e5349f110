"""The peer: napari's labels layer by the same events; prints one line of JSON.

Started by editor.py with an interpreter that has napari. Nothing of seglabel is imported here.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable

import napari
import numpy as np
from napari.layers.labels._labels_utils import interpolate_coordinates
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

LEFT = Qt.MouseButton.LeftButton


class Viewer:
    """The real viewer; draws are counted where OpenGL's canvas says that it drew."""

    def __init__(self, side: int) -> None:
        y, x = np.mgrid[:side, :side].astype(np.uint16)
        picture = np.stack([x // 4 % 256, y // 4 % 256, (x // 64 + y // 64) % 2 * 120], -1)
        self.viewer = napari.Viewer(show=True)
        self.viewer.window.resize(1600, 1000)
        self.viewer.add_image(picture.astype(np.uint8), rgb=True)
        self.layer = self.viewer.add_labels(np.zeros((side, side), np.uint8))
        self.layer.mode = "paint"
        self.layer.brush_size = 20
        self.layer.selected_label = 1
        self._canvas = self.viewer.window._qt_viewer.canvas
        self.native = self._canvas.native
        self._draws = 0
        self._canvas._scene_canvas.events.draw.connect(self._drawn, position="last")
        self.viewer.reset_view()
        self.settle()

    def _drawn(self, _event: object = None) -> None:
        self._draws += 1

    def settle(self) -> None:
        for _ in range(30):
            QApplication.processEvents()
            time.sleep(0.01)

    def time(self, act: Callable[[], object]) -> float:
        before, start = self._draws, time.perf_counter()
        act()
        while self._draws == before:
            QApplication.processEvents()
            if time.perf_counter() - start > 20:
                raise SystemExit("napari drew nothing")
        return (time.perf_counter() - start) * 1000

    def move(self, x: int, y: int) -> None:
        handle, place = self._window_place(x, y)
        QTest.mouseMove(handle, place)

    def press(self, x: int, y: int) -> None:
        handle, place = self._window_place(x, y)
        QTest.mousePress(handle, LEFT, Qt.KeyboardModifier.NoModifier, place)

    def release(self, x: int, y: int) -> None:
        handle, place = self._window_place(x, y)
        QTest.mouseRelease(handle, LEFT, Qt.KeyboardModifier.NoModifier, place)

    def _window_place(self, x: int, y: int):
        window = self.native.window()
        return window.windowHandle(), self.native.mapTo(window, QPoint(x, y))


def measure(side: int, steps: int) -> dict:
    viewer = Viewer(side)
    middle = viewer.native.rect().center()
    times: list[float] = []
    viewer.press(middle.x() - 140, middle.y())
    viewer.settle()
    for index in range(1, steps + 1):
        at = middle.x() - 140 + 7 * (index % 40)
        times.append(viewer.time(lambda at=at, i=index: viewer.move(at, middle.y() + i % 3)))
    viewer.release(middle.x() + 140, middle.y())
    viewer.settle()
    painted = int(np.count_nonzero(viewer.layer.data))
    if not painted:
        raise SystemExit("napari painted nothing")

    # One stroke as napari's own mouse handler makes it, over pixels that are not yet so: it skips
    # what would not change.
    edits = []
    layer, middle_row = viewer.layer, side // 2
    layer.data[:] = 0
    with layer.block_history():
        last = middle_row, middle_row - 200
        layer.paint(last, 2, refresh=False)
        for index in range(1, steps + 1):
            here = middle_row, middle_row - 200 + 7 * (index % 60)
            start = time.perf_counter()
            for place in interpolate_coordinates(last, here, layer.brush_size):
                layer.paint(place, 2, refresh=False)
            edits.append((time.perf_counter() - start) * 1000)
            last = here

    # A stroke from corner to corner, then taken back and done again.
    with viewer.layer.block_history():
        for index in range(101):
            at = index * (side - 1) // 100
            viewer.layer.paint((at, at), 2, refresh=False)
    viewer.layer.refresh()
    viewer.settle()
    undos = []
    for _ in range(5):
        undos.append(viewer.time(viewer.layer.undo))
        viewer.settle()
        viewer.time(viewer.layer.redo)
        viewer.settle()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    viewer.viewer.close()
    return {"step": times, "edit": edits, "undo": undos, "painted": painted, "peak": peak}


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
