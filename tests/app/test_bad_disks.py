"""A disk that is full, read-only, silent or gone: it is said, nothing is lost, work goes on."""

from __future__ import annotations

import errno
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog

from seglabel.app.bindings import project as project_binding
from seglabel.app.dialogs.recovery import RecoveryDialog, Wish
from seglabel.app.dialogs.unsaved import Answer, UnsavedDialog
from seglabel.app.session import Session
from seglabel.app.workers import reader as reader_module
from seglabel.app.workers import writer as writer_module
from seglabel.core.categories import Category, CategorySet
from seglabel.formats import atomic, project_store
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.atomic import WriteError
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.recovery import find_unsaved, recovered
from seglabel.tools import Pointer


def paint(session: Session, y: int = 30, x: int = 30) -> None:
    session.editor.press(Pointer(y, x))
    session.editor.release(Pointer(y, x))


def labels_of(session: Session) -> np.ndarray:
    document = session.editor.document
    assert document is not None
    return document.labels


def is_on_disk(session: Session, root: Path | None = None) -> bool:
    store = session.workspace.store
    assert store is not None
    there = ProjectStore.read(store.folder, root or store.root).load("a.png")
    return there is not None and bool((there.labels == labels_of(session)).all())


@contextmanager
def failing(error: int) -> Iterator[None]:
    """No file reaches the disk meanwhile."""

    def fail(_: int) -> None:
        raise OSError(error, os.strerror(error))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(atomic.os, "fsync", fail)
        yield


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.ESTALE])
def test_a_save_that_fails_is_said_until_it_succeeds_and_work_goes_on(
    qtbot, session: Session, error: int
) -> None:
    paint(session)
    session.workspace.save()
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
    before = labels_of(session).copy()
    banner = session.window.banner
    with failing(error):
        paint(session, 10)
        session.workspace.save()
        qtbot.waitUntil(lambda: banner.isVisible() and banner.has_action, timeout=20000)
        assert os.strerror(error) in banner.text
        assert str(session.workspace.store.root) in banner.text
        assert ("MB free" in banner.text) is (error in (errno.ENOSPC, errno.EDQUOT))
        assert banner._button.text() == "Try again"
        assert banner._other.text() == "Save elsewhere…"
        qtbot.waitUntil(lambda: session.window.saved_text == "not saved!", timeout=20000)
        paint(session, 50)  # it goes on
        there = ProjectStore.read(session.workspace.store.folder).load("a.png")
        assert (there.labels == before).all()
        banner._button.click()  # in vain
        qtbot.waitUntil(lambda: banner.isVisible() and banner.has_action, timeout=20000)
        assert session.writer.has_pending
    session.workspace.save_all()
    qtbot.waitUntil(lambda: session.window.saved_text == "saved", timeout=20000)
    assert is_on_disk(session)


def choose_place(monkeypatch, place: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(place))


def test_what_cannot_be_saved_is_saved_elsewhere_and_found_there_again(
    qtbot, session: Session, folder: Path, tmp_path: Path, monkeypatch, make_session
) -> None:
    paint(session)
    session.workspace.save()
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
    place = tmp_path / "with room"
    place.mkdir()
    choose_place(monkeypatch, place)
    write = project_store.write_bytes

    def full(path: Path, data: bytes) -> None:
        if path.is_relative_to(folder):
            raise WriteError(f"{path}: cannot be written: No space left on device")
        write(path, data)

    monkeypatch.setattr(project_store, "write_bytes", full)
    banner = session.window.banner
    session.workspace.go_to("b.png")
    qtbot.waitUntil(lambda: session.workspace.is_settled, timeout=20000)
    paint(session, 40)
    session.workspace.go_to("a.png")
    qtbot.waitUntil(lambda: session.workspace.is_settled, timeout=20000)
    paint(session, 50)
    session.workspace.save()
    expected = labels_of(session).copy()
    qtbot.waitUntil(lambda: banner.isVisible() and banner.has_action, timeout=20000)
    with qtbot.waitSignal(session.workspace.image_opened, timeout=10_000):
        banner._other.click()
    root = place / "pictures.seglabel"
    assert session.workspace.store.root == root
    assert str(root) in banner.text
    assert not session.writer.has_pending
    moved = ProjectStore.read(folder, root)
    assert (moved.load("a.png").labels == expected).all()
    assert moved.load("b.png").labels.any()
    assert len(moved.project.categories) == 2
    assert session.editor.document.history.can_undo
    paint(session, 20)  # and on it goes
    session.workspace.save()
    qtbot.waitUntil(lambda: session.window.saved_text == "saved", timeout=20000)
    assert is_on_disk(session, root)
    session.window.close()
    again = make_session()
    with qtbot.waitSignal(again.workspace.image_opened, timeout=20000):
        again.project_binding.open_folder(folder)
    assert again.workspace.store.root == root
    again.window.close()
    shutil.rmtree(root)  # that disk was taken away
    said: list[str] = []
    monkeypatch.setattr(project_binding.QMessageBox, "warning", lambda *a: said.append(a[2]))
    monkeypatch.setattr(RecoveryDialog, "ask", lambda _: Wish.RECOVER)
    last = make_session()
    last.project_binding.open_folder(folder)
    qtbot.waitUntil(lambda: bool(said), timeout=20000)
    assert str(root) in said[0]
    monkeypatch.setattr(project_store, "write_bytes", write)
    with qtbot.waitSignal(last.recovering.recovered, timeout=10_000):  # its journal has it
        last.project_binding.open_folder(folder)
    assert last.workspace.store.root == folder / ".seglabel"
    assert (last.workspace.store.load("a.png").labels == expected).all()


def test_a_place_that_is_no_better_leaves_everything_as_it_is(
    qtbot, session: Session, folder: Path, tmp_path: Path, monkeypatch
) -> None:
    place = tmp_path / "no better"
    place.mkdir()
    choose_place(monkeypatch, place)
    with failing(errno.ENOSPC):
        paint(session)
        session.workspace.save()
        banner = session.window.banner
        qtbot.waitUntil(lambda: banner.isVisible() and banner.has_action, timeout=20000)
        with qtbot.waitSignal(session.workspace.relocation_failed, timeout=20000):
            banner._other.click()
        assert "No space left" in banner.text
        assert session.workspace.store.root == folder / ".seglabel"
        assert session.writer.has_pending
        assert labels_of(session).any()
    session.workspace.save_all()
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
    assert is_on_disk(session)


def test_a_read_only_folder_is_said_at_once_and_its_project_can_lie_elsewhere(
    qtbot, folder: Path, tmp_path: Path, monkeypatch, make_session: Callable[..., Session]
) -> None:
    store = ProjectStore.open(folder)
    store.save("a.png", Annotation(np.ones((60, 80), np.uint8), np.ones((60, 80), np.bool_)))
    store.close()
    place = tmp_path / "mine"
    place.mkdir()
    choose_place(monkeypatch, place)
    access = os.access
    monkeypatch.setattr(
        project_store.os,
        "access",
        lambda path, mode: not Path(path).is_relative_to(folder) and access(path, mode),
    )
    session = make_session(folder)
    qtbot.waitUntil(lambda: session.editor.document is not None, timeout=20000)
    banner = session.window.banner
    qtbot.waitUntil(banner.isVisible, timeout=20000)
    assert "read-only" in banner.text
    assert str(folder) in banner.text
    paint(session)
    assert (labels_of(session) == 1).all()
    assert banner._button.text() == "Keep the project elsewhere…"
    with qtbot.waitSignal(session.workspace.image_opened, timeout=10_000):
        banner._button.click()
    assert (labels_of(session) == 1).all()
    session.editor.set_category(2)
    paint(session)
    session.workspace.save()
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
    assert (labels_of(session) == 2).any()
    assert is_on_disk(session, place / "pictures.seglabel")


# silence


class Heart:
    """Beats with the event loop, ``beats`` times so far; the ``longest`` pause is in seconds."""

    def __init__(self, parent: Session) -> None:
        self.beats, self.longest, self._last = 0, 0.0, time.monotonic()
        self._timer = QTimer(parent)
        self._timer.timeout.connect(self._beat)
        self._timer.start(10)

    def _beat(self) -> None:
        now = time.monotonic()
        self.beats += 1
        self.longest, self._last = max(self.longest, now - self._last), now


SILENCE_S = 30.0
STALL_S = 2.0  # far below that, and above what a busy machine does


@pytest.fixture
def impatient(monkeypatch) -> None:
    """Silence is noticed soon."""
    monkeypatch.setattr(reader_module, "_PATIENCE_S", 0.2)
    monkeypatch.setattr(writer_module, "_PATIENCE_S", 0.2)
    monkeypatch.setattr(project_binding, "_LATE_MS", 300)


@pytest.fixture
def silent(monkeypatch) -> Iterator[threading.Event]:
    """An event that ends the silence of a disk."""
    gate = threading.Event()
    yield gate
    gate.set()


def test_an_image_whose_disk_is_silent_keeps_no_other_from_being_opened(
    qtbot, impatient, silent: threading.Event, session: Session, monkeypatch
) -> None:
    open_image = ProjectStore.open_image

    def hang(store: ProjectStore, name: str, *rest: int):
        if name == "b.png":
            assert silent.wait(SILENCE_S)
        return open_image(store, name, *rest)

    qtbot.waitUntil(lambda: not session.reader._thread.seconds_at_work, timeout=20000)
    session.reader.forget()  # what was read ahead
    monkeypatch.setattr(ProjectStore, "open_image", hang)
    heart = Heart(session)
    session.workspace.go_to("b.png")
    banner = session.window.image_banner
    qtbot.waitUntil(banner.isVisible, timeout=20000)
    assert str(session.workspace.store.folder / "b.png") in banner.text
    banner._button.click()
    qtbot.waitUntil(
        lambda: session.workspace.is_settled and session.workspace.name == "c.png", timeout=20000
    )
    paint(session)
    assert labels_of(session).any()
    assert heart.longest < STALL_S
    silent.set()
    session.workspace.go_to("b.png")
    qtbot.waitUntil(
        lambda: session.workspace.is_settled and session.workspace.name == "b.png", timeout=20000
    )


def test_a_disk_that_does_not_take_a_save_is_named_and_work_goes_on(
    qtbot, silent: threading.Event, impatient, session: Session, folder: Path, monkeypatch
) -> None:
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
    write = project_store.write_bytes

    def hang(path: Path, data: bytes) -> None:
        assert silent.wait(SILENCE_S)
        write(path, data)

    monkeypatch.setattr(project_store, "write_bytes", hang)
    heart = Heart(session)
    paint(session)
    session.workspace.save()
    banner = session.window.banner
    qtbot.waitUntil(banner.isVisible, timeout=20000)
    assert str(folder / ".seglabel") in banner.text
    for y in (10, 20, 40, 50):
        paint(session, y)
    qtbot.waitUntil(lambda: not session.keeper.has_unkept, timeout=20000)
    assert heart.longest < STALL_S
    silent.set()
    session.workspace.save()
    qtbot.waitUntil(lambda: session.window.saved_text == "saved", timeout=20000)
    qtbot.waitUntil(banner.isHidden, timeout=20000)
    assert is_on_disk(session)


def test_from_a_disk_that_is_silent_the_project_moves_to_another(
    qtbot, silent: threading.Event, impatient, session: Session, folder: Path, tmp_path, monkeypatch
) -> None:
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
    write = project_store.write_bytes

    def hang(path: Path, data: bytes) -> None:
        if path.is_relative_to(folder):
            assert silent.wait(SILENCE_S)
        write(path, data)

    monkeypatch.setattr(project_store, "write_bytes", hang)
    choose_place(monkeypatch, tmp_path)
    paint(session)
    expected = labels_of(session).copy()
    session.workspace.save()
    banner = session.window.banner
    qtbot.waitUntil(lambda: banner.isVisible() and banner.has_action, timeout=20000)
    with qtbot.waitSignal(session.workspace.image_opened, timeout=10_000):
        banner._button.click()
    moved = ProjectStore.read(folder, tmp_path / "pictures.seglabel")
    assert (moved.load("a.png").labels == expected).all()
    silent.set()
    qtbot.waitUntil(lambda: all(t.has_ended for t in session.writer._abandoned), timeout=20000)


def test_the_window_never_waits_for_a_slow_disk(
    qtbot, tmp_path: Path, make_session: Callable[..., Session], monkeypatch
) -> None:
    """The disk goes on only when the window has gone on ten times."""
    picture = np.zeros((1500, 2000, 3), np.uint8)
    (tmp_path / "large").mkdir()
    Image.fromarray(picture).save(tmp_path / "large" / "a.png", compress_level=1)
    session = make_session(tmp_path / "large")
    qtbot.waitUntil(lambda: session.editor.document is not None, timeout=20000)
    session.workspace.set_categories(CategorySet((Category(1, "one", (9, 9, 9)),)))
    session.editor.set_category(1)
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
    heart, sync, waited = Heart(session), os.fsync, []

    def slow(descriptor: int) -> None:
        before, end = heart.beats, time.monotonic() + SILENCE_S
        while heart.beats < before + 10 and time.monotonic() < end:
            time.sleep(0.005)
        waited.append(heart.beats - before)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", slow)
    for y in range(100, 1400, 100):
        paint(session, y, y)
        session.workspace.save()
        session.workspace.go_to("a.png")
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20_000)
    monkeypatch.undo()
    assert min(waited) >= 10, "the window waited for the disk"
    qtbot.waitUntil(lambda: session.editor.document is not None, timeout=20000)
    assert is_on_disk(session)


def test_categories_that_change_while_they_are_saved_are_saved_again(
    qtbot, silent: threading.Event, session: Session, folder: Path, monkeypatch
) -> None:
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
    write, begun = project_store.write_bytes, threading.Event()

    def wait(path: Path, data: bytes) -> None:
        begun.set()
        assert silent.wait(SILENCE_S)
        write(path, data)

    monkeypatch.setattr(project_store, "write_bytes", wait)
    session.window.categories.add_requested.emit("first")
    qtbot.waitUntil(begun.is_set, timeout=20000)
    session.window.categories.add_requested.emit("second")
    silent.set()
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
    names = [category.name for category in ProjectStore.read(folder).project.categories]
    assert names[-2:] == ["first", "second"]


def test_a_window_on_a_silent_disk_closes_at_once_and_its_work_is_offered_back(
    qtbot, silent: threading.Event, session: Session, folder: Path, monkeypatch
) -> None:
    paint(session, 50)
    session.workspace.save()
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
    write, note = project_store.write_bytes, ProjectStore.note_changes

    def hang(path: Path, data: bytes) -> None:
        assert silent.wait(SILENCE_S)
        write(path, data)

    def hang_too(*arguments) -> None:
        assert silent.wait(SILENCE_S)
        note(*arguments)

    asked: list[list[str]] = []
    monkeypatch.setattr(UnsavedDialog, "ask", lambda self: asked.append([]) or Answer.LOSE)
    monkeypatch.setattr(project_store, "write_bytes", hang)
    monkeypatch.setattr(ProjectStore, "note_changes", hang_too)
    paint(session, 10)
    session.workspace.save()
    paint(session, 30)  # just before it is closed
    expected = labels_of(session).copy()
    begin = time.monotonic()
    session.window.close()
    seconds = time.monotonic() - begin
    assert not session.window.isVisible()
    assert not session.has_ended, "the end of the process is not to wait for that disk"
    assert seconds < SILENCE_S / 3
    assert not asked, "nothing is lost"
    store = ProjectStore.read(folder)
    assert [one.name for one in find_unsaved(store)] == ["a.png"]
    assert (recovered(store, "a.png").labels == expected).all()
    silent.set()
