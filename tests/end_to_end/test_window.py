"""The real program from start to end, worked by pointer and keys."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np
import pytest
from pycocotools.coco import COCO
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton
from torchvision.datasets import VOCSegmentation

from seglabel.__main__ import main
from seglabel.app.dialogs.export import ExportDialog
from seglabel.app.main_window import MainWindow
from seglabel.core.status import Status
from seglabel.formats import open_project

LEFT = Qt.MouseButton.LeftButton
Act = Callable[[Callable[[MainWindow], Generator], list[str]], int]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A real DeepLabv3+ checkpoint with random weights and two categories."""
    import torch

    from seglabel.core.categories import CategorySet
    from seglabel.model.architecture import Architecture
    from seglabel.model.checkpoint import ModelSpec, encode_checkpoint
    from seglabel.model.deeplabv3plus import DeepLabV3Plus

    torch.manual_seed(1)
    arch = Architecture("mobilenet_v2", 3, aspp_channels=16, decoder_channels=16)
    net = DeepLabV3Plus(arch)
    # Something of every category, whatever the picture.
    torch.nn.init.normal_(net.classifier.weight, std=3.0)
    path = tmp_path / "random.safetensors"
    spec = ModelSpec(arch, CategorySet.of("roof", "road"), (0, 1, 2))
    path.write_bytes(encode_checkpoint(net.state_dict(), spec))
    return path


def point(window: MainWindow, y: int, x: int) -> QPoint:
    """The middle of pixel (y, x) on the canvas."""
    left, top = window.canvas.transform.to_view(y + 0.5, x + 0.5)
    return QPoint(math.floor(left), math.floor(top))


def stroke(window: MainWindow, *pixels: tuple[int, int]) -> None:
    QTest.mousePress(window.canvas, LEFT, Qt.KeyboardModifier.NoModifier, point(window, *pixels[0]))
    for pixel in pixels[1:]:
        QTest.mouseMove(window.canvas, point(window, *pixel))
    QTest.mouseRelease(
        window.canvas, LEFT, Qt.KeyboardModifier.NoModifier, point(window, *pixels[-1])
    )


def add_category(window: MainWindow, name: str) -> None:
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    field = window.categories.findChild(QLineEdit)
    QTest.keyClicks(field, name)
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.keyClick(field, Qt.Key.Key_Escape)  # back to the picture


def is_saved(window: MainWindow) -> bool:
    return window.saved_text == "saved"


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*.png")
        if ".seglabel" not in path.parts
    }


def test_open_paint_undo_save_reopen_export(act: Act, pictures: Path, tmp_path: Path) -> None:
    before = digests(pictures)
    exported = tmp_path / "my pictures-coco"

    def first_day(window: MainWindow) -> Generator:
        yield lambda: window.canvas.has_image
        add_category(window, "roof")
        add_category(window, "road")
        QTest.keyClick(window.canvas, Qt.Key.Key_1)
        stroke(window, (30, 40), (60, 80), (90, 120))
        QTest.keyClick(window.canvas, Qt.Key.Key_2)
        stroke(window, (10, 10), (10, 150))
        stroke(window, (110, 10), (110, 150))
        QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        yield lambda: is_saved(window)
        QTest.keyClick(window.canvas, Qt.Key.Key_Return)  # reviewed, next
        yield lambda: "(2 / 2) – my pictures" in window.windowTitle() and is_saved(window)

    assert act(first_day, [str(pictures)]) == 0
    view = open_project(pictures)
    labels = view.labels("one.png")
    assert [category.name for category in view.categories] == ["roof", "road"]
    assert labels[60, 80] == 1
    assert labels[10, 80] == 2
    assert labels[110, 80] == 0  # undone
    assert view.status("one.png") is Status.REVIEWED
    assert view.status("sub/zwei 图.png") is Status.EMPTY

    # A dialog has an event loop of its own: somebody else presses its button.
    def press_export() -> bool:
        dialog = next(
            (w for w in QApplication.topLevelWidgets() if isinstance(w, ExportDialog)), None
        )
        if dialog is None or not dialog.isVisible():
            return False
        button = next(b for b in dialog.findChildren(QPushButton) if b.text() == "Export")
        QTest.mouseClick(button, LEFT)
        return True

    def second_day(window: MainWindow) -> Generator:
        yield lambda: window.canvas.has_image
        timer = QTimer(window)
        timer.setInterval(20)
        timer.timeout.connect(lambda: press_export() and timer.stop())
        timer.start()
        QTest.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
        yield lambda: "read back and found equal" in window.banner.text

    assert act(second_day, [str(pictures)]) == 0
    coco = COCO(exported / "annotations" / "instances_train.json")
    assert sorted(image["file_name"] for image in coco.loadImgs(coco.getImgIds())) == [
        "one.png",
        "sub/zwei 图.png",
    ]
    rebuilt = np.zeros_like(labels)
    for annotation in coco.loadAnns(coco.getAnnIds()):
        rebuilt[coco.annToMask(annotation).astype(bool)] = annotation["category_id"]
    assert np.array_equal(rebuilt, labels)
    assert digests(pictures) == before

    # The command line gives the same bytes.
    again = tmp_path / "again"
    assert main(["export", "coco", str(pictures), str(again)]) == 0
    for path in exported.rglob("*"):
        if path.is_file():
            assert (again / path.relative_to(exported)).read_bytes() == path.read_bytes()


def test_a_real_model_proposes_and_what_was_painted_stays(
    act: Act, pictures: Path, model: Path, tmp_path: Path
) -> None:
    project = {
        "schema": 1,
        "settings": {"model": str(model)},
        "categories": [
            {"id": 1, "name": "roof", "color": "#d62839", "is_thing": True},
            {"id": 2, "name": "road", "color": "#4cc9f0", "is_thing": False},
        ],
    }
    (pictures / ".seglabel").mkdir()
    (pictures / ".seglabel" / "project.json").write_text(json.dumps(project))

    def person(window: MainWindow) -> Generator:
        yield lambda: window.canvas.has_image
        QTest.keyClick(window.canvas, Qt.Key.Key_1)
        stroke(window, (60, 20), (60, 140))
        yield lambda: window.actions_table["propose"].isEnabled()
        QTest.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
        yield lambda: "confidence" in window.proposal.image_text
        yield lambda: is_saved(window)
        window.actions_table["propose_folder"].trigger()
        yield lambda: "Images proposed: " in window.banner.text
        yield lambda: is_saved(window)

    assert act(person, [str(pictures)]) == 0
    view = open_project(pictures)
    painted = view.labels("one.png")
    assert (painted[60, 20:141] == 1).all()
    assert view.status("one.png") is Status.CORRECTED
    assert view.status("sub/zwei 图.png") is Status.PROPOSED
    assert main(["export", "voc", str(pictures), str(tmp_path / "voc")]) == 0
    data_set = VOCSegmentation(str(tmp_path / "voc"), "2012", "trainval")
    masks = {Path(path).stem: np.array(data_set[i][1]) for i, path in enumerate(data_set.masks)}
    assert np.array_equal(masks["one"], painted)
    assert np.array_equal(masks["sub_zwei_图"], view.labels("sub/zwei 图.png"))


def test_the_window_is_on_screen_before_torch_is_loaded(pictures: Path, tmp_path: Path) -> None:
    import subprocess
    import sys

    program = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from seglabel.app import main as app
seen = []
def look():
    window = next(w for w in QApplication.topLevelWidgets() if w.objectName() == "main")
    seen.append((window.isVisible(), "torch" in sys.modules))
from seglabel.app.workers.inference import DeviceInfo
app.describe_device = lambda: DeviceInfo("none")
original = app.make_application
def make(arguments):
    application = original(arguments)
    QTimer.singleShot(0, look)
    QTimer.singleShot(0, lambda: [w.close() for w in QApplication.topLevelWidgets()])
    return application
app.make_application = make
app.run_window()
print(seen)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip().endswith("[(True, False)]"), done.stdout + done.stderr


def test_the_start_after_a_crash_says_where_its_note_is(
    act: Act, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *_, **__: str(tmp_path / "log"))
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "crash.txt").write_text("Fatal Python error: Segmentation fault")

    def person(window: MainWindow) -> Generator:
        yield lambda: "crashed" in window.banner.text

    assert act(person, [str(pictures)]) == 0
    (note,) = (tmp_path / "log").glob("crash-*.txt")
    assert "Segmentation fault" in note.read_text()
    assert "closed with code 0" in (tmp_path / "log" / "seglabel.log").read_text("utf-8")


def test_a_thread_that_does_not_end_cannot_crash_the_end_of_the_program(tmp_path: Path) -> None:
    import subprocess
    import sys

    program = """
import threading
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from seglabel.app import main as app
from seglabel.app.workers.inference import DeviceInfo
from seglabel.app.workers import thread
thread.WorkThread.close.__defaults__ = (0.1,)
started = threading.Event()
def describe():  # the inference thread is at it when the window closes, and for good
    started.set()
    threading.Event().wait()
app.describe_device = describe
original = app.make_application
def close_once_started():
    if not started.is_set():
        QTimer.singleShot(5, close_once_started)
        return
    for widget in QApplication.topLevelWidgets():
        widget.close()
def make(arguments):
    application = original(arguments)
    QTimer.singleShot(0, close_once_started)
    return application
app.make_application = make
app.run_window()
print("never reached")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == ""
