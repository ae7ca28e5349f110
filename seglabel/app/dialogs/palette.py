"""Type a few letters, press Enter: whatever the window can do or show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.dialogs.asking import ask
from seglabel.app.fuzzy import fitness, starts_a_word

_SHOWN = 60
_SIZE = (600, 420)
_BELOW_TOP = 72
_LIST_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_SWATCH = 12
_IN_TIP = 400  # how well a word of the tip fits: less than one of a name, more than letters
_LEAST_OF_TIP = 3  # letters


@dataclass(frozen=True)
class Entry:
    """One thing to choose. ``also`` are other texts it is found by, ``tip`` says more."""

    text: str
    kind: str
    run: Callable[[], object]
    also: tuple[str, ...] = ()
    tip: str = ""
    keys: str = ""
    color: tuple[int, int, int] | None = None
    is_enabled: bool = True

    def fitness(self, typed: str) -> int | None:
        scores = [fitness(typed, text) for text in (self.text, *self.also)]
        found = [score for score in scores if score is not None]
        if len(typed) >= _LEAST_OF_TIP and starts_a_word(typed, self.tip):
            found.append(_IN_TIP)
        return max(found, default=None)


Find = Callable[[str], Sequence[Entry]]


class PaletteDialog(QDialog):
    """Lists ``entries`` that fit what is typed, then what ``find`` has for it."""

    def __init__(
        self, prompt: str, entries: Sequence[Entry], find: Find, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("palette")
        self.setWindowTitle(prompt)
        self._entries = entries
        self._find = find
        self._shown: list[Entry] = []
        self._field = QLineEdit(self)
        self._field.setPlaceholderText(prompt)
        self._field.setAccessibleName(prompt)
        self._field.installEventFilter(self)
        self._list = QTreeWidget(self)
        self._list.setAccessibleName(self.tr("What fits"))
        self._list.setColumnCount(3)
        self._list.setHeaderHidden(True)
        self._list.setRootIsDecorated(False)
        self._list.setUniformRowHeights(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self._list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self._nothing = QLabel(self.tr("Nothing fits. Type fewer letters, or Esc to close."), self)
        self._nothing.setObjectName("muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._field)
        layout.addWidget(self._nothing)
        layout.addWidget(self._list, 1)
        self._field.textChanged.connect(self._search)
        self._field.returnPressed.connect(self._choose)
        self._list.itemActivated.connect(lambda _: self._choose())
        self._list.itemClicked.connect(lambda _: self._choose())
        self._search("")
        self._field.setFocus()
        self._place()

    def choose(self) -> Entry | None:
        """Let the person choose; ``None`` if it was given up."""
        return self._shown[self._list.currentIndex().row()] if ask(self) else None

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            self.resize(*_SIZE)
            return
        around = parent.geometry()
        width = min(_SIZE[0], around.width() - 32)
        self.resize(width, min(_SIZE[1], around.height() - 2 * _BELOW_TOP))
        self.move(around.left() + (around.width() - width) // 2, around.top() + _BELOW_TOP)

    def _search(self, typed: str) -> None:
        scored = [(entry.fitness(typed), entry) for entry in self._entries]
        fitting = [(score, entry) for score, entry in scored if score is not None]
        # Sorting is stable: what fits as well stays in the order of the menus.
        fitting.sort(key=lambda pair: (not pair[1].is_enabled, -pair[0]))
        self._shown = [entry for _, entry in fitting][:_SHOWN]
        self._shown += list(self._find(typed.strip()))[:_SHOWN]
        self._list.clear()
        self._list.addTopLevelItems([_item(entry) for entry in self._shown])
        self._nothing.setVisible(not self._shown)
        self._list.setVisible(bool(self._shown))
        if self._shown:
            self._list.setCurrentIndex(self._list.model().index(0, 0))

    def _choose(self) -> None:
        item = self._list.currentItem()
        if item is not None and not item.isDisabled():
            self.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows move in the list while one types."""
        if (
            watched is self._field
            and event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() in _LIST_KEYS
        ):
            self._list.keyPressEvent(event)
            item = self._list.currentItem()
            self._field.setAccessibleDescription(item.text(0) if item is not None else "")
            return True
        return super().eventFilter(watched, event)


def _item(entry: Entry) -> QTreeWidgetItem:
    item = QTreeWidgetItem([entry.text, entry.kind, entry.keys])
    item.setToolTip(0, entry.tip)
    item.setSizeHint(0, QSize(0, 28))
    item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    if entry.color is not None:
        swatch = QPixmap(_SWATCH, _SWATCH)
        swatch.fill(QColor(*entry.color))
        item.setIcon(0, QIcon(swatch))
    item.setDisabled(not entry.is_enabled)
    return item
