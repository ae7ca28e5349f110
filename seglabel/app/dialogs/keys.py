"""All keys on one sheet."""

from __future__ import annotations

import re
from html import escape

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from seglabel.app.actions import MENUS, Actions, translated

_COLUMNS = 3


def _held_keys() -> list[tuple[str, str]]:
    """Keys that are no actions because they are held or combined with the pointer."""
    translate = QCoreApplication.translate
    return [
        (translate("KeysDialog", "0–9"), translate("KeysDialog", "background, category 1–9")),
        (translate("KeysDialog", "wheel"), translate("KeysDialog", "zoom at the pointer")),
        (translate("KeysDialog", "Ctrl + wheel"), translate("KeysDialog", "brush size")),
        (translate("KeysDialog", "Space, middle button"), translate("KeysDialog", "pan")),
        (
            translate("KeysDialog", "right button, hold Alt"),
            translate("KeysDialog", "eraser for the moment"),
        ),
        (translate("KeysDialog", "hold V"), translate("KeysDialog", "the photograph alone")),
        (translate("KeysDialog", "Esc"), translate("KeysDialog", "give up the stroke")),
    ]


def _without_mnemonic(title: str) -> str:
    """“&File” and “文件(&F)” as a heading."""
    return re.sub(r"\(&.\)|&", "", title)


class KeysDialog(QDialog):
    """Made from the table of actions, so that it is never out of date."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(32)
        grid.setVerticalSpacing(16)
        sections = [(self.tr("On the picture"), _held_keys())]
        for menu in MENUS:
            rows = [
                (
                    action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
                    action.text().rstrip("…"),
                )
                for action in actions.of_menu(menu)
                if not action.shortcut().isEmpty()
            ]
            sections.append((_without_mnemonic(translated(menu)), rows))
        for place, (title, rows) in enumerate(sections):
            table = "".join(
                f"<tr><td><b>{escape(key)}</b>&nbsp;&nbsp;&nbsp;</td><td>{escape(text)}</td></tr>"
                for key, text in rows
            )
            label = QLabel(f"<h3>{escape(title)}</h3><table>{table}</table>", self)
            grid.addWidget(label, place // _COLUMNS, place % _COLUMNS, Qt.AlignmentFlag.AlignTop)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.addLayout(grid)
        layout.addWidget(buttons)
