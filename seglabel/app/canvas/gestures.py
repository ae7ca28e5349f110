"""What hands do to move a picture: dragging it, and two fingers on a touch screen."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt


class Panning:
    """The picture dragged by the middle button, or by the left one while Space is held."""

    def __init__(self) -> None:
        self.space_held = False
        self._at: QPointF | None = None
        self._button = Qt.MouseButton.NoButton

    @property
    def is_active(self) -> bool:
        return self._at is not None

    def press(self, button: Qt.MouseButton, at: QPointF) -> bool:
        """Whether a press begins to drag the picture."""
        is_pan = button == Qt.MouseButton.MiddleButton or (
            button == Qt.MouseButton.LeftButton and self.space_held
        )
        if is_pan:
            self._at, self._button = at, button
        return is_pan

    def move(self, at: QPointF, buttons: Qt.MouseButton) -> QPointF | None:
        """How far the pointer dragged the picture, or ``None`` when it does not any more."""
        if self._at is None:
            return None
        if not buttons & self._button:  # its release went elsewhere
            self._at = None
            return None
        step, self._at = at - self._at, at
        return step

    def release(self, button: Qt.MouseButton) -> bool:
        """Whether this release ended the dragging."""
        if self._at is None or button != self._button:
            return False
        self._at = None
        return True


class TwoFingers:
    """Two fingers that hold the picture: it follows both."""

    def __init__(self) -> None:
        self._last: tuple[QPointF, QPointF] | None = None

    @property
    def is_active(self) -> bool:
        return self._last is not None

    def end(self) -> None:
        self._last = None

    def move(self, first: QPointF, second: QPointF) -> tuple[QPointF, QPointF, float]:
        """Where their middle was, how far it moved, and by how much they spread."""
        before = self._last or (first, second)
        self._last = (first, second)
        middle = (before[0] + before[1]) / 2
        old, new = _distance(*before), _distance(first, second)
        return middle, (first + second) / 2 - middle, new / old if old > 1 else 1.0


def _distance(first: QPointF, second: QPointF) -> float:
    step = second - first
    return float((step.x() ** 2 + step.y() ** 2) ** 0.5)
