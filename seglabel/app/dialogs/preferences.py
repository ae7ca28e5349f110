"""What a person wants of the window on this machine. Changes hold at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.language import LANGUAGES

_WIDTH = 460
_LEAST_UNDO_MB, _MOST_UNDO_MB = 16, 16384


class PreferencesDialog(QDialog):
    """Shows what is set and asks for other values; keeps none."""

    theme_chosen = Signal(str)  # system, light or dark
    language_chosen = Signal(str)  # a key of LANGUAGES, or empty for the system's
    undo_chosen = Signal(int)  # megabytes

    def __init__(
        self,
        theme: str,
        language: str,
        undo_mb: int,
        switches: tuple[QAction, ...],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._language = self._choice(("", *LANGUAGES), language, self.language_chosen.emit)
        self._theme = self._choice(("system", "light", "dark"), theme, self.theme_chosen.emit)
        self._undo = QSpinBox(self)
        self._undo.setRange(_LEAST_UNDO_MB, _MOST_UNDO_MB)
        self._undo.setSingleStep(64)
        self._undo.setValue(undo_mb)
        self._undo.setKeyboardTracking(False)  # a number half typed would forget steps
        self._undo.valueChanged.connect(self.undo_chosen)
        self._switches = [(action, QCheckBox(self)) for action in switches]
        for action, box in self._switches:
            box.setChecked(action.isChecked())
            box.setEnabled(action.isEnabled())
            box.clicked.connect(action.trigger)
        self._form = QFormLayout()
        self._form.setVerticalSpacing(8)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._labels = [QLabel(self) for _ in range(3)]
        fields = (self._language, self._theme, self._undo)
        for label, field in zip(self._labels, fields, strict=True):
            label.setBuddy(field)
            self._form.addRow(label, field)
        for _, box in self._switches:
            self._form.addRow(box)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        self._buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        layout.addLayout(self._form)
        layout.addWidget(self._buttons)
        self._retranslate()
        self.resize(_WIDTH, self.sizeHint().height())

    def _choice(
        self, values: tuple[str, ...], current: str, choose: Callable[..., None]
    ) -> QComboBox:
        box = QComboBox(self)
        for value in values:
            box.addItem("", value)
        box.setCurrentIndex(values.index(current) if current in values else 0)
        box.activated.connect(lambda index: choose(values[index]))
        return box

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.setWindowTitle(self.tr("Preferences"))
        system = self.tr("As the system")
        texts = (
            (self._language, (system, *LANGUAGES.values())),
            (self._theme, (system, self.tr("Light"), self.tr("Dark"))),
        )
        for box, choices in texts:
            for index, text in enumerate(choices):
                box.setItemText(index, text)
        names = (
            # Whoever cannot read the window finds it by the other name.
            "Language · 语言",
            self.tr("Theme"),
            self.tr("Memory for undo"),
        )
        for label, name in zip(self._labels, names, strict=True):
            label.setText(name)
        self._undo.setSuffix(self.tr(" MB"))
        self._undo.setToolTip(
            self.tr("For all images together. Beyond that the oldest steps are forgotten.")
        )
        for action, switch in self._switches:
            switch.setText(action.text())
            switch.setToolTip(action.toolTip())
