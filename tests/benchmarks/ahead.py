"""How smooth painting stays while images are proposed ahead, and what that saves at the next image.

    .venv/bin/python tests/benchmarks/ahead.py FOLDER MODEL [--steps N] [--width W]

Opens the real window on copies of some pictures of FOLDER and paints strokes by mouse events. A
step is one move of the mouse until the canvas is painted again. Strokes while the model rests and
while it works take turns; when it works it labels pictures without a pause, and the results are
written. Then it goes to images for which the person has to ask and to others that are proposed
already, and measures until their labels are on the canvas. QT_QPA_PLATFORM=offscreen does without a
screen.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from seglabel.app.main import (
    describe_device,
    hand_over_quickly,
    load_segmenter,
    make_application,
)
from seglabel.app.session import Session
from seglabel.app.settings import Settings
from seglabel.app.workers.inference import AheadRequest
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.predict import chosen_mapping

_IMAGES = 24
_ROUNDS = 6
_LIMIT_S = 120.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--steps", type=int, default=150, help="of a stroke")
    parser.add_argument("--width", type=int, default=0, help="make the pictures this wide")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        pictures = Path(scratch) / "pictures"
        size = _copy(arguments.folder, pictures, arguments.width)
        window = _Window(Path(scratch) / "window.ini", arguments.precision)
        try:
            window.open(pictures, arguments.model)
            print(f"{window.session.window.device_text}; {size[0]} × {size[1]} pixels")
            _compare_painting(window, arguments.steps)
            _compare_going_on(window)
        finally:
            window.session.window.close()


def _copy(source: Path, target: Path, width: int) -> tuple[int, int]:
    """Copies of the first pictures, enlarged if wanted. Returns width and height of the first."""
    target.mkdir()
    size = (0, 0)
    for path in sorted(source.glob("*.jpg"))[:_IMAGES]:
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
        if width:
            picture = picture.resize((width, round(picture.height * width / picture.width)))
        picture.save(target / path.name, quality=92)
        size = size if size[0] else picture.size
    return size


class _Window:
    """The program, worked as a person would."""

    def __init__(self, settings: Path, precision: str) -> None:
        self.application = make_application(["benchmark"])
        hand_over_quickly()
        kept = Settings(settings)
        kept.allows_bf16 = precision == "bf16"
        kept.proposes_ahead = False
        self.session = Session(
            self.application, kept, ProjectStore.open, load_segmenter, describe_device
        )
        self.painted = _Painted()
        self.session.window.canvas.installEventFilter(self.painted)

    def open(self, folder: Path, model: Path) -> None:
        session = self.session
        session.start(folder, None)
        self.until(lambda: session.workspace.image is not None)
        session.proposing.load_model(model)
        self.until(lambda: not session.proposing.is_loading and session.proposing.model is not None)
        session.editor.set_category(1)

    def until(self, is_true: Callable[[], bool]) -> None:
        begin = time.perf_counter()
        while not is_true():
            self.application.processEvents()
            if time.perf_counter() - begin > _LIMIT_S:
                raise TimeoutError
            time.sleep(0.0005)

    def go_to(self, name: str) -> None:
        self.session.workspace.go_to(name)
        self.until(lambda: self.session.workspace.is_settled)

    def stroke(self, steps: int) -> list[float]:
        """Milliseconds of every step of a stroke in a figure of eight."""
        canvas = self.session.window.canvas
        middle, room = canvas.rect().center(), min(canvas.width(), canvas.height()) / 3

        def point(step: int) -> QPointF:
            angle = 2 * math.pi * step / steps
            return QPointF(
                middle.x() + room * math.sin(angle), middle.y() + room * math.sin(2 * angle)
            )

        self._mouse(QEvent.Type.MouseButtonPress, point(0))
        took = []
        for step in range(1, steps):
            took.append(self._step(point(step)))
            time.sleep(0.004)  # a hand moves no faster than the mouse reports
        self._mouse(QEvent.Type.MouseButtonRelease, point(steps))
        return took

    def _step(self, point: QPointF) -> float:
        self.painted.is_new = False
        begin = time.perf_counter()
        self._mouse(QEvent.Type.MouseMove, point)
        while not self.painted.is_new:
            self.application.processEvents()
        return 1000 * (time.perf_counter() - begin)

    def _mouse(self, kind: QEvent.Type, point: QPointF) -> None:
        canvas = self.session.window.canvas
        moves = kind is QEvent.Type.MouseMove
        button = Qt.MouseButton.NoButton if moves else Qt.MouseButton.LeftButton
        held = kind is not QEvent.Type.MouseButtonRelease
        buttons = Qt.MouseButton.LeftButton if held else Qt.MouseButton.NoButton
        place = canvas.mapToGlobal(point)
        event = QMouseEvent(kind, point, place, button, buttons, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(canvas, event)


class _Painted(QObject):
    """Knows whether the canvas was painted."""

    is_new = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.is_new = True
        return False


@dataclass
class _Load:
    """Work for the model without end: each request is made again when it was answered."""

    window: _Window
    is_on: bool = False
    answers: int = 0

    def __post_init__(self) -> None:
        self.window.session.inference.ahead_proposed.connect(self._again)

    def switch(self, is_on: bool) -> None:
        self.is_on = is_on
        self._ask()

    def _again(self, request: AheadRequest, proposal: Proposal, digest: str) -> None:
        self.answers += 1
        if self.is_on:
            self.window.session.writer.save_proposal(request.store, request.name, proposal, digest)
            self._ask()

    def _ask(self) -> None:
        session = self.window.session
        store = session.workspace.store
        assert store is not None
        project = store.project
        names = project.names[1 + self.answers % 6 :][:3] if self.is_on else ()
        session.inference.propose_ahead(
            [
                AheadRequest(store, name, project.categories, chosen_mapping(project))
                for name in names
            ]
        )


def _compare_painting(window: _Window, steps: int) -> None:
    load = _Load(window)
    took: dict[bool, list[float]] = {False: [], True: []}
    window.stroke(steps)  # the first is slower
    for _ in range(_ROUNDS):
        for is_on in took:
            load.switch(is_on)
            if is_on:
                before = load.answers
                window.until(lambda before=before: load.answers > before)
            took[is_on] += window.stroke(steps)
    load.switch(False)
    print(f"{load.answers} pictures were labelled meanwhile")
    print(f"{'one brush step, ms':24}{'median':>10}{'p95':>10}{'p99':>10}{'worst':>10}")
    rows = {}
    for is_on, title in ((False, "resting"), (True, "working ahead")):
        rows[is_on] = np.percentile(took[is_on], (50, 95, 99, 100))
        print(f"{title:24}" + "".join(f"{value:10.2f}" for value in rows[is_on]))
    print(f"{'ratio':24}" + "".join(f"{value:10.2f}" for value in rows[True] / rows[False]))


def _compare_going_on(window: _Window) -> None:
    session = window.session
    names = session.workspace.project.names[10:]  # type: ignore[union-attr]
    asked, waited = names[:6], names[6:12]

    def has_labels() -> bool:
        document = session.editor.document
        is_there = session.workspace.is_settled and document is not None
        return is_there and document.status is not Status.EMPTY

    def measure(name: str, then: Callable[[], None]) -> float:
        begin = time.perf_counter()
        session.workspace.go_to(name)
        window.until(lambda: session.workspace.is_settled)
        then()
        window.until(has_labels)
        session.window.canvas.repaint()
        return 1000 * (time.perf_counter() - begin)

    took = {"asked for": [measure(name, session.proposing.propose) for name in asked]}
    session.window.actions_table["propose_ahead"].setChecked(True)
    took["done ahead"] = []
    for name in waited:
        window.until(lambda: session.ahead.state.total > 0)
        window.until(lambda: session.ahead.state.ready == session.ahead.state.total)
        window.until(lambda: not session.writer.has_pending)
        took["done ahead"].append(measure(name, lambda: None))
    print(f"{'next image to labels, ms':24}{'median':>10}{'worst':>10}")
    for title, values in took.items():
        print(f"{title:24}{np.median(values):10.1f}{max(values):10.1f}")
    ratio = np.median(took["asked for"]) / np.median(took["done ahead"])
    print(f"{'ratio':24}{ratio:10.2f}")


if __name__ == "__main__":
    main()
