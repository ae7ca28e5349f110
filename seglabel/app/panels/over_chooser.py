"""The button that says and changes what may be painted over."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QCursor, QIcon, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from seglabel.core.categories import BACKGROUND, CategorySet

_SWATCH = 14
_NAME_LENGTH = 14  # letters on the button


class OverChooser(QToolButton):
    """Any pixel, unlabelled ones only, or those of chosen categories. Keeps no choice itself."""

    chosen = Signal(object)  # frozenset of ids, or None for any

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._categories = CategorySet()
        self._over: frozenset[int] | None = None
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self._menu.aboutToHide.connect(self._forget_pointer)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.retranslate()

    def show_choice(self, categories: CategorySet, over: frozenset[int] | None) -> None:
        """``over`` holds the ids that may be painted over; ``None`` for any."""
        self._categories, self._over = categories, over
        self.retranslate()

    def retranslate(self) -> None:
        self.setToolTip(self.tr("Which pixels painting may change; all others stay"))
        self.setAccessibleName(self.tr("Paint over"))
        self.setText(self.tr("Over: {0}").format(self._in_words()))
        self._menu.clear()
        self._add(self.tr("Any pixel"), self._over is None, None)
        behind = frozenset({BACKGROUND})
        self._add(self.tr("Only what has no label (behind)"), self._over == behind, behind)
        self._menu.addSeparator()
        over = self._over or frozenset()
        for category in self._categories:
            ids = (over ^ {category.id}) or None
            action = self._add(category.name, category.id in over, ids)
            action.setIcon(_swatch(QColor(*category.color), category.id in over))

    def _forget_pointer(self) -> None:
        """While its menu is open a button isn't told that the pointer left it."""
        is_here = self.rect().contains(self.mapFromGlobal(QCursor.pos()))
        self.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, is_here)
        self.update()

    def _in_words(self) -> str:
        if self._over is None:
            return self.tr("any")
        if self._over == {BACKGROUND}:
            return self.tr("unlabelled")
        ids = sorted(self._over)
        if len(ids) > 1:
            return self.tr("{0} categories").format(len(ids))
        name = self._categories.name_of(ids[0])
        return name if len(name) <= _NAME_LENGTH else name[: _NAME_LENGTH - 1] + "…"

    def _add(self, text: str, is_chosen: bool, over: frozenset[int] | None) -> QAction:
        action = QAction(text.replace("&", "&&"), self._menu)
        action.setCheckable(True)
        action.setChecked(is_chosen)
        action.triggered.connect(lambda: self.chosen.emit(over))
        self._menu.addAction(action)
        return action


def _swatch(color: QColor, is_chosen: bool) -> QIcon:
    """The colour of a category, ticked if it is chosen: beside an icon a menu shows no tick."""
    pixmap = QPixmap(_SWATCH, _SWATCH)
    pixmap.fill(color)
    if is_chosen:
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for ink, width in ((Qt.GlobalColor.black, 4.0), (Qt.GlobalColor.white, 2.0)):
            painter.setPen(QPen(QColor(ink), width))
            painter.drawPolyline(QPolygonF([QPointF(3, 7), QPointF(6, 10), QPointF(11, 4)]))
        painter.end()
    return QIcon(pixmap)
