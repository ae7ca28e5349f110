"""Strokes and time of an image while it is worked on in the window."""

from __future__ import annotations

import numpy as np
import pytest

from seglabel.app.effort_clock import EffortClock
from seglabel.app.session import Session
from seglabel.core.effort import PAUSE
from seglabel.core.status import Status
from seglabel.tools import Pointer


class Clock:
    """Goes on when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(session: Session, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the session's own effort, from the image that is shown on."""
    clock = Clock()
    monkeypatch.setattr(session.effort_clock, "_now", clock)
    session.effort_clock._begin(None)
    return clock


def point(session: Session) -> None:
    session.window.canvas.pointed.emit(Pointer(5, 5))


def seconds(session: Session) -> float:
    assert session.editor.document is not None
    return session.editor.document.effort.seconds


def test_looking_and_painting_take_time_but_pauses_do_not(session: Session, clock: Clock) -> None:
    before = seconds(session)
    clock.now += 4
    point(session)
    clock.now += PAUSE + 100
    point(session)
    clock.now += 7
    session.editor.set_category(1)
    session.editor.press(Pointer(20, 20))
    session.editor.release(Pointer(20, 20))
    assert seconds(session) == pytest.approx(before + 11)


def test_time_belongs_to_the_image_that_is_shown(qtbot, session: Session, clock: Clock) -> None:
    clock.now += 5
    point(session)
    first = session.editor.document
    assert first is not None
    spent = first.effort.seconds
    clock.now += 5
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.step(1)
    clock.now += 3
    point(session)
    assert seconds(session) == pytest.approx(3)
    assert first.effort.seconds == spent


def test_without_an_image_nothing_is_counted(session: Session, clock: Clock) -> None:
    document = session.editor.document
    assert document is not None
    session.editor.set_document(None)
    spent = document.effort.seconds
    clock.now += 5
    point(session)
    assert document.effort.seconds == spent


def test_a_reviewed_image_is_on_disk_with_strokes_time_and_what_the_model_had_right(
    qtbot, with_model: Session, clock: Clock
) -> None:
    session = with_model
    with qtbot.waitSignal(session.proposing.merged, timeout=20000):
        session.proposing.propose()
    document = session.editor.document
    assert document is not None
    proposed = document.labels.copy()
    session.editor.set_category(2)
    for y in (40, 50):
        clock.now += 6
        session.editor.press(Pointer(y, 60))
        session.editor.release(Pointer(y, 60))
    changed = int(np.count_nonzero(document.labels != proposed))
    session.workspace.mark_reviewed()
    store = session.workspace.store
    assert store is not None
    qtbot.waitUntil(lambda: store.project.records["a.png"].status is Status.REVIEWED, timeout=20000)
    effort = store.project.records["a.png"].effort
    assert effort.strokes == 2
    assert effort.seconds >= 12
    assert (effort.changed, effort.pixels) == (changed, document.labels.size)
    assert effort.model == "fake"
    loaded = store.load("a.png")
    assert loaded is not None
    assert loaded.effort.to_json() == effort.to_json()


def test_taking_the_review_back_leaves_strokes_and_time(qtbot, session: Session) -> None:
    session.editor.set_category(1)
    session.editor.press(Pointer(20, 20))
    session.editor.release(Pointer(20, 20))
    session.editor.mark_reviewed()
    session.workspace.save()
    store = session.workspace.store
    assert store is not None
    records = store.project.records
    qtbot.waitUntil(lambda: records["a.png"].effort.is_reviewed, timeout=20000)
    session.editor.undo()
    session.workspace.save()
    qtbot.waitUntil(
        lambda: store.project.records["a.png"].status is Status.CORRECTED, timeout=20000
    )
    effort = store.project.records["a.png"].effort
    assert effort.strokes == 1
    assert not effort.is_reviewed


def test_the_clock_is_the_windows_own(session: Session) -> None:
    assert isinstance(session.effort_clock, EffortClock)
