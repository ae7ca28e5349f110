"""The list of categories: number, colour, name, eye; and a field to add one."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
    SignalInstance,
)
from PySide6.QtGui import (
    QAction,
    QColor,
    QIcon,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QColorDialog,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.icons import make_icon
from seglabel.app.theme import Theme
from seglabel.core.categories import BACKGROUND, Category, CategorySet
from seglabel.core.templates import TEMPLATES

AnyIndex = QModelIndex | QPersistentModelIndex

_ROW_HEIGHT = 30
_NUMBER_WIDTH = 22
_SWATCH = 16
_EYE = 28
_LOCK = 24  # left of the eye
_FAINT = 0.35
_ID_ROLE = Qt.ItemDataRole.UserRole
_COLOR_ROLE = Qt.ItemDataRole.UserRole + 1
_HIDDEN_ROLE = Qt.ItemDataRole.UserRole + 2
_THING_ROLE = Qt.ItemDataRole.UserRole + 3
_LOCKED_ROLE = Qt.ItemDataRole.UserRole + 4


class _CategoryModel(QAbstractListModel):
    """Background first, then the categories. A copy for display; the project owns the truth."""

    rename_requested = Signal(int, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: list[Category] = []
        self._hidden: frozenset[int] = frozenset()
        self._locked: frozenset[int] = frozenset()

    def show_categories(self, categories: CategorySet, hidden: frozenset[int]) -> None:
        self.beginResetModel()
        background = Category(BACKGROUND, categories.background, (0, 0, 0))
        self._rows = [background, *categories]
        self._hidden = hidden
        self.endResetModel()

    def show_hidden(self, hidden: frozenset[int]) -> None:
        self._hidden = hidden
        self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def show_locked(self, locked: frozenset[int]) -> None:
        self._locked = locked
        self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def name_of(self, category_id: int) -> str:
        return next((c.name for c in self._rows if c.id == category_id), "")

    def row_of(self, category_id: int) -> int:
        return next((i for i, c in enumerate(self._rows) if c.id == category_id), -1)

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        category = self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return category.name
        if role == _ID_ROLE:
            return category.id
        if role == _COLOR_ROLE:
            return QColor(*category.color)
        if role == _HIDDEN_ROLE:
            return category.id in self._hidden
        if role == _LOCKED_ROLE:
            return category.id in self._locked
        if role == _THING_ROLE:
            return category.is_thing
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(index.row(), category)
        return None

    def setData(self, index: AnyIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        name = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or not name:
            return False
        if name != self._rows[index.row()].name:
            self.rename_requested.emit(self._rows[index.row()].id, name)
        return True

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.isValid() and self._rows[index.row()].id != BACKGROUND:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def _tip(self, row: int, category: Category) -> str:
        if category.id == BACKGROUND:
            tip = self.tr("Everything that belongs to no category (key 0)")
            return f"{tip}<br>{self._lock_tip(category)}"
        kind = (
            self.tr("thing: every connected region is exported as one object")
            if category.is_thing
            else self.tr("stuff: exported as one object per image")
        )
        key = self.tr("key {0}").format(row) if row <= 9 else self.tr("click to choose")
        return f"<b>{category.name}</b> ({key})<br>{kind}<br>{self._lock_tip(category)}"

    def _lock_tip(self, category: Category) -> str:
        if category.id in self._locked:
            return self.tr(
                "locked: its pixels are protected, more can still be painted (Q or a click on the "
                "padlock unlocks)"
            )
        return self.tr("Q or a click on the padlock protects the pixels that it has")


class _CategoryDelegate(QStyledItemDelegate):
    """Paints a row."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._eye = QIcon()
        self._eye_off = QIcon()
        self._lock = QIcon()
        self._lock_open = QIcon()

    def dress(self, theme: Theme) -> None:
        self._eye = make_icon("eye", theme)
        self._eye_off = make_icon("eye-off", theme)
        self._lock = make_icon("lock", theme)
        self._lock_open = make_icon("lock-open", theme)

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(120, _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        rect: QRect = option.rect
        palette: QPalette = option.palette
        view = self.parent()
        assert isinstance(view, QListView)
        is_current = view.currentIndex() == index
        is_hidden = index.data(_HIDDEN_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_current:
            painter.fillRect(rect, palette.highlight())
        role = QPalette.ColorRole.HighlightedText if is_current else QPalette.ColorRole.Text
        text = palette.color(role)
        if is_hidden and not is_current:
            text.setAlphaF(0.5)  # on the colour of the mark it could not be read
        painter.setPen(text)
        number = str(index.row()) if index.row() <= 9 else ""
        painter.drawText(
            QRect(rect.left() + 4, rect.top(), _NUMBER_WIDTH, rect.height()),
            Qt.AlignmentFlag.AlignCenter,
            number,
        )
        swatch = _swatch_rect(rect)
        painter.setPen(text)
        painter.setBrush(index.data(_COLOR_ROLE))
        painter.drawRoundedRect(swatch, 4, 4)
        room = rect.adjusted(_NUMBER_WIDTH + _SWATCH + 20, 0, -_EYE - _LOCK - 4, 0)
        name = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        state = QIcon.State.On if is_current else QIcon.State.Off
        is_locked = index.data(_LOCKED_ROLE)
        painter.setOpacity(1.0 if is_locked else _FAINT)  # most are open: they stay in the back
        (self._lock if is_locked else self._lock_open).paint(painter, _lock_rect(rect), state=state)
        painter.setOpacity(1.0)
        if index.data(_ID_ROLE) != BACKGROUND:
            icon = self._eye_off if is_hidden else self._eye
            icon.paint(painter, _eye_rect(rect), state=state)
        painter.restore()

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: AnyIndex
    ) -> None:
        rect: QRect = option.rect
        editor.setGeometry(rect.adjusted(_NUMBER_WIDTH + _SWATCH + 14, 1, -_EYE - _LOCK, -1))


def _swatch_rect(row: QRect) -> QRect:
    top = row.top() + (row.height() - _SWATCH) // 2
    return QRect(row.left() + _NUMBER_WIDTH + 10, top, _SWATCH, _SWATCH)


def _eye_rect(row: QRect) -> QRect:
    return QRect(row.right() - _EYE, row.top() + (row.height() - 20) // 2, 20, 20)


def _lock_rect(row: QRect) -> QRect:
    return _eye_rect(row).translated(-_LOCK, 0)


class _CategoryList(QListView):
    """Clicks on the colour, the padlock and the eye of a row do not choose it."""

    color_clicked = Signal(int)
    eye_clicked = Signal(int)
    lock_clicked = Signal(int)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            return  # for the menu, which chooses nothing
        signal = self._button_at(event)
        if signal is None:
            super().mousePressEvent(event)
        else:
            signal.emit(self.indexAt(event.position().toPoint()).data(_ID_ROLE))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._button_at(event) is None:
            super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._button_at(event) is None:
            super().mouseDoubleClickEvent(event)
        else:
            self.mousePressEvent(event)

    def _button_at(self, event: QMouseEvent) -> SignalInstance | None:
        at = event.position().toPoint()
        index = self.indexAt(at)
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            return None
        row = self.visualRect(index)
        if _lock_rect(row).adjusted(-2, -4, 2, 4).contains(at):
            return self.lock_clicked
        if index.data(_ID_ROLE) == BACKGROUND:
            return None
        if _eye_rect(row).adjusted(-2, -4, 4, 4).contains(at):
            return self.eye_clicked
        return self.color_clicked if _swatch_rect(row).contains(at) else None


class _NameField(QLineEdit):
    """Esc gives it up."""

    given_up = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.given_up.emit()
        else:
            super().keyPressEvent(event)


class CategoryPanel(QWidget):
    """Shows categories and asks for changes; keeps none itself."""

    category_chosen = Signal(int)
    add_requested = Signal(str)
    rename_requested = Signal(int, str)
    color_requested = Signal(int, object)  # id, (red, green, blue)
    thing_requested = Signal(int, bool)
    background_void_requested = Signal(bool)
    hide_requested = Signal(int)  # show or hide
    lock_requested = Signal(int)  # lock or let go
    accept_requested = Signal(int)  # all that is proposed of it
    reject_requested = Signal(int)
    move_requested = Signal(int, int)  # id, rows down
    delete_requested = Signal(int)
    template_requested = Signal(str)  # key of a ready-made set
    file_requested = Signal()
    finished_typing = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._categories = CategorySet()
        self._model = _CategoryModel(self)
        self._list = _CategoryList(self)
        self._list.setObjectName("categories")
        self._list.setModel(self._model)
        self._delegate = _CategoryDelegate(self._list)
        self._list.setItemDelegate(self._delegate)
        self._list.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._list.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._list.setMinimumHeight(4 * _ROW_HEIGHT)
        self._name = _NameField(self)
        self._name.setClearButtonEnabled(True)
        self._empty = QLabel(self._list)
        self._empty.setObjectName("muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._ready = QPushButton(self)
        self._ready.setObjectName("quiet")
        self.ready_menu = QMenu(self)
        self._ready.setMenu(self.ready_menu)
        self.current_menu = QMenu(self)
        self.current_menu.aboutToShow.connect(self._fill_current_menu)
        self._ready.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._ready)  # above the field, which stays in place when it goes
        layout.addWidget(self._name)
        self._list.clicked.connect(self._clicked)
        self._list.activated.connect(self._clicked)  # by Enter
        self._list.customContextMenuRequested.connect(self._show_menu)
        self._list.color_clicked.connect(self._choose_color)
        self._list.eye_clicked.connect(self.hide_requested)
        self._list.lock_clicked.connect(self.lock_requested)
        self._delegate.closeEditor.connect(lambda *_: self.finished_typing.emit())
        self._model.rename_requested.connect(self.rename_requested)
        self._name.returnPressed.connect(self._add)
        self._name.given_up.connect(self.finished_typing)
        self.retranslate()

    def retranslate(self) -> None:
        self._name.setPlaceholderText(self.tr("Add a category…"))
        self._name.setAccessibleName(self.tr("Name of a new category"))
        self._list.setAccessibleName(self.tr("Categories"))
        self._empty.setText(
            self.tr(
                "What do you want to tell apart? Type a name below and press Enter, once for each "
                "category. The keys 1–9 choose them while you paint."
            )
        )
        self._ready.setText(self.tr("Use a ready-made list…"))
        self.current_menu.setTitle(self.tr("Current category"))
        menu = self.ready_menu
        menu.setTitle(self.tr("Ready-made list"))
        menu.clear()
        for key, title in TEMPLATES.items():
            menu.addAction(title).triggered.connect(
                lambda _=False, key=key: self.template_requested.emit(key)
            )
        menu.addAction(self.tr("From a file…")).triggered.connect(self.file_requested)

    def dress(self, theme: Theme) -> None:
        self._delegate.dress(theme)
        self._list.viewport().update()

    def show_categories(self, categories: CategorySet, hidden: frozenset[int]) -> None:
        current = self._list.currentIndex().data(_ID_ROLE)
        self._categories = categories
        self._model.show_categories(categories, hidden)
        self.show_current(BACKGROUND if current is None else current)
        self._empty.setVisible(not len(categories))
        self._ready.setVisible(not len(categories))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        below = _ROW_HEIGHT + 12
        room = self._list.viewport().size()
        self._empty.setGeometry(12, below, room.width() - 24, room.height() - below)

    def show_hidden(self, hidden: frozenset[int]) -> None:
        self._model.show_hidden(hidden)

    def show_locked(self, locked: frozenset[int]) -> None:
        self._model.show_locked(locked)

    def show_current(self, category_id: int) -> None:
        row = self._model.row_of(category_id)
        self._list.setCurrentIndex(self._model.index(max(row, 0)))

    def start_typing(self) -> None:
        """Put the cursor into the field for a new category."""
        self._name.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def id_of_key(self, digit: int) -> int | None:
        """The category that a number key stands for."""
        index = self._model.index(digit)
        return index.data(_ID_ROLE) if index.isValid() else None

    def _clicked(self, index: QModelIndex) -> None:
        self.category_chosen.emit(index.data(_ID_ROLE))

    def _add(self) -> None:
        name = self._name.text().strip()
        if name:
            self._name.clear()
            self.add_requested.emit(name)  # the focus stays, for the next name
        else:
            self.finished_typing.emit()

    def _choose_color(self, category_id: int) -> None:
        old = QColor(*self._categories[category_id].color)
        title = self.tr("Colour of {0}").format(self._categories[category_id].name)
        new = QColorDialog.getColor(old, self, title)
        if new.isValid():
            self.color_requested.emit(category_id, (new.red(), new.green(), new.blue()))

    def _show_menu(self, at: QPoint) -> None:
        index = self._list.indexAt(at)
        if index.isValid():
            menu = self.make_menu(index.data(_ID_ROLE))
            menu.exec(self._list.viewport().mapToGlobal(at))
            menu.deleteLater()

    def make_menu(self, category_id: int) -> QMenu:
        """What can be done to a category besides choosing it."""
        menu = QMenu(self)
        menu.addSection(self._model.name_of(category_id).replace("&", "&&"))
        self._fill_menu(menu, category_id)
        return menu

    def _fill_current_menu(self) -> None:
        self.current_menu.clear()
        self._fill_menu(self.current_menu, self._list.currentIndex().data(_ID_ROLE))

    def _fill_menu(self, menu: QMenu, category_id: int) -> None:
        if category_id == BACKGROUND:
            action = QAction(self.tr("Means: not labelled (learn nothing from it)"), menu)
            action.setCheckable(True)
            action.setChecked(self._categories.background_is_void)
            action.toggled.connect(self.background_void_requested)
            menu.addAction(action)
            return
        row = self._model.row_of(category_id)
        rename = menu.addAction(self.tr("Rename"))
        rename.triggered.connect(lambda: self._list.edit(self._model.index(row)))
        color = menu.addAction(self.tr("Colour…"))
        color.triggered.connect(lambda: self._choose_color(category_id))
        thing = QAction(self.tr("Thing: each connected region is one object"), menu)
        thing.setCheckable(True)
        thing.setChecked(self._categories[category_id].is_thing)
        thing.toggled.connect(lambda on: self.thing_requested.emit(category_id, on))
        menu.addAction(thing)
        menu.addSeparator()
        for text, signal in (
            (self.tr("Accept what is proposed of it"), self.accept_requested),
            (self.tr("Reject what is proposed of it"), self.reject_requested),
        ):
            menu.addAction(text).triggered.connect(
                lambda _=False, signal=signal: signal.emit(category_id)
            )
        menu.addSeparator()
        for text, step, can in (
            (self.tr("Move up"), -1, row > 1),
            (self.tr("Move down"), 1, row < len(self._categories)),
        ):
            move = menu.addAction(text)
            move.setEnabled(can)
            move.triggered.connect(
                lambda _=False, step=step: self.move_requested.emit(category_id, step)
            )
        menu.addSeparator()
        delete = menu.addAction(self.tr("Delete…"))
        delete.triggered.connect(lambda: self.delete_requested.emit(category_id))
