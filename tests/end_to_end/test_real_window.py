"""The program in a process of its own on a virtual screen, worked by real mouse and key events."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from seglabel.formats import open_project

pytestmark = pytest.mark.skipif(
    not (sys.platform.startswith("linux") and shutil.which("Xvfb") and shutil.which("xdotool")),
    reason="needs Xvfb and xdotool (packaging/dev.py test installs them where it may)",
)

SCREEN = (1280, 800)


@pytest.fixture
def display(tmp_path: Path) -> Iterator[str]:
    """A virtual screen of our own; the server itself chooses a free number."""
    reader, writer = os.pipe()
    size = f"{SCREEN[0]}x{SCREEN[1]}x24"
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", size, "-nolisten", "tcp"],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as numbers:
        number = numbers.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


def wait_until(condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Look again and again; a window in another process has no signal to wait for."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.05)


class Hands:
    """xdotool on one display."""

    def __init__(self, display: str) -> None:
        self._environment = {**os.environ, "DISPLAY": display}

    def do(self, *arguments: object) -> str:
        command = ["xdotool", *(str(argument) for argument in arguments)]
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()


def test_a_stroke_with_the_mouse_on_a_real_screen_reaches_the_disk(
    display: str, pictures: Path, home: Path
) -> None:
    environment = {**os.environ, "DISPLAY": display, "HOME": str(home)}
    environment.pop("QT_QPA_PLATFORM", None)
    environment.pop("WAYLAND_DISPLAY", None)
    program = subprocess.Popen(
        [sys.executable, "-m", "seglabel", str(pictures)],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    hands = Hands(display)
    try:
        title = "my pictures – seglabel"
        wait_until(lambda: hands.do("search", "--name", title), "the folder is open")
        window = hands.do("search", "--name", title).splitlines()[0]
        hands.do("windowsize", "--sync", window, SCREEN[0], SCREEN[1])
        hands.do("windowmove", "--sync", window, 0, 0)
        hands.do("windowfocus", "--sync", window)
        # A category by keyboard. The first click gives the window the focus.
        middle = (500, 380)
        hands.do("mousemove", *middle, "click", 1)
        hands.do("key", "ctrl+n")
        hands.do("type", "--delay", 30, "roof")
        hands.do("key", "Return")
        project = pictures / ".seglabel" / "project.json"
        wait_until(lambda: project.exists() and "roof" in project.read_text(), "it is kept")
        # A fast stroke: two points far apart, each pixel of the picture one of the screen.
        hands.do("key", "ctrl+1")
        hands.do("mousemove", middle[0] - 60, middle[1], "mousedown", 1)
        hands.do("mousemove", middle[0] + 60, middle[1])
        hands.do("mouseup", 1)
        hands.do("key", "ctrl+s")

        def stroke_width() -> int:
            labels = open_project(pictures).labels("one.png")
            rows = np.count_nonzero(labels == 1, axis=1)
            return int(rows.max())

        wait_until(lambda: stroke_width() >= 120, "the stroke is on disk without a gap")
    finally:
        program.send_signal(signal.SIGTERM)
        _, errors = program.communicate(timeout=30)
    assert program.returncode == 0, errors
    assert errors == ""
