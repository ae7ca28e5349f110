"""A real session with a small real model in place of DeepLabv3+."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QInputDevice, QPointingDevice

from seglabel.app.session import Session
from seglabel.app.settings import Settings
from seglabel.app.workers.inference import DeviceInfo
from seglabel.core.cancel import Cancel
from seglabel.core.categories import Category, CategorySet
from seglabel.core.errors import SegLabelError
from seglabel.core.proposal import Proposal, unit_length
from seglabel.formats.project_store import ProjectStore

CATEGORIES = CategorySet((Category(1, "bright", (230, 30, 30)), Category(2, "grey", (30, 90, 230))))
SIZE = (60, 80)


class FakeSegmenter:
    """Calls pixels above 170 *bright* and those above 85 *grey*. Can be held and made to fail."""

    name = "fake"
    digest = "fake-1"

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.proposed = 0
        self.precision = ""
        self.error: Exception | None = None

    @property
    def categories(self) -> CategorySet:
        return CATEGORIES

    batch_size = 1

    def propose(self, image: np.ndarray, cancel: Cancel | None = None) -> Proposal:
        while not self.gate.wait(0.02):
            if cancel is not None:
                cancel.raise_if_set()
        if self.error is not None:
            raise self.error
        level = image.mean(axis=2)
        labels = np.where(level > 170, 1, np.where(level > 85, 2, 0)).astype(np.uint8)
        self.proposed += 1
        return Proposal(
            labels,
            np.full((15, 20), 0.75, np.float16),
            np.full((15, 20), 0.25, np.float16),
            self.name,
            self.digest,
            descriptor=unit_length(image.mean((0, 1))),
        )


@pytest.fixture
def segmenter() -> FakeSegmenter:
    return FakeSegmenter()


def write_picture(path: Path, seed: int = 0) -> np.ndarray:
    """A picture whose left half is bright and whose right half is dark, with a grey stripe."""
    picture = np.full((*SIZE, 3), 20 + seed, np.uint8)
    picture[:, : SIZE[1] // 2] = 220
    picture[20:30, SIZE[1] // 2 :] = 120
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)
    return picture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three images and one that cannot be read."""
    target = tmp_path / "pictures"
    for index, name in enumerate(("a.png", "b.png", "c.png")):
        write_picture(target / name, index)
    (target / "d.png").write_bytes(b"not a picture at all")
    return target


@pytest.fixture
def other_folder(tmp_path: Path) -> Path:
    """Another folder with a picture of the same name."""
    write_picture(tmp_path / "others" / "a.png", 5)
    return tmp_path / "others"


@pytest.fixture
def make_session(
    qapp, qtbot, tmp_path: Path, segmenter: FakeSegmenter
) -> Iterator[Callable[..., Session]]:
    """Makes sessions whose windows are closed at the end, as a person would."""
    made: list[Session] = []

    def load(path: Path, precision: str) -> FakeSegmenter:
        if path.name == "broken.safetensors":
            raise SegLabelError(f"{path}: damaged")
        segmenter.precision = precision
        return segmenter

    def make(
        folder: Path | None = None, root: Path | None = None, program: Sequence[str] | None = None
    ) -> Session:
        session = Session(
            qapp,
            Settings(tmp_path / "window.ini"),
            ProjectStore.open_or_look,
            load,
            lambda: DeviceInfo("test device", has_bf16=True),
            program=program,
        )
        made.append(session)
        session.start(folder, root)
        qtbot.waitExposed(session.window)
        return session

    yield make
    segmenter.gate.set()
    for session in made:
        session.window.close()
    late = [thread for thread in threading.enumerate() if thread.name in _THREADS]
    for thread in late:  # a signal from it to what is deleted would end the interpreter
        thread.join(_PATIENCE_S)
    for session in made:
        session.window.deleteLater()
        session.deleteLater()
    # Windows that lived on would be dressed again with each new session.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [thread.name for thread in late if thread.is_alive()]
    assert not left, f"threads that were not ended: {left}"


_PATIENCE_S = 30.0  # for work that a failed test left behind
_THREADS = (
    "program",
    "reader",
    "writer",
    "journal",
    "tiles",
    "thumbnails",
    "inference",
    "jobs",
    "errands",
    "tools",
    "projects",
)


@pytest.fixture
def session(qtbot, make_session: Callable[..., Session], folder: Path) -> Session:
    """A session that shows the first image of ``folder``, with two categories."""
    session = make_session()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(folder)
    session.workspace.set_categories(CATEGORIES)
    return session


@pytest.fixture
def with_model(qtbot, session: Session, tmp_path: Path) -> Session:
    """The same with the fake model loaded."""
    with qtbot.waitSignal(session.proposing.model_changed, timeout=20000):
        session.proposing.load_model(tmp_path / "fake.safetensors")
    return session


@pytest.fixture
def connected_pen(monkeypatch) -> None:
    """A tablet with a pen is connected from now on."""
    pen = QPointingDevice(
        "pen",
        7,
        QInputDevice.DeviceType.Stylus,
        QPointingDevice.PointerType.Pen,
        QInputDevice.Capability.Pressure,
        1,
        1,
    )
    monkeypatch.setattr(QInputDevice, "devices", lambda: [pen])
