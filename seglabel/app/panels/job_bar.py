"""A job in the status bar: what runs, how far, how fast, how long yet, and a button to stop it."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from seglabel.app.icons import make_icon
from seglabel.app.theme import Theme
from seglabel.core.progress import Progress

_TICK_MS = 1000


class JobBar(QWidget):
    """Hidden while nothing runs."""

    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = QLabel(self)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(140, 10)
        self._stop = QToolButton(self)
        self._stop.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._text)
        layout.addWidget(self._bar)
        layout.addWidget(self._stop)
        self._stop.clicked.connect(self._stop_clicked)
        self._title = ""
        self._begin = 0.0
        self._progress = Progress(0, 0)
        self._before = 0  # done before it was shown
        self._step = 0.0  # when the last one was done
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._show_text)
        self.retranslate()
        self.hide()

    def retranslate(self) -> None:
        self._stop.setToolTip(self.tr("Stop; what is done stays done"))
        self._stop.setAccessibleName(self.tr("Stop"))

    def dress(self, theme: Theme) -> None:
        self._stop.setIcon(make_icon("stop", theme))

    @property
    def is_running(self) -> bool:
        return not self.isHidden()

    def start(self, title: str) -> None:
        """Show a job that begins now."""
        self._title = title
        self._begin, self._before = time.monotonic(), 0
        self._text.setText(f"{title} …")
        self._bar.setRange(0, 0)
        self._timer.stop()
        self._stop.setEnabled(True)
        self.show()

    def go_on(self, title: str) -> None:
        """Show a job that may have begun long ago, unless it is shown already."""
        if self.isHidden() or self._title != title:
            self.start(title)
            self._before = -1

    @property
    def text(self) -> str:
        return self._text.text()

    def show_progress(self, progress: Progress) -> None:
        self._progress, self._step = progress, time.monotonic()
        if self._before < 0:
            self._before = progress.done
        if progress.total:
            self._bar.setRange(0, progress.total)
            self._bar.setValue(progress.done)
        if self._stop.isEnabled():
            self._timer.start()
            self._show_text()

    def _show_text(self) -> None:
        progress = self._progress
        seconds = self._step - self._begin
        rate = (progress.done - self._before) / seconds if seconds > 0 else 0.0
        parts = [f"{self._title} {progress.done}"]
        if progress.total:
            unit = progress.unit or self.tr("images")
            parts = [
                self.tr("{0} {1} of {2}").format(self._title, progress.done, progress.total),
                f"{rate:.1f} {unit}/s",
            ]
            if rate > 0:
                done_since = time.monotonic() - self._step
                left = round((progress.total - progress.done) / rate - done_since)
                # What takes longer than the others so far will end some time.
                parts.append(self.tr("{0} left").format(_duration(left)) if left > 0 else "…")
        self._text.setText(" · ".join(parts))

    def finish(self) -> None:
        self._timer.stop()
        self.hide()

    def _stop_clicked(self) -> None:
        self._stop.setEnabled(False)
        self._timer.stop()
        self._text.setText(self.tr("{0}: stopping …").format(self._title))
        self.cancel_requested.emit()


def _duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}:{rest:02} min" if minutes else f"{rest} s"
