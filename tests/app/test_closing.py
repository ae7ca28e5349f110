"""Closing a window while disks are silent. For all else see ``tests/faults/test_closing.py``."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from seglabel.app.dialogs.unsaved import Answer, UnsavedDialog
from seglabel.app.session import Session
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.recovery import find_unsaved
from seglabel.tools import Pointer


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch):
    """Makes methods of the store hang until the returned event is set."""
    answers = threading.Event()

    def make(*methods: str) -> threading.Event:
        for method in methods:
            works = getattr(ProjectStore, method)

            def late(store, *arguments, works=works, **choices):
                answers.wait(60)
                return works(store, *arguments, **choices)

            monkeypatch.setattr(ProjectStore, method, late)
        return answers

    yield make
    answers.set()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the person was asked about unsaved work; they stay."""
    said: list[bool] = []

    def stay(dialog: UnsavedDialog) -> Answer:
        said.append(True)
        return Answer.STAY

    monkeypatch.setattr(UnsavedDialog, "ask", stay)
    return said


def paint(session: Session) -> None:
    session.editor.set_category(1)
    session.editor.press(Pointer(30, 10))
    session.editor.release(Pointer(30, 10))


def test_work_that_is_nowhere_on_a_disk_keeps_the_window_open(
    qtbot, session: Session, silent, asked: list[bool]
) -> None:
    answers = silent("save", "note_changes", "note_changes_elsewhere")
    paint(session)
    session.window.close()
    assert asked and session.window.isVisible()
    answers.set()
    qtbot.waitUntil(lambda: not session.keeper.has_unkept, timeout=10_000)
    session.window.close()
    assert not session.window.isVisible()
    assert len(asked) == 1


def test_work_that_the_journal_has_waits_for_no_slow_save(
    qtbot, session: Session, silent, asked: list[bool], folder: Path
) -> None:
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
    answers = silent("save")
    paint(session)
    qtbot.waitUntil(lambda: not session.keeper.has_unkept, timeout=20000)
    session.window.close()
    assert not asked and not session.window.isVisible()
    assert not session.has_ended  # so the program ends without waiting for that thread
    assert [one.name for one in find_unsaved(session.workspace.store)] == ["a.png"]
    answers.set()
