"""The steps that were done to the image, each of which one can go to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QListView, QVBoxLayout, QWidget

from seglabel.app.actions import ACTIONS, translated

AnyIndex = QModelIndex | QPersistentModelIndex

_ROW_HEIGHT = 24
_SWATCH = 12
_TEXTS = {spec.key: spec.text for spec in ACTIONS}


@dataclass(frozen=True)
class Step:
    """What was done, and where it was painted the name and RGB colour of the category."""

    name: str
    category: str = ""
    color: tuple[int, int, int] | None = None


def step_text(name: str) -> str:
    """What a step is called in the language of the window. Most are named after their action."""
    if name == "reviewed":
        return QCoreApplication.translate("steps", "Marked reviewed")
    text = translated(_TEXTS[name]) if name in _TEXTS else name.replace("_", " ").capitalize()
    return text.rstrip("…")


class _StepModel(QAbstractListModel):
    """How it was before, then the steps in order; what is undone is faded."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._steps: list[Step] = []
        self._position = 0

    def show_steps(self, steps: Sequence[Step], position: int) -> None:
        """Only rows that differ are renewed."""
        pairs = zip(self._steps, steps, strict=False)
        same = next((i for i, (old, new) in enumerate(pairs) if old != new), -1)
        if same < 0:
            same = min(len(self._steps), len(steps))
        if same < len(self._steps):
            self.beginRemoveRows(QModelIndex(), same + 1, len(self._steps))
            del self._steps[same:]
            self.endRemoveRows()
        if same < len(steps):
            self.beginInsertRows(QModelIndex(), same + 1, len(steps))
            self._steps.extend(steps[same:])
            self.endInsertRows()
        self._position = position
        self.refresh()

    def refresh(self) -> None:
        self.dataChanged.emit(self.index(0), self.index(len(self._steps)))

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._steps) + 1

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = index.row()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(self._steps[row - 1]) if row else self.tr("As it was")
        if role == Qt.ItemDataRole.DecorationRole:
            return _swatch(self._steps[row - 1].color if row else None)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            text = self.data(index)
            return self.tr("{0}, undone").format(text) if row > self._position else text
        if role == Qt.ItemDataRole.ForegroundRole and row > self._position:
            view = self.parent()
            assert isinstance(view, QWidget)
            return view.palette().placeholderText()
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(80, _ROW_HEIGHT)
        return None

    def _text(self, step: Step) -> str:
        text = step_text(step.name)
        return f"{text} · {step.category}" if step.category else text


def _swatch(color: tuple[int, int, int] | None) -> QPixmap:
    """A colour, or as much room without one, so that all texts begin below each other."""
    pixmap = QPixmap(_SWATCH, _SWATCH)
    pixmap.fill(Qt.GlobalColor.transparent if color is None else QColor(*color))
    return pixmap


class HistoryPanel(QWidget):
    """Shows what was done and asks to go back or forth; keeps none of it."""

    step_chosen = Signal(int)  # how many steps are to be done

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._list = QListView(self)
        self._list.setObjectName("history")
        self._model = _StepModel(self._list)
        self._list.setModel(self._model)
        self._list.setUniformItemSizes(True)
        self._list.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._list.setMinimumHeight(2 * _ROW_HEIGHT)
        self._empty = QLabel(self._list)
        self._empty.setObjectName("muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._position = 0
        self._is_showing = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 8)
        layout.addWidget(self._list)
        self._list.selectionModel().currentRowChanged.connect(self._choose)
        self.show_steps((), 0)
        self.retranslate()

    def retranslate(self) -> None:
        self._list.setAccessibleName(self.tr("History"))
        self._list.setAccessibleDescription(self.tr("Every step can be gone to"))
        self._empty.setText(
            self.tr("What you do to this image is listed here. Click a step to go back to it.")
        )
        self._model.refresh()

    def show_steps(self, steps: Sequence[Step], position: int) -> None:
        """All steps that are known, of which the first ``position`` are done."""
        self._is_showing = True  # rows that come and go move the mark: no wish of the person
        self._model.show_steps(steps, position)
        self._is_showing = False
        self._position = position
        self._empty.setVisible(not steps)
        self._mark()

    def _mark(self) -> None:
        current = self._model.index(self._position)
        self._is_showing = True
        self._list.setCurrentIndex(current)
        self._is_showing = False
        self._list.scrollTo(current)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self._list.viewport().size()
        below = _ROW_HEIGHT + 8  # the row that is always there
        self._empty.setGeometry(4, below, room.width() - 8, max(room.height() - below, 0))

    def _choose(self, current: QModelIndex) -> None:
        if not self._is_showing and current.isValid() and current.row() != self._position:
            self.step_chosen.emit(current.row())
            self._mark()  # it may have been refused
