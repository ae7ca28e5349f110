"""All keys on one sheet."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.actions import (
    MENUS,
    NUMBER_KEYS,
    Actions,
    native_keys,
    translated,
    without_mnemonic,
)

_COLUMNS = 3
_BORDER = 72  # pixels of the screen that a sheet leaves free
_Rows = list[tuple[str, str]]


def _held_keys(wheel_zooms: bool) -> _Rows:
    """Keys that are no actions because they are held or combined with the pointer."""
    translate = QCoreApplication.translate
    zoom, size = (
        translate("KeysDialog", "zoom at the pointer"),
        translate("KeysDialog", "brush size"),
    )
    return [
        (translate("KeysDialog", "wheel"), zoom if wheel_zooms else size),
        (translate("KeysDialog", "Ctrl + wheel"), size if wheel_zooms else zoom),
        (translate("KeysDialog", "Space, middle button"), translate("KeysDialog", "pan")),
        (
            translate("KeysDialog", "right button, hold Alt"),
            translate("KeysDialog", "eraser for the moment"),
        ),
        (translate("KeysDialog", "hold V"), translate("KeysDialog", "the photograph alone")),
        (translate("KeysDialog", "Esc"), translate("KeysDialog", "give up the stroke")),
    ]


class KeysDialog(QDialog):
    """Made from the table of actions, so that it is never out of date."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys"))
        sections = [(self.tr("On the picture"), _held_keys(actions["wheel_zooms"].isChecked()))]
        sections += [(without_mnemonic(translated(m)), self._rows(actions, m)) for m in MENUS]
        page = QWidget(self)
        columns = QHBoxLayout(page)
        columns.setSpacing(32)
        for column in _in_columns(sections):
            label = QLabel("".join(_table(title, rows) for title, rows in column), page)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            columns.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(page)
        area.setAccessibleName(self.windowTitle())
        self._change = QPushButton(self.tr("Change keys…"), self)
        self._change.setAutoDefault(False)
        self._change.clicked.connect(actions["shortcuts"].trigger)
        self._change.clicked.connect(self.reject)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.addButton(self._change, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.addWidget(area)
        layout.addWidget(buttons)
        room = self.screen().availableSize()
        wanted = page.sizeHint()
        self.resize(
            min(wanted.width() + 72, room.width() - _BORDER),
            min(wanted.height() + 80, room.height() - _BORDER),
        )

    def _rows(self, actions: Actions, menu: str) -> _Rows:
        rows = []
        for action in actions.of_menu(menu):
            keys, key = native_keys(action), action.objectName()
            if key == NUMBER_KEYS[0]:
                last = native_keys(actions[NUMBER_KEYS[-1]])
                rows.append((f"{keys} – {last}", self.tr("background, category 1–9")))
            elif keys and key not in NUMBER_KEYS:
                rows.append((keys, action.text().rstrip("…")))
        return rows


def _in_columns(sections: list[tuple[str, _Rows]]) -> list[list[tuple[str, _Rows]]]:
    """Each section goes where there are the fewest rows so far."""
    columns: list[list[tuple[str, _Rows]]] = [[] for _ in range(_COLUMNS)]
    for section in sorted(sections, key=lambda one: -len(one[1])):
        min(columns, key=lambda column: sum(len(rows) + 2 for _, rows in column)).append(section)
    return columns


def _table(title: str, rows: _Rows) -> str:
    cells = "".join(
        f"<tr><td><b>{escape(key)}</b>&nbsp;&nbsp;&nbsp;</td><td>{escape(text)}</td></tr>"
        for key, text in rows
    )
    return f"<h3>{escape(title)}</h3><table>{cells}</table>"
