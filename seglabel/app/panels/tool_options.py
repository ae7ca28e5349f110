"""The bar above the canvas: size and shape of the brush, and what is painted with."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QSlider, QSpinBox, QWidget

from seglabel.tools import BRUSH_SIZES, Brush

_STEPS = 240  # of the slider, which runs by ratio: small sizes need the finer steps
_SWATCH = 16


class _SizeBox(QSpinBox):
    """Takes the focus for typing only, not for a click on its arrows."""

    arrows_used = Signal()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.arrows_used.emit()


class ToolOptions(QFrame):
    """Shows the brush and asks for another one."""

    size_requested = Signal(int)
    shape_requested = Signal(str)
    finished_typing = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("optionsBar")
        self._swatch = QLabel(self)
        self._category = QLabel(self)
        self._size_label = QLabel(self)
        self._slider = QSlider(Qt.Orientation.Horizontal, self)
        self._slider.setRange(0, _STEPS)
        self._slider.setFixedWidth(160)
        self._slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._spin = _SizeBox(self)
        self._spin.setRange(*BRUSH_SIZES)
        self._spin.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._shape = QComboBox(self)
        self._shape.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._shape.addItem("", "round")
        self._shape.addItem("", "square")
        self._hint = QLabel(self)
        self._hint.setObjectName("muted")
        self._lock = QLabel(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 2, 12, 2)
        layout.setSpacing(8)
        layout.addWidget(self._swatch)
        layout.addWidget(self._category)
        layout.addSpacing(16)
        layout.addWidget(self._size_label)
        layout.addWidget(self._slider)
        layout.addWidget(self._spin)
        layout.addWidget(self._shape)
        layout.addWidget(self._hint)
        # As high for every tool, so that the picture below stays where it is.
        layout.addStrut(max(w.sizeHint().height() for w in (self._slider, self._spin, self._shape)))
        layout.addStretch(1)
        layout.addWidget(self._lock)
        self._slider.sliderMoved.connect(lambda step: self.size_requested.emit(_size_at(step)))
        self._slider.actionTriggered.connect(self._slider_used)
        self._spin.valueChanged.connect(self.size_requested)
        self._spin.editingFinished.connect(self.finished_typing)
        self._spin.arrows_used.connect(self.finished_typing)
        self._shape.activated.connect(self._shape_chosen)
        self.retranslate()

    def retranslate(self) -> None:
        self._size_label.setText(self.tr("Size"))
        self._slider.setAccessibleName(self.tr("Brush size"))
        self._spin.setAccessibleName(self.tr("Brush size in pixels"))
        self._spin.setSuffix(self.tr(" px"))
        self._shape.setAccessibleName(self.tr("Brush shape"))
        self._shape.setItemText(0, self.tr("round"))
        self._shape.setItemText(1, self.tr("square"))
        self._hint.setText(self.tr("Click a region to fill it."))

    def show_brush(self, brush: Brush) -> None:
        self._spin.blockSignals(True)
        self._spin.setValue(brush.size)
        self._spin.blockSignals(False)
        self._slider.setValue(_step_of(brush.size))
        self._shape.setCurrentIndex(self._shape.findData(brush.shape))

    def show_category(self, name: str, color: QColor) -> None:
        """What the brush paints."""
        pixmap = QPixmap(QSize(_SWATCH, _SWATCH) * self.devicePixelRatioF())
        pixmap.setDevicePixelRatio(self.devicePixelRatioF())
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(color)
        painter.setPen(self.palette().text().color())
        painter.drawRoundedRect(1, 1, _SWATCH - 2, _SWATCH - 2, 4, 4)
        painter.end()
        self._swatch.setPixmap(pixmap)
        self._category.setText(name)

    def show_size_controls(self, shown: bool) -> None:
        """Tools without a footprint need none and say what they do."""
        self._hint.setVisible(not shown)
        for widget in (self._size_label, self._slider, self._spin, self._shape):
            widget.setVisible(shown)

    def show_picking(self, picking: bool) -> None:
        """Whether the next click takes a category instead of using the tool."""
        if picking:
            self.show_size_controls(False)
        text = self.tr("Click the picture to take the category there.")
        self._hint.setText(text if picking else self.tr("Click a region to fill it."))

    def show_lock(self, reason: str) -> None:
        """Why nothing can be painted for the moment."""
        self._lock.setText(reason)

    def _slider_used(self) -> None:
        self.size_requested.emit(_size_at(self._slider.sliderPosition()))

    def _shape_chosen(self, index: int) -> None:
        self.shape_requested.emit(self._shape.itemData(index))
        self.finished_typing.emit()


def _size_at(step: int) -> int:
    low, high = BRUSH_SIZES
    return round(low * (high / low) ** (step / _STEPS))


def _step_of(size: int) -> int:
    low, high = BRUSH_SIZES
    return round(_STEPS * math.log(size / low) / math.log(high / low))
