"""Locks and what may be painted over, through the window."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Qt

from seglabel.app.session import Session


def drag(qtbot, session: Session, *pixels: tuple[int, int]) -> None:
    canvas = session.window.canvas
    places = [
        QPoint(*(int(value) for value in canvas.transform.to_view(y + 0.5, x + 0.5)))
        for y, x in pixels
    ]
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        qtbot.mouseMove(canvas, place)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=places[-1])


def labels(session: Session) -> np.ndarray:
    return session.editor.document.labels


def padlock(session: Session, row: int) -> QPoint:
    view = session.window.categories._list
    rect = view.visualRect(view.model().index(row, 0))
    return QPoint(rect.right() - 42, rect.center().y())


def test_q_and_the_padlock_lock_a_category_for_good(qtbot, session: Session, folder) -> None:
    editor, canvas = session.editor, session.window.canvas
    editor.set_category(1)
    editor.set_brush_size(9)
    drag(qtbot, session, (30, 10), (30, 60))
    kept = labels(session) == 1
    qtbot.keyClick(canvas, Qt.Key.Key_Q)
    assert editor.locked == {1}
    editor.set_category(2)
    editor.set_brush_size(41)
    drag(qtbot, session, (30, 10), (30, 60))
    assert (labels(session)[kept] == 1).all() and (labels(session) == 2).any()
    viewport = session.window.categories._list.viewport()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=padlock(session, 2))
    assert editor.locked == {1, 2} and editor.category_id == 2
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=padlock(session, 1))
    assert editor.locked == {2}
    with qtbot.waitSignal(session.workspace.project_opened, timeout=20000):
        session.workspace.open_project(folder)
    assert editor.locked == {2}


def test_neither_clearing_nor_proposing_changes_locked_pixels(qtbot, with_model: Session) -> None:
    session = with_model
    with qtbot.waitSignal(session.inference.proposed, timeout=20000):
        session.window.actions_table["propose"].trigger()
    before = labels(session).copy()
    session.editor.set_locked(frozenset({1}))
    session.window.actions_table["clear"].trigger()
    assert np.array_equal(labels(session) == 1, before == 1)
    assert not (labels(session) == 2).any()


def test_painting_behind_changes_only_what_has_no_label(qtbot, session: Session) -> None:
    editor, over = session.editor, session.window.tool_options.over
    editor.set_category(1)
    editor.set_brush_size(9)
    drag(qtbot, session, (30, 10), (30, 60))
    kept = labels(session) == 1
    over.menu().actions()[1].trigger()
    assert editor.over == {0} and "unlabelled" in over.text()
    editor.set_category(2)
    editor.set_brush_size(41)
    drag(qtbot, session, (30, 10), (30, 60))
    assert (labels(session)[kept] == 1).all() and (labels(session) == 2).any()
    editor.set_tool("eraser")
    drag(qtbot, session, (30, 10), (30, 60))
    assert not labels(session)[30, 10:60].any()


def test_painting_over_chosen_categories_leaves_the_rest(qtbot, session: Session) -> None:
    editor, over = session.editor, session.window.tool_options.over
    editor.set_category(1)
    editor.set_brush_size(9)
    drag(qtbot, session, (30, 10), (30, 60))
    ones = labels(session) == 1
    over.menu().actions()[3].trigger()  # the first category
    assert editor.over == {1} and "bright" in over.text()
    editor.set_category(2)
    editor.set_brush_size(41)
    drag(qtbot, session, (30, 10), (30, 60))
    assert np.array_equal(labels(session) == 2, ones)
    over.menu().actions()[3].trigger()
    assert editor.over is None


def test_a_stroke_that_a_rule_stops_says_which(qtbot, session: Session) -> None:
    editor, banner = session.editor, session.window.image_banner
    editor.set_category(1)
    editor.set_brush_size(9)
    drag(qtbot, session, (30, 10), (30, 60))
    drag(qtbot, session, (30, 10), (30, 60))
    assert banner.isHidden()  # it is so already: nobody stopped it
    editor.set_over(frozenset({0}))
    editor.set_category(2)
    drag(qtbot, session, (30, 20), (30, 50))
    assert not banner.isHidden() and "Over" in banner.text
    editor.set_over(None)
    editor.set_locked(frozenset({1}))
    editor.set_tool("eraser")
    drag(qtbot, session, (30, 20), (30, 50))
    assert "locked" in banner.text and (labels(session)[30, 20:50] == 1).all()


def test_what_is_painted_is_not_hidden(qtbot, session: Session) -> None:
    session.view.toggle_hidden(1)
    session.editor.set_category(1)
    drag(qtbot, session, (30, 10), (30, 60))
    assert session.view.look.hidden == frozenset()
