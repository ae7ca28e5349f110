"""The strip of images: thumbnail, name, status. Virtual: a hundred thousand open at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QColor, QImage, QPainter, QPalette, QPen, QWheelEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.icons import ICON_SIZE, make_icon
from seglabel.app.theme import Theme
from seglabel.app.workers.thumbnails import THUMBNAIL_SIZE
from seglabel.core.project import Fault, ImageRecord
from seglabel.core.status import Status

AnyIndex = QModelIndex | QPersistentModelIndex
GetThumbnail = Callable[[str], QImage | None]
GetRecord = Callable[[str], ImageRecord | None]


@dataclass(frozen=True)
class Reason:
    """Why an image is the ``rank``-th to label, from 1: in a word or two, and as a phrase."""

    rank: int
    short: str
    text: str


GetReason = Callable[[str], Reason | None]
GetFault = Callable[[str], Fault | None]

_CELL = QSize(THUMBNAIL_SIZE[0] + 12, THUMBNAIL_SIZE[1] + 26)
_REASON_HEIGHT = 13  # of the line on the thumbnail, which leaves the height to the picture
_BAR_HEIGHT = 8
_RECORD_ROLE = Qt.ItemDataRole.UserRole
_NAME_ROLE = Qt.ItemDataRole.UserRole + 1
_REASON_ROLE = Qt.ItemDataRole.UserRole + 2
_FAULT_ROLE = Qt.ItemDataRole.UserRole + 3


class _ImageModel(QAbstractListModel):
    """Names in order; records and thumbnails are asked for when a row is painted."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._rows: dict[str, int] = {}
        self._get_record: GetRecord = lambda name: None
        self._get_thumbnail: GetThumbnail = lambda name: None
        self._get_reason: GetReason = lambda name: None
        self._get_fault: GetFault = lambda name: None

    def flag(self, get_fault: GetFault) -> None:
        self._get_fault = get_fault

    def explain(self, get_reason: GetReason) -> None:
        self._get_reason = get_reason

    def show_images(
        self, names: tuple[str, ...], get_record: GetRecord, get_thumbnail: GetThumbnail
    ) -> None:
        self._get_record, self._get_thumbnail = get_record, get_thumbnail
        self.show_order(names)

    def show_order(self, names: tuple[str, ...]) -> None:
        self.beginResetModel()
        self._names = names
        self._rows = {name: row for row, name in enumerate(names)}
        self.endResetModel()

    def refresh(self, name: str) -> None:
        row = self._rows.get(name)
        if row is not None:
            self.dataChanged.emit(self.index(row), self.index(row))

    def refresh_all(self) -> None:
        if self._names:
            self.dataChanged.emit(self.index(0), self.index(len(self._names) - 1))

    def index_of(self, name: str) -> QModelIndex:
        return self.index(self._rows.get(name, -1))

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._names)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        name = self._names[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return name.rsplit("/", 1)[-1]
        if role == _NAME_ROLE:
            return name
        if role == _RECORD_ROLE:
            return self._get_record(name)
        if role == _REASON_ROLE:
            return self._get_reason(name)
        if role == _FAULT_ROLE:
            return self._get_fault(name)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._get_thumbnail(name)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(name)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(name)
        return None

    def _spoken(self, name: str) -> str:
        """For screen readers."""
        record, reason = self._get_record(name), self._get_reason(name)
        parts = [name] if record is None else [name, status_text(record.status)]
        fault = self._get_fault(name)
        if fault is not None:
            parts.append(fault_text(fault))
        return ", ".join(parts if reason is None else [*parts, self._in_queue(reason)])

    def _in_queue(self, reason: Reason) -> str:
        return self.tr("number {0} to label: {1}").format(reason.rank, reason.text)

    def _tip(self, name: str) -> str:
        record = self._get_record(name)
        if record is None:
            return name
        fault = self._get_fault(name)
        if record.error and fault is None:
            return f"<b>{name}</b><br>{record.error}"
        lines = [f"<b>{name}</b>", status_text(record.status)]
        if fault is not None:
            lines.append(fault_text(fault))
        reason = self._get_reason(name)
        if reason is not None:
            said = self._in_queue(reason)
            lines.append(said[:1].upper() + said[1:])
        if record.confidence is not None:
            lines.append(self.tr("Mean confidence {0} %").format(round(100 * record.confidence)))
        if record.doubt is not None:
            text = self.tr("Bar: how unsure the model is, {0} % on average")
            lines.append(text.format(round(100 * record.doubt)))
        return "<br>".join(lines)


def status_text(status: Status) -> str:
    """A status in the language of the window."""
    translate = QCoreApplication.translate
    return {
        Status.EMPTY: translate("status", "empty"),
        Status.PROPOSED: translate("status", "proposed"),
        Status.CORRECTED: translate("status", "corrected"),
        Status.REVIEWED: translate("status", "reviewed"),
    }[status]


def fault_text(fault: Fault) -> str:
    """What became of the file of a labelled image, in the language of the window."""
    translate = QCoreApplication.translate
    return {
        Fault.MISSING: translate("status", "file is gone, labels are kept"),
        Fault.CHANGED: translate("status", "file changed after it was labelled"),
    }[fault]


class _ImageDelegate(QStyledItemDelegate):
    """A thumbnail with a dot for its status, so that shape and place tell it, not only colour."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme: Theme | None = None

    def dress(self, theme: Theme) -> None:
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return _CELL

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        rect: QRect = option.rect
        palette: QPalette = option.palette
        view = self.parent()
        assert isinstance(view, QListView)
        record = index.data(_RECORD_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if view.currentIndex() == index:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.highlight())
            painter.drawRoundedRect(rect.adjusted(2, 2, -2, -2), 6, 6)
            text = palette.color(QPalette.ColorRole.HighlightedText)
        else:
            text = palette.color(QPalette.ColorRole.Text)
        frame = QRect(rect.left() + 6, rect.top() + 6, *THUMBNAIL_SIZE)
        self._paint_picture(painter, frame, index.data(Qt.ItemDataRole.DecorationRole), palette)
        if record is not None:
            self._paint_doubt(painter, frame, record)
            self._paint_status(painter, frame, record, index.data(_FAULT_ROLE))
        reason = index.data(_REASON_ROLE)
        if reason is not None:
            self._paint_reason(painter, frame, reason)
        small = painter.font()
        small.setPointSizeF(small.pointSizeF() * 0.9)
        painter.setFont(small)
        painter.setPen(text)
        line = QRect(rect.left() + 5, frame.bottom() + 1, frame.width() + 2, 17)
        self._write(painter, line, str(index.data()), Qt.TextElideMode.ElideMiddle)
        painter.restore()

    def _write(self, painter: QPainter, line: QRect, text: str, elided: Qt.TextElideMode) -> None:
        short = painter.fontMetrics().elidedText(text, elided, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, short)

    def _paint_picture(
        self, painter: QPainter, frame: QRect, image: QImage | None, palette: QPalette
    ) -> None:
        if image is not None and not image.isNull():
            target = QRect(QPoint(0, 0), image.size())
            target.moveCenter(frame.center())
            painter.drawImage(target, image)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.alternateBase())
        painter.drawRoundedRect(frame, 4, 4)
        if image is not None:  # tried, and could not be read
            painter.setPen(QPen(self._color("error"), 2))
            cross = QRect(0, 0, 22, 22)
            cross.moveCenter(frame.center())
            painter.drawLine(cross.topLeft(), cross.bottomRight())
            painter.drawLine(cross.topRight(), cross.bottomLeft())

    def _paint_status(
        self, painter: QPainter, frame: QRect, record: ImageRecord, fault: Fault | None
    ) -> None:
        is_wrong = bool(record.error) or fault is not None
        if record.status is Status.EMPTY and not is_wrong:
            return
        badge = QRect(frame.right() - 15, frame.top() + 1, 14, 14)
        painter.setPen(QPen(QColor(0, 0, 0, 160), 1))
        if is_wrong:
            painter.setBrush(self._color("error"))
        elif record.status is Status.REVIEWED:
            painter.setBrush(self._color("good"))
        else:
            painter.setBrush(self._color("accent"))
        painter.drawEllipse(badge)
        painter.setPen(QPen(QColor("#ffffff" if self._is_light() else "#101418"), 1.6))
        middle = badge.center()
        if is_wrong:
            painter.drawLine(middle + QPoint(0, -3), middle + QPoint(0, 1))
            painter.drawPoint(middle + QPoint(0, 4))
        elif record.status is Status.REVIEWED:
            points = (QPoint(-3, 0), QPoint(-1, 3), QPoint(4, -3))
            painter.drawPolyline([middle + point for point in points])
        elif record.status is Status.CORRECTED:
            painter.drawLine(middle + QPoint(-3, 3), middle + QPoint(3, -3))
        else:
            painter.drawPoint(middle)
            painter.drawPoint(middle + QPoint(-4, 0))
            painter.drawPoint(middle + QPoint(4, 0))

    def _paint_doubt(self, painter: QPainter, frame: QRect, record: ImageRecord) -> None:
        """A bar at the lower edge, as long as the proposal is uncertain, until it is reviewed."""
        if record.doubt is None or record.status in (Status.EMPTY, Status.REVIEWED):
            return
        track = QRect(frame.left() + 3, frame.bottom() - 6, frame.width() - 6, 4)
        bar = QRect(track.topLeft(), QSize(max(round(track.width() * record.doubt), 2), 4))
        painter.fillRect(track.adjusted(-1, -1, 1, 1), QColor(0, 0, 0, 170))
        painter.fillRect(bar, QColor("#ffe9a8"))

    def _paint_reason(self, painter: QPainter, frame: QRect, reason: Reason) -> None:
        """The reason on a dark line above the bar of the doubt, the rank in the corner above."""
        painter.save()
        tiny = painter.font()
        tiny.setPointSizeF(tiny.pointSizeF() * 0.8)
        painter.setFont(tiny)
        band = QRect(0, 0, frame.width(), _REASON_HEIGHT)
        band.moveBottomLeft(frame.bottomLeft() - QPoint(0, 7))
        rank = QRect(frame.topLeft(), QSize(0, _REASON_HEIGHT))
        rank.setWidth(painter.fontMetrics().horizontalAdvance(str(reason.rank)) + 8)
        for place, said in ((band, reason.short), (rank, str(reason.rank))):
            painter.fillRect(place, QColor(0, 0, 0, 190))
            painter.setPen(QColor("#ffffff"))
            self._write(painter, place, said, Qt.TextElideMode.ElideRight)
        painter.restore()

    def _color(self, name: str) -> QColor:
        return QColor(getattr(self._theme, name) if self._theme is not None else "#888888")

    def _is_light(self) -> bool:
        return self._theme is None or self._theme.name == "light"


class _Strip(QListView):
    """A list that runs to the right and that an ordinary wheel scrolls."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (delta.x() or delta.y()))
        event.accept()


class ImagePanel(QWidget):
    """Shows the images of a project and says which one was clicked."""

    image_chosen = Signal(str)
    status_chosen = Signal(object)  # Status of the images to list, or None for all

    def __init__(self, *actions: QAction, parent: QWidget | None = None) -> None:
        """``actions`` stand as buttons at the left, one below the other."""
        super().__init__(parent)
        self._model = _ImageModel(self)
        self._list = _Strip(self)
        self._list.setObjectName("images")
        self._list.setModel(self._model)
        self._delegate = _ImageDelegate(self._list)
        self._list.setItemDelegate(self._delegate)
        self._list.setFlow(QListView.Flow.LeftToRight)
        self._list.setWrapping(False)
        self._list.setUniformItemSizes(True)
        self._list.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self._list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._empty = QLabel(self._list)
        self._empty.setObjectName("muted")
        self._empty.setContentsMargins(16, 16, 16, 16)
        self._empty.hide()
        self.setFixedHeight(_CELL.height() + _BAR_HEIGHT + 2)
        buttons = QVBoxLayout()
        buttons.setContentsMargins(4, 4, 4, 4)
        buttons.setSpacing(4)
        for action in actions:
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setIconSize(ICON_SIZE)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            buttons.addWidget(button)
        self.filter_menu = QMenu(self)
        self._filter = QToolButton(self)
        self._filter.setCheckable(True)
        self._filter.setMenu(self.filter_menu)
        self._filter.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._filter.setObjectName("filter")
        self._filter.setIconSize(ICON_SIZE)
        self._filter.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        buttons.addWidget(self._filter)
        self._only: Status | None = None
        buttons.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(buttons)
        layout.addWidget(self._list, 1)
        self._list.clicked.connect(lambda index: self.image_chosen.emit(index.data(_NAME_ROLE)))

    def show_images(
        self, names: tuple[str, ...], get_record: GetRecord, get_thumbnail: GetThumbnail
    ) -> None:
        self._model.show_images(names, get_record, get_thumbnail)
        self._show_emptiness()

    def flag(self, get_fault: GetFault) -> None:
        """Where to ask what became of the file of a labelled image."""
        self._model.flag(get_fault)

    def explain(self, get_reason: GetReason) -> None:
        """Where to ask why an image is to be labelled next."""
        self._model.explain(get_reason)

    def show_order(self, names: tuple[str, ...]) -> None:
        """Other ones of the images, or in another order."""
        self._model.show_order(names)
        self._show_emptiness()

    def retranslate(self) -> None:
        self._list.setAccessibleName(self.tr("Images"))
        self._filter.setText(self.tr("Filter"))
        self._filter.setToolTip(self.tr("Which images are listed and gone through, by status"))
        self.filter_menu.setTitle(self.tr("Filter"))
        self.show_filter(self._only)

    def show_filter(self, status: Status | None) -> None:
        """Images of which status are listed; ``None`` for all."""
        self._only = status
        self._filter.setChecked(status is not None)
        self.filter_menu.clear()
        for each in (None, *Status):
            text = self.tr("All images") if each is None else status_text(each).capitalize()
            action = self.filter_menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(each is status)
            action.triggered.connect(lambda _=False, each=each: self.status_chosen.emit(each))
        self._show_emptiness()

    def _show_emptiness(self) -> None:
        """Say why nothing is listed, or nothing but the image that is shown."""
        count = self._model.rowCount()
        if self._only is None:
            text = self.tr(
                "No images here. Open another folder, or put pictures into this one and open it "
                "again."
            )
            is_empty = count == 0
        else:
            text = self.tr("No other image is {0}. The filter at the left brings all back.").format(
                status_text(self._only)
            )
            is_empty = count < 2
        self._empty.setText(text)
        self._empty.adjustSize()
        self._empty.move(count * _CELL.width(), 0)
        self._empty.setVisible(is_empty)

    def show_current(self, name: str) -> None:
        index = self._model.index_of(name)
        if index.isValid():
            self._list.setCurrentIndex(index)
            self._list.scrollTo(index)

    def refresh(self, name: str) -> None:
        """The record or thumbnail of an image changed."""
        self._model.refresh(name)

    def refresh_all(self) -> None:
        """All thumbnails changed."""
        self._model.refresh_all()

    def dress(self, theme: Theme) -> None:
        self._delegate.dress(theme)
        self._filter.setIcon(make_icon("filter", theme, checked=theme.accent))
        self._list.viewport().update()
