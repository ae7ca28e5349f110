"""Frames around pages, and what opens above them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from seglabel.app.screens import controls
from seglabel.app.screens.colors import shaded
from seglabel.app.screens.controls import Draw
from seglabel.app.screens.marks import make_icon


def framed(draw: Draw, page: QWidget) -> QWidget:
    """A page below the title bar of a window."""
    window = QWidget()
    rows = QVBoxLayout(window)
    rows.setContentsMargins(1, 1, 1, 1)
    rows.setSpacing(0)
    rows.addWidget(_title(draw))
    rows.addWidget(page, 1)
    return window


def _title(draw: Draw) -> QWidget:
    dice, colors = draw.dice, draw.colors
    back, ink = dice.pick(
        (
            (colors.accent, colors.on_accent),
            (shaded(colors.surface, -0.1), colors.text),
            (colors.window, colors.muted),
            ("#3a3f44", "#f0f0f0"),
        )
    )
    bar = QFrame()
    bar.setStyleSheet(f".QFrame {{ background: {back}; border: none; }} QLabel {{ color: {ink}; }}")
    columns = QHBoxLayout(bar)
    columns.setContentsMargins(6, dice.whole(1, 5), 6, dice.whole(1, 5))
    if dice.chance(0.6):
        columns.addWidget(controls.symbol(draw, 16))
    is_centred = dice.chance(0.5)
    if is_centred:
        columns.addStretch(1)
    columns.addWidget(controls.label(draw, dice.phrase(1, 4)))
    columns.addStretch(1)
    for _ in range(dice.pick((1, 3, 3))):
        close = QToolButton()
        close.setIcon(make_icon(dice, ink, 12))
        close.setIconSize(QSize(12, 12))
        close.setAutoRaise(dice.chance(0.6))
        columns.addWidget(close)
    return bar


def dialog(draw: Draw) -> QWidget:
    """A small window with a question, as programs and pages put above themselves."""
    dice = draw.dice
    window = QDialog()
    rows = QVBoxLayout(window)
    if dice.chance(0.6):
        title = QHBoxLayout()
        title.addWidget(controls.label(draw), 1)
        for _ in range(dice.pick((1, 1, 3))):
            title.addWidget(controls.tool_button(draw))
        rows.addLayout(title)
    rows.addWidget(controls.heading(draw, 1.2))
    text = controls.paragraph(draw)
    text.setMinimumWidth(dice.whole(140, 260))
    rows.addWidget(text)
    for _ in range(dice.whole(0, 4)):
        rows.addWidget(controls.any_control(draw))
    for _ in range(dice.whole(1, 2)):
        rows.addWidget(controls.button(draw))
    window.setMaximumSize(300, 320)
    return window


def drop_down(draw: Draw) -> QWidget:
    """The open list of a combo box."""
    made = controls.list_view(draw)
    made.setFrameShape(QFrame.Shape.Box)
    made.setFixedSize(draw.dice.whole(90, 180), draw.dice.whole(50, 160))
    return made


LAYERS: tuple[tuple[Callable[[Draw], QWidget], float], ...] = (
    (dialog, 0.12),
    (controls.menu, 0.2),
    (drop_down, 0.06),
)
"""What may lie above a page, lowest first, and how often."""
