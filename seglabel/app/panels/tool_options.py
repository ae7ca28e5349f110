"""The bar above the canvas: what is painted with, and what can be set about the tool in hand."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QWidget,
)

from seglabel.app.panels.eliding import ElidingLabel
from seglabel.app.panels.over_chooser import OverChooser
from seglabel.tools.options import CONTEXT, BoolOption, ChoiceOption, IntOption, Option, Value

_STEPS = 240  # of the slider
_SLIDER_WIDTHS = (48, 140)
_LEAST_WIDTH = 320
_SWATCH = 16
_NAME_LETTERS = 12  # of a category, about as many are seen


class ToolOptions(QFrame):
    """Shows what is set and asks for other values; keeps none itself."""

    option_requested = Signal(str, object)  # key, value
    finished_typing = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("optionsBar")
        self._controls: dict[str, _Control] = {}
        self._shown: tuple[Option, ...] = ()
        self._tool_hint = ""
        self._is_picking = False
        self._swatch = QLabel(self)
        self._category = ElidingLabel(self)
        # As wide for every name: nothing moves away under the pointer when another is chosen.
        self._category.setFixedWidth(self.fontMetrics().averageCharWidth() * _NAME_LETTERS)
        self._hint = ElidingLabel(self)
        self._hint.setObjectName("muted")
        # The words give way where the window is narrow; the controls do not.
        self._hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._lock = QLabel(self)
        self.over = OverChooser(self)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(12, 2, 12, 2)
        self._layout.setSpacing(8)
        self._layout.addWidget(self._swatch)
        self._layout.addWidget(self._category)
        self._controls_end = self._layout.count()
        self._layout.addWidget(self._hint, 1)
        self._layout.addWidget(self._lock)
        self._layout.addWidget(self.over)
        self.retranslate()

    def minimumSizeHint(self) -> QSize:
        """No tool makes the window wider, however much there is to set about it."""
        return QSize(_LEAST_WIDTH, super().minimumSizeHint().height())

    def build(self, options: tuple[Option, ...]) -> None:
        """Make a control for every option that any tool has."""
        for option in options:
            control = _make_control(option, self)
            control.value_chosen.connect(
                lambda value, key=option.key: self.option_requested.emit(key, value)
            )
            control.finished.connect(self.finished_typing)
            self._controls[option.key] = control
            self._layout.insertWidget(self._controls_end, control)
            self._controls_end += 1
        # As high for every tool, so that the picture below stays where it is.
        heights = [control.sizeHint().height() for control in self._controls.values()]
        self._layout.addStrut(max(heights, default=0))
        self.retranslate()

    def retranslate(self) -> None:
        for control in self._controls.values():
            control.retranslate()
        self.over.retranslate()
        self._show()

    def show_tool(self, options: tuple[Option, ...], hint: str) -> None:
        """The controls of one tool, and in a few words how it is used."""
        self._shown, self._tool_hint = options, hint
        self._show()

    def show_picking(self, picking: bool) -> None:
        """Whether the next click takes a category instead of using the tool."""
        self._is_picking = picking
        self._show()

    def show_value(self, key: str, value: Value) -> None:
        self._controls[key].show_value(value)

    def control(self, key: str) -> QWidget:
        """The control of an option."""
        return self._controls[key]

    def show_category(self, name: str, color: QColor) -> None:
        """What the tool paints."""
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
        self._category.setToolTip(name)

    def show_lock(self, reason: str) -> None:
        """Why nothing can be painted for the moment."""
        self._lock.setText(reason)

    def _show(self) -> None:
        shown = () if self._is_picking else tuple(option.key for option in self._shown)
        for key, control in self._controls.items():
            if key not in shown:
                control.hide()
        for key in shown:  # after the others went: side by side they would need more room
            self._controls[key].show()
        picking = self.tr("Click the picture to take the category there.")
        hint = picking if self._is_picking else translated(self._tool_hint)
        self._hint.setText(hint)
        self._hint.setToolTip(hint)


def translated(text: str) -> str:
    """A text of a tool in the language of the window."""
    return QCoreApplication.translate(CONTEXT, text) if text else ""


class _Control(QWidget):
    """Shows one option. Takes the focus for typing only, not for a click."""

    value_chosen = Signal(object)
    finished = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 4, 0)
        self._row.setSpacing(6)

    def show_value(self, value: Value) -> None:
        raise NotImplementedError

    def retranslate(self) -> None:
        raise NotImplementedError


class _IntControl(_Control):
    """A slider for the eye and a field for exact numbers."""

    def __init__(self, option: IntOption, parent: QWidget) -> None:
        super().__init__(parent)
        self._option = option
        self.label = QLabel(self)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, _STEPS)
        self.slider.setMinimumWidth(_SLIDER_WIDTHS[0])
        self.slider.setMaximumWidth(_SLIDER_WIDTHS[1])
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.spin = _SpinBox(self)
        self.spin.setRange(option.low, option.high)
        self.spin.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        for widget in (self.label, self.slider, self.spin):
            self._row.addWidget(widget)
        self.show_value(option.default)
        self.slider.sliderMoved.connect(lambda step: self.value_chosen.emit(self._value_at(step)))
        self.slider.actionTriggered.connect(
            lambda _: self.value_chosen.emit(self._value_at(self.slider.sliderPosition()))
        )
        self.spin.valueChanged.connect(lambda value: self.value_chosen.emit(value))
        self.spin.editingFinished.connect(self.finished)
        self.spin.arrows_used.connect(self.finished)

    def show_value(self, value: Value) -> None:
        self.spin.blockSignals(True)
        self.spin.setValue(int(value))
        self.spin.blockSignals(False)
        self.slider.setValue(self._step_of(int(value)))

    def retranslate(self) -> None:
        text, tip = translated(self._option.text), translated(self._option.tip)
        self.label.setText(text)
        self.slider.setAccessibleName(text)
        self.spin.setAccessibleName(tip or text)
        self.spin.setSuffix(translated(self._option.unit))
        self.setToolTip(tip)

    def _value_at(self, step: int) -> int:
        low, high, share = self._option.low, self._option.high, step / _STEPS
        if self._option.by_ratio:
            return round(low * (high / low) ** share)
        return round(low + (high - low) * share)

    def _step_of(self, value: int) -> int:
        low, high = self._option.low, self._option.high
        if self._option.by_ratio:
            return round(_STEPS * math.log(value / low) / math.log(high / low))
        return round(_STEPS * (value - low) / (high - low))


class _SpinBox(QSpinBox):
    """Takes the focus for typing only, not for a click on its arrows."""

    arrows_used = Signal()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.arrows_used.emit()


class _ChoiceControl(_Control):
    """A list to choose from; the values say what they are about."""

    def __init__(self, option: ChoiceOption, parent: QWidget) -> None:
        super().__init__(parent)
        self._option = option
        self.box = QComboBox(self)
        self.box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for value, _ in option.choices:
            self.box.addItem("", value)
        self._row.addWidget(self.box)
        self.show_value(option.default)
        self.box.activated.connect(self._chosen)

    def show_value(self, value: Value) -> None:
        self.box.setCurrentIndex(self.box.findData(value))

    def retranslate(self) -> None:
        self.box.setAccessibleName(translated(self._option.text))
        self.setToolTip(translated(self._option.tip))
        for index, (_, text) in enumerate(self._option.choices):
            self.box.setItemText(index, translated(text))

    def _chosen(self, index: int) -> None:
        self.value_chosen.emit(self.box.itemData(index))
        self.finished.emit()


class _BoolControl(_Control):
    """A box to tick."""

    def __init__(self, option: BoolOption, parent: QWidget) -> None:
        super().__init__(parent)
        self._option = option
        self.box = QCheckBox(self)
        self.box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._row.addWidget(self.box)
        self.show_value(option.default)
        self.box.clicked.connect(lambda on: self.value_chosen.emit(on))

    def show_value(self, value: Value) -> None:
        self.box.setChecked(bool(value))

    def retranslate(self) -> None:
        self.box.setText(translated(self._option.text))
        self.setToolTip(translated(self._option.tip))


def _make_control(option: Option, parent: QWidget) -> _Control:
    if isinstance(option, IntOption):
        return _IntControl(option, parent)
    if isinstance(option, ChoiceOption):
        return _ChoiceControl(option, parent)
    return _BoolControl(option, parent)
