"""What a crash leaves unsaved is offered back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from seglabel.app.dialogs import recovery
from seglabel.app.dialogs.recovery import RecoveryDialog, Wish
from seglabel.app.session import Session
from seglabel.core.document import Document
from seglabel.core.geometry import Region
from seglabel.core.status import Status
from seglabel.formats.journal import JournalEntry
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.recovery import Unsaved, find_unsaved, recovered
from seglabel.tools import Pointer


def paint(session: Session, y: int, x: int = 30) -> None:
    session.editor.press(Pointer(y, x))
    session.editor.release(Pointer(y, x))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[RecoveryDialog]:
    """The dialogs that were shown; each is answered by ``RECOVER`` unless told otherwise."""
    shown: list[RecoveryDialog] = []

    def answer(dialog: RecoveryDialog) -> Wish:
        shown.append(dialog)
        return Wish.RECOVER

    monkeypatch.setattr(recovery.RecoveryDialog, "ask", answer)
    return shown


def crash(folder: Path, strokes: int) -> np.ndarray:
    """Leave strokes on a.png that were never saved. Returns the labels after the last."""
    store = ProjectStore.open(folder)
    document = Document.blank(60, 80)
    for index in range(strokes):
        with document.begin("brush") as edit:
            edit.paint(Region(index * 9, 3, index * 9 + 8, 60), np.ones((8, 57), np.bool_), 1)
            edit.commit()
        change = document.last_change
        assert change is not None
        store.note_changes("a.png", [JournalEntry(change, document.snapshot())])
    return document.labels


def test_every_stroke_is_in_the_journal_before_anything_is_saved(qtbot, session: Session) -> None:
    store = session.workspace.store
    assert store is not None
    for number, y in enumerate((10, 20, 30), start=1):
        with qtbot.waitSignal(
            session.keeper.kept,
            timeout=20000,
            check_params_cb=lambda _, n, number=number: n == number,
        ):
            paint(session, y)
    with qtbot.waitSignal(session.keeper.kept, timeout=20000):
        session.editor.undo()
    document = session.editor.document
    assert document is not None
    assert store.load("a.png") is None
    again = recovered(store, "a.png")
    assert (again.labels == document.labels).all()
    assert again.history.can_redo


def test_work_that_was_not_saved_is_recovered_and_can_be_undone(
    qtbot, folder: Path, make_session: Callable[..., Session], asked: list[RecoveryDialog]
) -> None:
    labels = crash(folder, 3)
    session = make_session(folder)
    qtbot.waitUntil(
        lambda: (
            session.editor.document is not None and (session.editor.document.labels == labels).all()
        ),
        timeout=20000,
    )
    assert len(asked) == 1
    document = session.editor.document
    assert document is not None
    assert document.status is Status.CORRECTED
    assert len(document.history) == 3
    for _ in range(3):
        session.editor.undo()
    assert not document.labels.any()
    banner = session.window.banner
    assert "images: 1" in banner.text
    session.window._history_dock.hide()
    banner._button.click()
    assert not session.window._history_dock.isHidden()


def test_what_nobody_decided_about_is_asked_again(
    qtbot, folder: Path, make_session: Callable[..., Session], monkeypatch
) -> None:
    crash(folder, 2)
    answers = iter((Wish.LATER, Wish.KEEP_SAVED))
    shown: list[str] = []

    def answer(dialog: RecoveryDialog) -> Wish:
        shown.append(dialog.informativeText())
        return next(answers)

    monkeypatch.setattr(RecoveryDialog, "ask", answer)
    first = make_session(folder)
    qtbot.waitUntil(lambda: len(shown) == 1)
    first.window.close()
    second = make_session(folder)
    qtbot.waitUntil(lambda: len(shown) == 2)
    store = second.workspace.store
    assert store is not None
    path = store.journal_path("a.png")
    qtbot.waitUntil(lambda: not path.exists())
    assert path.with_name(path.name + ".1").exists()
    assert shown[0] == shown[1]
    assert "a.png" in shown[0]


def test_that_changes_are_not_protected_is_said_until_they_are(
    qtbot, session: Session, monkeypatch
) -> None:
    store = session.workspace.store
    assert store is not None

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(ProjectStore, "note_changes", fail)
        patch.setattr(ProjectStore, "note_changes_elsewhere", fail)
        paint(session, 10)
        qtbot.waitUntil(lambda: not session.recovering.is_protected, timeout=20000)
    assert "No space left" in session.window.banner.text
    assert not session.window.banner.isHidden()
    paint(session, 40)
    qtbot.waitUntil(lambda: session.recovering.is_protected, timeout=20000)
    qtbot.waitUntil(session.window.banner.isHidden, timeout=20000)
    document = session.editor.document
    assert document is not None
    assert (recovered(store, "a.png").labels == document.labels).all(), "the first stroke too"


def strokes_while(session: Session, fail: Callable[..., None], monkeypatch, qtbot) -> int:
    """Three strokes while the folder of the project does not take them. Returns their number."""
    monkeypatch.setattr(ProjectStore, "note_changes", fail)
    for y in (10, 20, 30):
        paint(session, y)
    document = session.editor.document
    assert document is not None
    qtbot.waitUntil(lambda: not session.keeper.has_unkept, timeout=20000)
    return document.changes


@pytest.mark.parametrize("how", ["refuses", "hangs"])
def test_what_the_projects_folder_does_not_take_is_kept_elsewhere_and_comes_back(
    qtbot, session: Session, folder: Path, monkeypatch, how: str
) -> None:
    session.workspace._autosave.setInterval(10**7)
    paint(session, 50)  # in the journal of the project
    qtbot.waitUntil(lambda: not session.keeper.has_unkept, timeout=20000)
    gate = threading.Event()

    def fail(*_: object) -> None:
        if how == "hangs":
            gate.wait(30)
        raise OSError(107, "Transport endpoint is not connected")

    with monkeypatch.context() as patch:
        changes = strokes_while(session, fail, patch, qtbot)
        store = session.workspace.store
        assert store is not None
        where = store.spare_journal_path("a.png")
        assert where.exists()
        assert not where.is_relative_to(folder)
        qtbot.waitUntil(lambda: str(where.parent) in session.window.banner.text, timeout=20000)
        document = session.editor.document
        assert document is not None
        again = recovered(store, "a.png")  # as after a crash now
        assert (again.labels == document.labels).all()
        assert again.changes == changes == 4
        assert [one.changes for one in find_unsaved(store)] == [4]
        gate.set()
    paint(session, 55)
    qtbot.waitUntil(lambda: not where.exists(), timeout=20000)  # the project has them after all
    qtbot.waitUntil(session.window.banner.isHidden, timeout=20000)
    assert (recovered(store, "a.png").labels == document.labels).all()


def test_what_was_kept_elsewhere_is_offered_at_the_next_start(
    qtbot, folder: Path, make_session: Callable[..., Session], asked: list[RecoveryDialog]
) -> None:
    store = ProjectStore.open(folder)
    document = Document.blank(60, 80)
    for index in range(4):
        with document.begin("brush") as edit:
            edit.paint(Region(index * 9, 3, index * 9 + 8, 60), np.ones((8, 57), np.bool_), 1)
            edit.commit()
        change = document.last_change
        assert change is not None
        entry = JournalEntry(change, document.snapshot())
        keep = store.note_changes if index < 2 else store.note_changes_elsewhere
        keep("a.png", [entry])
    store.close()
    session = make_session(folder)
    qtbot.waitUntil(
        lambda: (
            session.editor.document is not None
            and (session.editor.document.labels == document.labels).all()
        )
    )
    assert len(asked) == 1
    qtbot.waitUntil(lambda: not store.spare_journal_path("a.png").exists(), timeout=20000)


def test_closing_the_question_decides_nothing(qtbot, folder: Path) -> None:
    dialog = RecoveryDialog([Unsaved("a.png", 3, 1.0e9)])
    qtbot.addWidget(dialog)
    assert dialog.escapeButton().text() == "Decide later"
    assert "a.png (steps: 3)" in dialog.informativeText()
