"""Images that change, move or go: the window flags them and lets the person decide."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt

from seglabel.app.dialogs.notes import NotesDialog
from seglabel.app.session import Session
from seglabel.core.categories import CategorySet
from seglabel.core.project import Fault
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.project_store import ProjectStore

SHAPE = (60, 80)


@pytest.fixture
def labelled(folder: Path) -> Path:
    """The folder with a.png and b.png reviewed, before any window has it open."""
    for value, name in enumerate(("a.png", "b.png"), start=1):
        Image.new("RGB", SHAPE[::-1], (value, 0, 0)).save(folder / name)
    store = ProjectStore.open(folder)
    store.project.categories = CategorySet.of("grey", "bright")
    for value, name in enumerate(("a.png", "b.png"), start=1):
        labels = np.full(SHAPE, value, np.uint8)
        store.save(name, Annotation(labels, labels > 0, None, Status.REVIEWED))
    store.close()
    return folder


def opened(qtbot, make_session: Callable[..., Session], folder: Path) -> Session:
    session = make_session()
    session.start(folder, None)
    qtbot.waitUntil(lambda: session.workspace.store is not None, timeout=20000)
    return session


def shown(qtbot, session: Session, name: str) -> None:
    session.workspace.go_to(name)
    qtbot.waitUntil(lambda: session.workspace.is_settled, timeout=20000)


def tip(session: Session, name: str) -> str:
    model = session.window.images._list.model()
    index = next(i for i in map(model.index, range(model.rowCount())) if name in i.data())
    return str(index.data(Qt.ItemDataRole.ToolTipRole))


def repaint(path: Path, shape: tuple[int, int] = SHAPE) -> None:
    Image.new("RGB", shape[::-1], (99, 99, 0)).save(path)


def test_what_changed_is_said_when_the_project_opens_and_flagged_in_the_list(
    qtbot, make_session, labelled
):
    repaint(labelled / "b.png")
    session = opened(qtbot, make_session, labelled)
    banner = session.window.banner
    qtbot.waitUntil(lambda: "Changed after they were labelled: 1." in banner.text, timeout=20000)
    assert "file changed after it was labelled" in tip(session, "b.png")
    assert "changed" not in tip(session, "a.png")


def test_the_changed_image_is_shown_with_its_labels_until_a_person_says_that_they_fit(
    qtbot, make_session, labelled
):
    repaint(labelled / "b.png")
    session = opened(qtbot, make_session, labelled)
    shown(qtbot, session, "b.png")
    banner = session.window.image_banner
    qtbot.waitUntil(lambda: "changed after it was labelled" in banner.text, timeout=20000)
    assert (session.workspace.image.document.labels == 2).all()
    banner._button.click()
    store = session.workspace.store
    qtbot.waitUntil(lambda: store.project.fault("b.png") is None, timeout=20000)
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
    assert not ProjectStore.read(labelled).has_changed("b.png")


def test_reviewing_a_changed_image_says_that_its_labels_fit(qtbot, make_session, labelled):
    repaint(labelled / "b.png")
    session = opened(qtbot, make_session, labelled)
    shown(qtbot, session, "b.png")
    assert session.workspace.project.fault("b.png") is Fault.CHANGED
    session.workspace.mark_reviewed()
    qtbot.waitUntil(lambda: session.workspace.project.fault("b.png") is None, timeout=20000)
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
    store = ProjectStore.read(labelled)
    assert not store.has_changed("b.png")
    assert (store.load("b.png").labels == 2).all()


def test_an_image_that_was_resized_is_not_shown_with_labels_that_do_not_fit(
    qtbot, make_session, labelled
):
    before = (labelled / ".seglabel/labels/b.png.png").read_bytes()
    repaint(labelled / "b.png", (30, 40))
    session = opened(qtbot, make_session, labelled)
    session.workspace.go_to("b.png")
    banner = session.window.image_banner
    qtbot.waitUntil(lambda: "was labelled at 80 × 60 pixels" in banner.text, timeout=20000)
    assert (labelled / ".seglabel/labels/b.png.png").read_bytes() == before


def test_an_image_that_is_gone_stays_in_the_list_and_says_so(qtbot, make_session, labelled):
    (labelled / "b.png").unlink()
    session = opened(qtbot, make_session, labelled)
    assert "b.png" in session.workspace.names
    assert "file is gone" in tip(session, "b.png")
    qtbot.waitUntil(lambda: "Gone: 1" in session.window.banner.text, timeout=20000)
    session.workspace.go_to("b.png")
    banner = session.window.image_banner
    qtbot.waitUntil(lambda: "b.png is gone" in banner.text, timeout=20000)
    assert session.workspace.image is None
    shown(qtbot, session, "a.png")
    assert (session.workspace.store.load("b.png").labels == 2).all()


def test_labels_follow_renamed_images_when_the_person_says_so(qtbot, make_session, labelled):
    (labelled / "a.png").rename(labelled / "renamed.png")
    session = opened(qtbot, make_session, labelled)
    banner = session.window.banner
    qtbot.waitUntil(lambda: "renamed or moved: 1." in banner.text, timeout=20000)
    store = session.workspace.store
    assert store.load("renamed.png") is None  # nothing happens in silence
    banner._button.click()
    qtbot.waitUntil(lambda: "lie with them again" in banner.text, timeout=20000)
    assert "a.png" not in session.workspace.names
    shown(qtbot, session, "renamed.png")
    assert (session.workspace.image.document.labels == 1).all()
    assert session.workspace.status("renamed.png") is Status.REVIEWED


def test_a_sound_project_is_opened_without_a_word(qtbot, make_session, labelled):
    session = opened(qtbot, make_session, labelled)
    finished = []
    session.looker.finished.connect(finished.append)
    session.originals.look(session.workspace.store)
    qtbot.waitUntil(lambda: len(finished) > 0, timeout=20000)
    assert not any(word in session.window.banner.text for word in ("labelled", "Gone"))


def test_a_check_shows_what_is_wrong_and_mends_it(
    qtbot, make_session, labelled, monkeypatch: pytest.MonkeyPatch
):
    (labelled / "a.png").rename(labelled / "renamed.png")
    (labelled / ".seglabel" / "notes.txt").write_text("mine")
    dialogs: list[tuple[str, list[str]]] = []

    def answer(dialog: NotesDialog) -> bool:
        notes = [dialog._notes.item(row).text() for row in range(dialog._notes.count())]
        dialogs.append((dialog.windowTitle(), notes))
        if len(dialogs) == 1:
            dialog.action_requested.emit()
        return True

    monkeypatch.setattr("seglabel.app.checking.ask", answer)
    session = opened(qtbot, make_session, labelled)
    qtbot.waitUntil(lambda: session.workspace.image is not None, timeout=20000)
    session.window.actions_table["check"].trigger()
    qtbot.waitUntil(lambda: len(dialogs) == 2, timeout=10000)
    first, second = (notes for _, notes in dialogs)
    assert "a.png: the image that was labelled is called renamed.png now" in first
    assert any("notes.txt: belongs to no image" in note for note in first)
    assert any("gave its labels to renamed.png" in note for note in second)
    assert any("notes.txt: belongs to no image" in note for note in second)
    assert (session.workspace.store.load("renamed.png").labels == 1).all()
    assert session.window.banner.isHidden()  # what it offered is done


def test_a_check_needs_a_project_and_is_in_the_menu(make_session, session):
    action = session.window.actions_table["check"]
    assert action.isEnabled()
    assert action.shortcut().toString() == "Ctrl+Alt+C"
    without = make_session()
    assert not without.window.actions_table["check"].isEnabled()
    without.checking.ask()
    assert without.job.is_running is False
