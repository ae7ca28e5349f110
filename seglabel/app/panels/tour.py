"""The guided tour above the picture: the steps, what to do now, and a button that does it."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.actions import Actions
from seglabel.app.tour import CONTEXT, FAREWELL, STEPS, Tour

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_CLOSE_WIDTH = 36
_TEXTS = (*(step.text for step in STEPS), FAREWELL)


class TourPanel(QFrame):
    """Covers nothing and asks for no answer. It shows a tour and keeps none."""

    action_requested = Signal(str)  # what the button offered
    move_requested = Signal(int)  # so many steps on, or back if negative
    folder_requested = Signal()  # the one that is offered at the end
    close_requested = Signal()

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tour")
        self._actions = actions
        self._tour = Tour()
        self._offered = ""
        self._is_waiting = False
        self._folder = ""
        self._marks = [QLabel(self) for _ in STEPS]
        self._texts = [QLabel(self) for _ in _TEXTS]
        # As high for every step, so that the picture below stays where it is.
        self._pages = QStackedLayout()
        for text in self._texts:
            text.setWordWrap(True)
            self._pages.addWidget(text)
        self._button = QPushButton(self)
        self._button.clicked.connect(self._act)
        self._back = self._quiet_button()
        self._back.clicked.connect(lambda: self.move_requested.emit(-1))
        self._next = self._quiet_button()
        self._next.clicked.connect(lambda: self.move_requested.emit(1))
        self._close = self._quiet_button()
        self._close.setText("✕")
        self._close.setFixedWidth(_CLOSE_WIDTH)
        self._close.clicked.connect(self.close_requested)
        for button in (self._button, self._back, self._next, self._close):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves it with the picture
        for button in (self._button, self._next):
            policy = button.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            button.setSizePolicy(policy)
        self._lay_out()
        actions.keys_changed.connect(self._refresh)
        for key in {key for step in STEPS for key in step.actions}:
            actions[key].changed.connect(self._refresh)
        self.retranslate()

    def _quiet_button(self) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName("quiet")
        return button

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.setSpacing(16)
        for mark in self._marks:
            above.addWidget(mark)
        above.addStretch(1)
        above.addWidget(self._close)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addLayout(self._pages, 1)
        for button in (self._button, self._back, self._next):
            below.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 2, 4, 6)
        layout.setSpacing(2)
        layout.addLayout(above)
        layout.addLayout(below)
        for before, after in zip(
            (self._button, self._back, self._next),
            (self._back, self._next, self._close),
            strict=True,
        ):
            self.setTabOrder(before, after)

    @property
    def text(self) -> str:
        """What is to be done now."""
        return self._texts[self._tour.at].text()

    @property
    def marks(self) -> list[str]:
        """The steps as they stand there, those that are done with a tick."""
        return [mark.text() for mark in self._marks]

    def show_tour(self, tour: Tour) -> None:
        """Show where a person is."""
        self._tour = tour
        self._refresh()

    def show_waiting(self, waiting: bool) -> None:
        """Whether what a step is about will soon be possible: nothing is offered instead then."""
        self._is_waiting = waiting
        self._refresh()

    def offer_folder(self, name: str) -> None:
        """What a person may go on with when the tour is over; empty for nothing."""
        self._folder = name
        self._refresh()

    def retranslate(self) -> None:
        self._close.setToolTip(self.tr("Close the tour; the Help menu has it"))
        self._close.setAccessibleName(self.tr("Close the tour"))
        self._back.setText(self.tr("Back"))
        # As wide for every step, so that no text needs a line more than at another.
        offers = {self._actions[key].text() for step in STEPS for key in step.actions}
        _be_wide_enough(self._button, offers)
        _be_wide_enough(self._next, {self.tr("Next"), self.tr("Finish")})
        self._refresh()

    def _refresh(self) -> None:
        tour, step = self._tour, self._tour.step
        for index, mark in enumerate(self._marks):
            self._show_mark(mark, index)
        for label, text in zip(self._texts, _TEXTS, strict=True):
            label.setText(self._with_keys(text))
        self._pages.setCurrentIndex(tour.at)
        keys = () if step is None else step.actions[:1] if self._is_waiting else step.actions
        self._offered = next((key for key in keys if self._actions[key].isEnabled()), "")
        if step is not None:
            action = self._actions[self._offered or keys[0]]
            self._button.setText(action.text())
            self._button.setToolTip(action.toolTip())
            self._button.setEnabled(bool(self._offered))
        elif self._folder:
            more = self.tr("The demo goes on in another folder, with the other built-in model.")
            self._texts[-1].setText(f"{self.text} {more}")
            self._button.setText(self.tr("Open “{0}”").format(self._folder))
            self._button.setToolTip("")
            self._button.setEnabled(True)
        self._button.setVisible(step is not None or bool(self._folder))
        self._back.setEnabled(tour.at > 0)
        is_last = tour.at == len(STEPS) - 1
        self._next.setText(self.tr("Finish") if is_last else self.tr("Next"))
        self._next.setVisible(step is not None)
        title = self.tr("Guided tour")
        if step is not None:
            place = self.tr("step {0} of {1}: {2}").format(
                tour.at + 1, len(STEPS), _translated(step.title)
            )
            title = f"{title}, {place}"
        self.setAccessibleName(title)
        self.setAccessibleDescription(self.text)

    def _act(self) -> None:
        if self._tour.step is None:
            self.folder_requested.emit()
        else:
            self.action_requested.emit(self._offered)

    def _show_mark(self, mark: QLabel, index: int) -> None:
        step = STEPS[index]
        is_done = step.key in self._tour.done
        mark.setText(f"{'✓' if is_done else index + 1} {_translated(step.title)}")
        state = "now" if index == self._tour.at else "done" if is_done else ""
        if mark.property("state") != state:
            mark.setProperty("state", state)
            mark.style().unpolish(mark)
            mark.style().polish(mark)

    def _with_keys(self, text: str) -> str:
        return _PLACEHOLDER.sub(lambda match: self._key_of(match[1]), _translated(text))

    def _key_of(self, name: str) -> str:
        """Its first key as this system writes it; what has none is called by its name."""
        action = self._actions[name]
        key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        return key or self.tr("“{0}”").format(action.text())


def _be_wide_enough(button: QPushButton, texts: set[str]) -> None:
    """For each of these texts."""
    button.setMinimumWidth(0)
    button.ensurePolished()
    shown, widths = button.text(), []
    for text in texts:
        button.setText(text)
        widths.append(button.sizeHint().width())
    button.setText(shown)
    button.setMinimumWidth(max(widths))


def _translated(text: str) -> str:
    return QCoreApplication.translate(CONTEXT, text)
