"""Exact labels of a rendered widget tree, from its geometry and from what each widget paints."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage, QRegion
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QScrollBar,
    QSlider,
    QStyle,
    QStyleOptionGroupBox,
    QTabBar,
    QTextEdit,
    QToolBar,
    QToolButton,
    QWidget,
)

from seglabel.app.screens import categories as of

LabelMap = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_INK = 32  # least alpha of a pixel that counts as painted
_SOLID = 0.7  # share of its box that a painted shape fills, unless it is only text or a line

_RECTANGLES: tuple[tuple[type[QWidget], int], ...] = (
    (QScrollBar, of.SCROLL_BAR),
    (QMenuBar, of.MENU),
    (QMenu, of.MENU),
    (QToolBar, of.TOOL_BAR),
)
_SHAPES: tuple[tuple[type[QWidget], int], ...] = (
    (QPushButton, of.BUTTON),
    (QToolButton, of.BUTTON),
    (QAbstractSpinBox, of.TEXT_FIELD),
    (QLineEdit, of.TEXT_FIELD),
    (QTextEdit, of.TEXT_FIELD),
    (QPlainTextEdit, of.TEXT_FIELD),
    (QComboBox, of.COMBO_BOX),
    (QAbstractItemView, of.LIST_OR_TABLE),
)
_BOXES: tuple[tuple[type[QWidget], int], ...] = (
    (QCheckBox, of.CHECK_BOX),
    (QRadioButton, of.RADIO_BUTTON),
    (QSlider, of.SLIDER),
    (QProgressBar, of.PROGRESS_BAR),
)
_CLOSED = (QComboBox, QAbstractSpinBox, QLineEdit, QMenuBar, QMenu, QTabBar)
"""Widgets whose children are parts of them."""


def render_labels(root: QWidget, scale: float) -> LabelMap:
    """Category ids of every pixel of a shown ``root``, uint8 (H, W).

    ``scale`` is in pixels per unit of Qt's coordinates. Later children lie above earlier ones, and
    children are cut off where their parents end.

    * menus, tool bars and scroll bars: their rectangle
    * buttons, fields, combo boxes, lists: the shape that they paint, filled; their rectangle if
      they paint no closed shape
    * check boxes, radio buttons, sliders, progress bars, images: the box around what they paint
    * tabs: the rectangle of each tab
    * text: the box around the block of text
    """
    return _Labelling(root, scale).labels


class _Labelling:
    def __init__(self, root: QWidget, scale: float) -> None:
        self._root, self._scale = root, scale
        width, height = round(root.width() * scale), round(root.height() * scale)
        self.labels: LabelMap = np.zeros((height, width), np.uint8)
        self._paper = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
        self._paper.setDevicePixelRatio(scale)
        self._visit(root, root.rect())

    def _visit(self, widget: QWidget, clip: QRect) -> None:
        """Label a widget, then what lies above it. ``clip`` is in the root's coordinates."""
        here = clip.intersected(self._rectangle(widget, widget.rect()))
        if here.isEmpty():
            return
        self._label(widget, here)
        if isinstance(widget, _CLOSED):
            return
        for child in widget.children():
            if (
                isinstance(child, QWidget)
                and child.isVisibleTo(self._root)
                and not child.isWindow()
            ):
                if isinstance(widget, QToolBar) and isinstance(child, QToolButton):
                    continue
                self._visit(child, here)

    def _label(self, widget: QWidget, clip: QRect) -> None:
        if isinstance(widget, QTabBar):
            for place in range(widget.count()):
                tab = self._rectangle(widget, widget.tabRect(place)).intersected(clip)
                self._fill(tab, of.TAB)
        elif isinstance(widget, QGroupBox):
            self._label_title(widget, clip)
        elif isinstance(widget, QLabel):
            if not widget.pixmap().isNull():
                self._paint(_boxed, widget, clip, of.ICON_OR_IMAGE)
            elif widget.text():
                self._paint(_boxed, widget, clip, of.TEXT)
        elif category := _category(widget, _RECTANGLES):
            self._fill(clip, category)
        elif category := _category(widget, _SHAPES):
            self._paint(_enclosed, widget, clip, category)
        elif category := _category(widget, _BOXES):
            self._paint(_boxed, widget, clip, category)

    def _label_title(self, widget: QGroupBox, clip: QRect) -> None:
        if not widget.title():
            return
        option = QStyleOptionGroupBox()
        widget.initStyleOption(option)
        control, part = QStyle.ComplexControl.CC_GroupBox, QStyle.SubControl
        title = widget.style().subControlRect(control, option, part.SC_GroupBoxLabel, widget)
        category = of.TEXT
        if widget.isCheckable():
            category = of.CHECK_BOX
            title |= widget.style().subControlRect(
                control, option, part.SC_GroupBoxCheckBox, widget
            )
        self._fill(self._rectangle(widget, title).intersected(clip), category)

    def _rectangle(self, widget: QWidget, rectangle: QRect) -> QRect:
        """A rectangle of ``widget`` in the root's coordinates."""
        if widget is self._root:
            return rectangle
        return rectangle.translated(widget.mapTo(self._root, QPoint(0, 0)))

    def _window(self, rectangle: QRect) -> tuple[slice, slice]:
        """The pixels of a rectangle in the root's coordinates."""
        left, top = rectangle.left() * self._scale, rectangle.top() * self._scale
        right = left + rectangle.width() * self._scale
        bottom = top + rectangle.height() * self._scale
        ends = (max(round(end), 0) for end in (top, bottom, left, right))
        return slice(next(ends), next(ends)), slice(next(ends), next(ends))

    def _fill(self, rectangle: QRect, category: int) -> None:
        if not rectangle.isEmpty():
            self.labels[self._window(rectangle)] = category

    def _paint(
        self, shape: Callable[[Mask], Mask], widget: QWidget, clip: QRect, category: int
    ) -> None:
        """Label what ``widget`` paints by itself, within ``clip``."""
        window = self._window(self._rectangle(widget, widget.rect()))
        self._paper.fill(Qt.GlobalColor.transparent)
        place = QPoint(0, 0) if widget is self._root else widget.mapTo(self._root, QPoint(0, 0))
        widget.render(self._paper, place, QRegion(), QWidget.RenderFlag(0))
        inked = _alpha(self._paper) >= _INK
        mask = np.zeros_like(inked)
        rows, columns = self._window(clip)
        mask[window] = shape(inked[window])
        self.labels[rows, columns][mask[rows, columns]] = category


def _category(widget: QWidget, table: tuple[tuple[type[QWidget], int], ...]) -> int | None:
    return next((category for kind, category in table if isinstance(widget, kind)), None)


def _alpha(image: QImage) -> NDArray[np.uint8]:
    pixels = np.frombuffer(image.constBits(), np.uint8)
    return pixels.reshape(image.height(), image.bytesPerLine())[:, 3::4][:, : image.width()]


def _boxed(inked: Mask) -> Mask:
    """The smallest rectangle around what is painted."""
    mask = np.zeros_like(inked)
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if len(rows):
        mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
    return mask


def _enclosed(inked: Mask) -> Mask:
    """What lies within the outline of what is painted; all of the widget if that is no outline."""
    canvas = np.zeros(inked.shape, np.uint8)
    contours, _ = cv2.findContours(inked.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(canvas, contours, -1, 1, cv2.FILLED)
    filled = canvas.astype(np.bool_)
    if filled.sum() < _SOLID * _boxed(inked).sum() or filled.sum() < 0.4 * filled.size:
        return np.ones_like(inked)
    return filled
