"""Small pictures for the image strip, made off the GUI thread, kept within a byte limit."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from seglabel.app.workers.errors import noted
from seglabel.app.workers.thread import WorkThread
from seglabel.app.workers.worker import Worker
from seglabel.core.errors import SegLabelError
from seglabel.formats.images import read_thumbnail
from seglabel.formats.project_store import ProjectStore

THUMBNAIL_SIZE = (80, 54)
"""Width and height of a thumbnail at most."""

_KEPT = 2000
_WAITING = 64  # more than are ever visible at once
_OPACITY = 0.45

_Key = tuple[ProjectStore, str]


class Thumbnails(Worker):
    """Answers with what it has and makes the rest; the newest wishes are served first."""

    ready = Signal(str)  # name
    failed = Signal(object, str, str)  # ProjectStore, name, message

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = WorkThread("thumbnails")
        self._lock = threading.Lock()
        self._made: OrderedDict[_Key, QImage] = OrderedDict()
        self._stale: set[_Key] = set()
        self._wishes: deque[_Key] = deque(maxlen=_WAITING)
        self._wished: set[_Key] = set()

    def get(self, store: ProjectStore, name: str) -> QImage | None:
        """The thumbnail, or ``None`` while it is being made (again)."""
        key = (store, name)
        with self._lock:
            image = self._made.get(key)
            if image is not None:
                self._made.move_to_end(key)
            if (image is None or key in self._stale) and key not in self._wished:
                if len(self._wishes) == self._wishes.maxlen:
                    self._wished.discard(self._wishes.popleft())
                self._wishes.append(key)
                self._wished.add(key)
                self._thread.put(self._make_next)
            return image

    def renew(self, store: ProjectStore, name: str) -> None:
        """The labels of an image changed: its thumbnail is made again when next asked for."""
        with self._lock:
            self._stale.add((store, name))

    def renew_all(self) -> None:
        """The colours of categories changed."""
        with self._lock:
            self._stale.update(self._made)

    def clear(self) -> None:
        with self._lock:
            self._made.clear()
            self._stale.clear()
            self._wishes.clear()
            self._wished.clear()

    def close(self) -> bool:
        """Returns False if it does not end in time."""
        self.clear()
        return self._thread.close()

    def _make_next(self) -> None:
        with self._lock:
            if not self._wishes:
                return
            key = store, name = self._wishes.pop()
            self._stale.discard(key)
        try:
            image = _make(store, name)
        except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
            image = QImage()
            self.tell(self.failed, store, name, noted(error))
        with self._lock:
            self._wished.discard(key)
            self._made[key] = image
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
        self.tell(self.ready, name)


def _make(store: ProjectStore, name: str) -> QImage:
    path, limit = store.image_path(name), store.pixel_limit
    picture = read_thumbnail(path, THUMBNAIL_SIZE, rendering=store.rendering, pixel_limit=limit)
    height, width = picture.shape[:2]
    try:
        labels = store.load_small_labels(name, (height, width))
    except SegLabelError:
        labels = None  # the picture is fine; the damaged labels are reported when opened
    if labels is not None:
        picture = _with_labels(picture, labels, store.project.categories.color_table())
    image = QImage(picture.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.copy()


def _with_labels(
    picture: NDArray[np.uint8], labels: NDArray[np.uint8], colors: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    tint = cv2.addWeighted(picture, 1 - _OPACITY, colors[labels], _OPACITY, 0)
    return np.ascontiguousarray(np.where((labels == 0)[:, :, None], picture, tint), np.uint8)
