"""A project that another program writes to is looked at, and can be opened anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from seglabel.app.session import Session
from seglabel.core.status import Status
from seglabel.formats.label_png import read_label_file
from seglabel.formats.lock import LockedError
from seglabel.formats.project_store import Annotation, ProjectStore
from seglabel.tools import Pointer


def paint(session: Session, y: int = 30) -> None:
    session.editor.press(Pointer(y, 30))
    session.editor.release(Pointer(y, 30))


def test_a_locked_project_is_shown_but_not_changed_until_it_is_free(
    qtbot, folder: Path, make_session: Callable[..., Session], monkeypatch
) -> None:
    store = ProjectStore.open(folder)
    store.save("a.png", Annotation(np.ones((60, 80), np.uint8), np.ones((60, 80), np.bool_)))
    store.close()

    def taken(folder: Path, root: Path | None = None) -> ProjectStore:
        raise LockedError(folder, None)

    with monkeypatch.context() as patch:
        patch.setattr(ProjectStore, "open", taken)
        session = make_session(folder)
        qtbot.waitUntil(lambda: session.editor.document is not None)
    assert "another program" in session.window.banner.text
    document = session.editor.document
    assert document is not None
    assert (document.labels == 1).all()
    paint(session)
    session.workspace.mark_reviewed()
    assert (document.labels == 1).all()
    assert document.status is Status.EMPTY
    with qtbot.waitSignal(session.workspace.image_opened, timeout=5000):
        session.window.banner._button.click()
    session.editor.set_category(2)
    with qtbot.waitSignal(session.editor.edited, timeout=5000):
        paint(session)


def test_labels_that_somebody_else_saved_are_shown_and_not_overwritten(
    qtbot, session: Session, folder: Path
) -> None:
    mine = session.workspace.store
    assert mine is not None
    theirs = ProjectStore.open(folder)
    theirs.save("a.png", Annotation(np.full((60, 80), 2, np.uint8), np.ones((60, 80), np.bool_)))
    with qtbot.waitSignal(session.workspace.conflicted, timeout=5000):
        paint(session)
        session.workspace.save()
    qtbot.waitUntil(
        lambda: session.editor.document is not None and (session.editor.document.labels == 2).all()
    )
    assert "a.png" in session.window.banner.text
    assert list((mine.root / "conflicts").rglob("*.png"))
    assert (read_label_file(mine.root / "labels/a.png.png").labels() == 2).all()
    with qtbot.waitSignal(session.writer.saved, timeout=5000):
        paint(session, 40)
        session.workspace.save()
