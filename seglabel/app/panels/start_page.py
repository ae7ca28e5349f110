"""The first thing a person sees: open a folder, a recent one, or drop one here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtSvgWidgets import QSvgWidget
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from seglabel.resources import resource

_SHOWN = 5
_ICON = 72
_DROP_HEIGHT = 72


class StartPage(QWidget):
    """Asks for a folder."""

    open_requested = Signal()
    folder_chosen = Signal(str)
    demo_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QFrame(self)
        column.setFixedWidth(460)
        self._column = QVBoxLayout(column)
        self._column.setSpacing(10)
        icon = QSvgWidget(str(resource("icons", "seglabel.svg")), column)
        icon.setFixedSize(_ICON, _ICON)
        self._title = QLabel(column)
        self._title.setObjectName("title")
        self._text = QLabel(column)
        self._text.setWordWrap(True)
        self._open = QPushButton(column)
        self._open.setObjectName("primary")
        self._open.setDefault(True)
        self._drop = QLabel(column)
        self._drop.setObjectName("dropTarget")
        self._drop.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._drop.setMinimumHeight(_DROP_HEIGHT)
        self._demo = QPushButton(column)
        self._demo.setObjectName("quiet")
        self._recent_title = QLabel(column)
        self._recent_title.setObjectName("muted")
        for widget in (icon, self._title, self._text):
            self._column.addWidget(widget)
        self._column.addSpacing(6)
        self._column.addWidget(self._open)
        self._column.addWidget(self._drop)
        self._column.addWidget(self._demo, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addSpacing(14)
        self._column.addWidget(self._recent_title)
        self._recent: list[QPushButton] = []
        middle = QHBoxLayout()  # rather than an alignment, which forgets that text wraps
        middle.addStretch(1)
        middle.addWidget(column)
        middle.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addLayout(middle)
        layout.addStretch(2)
        self._open.clicked.connect(self.open_requested)
        self._demo.clicked.connect(self.demo_requested)
        self.retranslate()

    def retranslate(self) -> None:
        self._title.setText(self.tr("Label images for segmentation"))
        self._text.setText(
            self.tr(
                "Open a folder of pictures. A model proposes a mask for each, you correct it with "
                "a brush, and export COCO or Pascal VOC. Your pictures are never changed."
            )
        )
        self._open.setText(self.tr("Open a folder…"))
        self._drop.setText(self.tr("or drop a folder or pictures here"))
        self._demo.setText(self.tr("Try it with sample pictures…"))
        self._recent_title.setText(self.tr("Recent folders"))

    def show_recent(self, folders: Sequence[str]) -> None:
        """Offer folders that were open before and still exist."""
        for button in self._recent:
            button.deleteLater()
        self._recent = []
        for folder in [f for f in folders if Path(f).is_dir()][:_SHOWN]:
            button = QPushButton(folder, self)
            button.setObjectName("quiet")
            button.setStyleSheet("text-align: left")
            button.clicked.connect(lambda _=False, path=folder: self.folder_chosen.emit(path))
            self._column.addWidget(button)
            self._recent.append(button)
        self._recent_title.setVisible(bool(self._recent))
