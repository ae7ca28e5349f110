"""One line over the canvas that says what happened, with one thing to do about it or two."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

_HINT_MS = 8000
_GAPS = 48  # between the parts and around them


class Banner(QFrame):
    """Not a dialog: nothing has to be answered. Errors stay, hints go after a while."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # Clicks that it does not use are not for the picture below it.
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._button = QPushButton(self)
        self._button.setObjectName("quiet")
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._other = QPushButton(self)
        self._other.setObjectName("quiet")
        self._other.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._close = QPushButton("✕", self)
        self._close.setObjectName("quiet")
        self._close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._close.setFixedWidth(36)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 4, 4, 4)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._button)
        layout.addWidget(self._other)
        layout.addWidget(self._close)
        self._action: Callable[[], None] | None = None
        self._other_action: Callable[[], None] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self._button.clicked.connect(self._act)
        self._other.clicked.connect(self._act_otherwise)
        self._close.clicked.connect(self.hide)
        self.retranslate()
        self.hide()

    def retranslate(self) -> None:
        self._close.setAccessibleName(self.tr("Close this message"))

    def fitting_width(self, room: int) -> int:
        """As wide as the text needs in one line, or all of ``room``."""
        shown = [w for w in (self._button, self._other, self._close) if not w.isHidden()]
        others = sum(w.sizeHint().width() for w in shown) + _GAPS
        line = self._text.fontMetrics().size(0, self._text.text()).width()
        return min(line + others, room)

    @property
    def text(self) -> str:
        return self._text.text()

    @property
    def has_action(self) -> bool:
        """Whether there is one thing to do about it."""
        return self._action is not None

    def show_hint(
        self,
        text: str,
        button: str = "",
        action: Callable[[], None] | None = None,
        other: str = "",
        other_action: Callable[[], None] | None = None,
    ) -> None:
        """Good to know; goes by itself unless there is something to click."""
        self._show("hint", text, button, action, other, other_action)
        if action is None:
            self._timer.start(_HINT_MS)

    def show_error(
        self,
        text: str,
        button: str = "",
        action: Callable[[], None] | None = None,
        other: str = "",
        other_action: Callable[[], None] | None = None,
    ) -> None:
        """Something went wrong; stays until closed."""
        self._show("error", text, button, action, other, other_action)

    def retract(self, text: str) -> None:
        """What ``text`` said is no longer so; anything else stays."""
        if self.text == text:
            self.hide()

    def move_on(self) -> None:
        """Something else was done since: a hint is no longer news, what went wrong still is."""
        if self.property("kind") == "hint":
            self.hide()

    def _show(
        self,
        kind: str,
        text: str,
        button: str,
        action: Callable[[], None] | None,
        other: str,
        other_action: Callable[[], None] | None,
    ) -> None:
        self._timer.stop()
        self.setProperty("kind", kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self._text.setText(text)
        self._action = action
        self._button.setText(button)
        self._button.setVisible(action is not None)
        self._other_action = other_action
        self._other.setText(other)
        self._other.setVisible(other_action is not None)
        self.show()
        self.raise_()

    def _act(self) -> None:
        self.hide()
        if self._action is not None:
            self._action()

    def _act_otherwise(self) -> None:
        self.hide()
        if self._other_action is not None:
            self._other_action()
