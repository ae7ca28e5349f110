"""Shows errors that nothing handled, and never more than one dialog of them."""

from __future__ import annotations

import logging
import platform
import threading
from collections import Counter
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from seglabel import __version__
from seglabel.app.dialogs.unexpected import UnexpectedDialog, open_folder
from seglabel.app.main_window import MainWindow
from seglabel.app.unhandled import Trouble
from seglabel.formats.log_file import last_lines, log_folder

_log = logging.getLogger(__name__)
_LINES = 60  # of the log, in the details
_PACKAGES = ("PySide6_Essentials", "torch", "openvino", "numpy", "opencv-python-headless", "Pillow")


class Unexpected(QObject):
    """Counts every error, opens a dialog for the first, and says the known ones in the banner."""

    _happened = Signal(object)  # Trouble

    def __init__(
        self, window: MainWindow, is_safe: Callable[[], bool], parent: QObject | None = None
    ) -> None:
        """``is_safe`` says whether all work survives a crash."""
        super().__init__(parent)
        self._window = window
        self._is_safe = is_safe
        self._lock = threading.Lock()
        self._times: Counter[str] = Counter()  # how often each key came, on whatever thread
        self._shown: dict[Trouble, int] = {}  # in the dialog
        self._closed: set[str] = set()  # keys that a dialog told of
        self._dialog: UnexpectedDialog | None = None
        self._is_broken = False
        # Queued also on the GUI thread: an error may come up in the middle of painting.
        self._happened.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def note(self, trouble: Trouble) -> None:
        """Write an error down and show it; callable from any thread."""
        with self._lock:
            self._times[trouble.key] += 1
            times = self._times[trouble.key]
        if times == 1:
            _log.error("unexpected: %s\n%s", trouble.text, trouble.trace)
        elif not times & (times - 1):  # each time that it doubles: the log is not to be flooded
            _log.error("unexpected, %d times by now: %s", times, trouble.text)
        self._happened.emit(trouble)

    def say_crash(self, note: Path) -> None:
        """The last start ended in a crash of which ``note`` tells."""
        text = self.tr("seglabel crashed when it ran last. What is known of it is in {0}")
        self._window.say_error(
            text.format(note), self.tr("Open log folder"), lambda: open_folder(note.parent)
        )

    def _show(self, trouble: Trouble) -> None:
        if self._is_broken:
            return
        try:
            self._tell_person(trouble)
        except Exception:
            self._is_broken = True  # or this one would be shown, and so on without an end
            raise

    def _tell_person(self, trouble: Trouble) -> None:
        known = next((one for one in self._shown if one.key == trouble.key), trouble)
        if self._dialog is None and trouble.key in self._closed:
            text = self.tr("It happened again: {0}")
            self._window.say_error(
                text.format(trouble.text),
                self.tr("Details…"),
                lambda: self._open({trouble: self._times[trouble.key]}),
            )
        elif self._dialog is None:
            self._open({trouble: 1})
        else:
            self._shown[known] = self._shown.get(known, 0) + 1
            self._dialog.show_troubles(self._shown)

    def _open(self, troubles: dict[Trouble, int]) -> None:
        self._shown = troubles
        self._dialog = dialog = UnexpectedDialog(
            is_safe=self._is_safe(),
            facts=_facts(),
            log="\n".join(last_lines(_LINES)),
            folder=log_folder(),
            parent=self._window,
        )
        dialog.show_troubles(troubles)
        dialog.finished.connect(self._forget_dialog)
        dialog.open()  # waits for nothing: it may come while something else asks

    def _forget_dialog(self) -> None:
        if self._dialog is not None:
            dialog, self._dialog = self._dialog, None
            self._closed.update(trouble.key for trouble in self._shown)
            self._shown = {}
            dialog.deleteLater()


def _facts() -> str:
    """What whoever looks into it asks for first."""
    lines = [f"seglabel {__version__}, Python {platform.python_version()}, {platform.platform()}"]
    for name in _PACKAGES:
        try:
            lines.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            lines.append(f"{name}: not installed")
    return "\n".join(lines)
