"""Which bands of a picture are shown, and what is black and white."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from seglabel.formats.images import Rendering

_MOST_BANDS = 999
_NOTE_WIDTH = 340


class RenderingDialog(QDialog):
    """Bands are counted from 1 here, as in the programs that such pictures come from."""

    def __init__(self, rendering: Rendering, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Bands and stretch"))
        self._usual = QCheckBox(self.tr("&First bands of the file"), self)
        form = QFormLayout()
        form.addRow(self._usual)
        names = (self.tr("&Red"), self.tr("&Green"), self.tr("&Blue"))
        self._bands = [QSpinBox(self) for _ in names]
        for name, box in zip(names, self._bands, strict=True):
            box.setRange(1, _MOST_BANDS)
            box.setAccessibleName(name.replace("&", ""))
            form.addRow(name, box)
            self._usual.toggled.connect(box.setDisabled)
        limits = (self.tr("Black be&low"), self.tr("&White above"))
        self._limits = [QDoubleSpinBox(self) for _ in limits]
        for name, limit in zip(limits, self._limits, strict=True):
            limit.setRange(0, 100)
            limit.setDecimals(2)
            limit.setSingleStep(0.1)
            limit.setSuffix(self.tr(" % of the values"))
            limit.setAccessibleName(name.replace("&", ""))
            limit.valueChanged.connect(self._check)
            form.addRow(name, limit)
        note = QLabel(
            self.tr(
                "For all images of this project, as you and the model see them. The stretch is for "
                "pictures of more than 8 bits."
            ),
            self,
        )
        note.setObjectName("muted")
        note.setWordWrap(True)
        note.setMinimumWidth(_NOTE_WIDTH)
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel | kinds.RestoreDefaults, self)
        self._ok = buttons.button(kinds.Ok)
        buttons.button(kinds.RestoreDefaults).clicked.connect(lambda: self._show(Rendering()))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(note)
        layout.addWidget(buttons)
        self._show(rendering)

    @property
    def rendering(self) -> Rendering:
        """What is chosen."""
        red, green, blue = (box.value() - 1 for box in self._bands)
        low, high = (limit.value() for limit in self._limits)
        return Rendering(None if self._usual.isChecked() else (red, green, blue), (low, high))

    def _show(self, rendering: Rendering) -> None:
        self._usual.setChecked(rendering.bands is None)
        for box, band in zip(self._bands, rendering.bands or (0, 1, 2), strict=True):
            box.setValue(band + 1)
        for limit, value in zip(self._limits, rendering.percentiles, strict=True):
            limit.setValue(value)

    def _check(self) -> None:
        low, high = (limit.value() for limit in self._limits)
        self._ok.setEnabled(low < high)
