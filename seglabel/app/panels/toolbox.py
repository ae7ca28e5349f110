"""The tools at the left edge: one column, or more where the window is low."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from seglabel.app.icons import ICON_SIZE

_GAP = 2
_LEAST_ROWS = 8  # what a window of any height has room for


class Toolbox(QWidget):
    """Every button can be seen at any height: what does not fit below stands beside."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: list[QToolButton] = []
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def show_actions(self, actions: Sequence[QAction]) -> None:
        """A button for each, from top to bottom."""
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = [self._make(action) for action in actions]
        self._arrange()

    def button(self, action: QAction) -> QToolButton | None:
        """The button of an action, if it has one."""
        return next((b for b in self._buttons if b.defaultAction() is action), None)

    def sizeHint(self) -> QSize:
        return QSize(self.width(), len(self._buttons) * self._step().height())

    def minimumSizeHint(self) -> QSize:
        step = self._step()
        return QSize(step.width(), min(len(self._buttons), _LEAST_ROWS) * step.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _make(self, action: QAction) -> QToolButton:
        button = QToolButton(self)
        button.setDefaultAction(action)
        button.setIconSize(ICON_SIZE)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.show()
        return button

    def _step(self) -> QSize:
        """From one button to those beside and below it, in logical pixels."""
        size = ICON_SIZE
        for button in self._buttons:
            size = size.expandedTo(button.sizeHint())
        return size + QSize(_GAP, _GAP)

    def _arrange(self) -> None:
        step = self._step()
        rows = max((self.height() + _GAP) // step.height(), 1)
        for index, button in enumerate(self._buttons):
            column, row = divmod(index, rows)
            place = QPoint(column * step.width(), row * step.height())
            button.setGeometry(QRect(place, step - QSize(_GAP, _GAP)))
        self.setFixedWidth(max(-(-len(self._buttons) // rows), 1) * step.width() - _GAP)
