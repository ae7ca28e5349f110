"""Random real widgets, one function each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QDate, QSize, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QDoubleSpinBox,
    QFrame,
    QGroupBox,
    QLabel,
    QLineEdit,
    QListView,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QScrollBar,
    QSlider,
    QSpinBox,
    QTabBar,
    QTableWidget,
    QTableWidgetItem,
    QTextEdit,
    QToolBar,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from seglabel.app.screens.colors import Colors
from seglabel.app.screens.dice import Dice
from seglabel.app.screens.marks import make_icon, make_image, make_symbol, symbol_color

Horizontal, Vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


@dataclass(frozen=True)
class Draw:
    """What a control is made from: chance, colours, and the colour of icons on this screen."""

    dice: Dice
    colors: Colors
    ink: str

    @classmethod
    def begin(cls, dice: Dice, colors: Colors) -> Draw:
        return cls(dice, colors, symbol_color(colors, dice))


def button(draw: Draw, caption: str | None = None) -> QPushButton:
    dice = draw.dice
    made = QPushButton(caption or dice.caption())
    if dice.chance(0.25):
        made.setIcon(make_icon(dice, draw.ink, 16))
        if dice.chance(0.2):
            made.setText("")
    made.setProperty("primary", dice.chance(0.25))
    made.setDefault(dice.chance(0.15))
    made.setEnabled(dice.chance(0.9))
    made.setCheckable(dice.chance(0.1))
    made.setChecked(dice.chance(0.5))
    return made


def tool_button(draw: Draw) -> QToolButton:
    """A framed button with an icon that stands by itself, on no tool bar."""
    dice = draw.dice
    made = QToolButton()
    made.setObjectName("plain")
    made.setIcon(make_icon(dice, draw.ink, 20))
    made.setIconSize(QSize(*[dice.pick((14, 16, 20, 24))] * 2))
    if dice.chance(0.3):
        made.setText(dice.caption())
        style = Qt.ToolButtonStyle
        made.setToolButtonStyle(
            dice.pick((style.ToolButtonTextBesideIcon, style.ToolButtonTextUnderIcon))
        )
    return made


def check_box(draw: Draw) -> QCheckBox:
    dice = draw.dice
    made = QCheckBox(dice.caption() if dice.chance(0.8) else dice.phrase(2, 5))
    made.setChecked(dice.chance(0.5))
    made.setEnabled(dice.chance(0.92))
    if dice.chance(0.08):
        made.setText("")
    return made


def radio_button(draw: Draw) -> QRadioButton:
    dice = draw.dice
    made = QRadioButton(dice.caption() if dice.chance(0.8) else dice.phrase(2, 5))
    made.setAutoExclusive(False)  # which is on is for the dice alone
    made.setChecked(dice.chance(0.4))
    made.setEnabled(dice.chance(0.92))
    return made


def line_edit(draw: Draw) -> QLineEdit:
    dice = draw.dice
    made = QLineEdit()
    kind = dice.whole(0, 3)
    if kind == 0:
        made.setPlaceholderText(dice.phrase(1, 4))
    elif kind == 1:
        made.setText("secret" * dice.whole(1, 2))
        made.setEchoMode(QLineEdit.EchoMode.Password)
    elif kind == 2:
        made.setText(dice.value())
    made.setClearButtonEnabled(dice.chance(0.2))
    made.setEnabled(dice.chance(0.93))
    made.setMinimumWidth(dice.whole(40, 140))
    return made


def spin_box(draw: Draw) -> QWidget:
    dice = draw.dice
    kind = dice.whole(0, 2)
    if kind == 0:
        whole = QSpinBox(maximum=9999, value=dice.whole(0, 9999))
        whole.setSuffix(dice.pick(("", "", " px", " %", " ms")))
        return whole
    if kind == 1:
        return QDoubleSpinBox(maximum=999, value=dice.real(0, 999))
    date = QDateEdit(QDate(dice.whole(2000, 2039), dice.whole(1, 12), dice.whole(1, 28)))
    date.setDisplayFormat(dice.pick(("yyyy-MM-dd", "dd.MM.yyyy", "MM/dd/yyyy")))
    return date


def text_area(draw: Draw) -> QWidget:
    dice = draw.dice
    text = "\n".join(dice.paragraph() for _ in range(dice.whole(0, 6)))
    if dice.chance(0.5):
        rich = QTextEdit()
        rich.setPlainText(text)
        rich.setMinimumSize(80, 40)
        return rich
    plain = QPlainTextEdit(text)
    if dice.chance(0.4):
        plain.setStyleSheet("font-family: monospace;")
        plain.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    plain.setMinimumSize(80, 40)
    return plain


def combo_box(draw: Draw) -> QComboBox:
    dice = draw.dice
    made = QComboBox()
    made.addItems(dice.captions(4))
    if dice.chance(0.15):
        made.setItemIcon(0, make_icon(dice, draw.ink, 16))
    made.setEditable(dice.chance(0.15))
    made.setEnabled(dice.chance(0.93))
    return made


def slider(draw: Draw, way: Qt.Orientation | None = None) -> QSlider:
    dice = draw.dice
    made = QSlider(way or dice.pick((Horizontal, Horizontal, Horizontal, Vertical)))
    made.setRange(0, 100)
    made.setValue(dice.whole(0, 100))
    if dice.chance(0.25):
        made.setTickPosition(QSlider.TickPosition.TicksBelow)
        made.setTickInterval(dice.pick((10, 20, 25)))
    if made.orientation() == Horizontal:
        made.setMinimumWidth(60)
    else:
        made.setMinimumHeight(60)
        made.setMaximumHeight(160)
    return made


def level(draw: Draw) -> QSlider:
    """A slider that lies."""
    return slider(draw, Horizontal)


def progress_bar(draw: Draw) -> QProgressBar:
    dice = draw.dice
    made = QProgressBar()
    made.setRange(0, 100)
    made.setValue(dice.whole(0, 100))
    made.setTextVisible(dice.chance(0.6))
    made.setMinimumWidth(60)
    return made


def scroll_bar(draw: Draw, way: Qt.Orientation) -> QScrollBar:
    dice = draw.dice
    made = QScrollBar(way)
    made.setRange(0, dice.whole(20, 400))
    made.setPageStep(dice.whole(10, 100))
    made.setValue(dice.whole(0, made.maximum()))
    return made


def tab_bar(draw: Draw) -> QTabBar:
    dice = draw.dice
    made = QTabBar()
    dress_tabs(draw, made, dice.whole(2, 6))
    made.setExpanding(dice.chance(0.15))
    made.setDrawBase(dice.chance(0.5))
    return made


def dress_tabs(draw: Draw, bar: QTabBar, count: int) -> None:
    """Give a tab bar its tabs."""
    dice = draw.dice
    has_icons = dice.chance(0.2)
    for caption in dice.captions(count):
        place = bar.addTab(caption)
        if has_icons:
            bar.setTabIcon(place, make_icon(dice, draw.ink, 16))
    bar.setCurrentIndex(dice.whole(0, count - 1))
    bar.setTabsClosable(dice.chance(0.1))
    bar.setUsesScrollButtons(False)
    bar.setElideMode(Qt.TextElideMode.ElideRight)


def list_view(draw: Draw) -> QListWidget:
    dice = draw.dice
    made = QListWidget()
    has_icons, has_ticks = dice.chance(0.35), dice.chance(0.15)
    for _ in range(dice.whole(2, 24)):
        item = QListWidgetItem(dice.caption() if dice.chance(0.6) else dice.value(), made)
        if has_icons:
            item.setIcon(make_icon(dice, draw.ink, 16))
        if has_ticks:
            item.setCheckState(dice.pick((Qt.CheckState.Checked, Qt.CheckState.Unchecked)))
    if dice.chance(0.12):
        made.setViewMode(QListView.ViewMode.IconMode)
        for row in range(made.count()):
            made.item(row).setIcon(make_icon(dice, draw.ink, 32))
        made.setIconSize(QSize(32, 32))
    made.setAlternatingRowColors(dice.chance(0.3))
    made.setCurrentRow(dice.whole(-1, 3))
    made.setSpacing(dice.pick((0, 0, 0, 1, 3)))
    if dice.chance(0.2):
        made.setFrameShape(QFrame.Shape.NoFrame)
    return made


def table(draw: Draw) -> QTableWidget:
    dice = draw.dice
    rows, columns = dice.whole(2, 20), dice.whole(2, 6)
    made = QTableWidget(rows, columns)
    made.setHorizontalHeaderLabels(
        [dice.caption() if dice.chance(0.5) else dice.phrase(1, 1) for _ in range(columns)]
    )
    for row in range(rows):
        for column in range(columns):
            made.setItem(row, column, QTableWidgetItem(dice.value()))
    if dice.chance(0.3):
        for row in range(min(rows, 8)):
            made.setCellWidget(row, 0, dice.pick((check_box, progress_bar, combo_box))(draw))
    made.verticalHeader().setVisible(dice.chance(0.4))
    made.horizontalHeader().setVisible(dice.chance(0.85))
    made.horizontalHeader().setStretchLastSection(dice.chance(0.6))
    made.setShowGrid(dice.chance(0.6))
    made.setAlternatingRowColors(dice.chance(0.4))
    if dice.chance(0.6):
        made.selectRow(dice.whole(0, rows - 1))
    return made


def bare_table(draw: Draw) -> QTableWidget:
    """A table as web pages show them: lines between the rows and no frame."""
    made = table(draw)
    made.setStyleSheet(
        "QTableView { background: transparent; border: none; } "
        f"QTableView::item {{ border-bottom: 1px solid {draw.colors.line}; }} "
        f"QHeaderView, QHeaderView::section {{ background: transparent; border: none; "
        f"border-bottom: 1px solid {draw.colors.line}; font-weight: bold; }}"
    )
    made.verticalHeader().hide()
    made.setShowGrid(False)
    made.setMinimumHeight(draw.dice.whole(60, 160))
    return made


def tree(draw: Draw) -> QTreeWidget:
    dice = draw.dice
    made = QTreeWidget()
    made.setColumnCount(dice.whole(1, 3))
    made.setHeaderLabels([dice.caption() for _ in range(made.columnCount())])
    made.setHeaderHidden(dice.chance(0.4))
    for _ in range(dice.whole(2, 6)):
        branch = QTreeWidgetItem(made, [dice.value() for _ in range(made.columnCount())])
        branch.setIcon(0, make_icon(dice, draw.ink, 16))
        for _ in range(dice.whole(0, 5)):
            QTreeWidgetItem(branch, [dice.value() for _ in range(made.columnCount())])
        branch.setExpanded(dice.chance(0.6))
    return made


def any_view(draw: Draw) -> QWidget:
    """A list, a table or a tree."""
    return draw.dice.pick((list_view, table, tree))(draw)


def label(draw: Draw, text: str | None = None) -> QLabel:
    return QLabel(text or draw.dice.caption())


def heading(draw: Draw, scale: float | None = None) -> QLabel:
    """Larger text, often bold."""
    dice = draw.dice
    made = QLabel(dice.phrase(1, 5))
    factor = scale or dice.real(1.2, 2.4)
    weight = dice.pick((400, 600, 700))
    made.setStyleSheet(f"font-size: {round(13 * factor)}px; font-weight: {weight};")
    return made


def paragraph(draw: Draw) -> QLabel:
    dice = draw.dice
    made = QLabel(dice.paragraph() if dice.chance(0.6) else dice.phrase(4, 14))
    made.setWordWrap(True)
    if dice.chance(0.3):
        made.setStyleSheet(f"color: {draw.colors.muted};")
    return made


def picture(draw: Draw, width: int, height: int) -> QLabel:
    """An image of this size in pixels."""
    made = QLabel()
    made.setPixmap(make_image(draw.dice, width, height))
    return made


def symbol(draw: Draw, side: int | None = None) -> QLabel:
    """An icon that stands by itself."""
    made = QLabel()
    made.setPixmap(make_symbol(draw.dice, draw.ink, side or draw.dice.pick((16, 20, 24, 32, 48))))
    return made


def card() -> QFrame:
    """A frame that the style sheet dresses."""
    made = QFrame()
    made.setObjectName("card")
    return made


def page() -> QWidget:
    """An empty page, to be scrolled."""
    made = QWidget()
    made.setObjectName("page")
    return made


def group(draw: Draw) -> QGroupBox:
    """A titled frame without content."""
    made = QGroupBox(draw.dice.caption())
    made.setFlat(draw.dice.chance(0.1))
    if draw.dice.chance(0.15):
        made.setCheckable(True)
        made.setChecked(draw.dice.chance(0.8))
    return made


def menu_bar(draw: Draw) -> QMenuBar:
    made = QMenuBar()
    made.setNativeMenuBar(False)
    for caption in draw.dice.captions(draw.dice.whole(3, 8)):
        made.addAction(caption)
    return made


def menu(draw: Draw) -> QMenu:
    """An open menu."""
    dice = draw.dice
    made = QMenu()
    has_icons, has_keys = dice.chance(0.4), dice.chance(0.5)
    for caption in dice.captions(dice.whole(3, 11)):
        action = made.addAction(caption)
        if has_icons and dice.chance(0.7):
            action.setIcon(make_icon(dice, draw.ink, 16))
        if has_keys and dice.chance(0.6):
            action.setShortcut(dice.pick(("Ctrl+C", "Ctrl+Shift+S", "F5", "Alt+Return", "Ctrl+O")))
        if dice.chance(0.15):
            action.setCheckable(True)
            action.setChecked(dice.chance(0.6))
        if dice.chance(0.12):
            action.setMenu(QMenu(made))
        action.setEnabled(dice.chance(0.9))
        if dice.chance(0.2):
            made.addSeparator()
    if dice.chance(0.5):
        made.setActiveAction(dice.pick(made.actions()))
    return made


def tool_bar(draw: Draw, way: Qt.Orientation = Horizontal, length: int | None = None) -> QToolBar:
    """A bar with ``length`` buttons, at times with fields."""
    dice = draw.dice
    made = QToolBar()
    made.setOrientation(way)
    made.setMovable(dice.chance(0.3))
    side = dice.pick((16, 18, 20, 22, 24, 32))
    made.setIconSize(QSize(side, side))
    style = Qt.ToolButtonStyle
    if way == Horizontal:
        made.setToolButtonStyle(
            dice.pick(
                (
                    style.ToolButtonIconOnly,
                    style.ToolButtonIconOnly,
                    style.ToolButtonTextBesideIcon,
                    style.ToolButtonTextUnderIcon,
                )
            )
        )
    for _ in range(length or dice.whole(4, 14)):
        action = made.addAction(make_icon(dice, draw.ink, side), dice.caption())
        action.setCheckable(dice.chance(0.2))
        action.setChecked(dice.chance(0.4))
        action.setEnabled(dice.chance(0.85))
        if dice.chance(0.15):
            made.addSeparator()
    if way == Horizontal and length is None:
        if dice.chance(0.3):
            made.addWidget(combo_box(draw))
        if dice.chance(0.2):
            made.addWidget(line_edit(draw))
    return made


CONTROLS: tuple[tuple[Callable[[Draw], QWidget], float], ...] = (
    (button, 1.3),
    (tool_button, 0.5),
    (check_box, 1.5),
    (radio_button, 1.5),
    (line_edit, 1.3),
    (spin_box, 0.7),
    (combo_box, 1.4),
    (slider, 1.4),
    (progress_bar, 1.4),
    (tab_bar, 0.7),
    (label, 1.0),
    (heading, 0.4),
    (paragraph, 0.5),
    (symbol, 0.9),
)
"""Controls of one line, with how often each is taken."""


def any_control(draw: Draw) -> QWidget:
    """One of :data:`CONTROLS`."""
    weights = [weight for _, weight in CONTROLS]
    place = draw.dice.generator.choice(len(weights), p=[w / sum(weights) for w in weights])
    return CONTROLS[int(place)][0](draw)
