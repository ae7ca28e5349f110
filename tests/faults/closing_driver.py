"""The real program, brought into a state by a script and then closed by the person, by a test.

    closing_driver.py STATE FOLDER SCRATCH

Says ``closing`` when the window is asked to close; the processes it has started then as ``child
PID`` before that. What hangs here hangs for good, as a drive that is gone does.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDialog

from seglabel.__main__ import main
from seglabel.app import main as app
from seglabel.app import session as composition
from seglabel.app.dialogs.export import ExportChoice
from seglabel.app.dialogs.importing import ImportChoice
from seglabel.app.dialogs.learning import LearnChoice
from seglabel.app.unhandled import Trouble
from seglabel.app.workers import thumbnails
from seglabel.app.workers.inference import DeviceInfo
from seglabel.core.cancel import Cancel
from seglabel.core.categories import Category, CategorySet
from seglabel.core.proposal import Proposal
from seglabel.core.public_weights import PublicFile, PublicWeights
from seglabel.formats.exchange import ExportOptions
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.registry import formats
from seglabel.jobs.selection import WHOLE
from seglabel.tools import Pointer

CATEGORIES = CategorySet((Category(1, "one", (200, 0, 0)), Category(2, "two", (0, 0, 200))))
TICK_MS = 5
PATIENCE_S = 60  # until a state is reached

# Learns nothing and hears nothing, and has a child of its own that neither does.
DEAF = """
import signal, subprocess, sys, time, json
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(json.dumps({"event": "progress", "done": 1, "total": 9, "child": child.pid}), flush=True)
time.sleep(600)
"""

hangs = threading.Event()  # something hangs now


def hang(*_: object, **__: object) -> None:
    hangs.set()
    threading.Event().wait()


class Model:
    """Proposes nothing; ``is_deaf`` hangs, else it is slow and may be cancelled."""

    name, digest, categories, batch_size, is_deaf = "slow", "s0", CATEGORIES, 1, False

    def propose(self, image, cancel: Cancel | None = None) -> Proposal:
        hangs.set()
        while self.is_deaf or cancel is None or not cancel.is_set:
            time.sleep(0.01)
        cancel.raise_if_set()
        grid = np.ones((2, 2), np.float16)
        return Proposal(np.zeros(image.shape[:2], np.uint8), grid, grid, self.name, self.digest)

    def propose_batch(self, images, cancel=None) -> list[Proposal]:
        return [self.propose(image, cancel) for image in images]

    refine = propose


class Seen(composition.Session):
    """The session that the program makes, for the script."""

    made: ClassVar[list[composition.Session]] = []

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments, program=(sys.executable, str(SCRATCH / "deaf.py")))  # type: ignore[arg-type]
        self.made.append(self)


State = Callable[[composition.Session], Generator[Callable[[], object], None, None]]


def paint(session: composition.Session, category: int = 1, y: int = 3) -> None:
    session.editor.set_category(category)
    session.editor.set_brush_size(3)
    session.editor.press(Pointer(y, 2))
    session.editor.release(Pointer(y, 9))


def with_image(session: composition.Session):
    yield lambda: session.editor.document is not None
    paint(session)


def with_model(session: composition.Session):
    yield from with_image(session)
    session.proposing.load_model(SCRATCH / "slow.safetensors")
    yield lambda: session.proposing.model is not None


def idle(session: composition.Session):
    yield from with_image(session)


def opening_a_project(session: composition.Session):
    yield from with_image(session)
    session.workspace._open_store = hang
    session.workspace.open_project(FOLDER / "deep")
    yield hangs.is_set


def loading_an_image(session: composition.Session):
    yield from with_image(session)
    ProjectStore.open_image = hang  # type: ignore[method-assign]
    session.workspace.go_to("deep/1.png")
    yield hangs.is_set


def loading_a_model(session: composition.Session):
    yield from with_image(session)
    session.inference._load_segmenter = hang  # type: ignore[assignment]
    session.proposing.load_model(SCRATCH / "slow.safetensors")
    yield hangs.is_set


def proposing_a_folder(session: composition.Session):
    yield from with_model(session)
    session.window.actions_table["propose_folder"].trigger()
    yield hangs.is_set


def proposing_by_a_deaf_model(session: composition.Session):
    Model.is_deaf = True
    yield from proposing_a_folder(session)


def refining(session: composition.Session):
    yield from with_image(session)
    paint(session, 2, 9)
    session.inference._load_refiner = hang  # type: ignore[assignment]
    session.window.actions_table["refine"].trigger()
    yield hangs.is_set


def learning(session: composition.Session):
    yield from with_image(session)
    said: list[dict] = []
    session.training.told.connect(said.append)
    session.learning.start(LearnChoice(5, None))
    yield lambda: said
    print("child", session.training.pid, flush=True)
    print("child", said[0]["child"], flush=True)


def making_the_demo(session: composition.Session):
    yield from with_image(session)
    said: list[dict] = []
    session.drawing.told.connect(said.append)
    session.demo.make(SCRATCH / "demo")
    yield lambda: said
    print("child", session.drawing.pid, flush=True)
    print("child", said[0]["child"], flush=True)


def _job(session: composition.Session, start: Callable[[], None]):
    """A job that hangs as it reads labels."""
    yield from with_image(session)
    yield lambda: not session.writer.has_pending
    ProjectStore.load = hang  # type: ignore[method-assign]
    ProjectStore.image_path = hang  # type: ignore[method-assign]
    start()
    yield hangs.is_set


def exporting(session: composition.Session):
    choice = ExportChoice(
        formats()["masks"], SCRATCH / "out", ExportOptions(), "all", WHOLE, force=False
    )
    yield from _job(session, lambda: session.exchanging.export(choice))


def importing(session: composition.Session):
    (SCRATCH / "masks").mkdir()
    for name in ("0", "2"):
        (SCRATCH / "masks" / f"{name}.png").write_bytes((FOLDER / "0.png").read_bytes())
    choice = ImportChoice(
        formats()["masks"], SCRATCH / "masks", None, copy_images=False, replace=False
    )
    yield from _job(session, lambda: session.exchanging.bring_in(choice))


def counting_statistics(session: composition.Session):
    yield from _job(session, session.statistics.ask)


def in_another_job(session: composition.Session):
    yield from with_image(session)
    session.running.start("Another", lambda progress, cancel: hang(), lambda _: None)
    yield hangs.is_set


def listing_models(session: composition.Session):
    yield from with_image(session)
    session.errands.put(hang, lambda _: None, lambda _: None)
    yield hangs.is_set


def downloading_a_model(session: composition.Session):
    yield from with_image(session)
    server = socket.create_server(("127.0.0.1", 0))
    answered = threading.Event()

    def answer() -> None:
        connection, _ = server.accept()
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhalf")
        answered.set()
        threading.Event().wait()  # and no more

    threading.Thread(target=answer, daemon=True).start()
    url = f"http://127.0.0.1:{server.getsockname()[1]}/model.pth"
    files = (PublicFile(url, "model.pth"),)
    session.choosing.fetch(PublicWeights("far", files, "none", 2, "none", 16, 1.0, "none", "none"))
    yield answered.is_set


def saving_to_a_disk_that_hangs(session: composition.Session):
    yield lambda: session.editor.document is not None
    ProjectStore.save = hang  # type: ignore[method-assign]
    paint(session)
    session.workspace.save()
    yield hangs.is_set
    yield lambda: not session.keeper.has_unkept


def keeping_a_journal_on_a_disk_that_hangs(session: composition.Session):
    yield lambda: session.editor.document is not None
    ProjectStore.note_changes = hang  # type: ignore[method-assign]
    paint(session)
    yield hangs.is_set


def computing_in_a_tool(session: composition.Session):
    yield from with_image(session)
    session.tool_worker.start(hang)
    yield hangs.is_set


def reading_thumbnails(session: composition.Session):
    yield from with_image(session)
    thumbnails._make = hang  # type: ignore[assignment]
    session.thumbnails.renew_all()
    session.thumbnails.get(session.workspace.store, "0.png")
    yield hangs.is_set


def _dialog(session: composition.Session, action: str):
    yield from with_image(session)
    QTimer.singleShot(0, session.window.actions_table[action].trigger)
    yield lambda: any(d.isVisible() for d in session.window.findChildren(QDialog))


def asking_preferences(session: composition.Session):
    yield from _dialog(session, "preferences")


def asking_how_to_export(session: composition.Session):
    yield from _dialog(session, "export")


def asking_what_to_learn(session: composition.Session):
    yield from _dialog(session, "learn")


def showing_an_unexpected_error(session: composition.Session):
    yield from with_image(session)
    session.unexpected.note(Trouble("something", "", "something"))
    yield lambda: any(d.isVisible() for d in session.window.findChildren(QDialog))


def in_the_middle_of_a_stroke(session: composition.Session):
    yield from with_image(session)
    session.editor.press(Pointer(9, 10))
    session.editor.move(Pointer(9, 15))


STATES: dict[str, State] = {
    state.__name__: state
    for state in (
        idle,
        opening_a_project,
        loading_an_image,
        loading_a_model,
        proposing_a_folder,
        proposing_by_a_deaf_model,
        refining,
        learning,
        making_the_demo,
        exporting,
        importing,
        counting_statistics,
        in_another_job,
        listing_models,
        downloading_a_model,
        saving_to_a_disk_that_hangs,
        keeping_a_journal_on_a_disk_that_hangs,
        computing_in_a_tool,
        reading_thumbnails,
        asking_preferences,
        asking_how_to_export,
        asking_what_to_learn,
        showing_an_unexpected_error,
        in_the_middle_of_a_stroke,
    )
}


class Script:
    """Goes through a state step by step inside the event loop, then closes the window."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._steps: Generator[Callable[[], object], None, None] | None = None
        self._until: Callable[[], object] = lambda: True
        self._patience = time.monotonic() + PATIENCE_S
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)

    def _tick(self) -> None:
        if not Seen.made:
            return
        session = Seen.made[0]
        self._steps = self._steps or self._state(session)
        if not self._until():
            if time.monotonic() > self._patience:
                print(f"not reached, at line {self._steps.gi_frame.f_lineno}", file=sys.stderr)
                os._exit(71)
            return
        try:
            self._until = next(self._steps)
        except StopIteration:
            self._timer.stop()
            print("closing", flush=True)
            session.window.close()
            print("closed" if not session.window.isVisible() else "open", flush=True)
        except BaseException:  # noqa: BLE001 - told by the test
            self._timer.stop()
            sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
            os._exit(70)


def run() -> int:
    application = app.make_application(sys.argv[:1])
    (SCRATCH / "deaf.py").write_text(DEAF)
    composition.Session = Seen  # type: ignore[misc]
    app.load_segmenter = lambda path, precision="fp32": Model()  # type: ignore[assignment]
    app.describe_device = lambda: DeviceInfo("test device")
    script = Script(STATES[sys.argv[1]])
    code = main([str(FOLDER)])
    del script, application
    return code


FOLDER, SCRATCH = (Path(*sys.argv[at : at + 1]) for at in (2, 3))

if __name__ == "__main__":
    sys.exit(run())
