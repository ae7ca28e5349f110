"""Brightness, contrast and gamma of the view."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.canvas.adjustment import UNCHANGED, Adjustment

_FIELDS = ("brightness", "contrast", "gamma")
_STEPS = 100
_HIGHEST_GAMMA = 5.0
_WIDTH = 220


class AdjustingDialog(QDialog):
    """Three sliders beside the picture, which follows them at once."""

    adjusted = Signal(object)  # Adjustment

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sliders = {name: QSlider(Qt.Orientation.Horizontal, self) for name in _FIELDS}
        self._values = {name: QLabel(self) for name in _FIELDS}
        self._names = {name: QLabel(self) for name in _FIELDS}
        self._note = QLabel(self)
        self._note.setObjectName("muted")
        form = QFormLayout()
        for name, slider in self._sliders.items():
            slider.setRange(-_STEPS, _STEPS)
            slider.setMinimumWidth(_WIDTH)
            slider.valueChanged.connect(self._moved)
            row = QHBoxLayout()
            row.addWidget(slider, 1)
            self._values[name].setMinimumWidth(self.fontMetrics().horizontalAdvance("−0.00"))
            self._values[name].setAlignment(
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            )
            row.addWidget(self._values[name])
            self._names[name].setBuddy(slider)
            form.addRow(self._names[name], row)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Reset | QDialogButtonBox.StandardButton.Close, self
        )
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        reset = buttons.button(QDialogButtonBox.StandardButton.Reset)
        reset.setAutoDefault(False)
        close.setDefault(True)
        reset.clicked.connect(lambda: self._give(UNCHANGED))
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self._note)
        layout.addWidget(buttons)

    def show_adjustment(self, adjustment: Adjustment) -> None:
        """Stand where ``adjustment`` does, in the language that is set now."""
        self.setWindowTitle(self.tr("Brightness and contrast"))
        self._note.setText(self.tr("Only how it is shown here; the picture stays as it is."))
        texts = {
            "brightness": self.tr("&Brightness"),
            "contrast": self.tr("&Contrast"),
            "gamma": self.tr("&Gamma"),
        }
        for name, slider in self._sliders.items():
            self._names[name].setText(texts[name])
            slider.setAccessibleName(texts[name].replace("&", ""))
            value = getattr(adjustment, name)
            steps = math.log(value, _HIGHEST_GAMMA) if name == "gamma" else value
            slider.blockSignals(True)
            slider.setValue(round(steps * _STEPS))
            slider.blockSignals(False)
        self._show_values(adjustment)

    def _moved(self, _: int) -> None:
        shares = {name: slider.value() / _STEPS for name, slider in self._sliders.items()}
        adjustment = Adjustment(
            shares["brightness"], shares["contrast"], _HIGHEST_GAMMA ** shares["gamma"]
        )
        self._show_values(adjustment)
        self.adjusted.emit(adjustment)

    def _give(self, adjustment: Adjustment) -> None:
        self.show_adjustment(adjustment)
        self.adjusted.emit(adjustment)

    def _show_values(self, adjustment: Adjustment) -> None:
        for name, label in self._values.items():
            label.setText(f"{getattr(adjustment, name):.2f}".replace("-", "−"))
