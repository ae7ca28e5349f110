"""Draws what a tool shows over the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from seglabel.app.canvas.layers import Surface, draw_fill
from seglabel.app.canvas.transform import ViewTransform
from seglabel.core.geometry import Region
from seglabel.tools import Line, Preview
from seglabel.tools.preview import Point

_DARK, _LIGHT = QColor(0, 0, 0, 190), QColor(255, 255, 255, 235)
_FILL_ALPHA = 150
_HANDLE = 7.0  # edge of the little squares, in logical pixels
_ROOM = 8  # around lines and handles
_GAP = 12.0  # between a point and the words about it
_PADDING = 4.0


def preview_bounds(preview: Preview, transform: ViewTransform, metrics: QFontMetricsF) -> QRect:
    """The rectangle of the view that a preview covers; empty for one that shows nothing."""
    bounds = QRectF()
    for line in preview.lines:
        polygon = _to_view(line.points, transform)
        bounds |= polygon.boundingRect().adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM)
    if preview.fill is not None:
        region = preview.fill[0]
        left, top = transform.to_view(region.top, region.left)
        right, bottom = transform.to_view(region.bottom, region.right)
        bounds |= QRectF(left, top, right - left, bottom - top).adjusted(-2, -2, 2, 2)
    if preview.text:
        bounds |= _text_box(preview, transform, metrics).adjusted(-2, -2, 2, 2)
    return bounds.toAlignedRect()


def draw_preview(surface: Surface, preview: Preview, color: QColor, categories: list[int]) -> None:
    """Draw a preview; pixels that would be painted get ``color``, or where they would get several
    categories the colours of these, one ARGB value per id."""
    painter, transform = surface.painter, surface.transform
    painter.save()
    if preview.fill is not None:
        shade = QColor(color)
        shade.setAlpha(_FILL_ALPHA)
        region, mask = preview.fill
        if preview.labels is not None:
            _draw_fill(surface, region, preview.labels, categories)
        else:
            _draw_fill(surface, region, mask.view(np.uint8), [0, shade.rgba()])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for line in preview.lines:
        _draw_line(painter, line, transform)
    if preview.text:
        _draw_text(painter, preview, transform)
    painter.restore()


def _to_view(points: tuple[Point, ...], transform: ViewTransform) -> QPolygonF:
    return QPolygonF([QPointF(*transform.to_view(y + 0.5, x + 0.5)) for y, x in points])


def _draw_line(painter: QPainter, line: Line, transform: ViewTransform) -> None:
    polygon = _to_view(line.points, transform)
    draw = painter.drawPolygon if line.is_closed else painter.drawPolyline
    for color, width in ((_DARK, 3.0), (_LIGHT, 1.2)):
        painter.setPen(QPen(color, width, j=Qt.PenJoinStyle.RoundJoin))
        if len(line.points) > 1:
            draw(polygon)
    if line.handles:
        painter.setPen(QPen(_DARK, 1.0))
        for point in polygon.toList():
            corner = point - QPointF(_HANDLE / 2, _HANDLE / 2)
            handle = QRectF(corner.x(), corner.y(), _HANDLE, _HANDLE)
            painter.fillRect(handle, _LIGHT)
            painter.drawRect(handle)


def _draw_fill(
    surface: Surface, region: Region, values: NDArray[np.uint8], colors: list[int]
) -> None:
    left, top = surface.transform.to_view(region.top, region.left)
    place = replace(surface, transform=ViewTransform(surface.transform.scale, left, top))
    draw_fill(place, values, colors)


def _text_box(preview: Preview, transform: ViewTransform, metrics: QFontMetricsF) -> QRectF:
    y, x = preview.text_at
    left, top = transform.to_view(y + 0.5, x + 0.5)
    size = metrics.size(0, preview.text)
    width, height = size.width() + 2 * _PADDING, size.height() + 2 * _PADDING
    return QRectF(left + _GAP, top + _GAP, width, height)


def _draw_text(painter: QPainter, preview: Preview, transform: ViewTransform) -> None:
    box = _text_box(preview, transform, QFontMetricsF(painter.font()))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_DARK)
    painter.drawRoundedRect(box, _PADDING, _PADDING)
    painter.setPen(_LIGHT)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, preview.text)
