"""What is drawn into a view, from bottom to top. Each function draws one layer of one rectangle."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from seglabel.app.canvas.adjustment import Adjustment
from seglabel.app.canvas.outline import Shown, outline_image
from seglabel.app.canvas.photograph import Photograph, level_for
from seglabel.app.canvas.sampling import gather, sampled
from seglabel.app.canvas.transform import ViewTransform
from seglabel.core.geometry import Region

_CROSS = 12.0  # logical pixels from the middle of a mark to its end
_GRID_FROM = 12  # device pixels per pixel of the picture
_GRID_COLORS = (QColor(0, 0, 0, 70), QColor(255, 255, 255, 70))  # one of them shows on any picture


@dataclass(frozen=True)
class Surface:
    """A rectangle of a view that is to be drawn, and how the picture lies in the view.

    ``dirty`` and ``transform`` count in logical pixels, of which each has ``ratio`` device pixels
    a side.
    """

    painter: QPainter
    dirty: QRect
    transform: ViewTransform
    ratio: float

    @property
    def device(self) -> ViewTransform:
        """The transform of device pixels."""
        view, ratio = self.transform, self.ratio
        return ViewTransform(view.scale * ratio, view.left * ratio, view.top * ratio)

    @property
    def place(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Origin (y, x) and size (H, W) of the rectangle in device pixels."""
        dirty, ratio = self.dirty, self.ratio
        top, left = math.floor(dirty.top() * ratio), math.floor(dirty.left() * ratio)
        bottom = math.ceil((dirty.top() + dirty.height()) * ratio)
        right = math.ceil((dirty.left() + dirty.width()) * ratio)
        return (top, left), (bottom - top, right - left)

    @property
    def region(self) -> Region:
        """The pixels of the picture that it touches; may reach beyond the picture."""
        left, top = self.dirty.left(), self.dirty.top()
        return self.transform.region_under(
            left, top, left + self.dirty.width(), top + self.dirty.height()
        )

    def draw_pixels(self, image: QImage, begin: tuple[int, int]) -> None:
        """Draw one value for each device pixel, from ``begin`` (y, x) on."""
        image.setDevicePixelRatio(self.ratio)
        self.painter.drawImage(QPointF(begin[1] / self.ratio, begin[0] / self.ratio), image)


def draw_photograph(surface: Surface, photograph: Photograph, adjustment: Adjustment) -> None:
    """Enlarged pixels are sharp squares; a photograph made smaller is smooth."""
    if surface.device.scale >= 1:
        _draw_enlarged(surface, photograph, adjustment)
    else:
        _draw_reduced(surface, photograph, adjustment)


def _draw_enlarged(surface: Surface, photograph: Photograph, adjustment: Adjustment) -> None:
    rows, columns, begin = sampled(photograph.shape, surface.device, *surface.place)
    if not len(rows) or not len(columns):
        return
    source = Region(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
    pixels = _shown(photograph.read(0, source), adjustment).view(np.uint32)[..., 0]
    part = gather(pixels, rows - source.top, columns - source.left)
    surface.draw_pixels(wrap(part, QImage.Format.Format_RGB32), begin)


def _draw_reduced(surface: Surface, photograph: Photograph, adjustment: Adjustment) -> None:
    level = level_for(surface.device.scale, photograph.level_count)
    factor = 1 << level
    region = surface.region.clipped(photograph.shape)
    if region.is_empty:
        return
    # Whole pixels of the level, one more on each side for smooth scaling.
    height, width = (-(-side // factor) for side in photograph.shape)
    source = Region(
        max(region.top // factor - 1, 0),
        max(region.left // factor - 1, 0),
        min(-(-region.bottom // factor) + 1, height),
        min(-(-region.right // factor) + 1, width),
    )
    pixels = _shown(photograph.read(level, source), adjustment)
    left, top = surface.transform.to_view(source.top * factor, source.left * factor)
    scale = surface.transform.scale * factor
    target = QRectF(left, top, source.width * scale, source.height * scale)
    surface.painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    surface.painter.drawImage(target, wrap(pixels, QImage.Format.Format_RGB32))


def _shown(pixels: NDArray[np.uint8], adjustment: Adjustment) -> NDArray[np.uint8]:
    """RGB as Qt's RGB32 (h, w, 4), adjusted."""
    if (table := adjustment.table) is not None:
        pixels = np.asarray(cv2.LUT(pixels, table), np.uint8)
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGRA), np.uint8)


def draw_fill(
    surface: Surface, labels: NDArray[np.uint8], colors: list[int], shown: Shown | None = None
) -> None:
    """Regions filled; ``colors`` has one ARGB value per id.

    ``shown`` turns the ids where rows and columns cross into those to show.
    """
    rows, columns, begin = sampled(labels.shape, surface.device, *surface.place)
    if len(rows) and len(columns):
        ids = gather(labels, rows, columns)
        if shown is not None:
            ids = shown(ids, rows, columns)
        image = wrap(ids, QImage.Format.Format_Indexed8)
        image.setColorTable(colors)
        surface.draw_pixels(image, begin)


def draw_outline(
    surface: Surface,
    labels: NDArray[np.uint8],
    colors: NDArray[np.uint32],
    shown: Shown | None = None,
) -> None:
    """Lines around regions; ``colors`` has one premultiplied ARGB value per id."""
    origin, size = surface.place
    pixels = outline_image(labels, surface.device, origin, size, colors, shown)
    surface.draw_pixels(wrap(pixels, QImage.Format.Format_ARGB32_Premultiplied), origin)


def draw_grid(surface: Surface, shape: tuple[int, int]) -> None:
    """Lines between the pixels of a picture (H, W), once they are large."""
    if surface.device.scale < _GRID_FROM:
        return
    region = surface.region.clipped(shape)
    if region.is_empty:
        return
    left, top = surface.transform.to_view(region.top, region.left)
    right, bottom = surface.transform.to_view(region.bottom, region.right)
    pixel = 1 / surface.ratio
    surface.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for shift, color in zip((0.0, pixel), _GRID_COLORS, strict=True):
        columns = (
            surface.transform.to_view(0, x)[0] + shift for x in range(region.left, region.right + 1)
        )
        rows = (
            surface.transform.to_view(y, 0)[1] + shift for y in range(region.top, region.bottom + 1)
        )
        surface.painter.setPen(QPen(color, 0))
        surface.painter.drawLines(
            [QLineF(x, top, x, bottom) for x in columns] + [QLineF(left, y, right, y) for y in rows]
        )


def mark_area(pixel: tuple[int, int], transform: ViewTransform) -> QRect:
    """What of the view the cross on a pixel (y, x) covers."""
    x, y = transform.to_view(pixel[0] + 0.5, pixel[1] + 0.5)
    return QRectF(x - _CROSS, y - _CROSS, 2 * _CROSS, 2 * _CROSS).toAlignedRect()


def draw_mark(surface: Surface, pixel: tuple[int, int]) -> None:
    """A cross on a pixel (y, x)."""
    x, y = surface.transform.to_view(pixel[0] + 0.5, pixel[1] + 0.5)
    reach = _CROSS - 2
    surface.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, width in ((QColor(0, 0, 0, 190), 3.0), (QColor(255, 255, 255, 230), 1.2)):
        surface.painter.setPen(QPen(color, width))
        surface.painter.drawLines(
            [QLineF(x - reach, y, x + reach, y), QLineF(x, y - reach, x, y + reach)]
        )


def wrap(pixels: NDArray[np.generic], form: QImage.Format) -> QImage:
    """A QImage that looks at ``pixels``, which must stay alive."""
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, pixels.strides[0], form)
