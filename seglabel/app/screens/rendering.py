"""From a seed to a screen with its labels.

This runs in the thread of a QApplication, on any platform plug-in and without showing anything. It
is meant for a process of its own: a style sheet of the application would show through.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QImage
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget

from seglabel.app.screens.colors import (
    HELD_OUT_PALETTES,
    TRAINING_PALETTES,
    Colors,
    Palettes,
    make_palette,
)
from seglabel.app.screens.controls import Draw
from seglabel.app.screens.dice import Dice
from seglabel.app.screens.marks import Marks, make_image, pixels_of, plain_image
from seglabel.app.screens.masks import LabelMap, render_labels
from seglabel.app.screens.pages import HELD_OUT_PAGES, TRAINING_PAGES, Page
from seglabel.app.screens.sheets import HELD_OUT_SHEETS, TRAINING_SHEETS, Families, make_sheet
from seglabel.app.screens.windows import LAYERS, framed
from seglabel.app.screens.words import Language, languages

Picture = NDArray[np.uint8]

_SCALES = (1.0, 1.0, 1.0, 1.25, 1.5, 2.0)
_DESKTOPS = 0.25  # how often windows lie on a desktop
_LEAST_WIDTH = 420  # units of Qt's coordinates that a page needs
_FONTS = (
    "DejaVu Sans",
    "Liberation Sans",
    "Roboto",
    "Open Sans",
    "Lato",
    "Noto Sans",
    "Cantarell",
    "Segoe UI",
    "Tahoma",
    "Verdana",
    "Arial",
    "Helvetica Neue",
    "Ubuntu",
    "Nimbus Sans",
    "DejaVu Serif",
    "Liberation Serif",
)


@dataclass(frozen=True)
class Material:
    """What screens are made of: palettes, style sheets, layouts, and how many have a sheet."""

    palettes: Palettes
    sheets: Mapping[str, Families]
    pages: Mapping[str, Page]
    dressed: float


TRAINING = Material(TRAINING_PALETTES, TRAINING_SHEETS, TRAINING_PAGES, dressed=0.7)
HELD_OUT = Material(HELD_OUT_PALETTES, HELD_OUT_SHEETS, HELD_OUT_PAGES, dressed=1.0)
"""No palette, style sheet or layout of these is in :data:`TRAINING`; all screens have a sheet."""


@dataclass(frozen=True)
class Screen:
    """A picture, uint8 RGB (H, W, 3), with its category ids, uint8 (H, W), and its families."""

    image: Picture
    labels: LabelMap
    palette: str
    page: str


def render_screens(
    count: int, seed: int, size: tuple[int, int] = (480, 640), material: Material = TRAINING
) -> Iterator[tuple[Picture, LabelMap]]:
    """``count`` screens of ``size`` (height, width) in pixels, as (image, labels).

    Image uint8 RGB (H, W, 3), labels uint8 (H, W) with the ids of ``UI_CATEGORIES``, 0 for
    background. The same for the same seed on a machine with the same fonts and version of Qt;
    the first ones do not depend on ``count``.
    """
    for number in range(count):
        screen = render_screen((seed, number), size, material)
        yield screen.image, screen.labels


def render_screen(
    seed: int | tuple[int, ...], size: tuple[int, int] = (480, 640), material: Material = TRAINING
) -> Screen:
    """One screen. Raises RuntimeError where there is no QApplication."""
    if not isinstance(QApplication.instance(), QApplication):
        raise RuntimeError("screens are rendered by Qt's widgets, which need a QApplication")
    generator = np.random.default_rng(seed)
    dice = Dice(generator, _language(generator))
    palette, page = dice.pick(tuple(material.palettes)), dice.pick(tuple(material.pages))
    with tempfile.TemporaryDirectory() as folder:
        colors = material.palettes[palette](dice)
        look = _make_look(dice, colors, Marks(Path(folder)), material)
        image, labels = _compose(dice, colors, look, material.pages[page], size)
    return Screen(image, labels, palette, page)


def _language(generator: np.random.Generator) -> Language:
    known = languages()
    return known[0] if generator.random() < 0.4 else known[int(generator.integers(len(known)))]


@dataclass(frozen=True)
class _Look:
    """How every window of one screen is dressed."""

    style: str
    colors: Colors
    sheet: str
    font: QFont
    scale: float

    def dress(self, window: QWidget) -> None:
        window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        style = QStyleFactory.create(self.style)
        window.setStyle(style)
        # PySide would end it before the window's parts, which still ask it while they end.
        style.setParent(QApplication.instance())
        window.destroyed.connect(style.deleteLater)
        palette = make_palette(self.colors)
        for widget in (window, *window.findChildren(QWidget)):
            widget.setPalette(palette)  # to each: beside a style sheet Qt hands nothing down
            widget.setFont(self.font)
        window.setStyleSheet(self.sheet)


def _make_look(dice: Dice, colors: Colors, marks: Marks, material: Material) -> _Look:
    known = set(QFontDatabase.families())
    font = QFont(
        dice.pick([name for name in _FONTS if name in known] or [QApplication.font().family()])
    )
    font.setPixelSize(dice.pick((11, 12, 12, 13, 13, 14, 15, 16)))
    sheet = "QWidget#nothing { }"  # any sheet makes Qt hand the window's style to all in it
    if dice.chance(material.dressed):
        sheet = make_sheet(dice, colors, marks, material.sheets)
    style = dice.pick(("Fusion", "Fusion", "Windows"))
    return _Look(style, colors, sheet, font, dice.pick(_SCALES))


def _compose(
    dice: Dice, colors: Colors, look: _Look, page: Page, size: tuple[int, int]
) -> tuple[Picture, LabelMap]:
    """A page that fills the screen or lies in windows, at times with something above it."""
    draw = Draw.begin(dice, colors)
    scale = max(min(look.scale, size[1] / _LEAST_WIDTH), 1.0)
    if dice.chance(_DESKTOPS):
        wall = make_image(dice, size[1], size[0]) if dice.chance(0.5) else plain_image(dice, size)
        image, labels = pixels_of(wall.toImage()), np.zeros(size, np.uint8)
        for _ in range(dice.whole(1, 2)):
            part = tuple(round(side * dice.real(0.6, 1.0)) for side in size)
            _put(
                _render(framed(draw, page(draw)), look, (part[0], part[1]), scale),
                image,
                labels,
                draw,
            )
    else:
        image, labels = _render(page(draw), look, size, scale)
    for make, often in LAYERS:
        if dice.chance(often):
            _put(_render(make(draw), look, None, scale), image, labels, draw)
    return image, labels


def _put(upper: tuple[Picture, LabelMap], image: Picture, labels: LabelMap, draw: Draw) -> None:
    """Lay a picture with its labels, with a line around it, anywhere upon another."""
    picture, ids = upper
    colors, (rows, columns) = draw.colors, labels.shape
    line = QColor(draw.dice.pick((colors.line, colors.muted, colors.text)))
    picture[[0, -1]] = picture[:, [0, -1]] = (line.red(), line.green(), line.blue())
    top = draw.dice.whole(0, max(rows - ids.shape[0], 0))
    left = draw.dice.whole(0, max(columns - ids.shape[1], 0))
    height, width = min(ids.shape[0], rows - top), min(ids.shape[1], columns - left)
    image[top : top + height, left : left + width] = picture[:height, :width]
    labels[top : top + height, left : left + width] = ids[:height, :width]


def _render(
    page: QWidget, look: _Look, size: tuple[int, int] | None, scale: float
) -> tuple[Picture, LabelMap]:
    """A page with its labels; of its own size where ``size`` is ``None``."""
    window = QWidget()
    page.setParent(window)
    page.setWindowFlags(Qt.WindowType.Widget)  # menus and dialogs too lie in the window
    if not page.objectName():
        page.setObjectName("page")
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    page.setAutoFillBackground(True)
    look.dress(window)
    page.ensurePolished()
    if size is None:
        page.adjustSize()
    else:
        # A page that needs more room is larger than the screen, as where one would scroll.
        least = page.minimumSizeHint()
        height, width = (int(-(-side // scale)) for side in size)
        page.resize(max(width, least.width()), max(height, least.height()))
    window.resize(page.size())
    page.show()
    window.show()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    try:
        image = _picture(window, scale)
        labels = render_labels(window, scale)
    finally:
        window.hide()
        window.deleteLater()
        QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)
    height, width = size or labels.shape
    return np.ascontiguousarray(image[:height, :width]), labels[:height, :width].copy()


def _picture(window: QWidget, scale: float) -> Picture:
    image = QImage(
        round(window.width() * scale), round(window.height() * scale), QImage.Format.Format_RGB888
    )
    image.setDevicePixelRatio(scale)
    image.fill(window.palette().window().color())
    window.render(image, QPoint(0, 0))
    return pixels_of(image)
