"""A project that another program writes to is looked at, and can be opened anew."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seglabel.app.session import Session
from seglabel.core.categories import Category, CategorySet
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.label_png import read_label_file
from seglabel.formats.lock import LockedError
from seglabel.formats.project_store import ProjectStore
from seglabel.tools import Pointer

CATEGORIES = CategorySet((Category(1, "one", (9, 9, 9)), Category(2, "two", (99, 9, 9))))


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
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.window.banner._button.click()
    session.editor.set_category(2)
    with qtbot.waitSignal(session.editor.edited, timeout=20000):
        paint(session)


def test_labels_that_somebody_else_saved_are_shown_and_not_overwritten(
    qtbot, session: Session, folder: Path
) -> None:
    mine = session.workspace.store
    assert mine is not None
    theirs = ProjectStore.open(folder)
    theirs.save("a.png", Annotation(np.full((60, 80), 2, np.uint8), np.ones((60, 80), np.bool_)))
    with qtbot.waitSignal(session.workspace.conflicted, timeout=20000):
        paint(session)
        session.workspace.save()
    qtbot.waitUntil(
        lambda: session.editor.document is not None and (session.editor.document.labels == 2).all()
    )
    assert "a.png" in session.window.banner.text
    assert list((mine.root / "conflicts").rglob("*.png"))
    assert (read_label_file(mine.root / "labels/a.png.png").labels() == 2).all()
    with qtbot.waitSignal(session.writer.saved, timeout=20000):
        paint(session, 40)
        session.workspace.save()


HOLD = """
import sys
from pathlib import Path
from seglabel.formats.project_store import ProjectStore
store = ProjectStore.open(Path(sys.argv[1]))
store.save_project()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills by SIGKILL")
def test_who_comes_second_is_told_who_and_where_and_goes_on_once_that_one_was_killed(
    qtbot, folder: Path, make_session: Callable[..., Session]
) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        session = make_session(folder)
        banner = session.window.banner
        qtbot.waitUntil(lambda: session.editor.document is not None, timeout=20000)
        qtbot.waitUntil(banner.isVisible, timeout=20000)
        assert f"process {other.pid}" in banner.text
        assert socket.gethostname() in banner.text
        assert banner._button.text() == "Try again"
        assert banner._other.isHidden(), "what others work on is not to be forked"
        paint(session)
        assert not session.editor.document.labels.any()
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
        with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
            banner._button.click()
        session.workspace.set_categories(CATEGORIES)
        session.editor.set_category(2)
        paint(session)
        session.workspace.save()
        qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
        there = ProjectStore.read(folder).load("a.png")
        assert there is not None
        assert (there.labels == session.editor.document.labels).all()
    finally:
        other.kill()
        other.communicate()


def test_a_command_does_not_write_to_what_a_window_has_open(
    qtbot, session: Session, folder: Path, tmp_path: Path
) -> None:
    paint(session)
    session.workspace.save()
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
    masks = tmp_path / "masks"
    masks.mkdir()
    Image.fromarray(np.full((60, 80), 2, np.uint8)).save(masks / "b.png")
    words = ["import", "masks", str(masks), str(folder)]
    run = subprocess.run(
        [sys.executable, "-m", "seglabel", *words], capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert f"process {os.getpid()}" in run.stderr
    assert socket.gethostname() in run.stderr
    assert ProjectStore.read(folder).load("b.png") is None
