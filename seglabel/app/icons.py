"""The icon family: own SVGs of 20 pixels with one stroke width, in the colours of the theme."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from seglabel.app.theme import Theme
from seglabel.resources import resource

ICON_SIZE = QSize(20, 20)
_SCALES = (1, 2, 3)


def make_icon(name: str, theme: Theme, *, checked: str | None = None) -> QIcon:
    """The icon ``resources/icons/<name>.svg``; ``checked`` is its colour on a checked button."""
    source = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    icon = QIcon()
    colors = (
        (QIcon.Mode.Normal, QIcon.State.Off, theme.text),
        (QIcon.Mode.Disabled, QIcon.State.Off, theme.line),
        (QIcon.Mode.Normal, QIcon.State.On, checked or theme.on_accent),
    )
    for mode, state, color in colors:
        for scale in _SCALES:
            icon.addPixmap(_render(source, color, scale), mode, state)
    return icon


def _render(source: str, color: str, scale: int) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(source.replace("currentColor", color).encode()))
    pixmap = QPixmap(ICON_SIZE * scale)
    pixmap.setDevicePixelRatio(scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, ICON_SIZE.width(), ICON_SIZE.height()))
    painter.end()
    return pixmap
