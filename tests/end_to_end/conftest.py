"""Pictures, a home of their own and someone who works the window."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QElapsedTimer, QObject, QTimer
from PySide6.QtWidgets import QApplication

from seglabel.app.main_window import MainWindow

_TICK_MS = 10
_PATIENCE_MS = 30_000

Until = Callable[[], object]
Script = Callable[[MainWindow], Generator[Until, None, None]]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings and caches of the program under test go here."""
    target = tmp_path / "home"
    target.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(target))
    for name in [n for n in os.environ if n.startswith("XDG_")]:
        monkeypatch.delenv(name)
    return target


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two photographs' worth of pixels in a folder with a sub-folder."""
    folder = tmp_path / "my pictures"
    for index, name in enumerate(("one.png", "sub/zwei 图.png")):
        picture = np.full((120, 160, 3), 40 + 30 * index, np.uint8)
        picture[30:90, 40:120] = (200, 60, 40)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(folder / name)
    return folder


class Person(QObject):
    """Does what a script says inside the event loop of the running program.

    The script is a generator: it acts, and yields a condition that must hold before it goes on.
    """

    def __init__(self, script: Script) -> None:
        super().__init__()
        self.problem = ""
        self._script = script
        self._steps: Generator[Until, None, None] | None = None
        self._until: Until = lambda: True
        self._patience = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self._patience.start()
        self._timer.start()

    def _tick(self) -> None:
        windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)]
        window = next((w for w in windows if w.isVisible()), None)
        if window is None:
            self._give_up_if_late("no window appeared")
            return
        if self._steps is None:
            self._steps = self._script(window)
        try:
            if not self._until():
                self._give_up_if_late(f"waited in vain at\n{_where(self._steps)}")
                return
            self._until = next(self._steps)
            self._patience.restart()
        except StopIteration:
            self._end(window)
        except Exception:  # noqa: BLE001 - told by the test that waits
            self.problem = traceback.format_exc()
            self._end(window)

    def _give_up_if_late(self, problem: str) -> None:
        if self._patience.elapsed() > _PATIENCE_MS:
            self.problem = problem
            for window in QApplication.topLevelWidgets():
                self._end(window)

    def _end(self, window: object) -> None:
        self._timer.stop()
        # Closing the last window ends the program; a wish to end it that comes once more would
        # stay with the application, and no later event loop would begin.
        if not window.close():  # type: ignore[attr-defined]
            QApplication.exit(1)


def _where(steps: Generator[Until, None, None]) -> str:
    return "".join(traceback.format_stack(steps.gi_frame, limit=1))


@pytest.fixture
def act(qapp) -> Callable[[Script, list[str]], int]:
    """Start the real ``main()`` and let a person act; returns its exit code."""
    from seglabel.__main__ import main

    def run(script: Script, argv: list[str]) -> int:
        person = Person(script)
        person.start()
        code = main(argv)
        assert not person.problem, person.problem
        return code

    return run
